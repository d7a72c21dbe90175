// Issues demo cards: the keys are made here, as in a card, and the certification side (musubi-jlis) signs the
// certificates. Its interface: POST /v1/holders/search, GET /v1/holders/{id}, POST /v1/holders/{id}/cards.
#pragma once

#include "apps/virtual_card/drawer.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "lib/card/card_maker.h"
#include "lib/json/describe.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace musubi::virtual_card {

struct IssuerSettings {
    std::string host = "127.0.0.1";
    uint16_t port = 0; // 0: no certification side, only cards that are in the folder
    base::Secret key = {};
};

struct FoundHolder {
    std::string holder_id;
    std::string name;
    std::string kana;
    std::string birth_date;
    std::string address;
};

/// A card that is issued when it is first put in. `issue` holds further members of the request body (for example
/// "notBefore" for a card that has expired already).
struct WantedCard {
    std::string id;
    std::string holder_id;
    std::string name = {};
    std::string kana = {};
    std::string birth_date = {};
    std::string kind = "card"; // or "android", "iphone"
    std::string note = {};
    std::string note_english = {};
    std::string user_pin = "1234";
    std::string signature_password = "MUSUBI2026";
    std::string text_pin = "1234";
    int64_t user_tries = 3;
    int64_t signature_tries = 5;
    json::Raw issue = {"{}"};
};

class Issuer {
  public:
    Issuer(IssuerSettings settings, std::string folder, base::Random& random, base::Clock& clock)
        : m_settings(std::move(settings)), m_folder(std::move(folder)), m_random(&random), m_clock(&clock) {}

    bool configured() const { return m_settings.port != 0; }
    /// "tray.certification-unreachable" if the certification side does not answer.
    base::Result<std::vector<FoundHolder>> search(const std::string& text) const;
    base::Result<std::pair<About, card::CardImage>> issue(const WantedCard& wanted) const;

  private:
    base::Result<std::string> call(std::string method, std::string target, std::string body) const;
    base::Result<card::FaceIssuer> face_issuer() const;

    IssuerSettings m_settings;
    std::string m_folder;
    base::Random* m_random;
    base::Clock* m_clock;
};

/// wanted.json of the folder: {"cards": [WantedCard…]}; none if there is no such file. "tray.wanted-malformed".
base::Result<std::vector<WantedCard>> load_wanted(const std::string& folder);

} // namespace musubi::virtual_card
