// The drawer of demo cards: a folder with one sub-folder per card.
//
//   <id>/about.json     whose card, which situation it shows, its secrets (a demo city's, printed on the tray)
//   <id>/factory.json   the memory as issued
//   <id>/card.json      the memory now: counters and changed secrets survive a restart
//   wanted.json         cards that are issued the first time they are put in
#pragma once

#include "apps/virtual_card/vpcd.h"
#include "base/random.h"
#include "base/result.h"
#include "lib/card/software_card.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace musubi::virtual_card {

/// What the tray shows of a card. The secrets are those of a demo city.
struct About {
    std::string id;             // letters, digits, "-": a folder name
    std::string holder_id = {}; // of the register; empty for cards that came as files
    std::string name = {};
    std::string kana = {};
    std::string birth_date = {}; // YYYY-MM-DD
    std::string kind = "card";
    std::string note = {}; // which situation it shows, Japanese
    std::string note_english = {};
    std::string user_pin = {};
    std::string signature_password = {}; // empty without a signature certificate
    std::string text_pin = {};
    std::string number_b = {};
};

struct Tries {
    unsigned user = 0;
    unsigned signature = 0;
};

/// A card of the drawer in a slot: saves its memory before the answer to the command that changed it goes out.
class StoredCard final : public InsertedCard {
  public:
    StoredCard(card::SoftwareCard software, std::string path) : m_card(std::move(software)), m_path(std::move(path)) {}
    std::string atr() override { return m_card.atr(); }
    void reset() override;
    std::string transmit(std::string_view command) override;
    Tries tries();

  private:
    std::mutex m_mutex;
    card::SoftwareCard m_card;
    const std::string m_path;
};

class Drawer {
  public:
    Drawer(std::string folder, base::Random& random) : m_folder(std::move(folder)), m_random(&random) {}

    std::vector<About> cards() const; // by id
    std::optional<About> find(const std::string& id) const;
    base::Result<std::shared_ptr<StoredCard>> take(const std::string& id);
    base::Result<Tries> tries(const std::string& id) const;
    /// Adds a new card or replaces one of the same id.
    base::Status put(const About& about, const card::CardImage& image);
    /// Back to the memory as issued.
    base::Status restore(const std::string& id);
    const std::string& folder() const { return m_folder; }

    static bool valid_id(std::string_view id);

  private:
    std::string path(const std::string& id, std::string_view file) const;

    const std::string m_folder;
    base::Random* m_random;
};

} // namespace musubi::virtual_card
