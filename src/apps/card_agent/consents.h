// Questions to the person at this computer: may this site use the card? A question is shown in the agent's own window,
// where the secret is typed; the site never sees it.
//
// A question has two secrets of its own: its id stands in the address the site opens, and works once; the page gets a
// second one, which every later request must carry. So the site, which knows the id, cannot speak for the page.
#pragma once

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "lib/card/transport.h"
#include "lib/card_challenge/card_challenge.h"
#include "lib/loopback/server.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace musubi::card_agent {

struct Question {
    std::string origin;    // as the browser names it
    std::string site_name; // from the configuration
    card_challenge::Purpose purpose = card_challenge::Purpose::Authenticate;
    std::string purpose_text; // the site's own words, shown as such
    std::string nonce;
    std::string locale; // "ja", "ja-easy", "en"
    std::weak_ptr<loopback::Peer> peer;
    std::string request_id; // JSON, to be repeated in the answer
};

struct Typed {
    base::Secret pin;
    base::Secret signature_password;
    bool last_try_accepted = false; // the person was told that one try is left
};

class Consents {
  public:
    static constexpr base::Duration kLifetime = std::chrono::minutes(5);
    static constexpr size_t kMaximum = 8;

    Consents(base::Random& random, base::Clock& clock) : m_random(random), m_clock(clock) {}

    /// The id. A question of the same site window replaces its earlier one, which is refused. "consent.busy" when there
    /// are too many.
    base::Result<std::string> ask(Question question);

    struct Page {
        Question question;
        std::string page_token;
    };
    /// The first look gives the page's token; "consent.gone" ever after.
    base::Result<Page> open(const std::string& id);

    /// The question, if the page's token is right and nothing is decided: "consent.gone".
    base::Result<Question> find(const std::string& id, std::string_view page_token);

    /// Uses the card. Success or a failure that typing again cannot mend is the answer to the site; a wrong or
    /// malformed secret, a missing reader or card leaves the question open. "consent.last-try" asks the person first.
    base::Status allow(const std::string& id, std::string_view page_token, const Typed& typed,
                       const std::function<base::Result<std::unique_ptr<card::Transport>>()>& open_card);

    /// Refused by the person, or left for the reason given (a code of lib/card/errors.h that the page shows).
    void refuse(const std::string& id, std::string_view page_token, const std::string& reason);

    /// The site takes its questions back, or has gone.
    void cancel(const std::shared_ptr<loopback::Peer>& peer, std::string_view code);
    /// Answers "consent.timeout" to what is too old.
    void expire();

  private:
    struct Entry {
        Question question;
        std::string page_token;
        base::Instant asked;
        bool busy = false; // the card is being used for it
    };
    void finish(const std::string& id, const std::string& message_tail);
    void finish_with_error(const std::string& id, const base::Error& error);

    base::Random& m_random;
    base::Clock& m_clock;
    std::mutex m_mutex;
    std::map<std::string, Entry> m_entries;
};

/// "{"id":…,"error":{"code":…,"parameters":{…}}}" without the first member.
std::string error_member(const base::Error& error);
std::string error_object(const base::Error& error);

} // namespace musubi::card_agent
