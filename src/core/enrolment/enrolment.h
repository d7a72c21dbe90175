// A registration under way, from the mailed link to the person it creates. Everything lies in the database, so it
// continues on another device and after a restart; the services for each way (card, letter, company) move it on.
#pragma once

#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "core/identity/person.h"
#include "core/identity/session.h"
#include "core/residents/residents.h"
#include "lib/db/database.h"
#include "lib/http/call.h"

#include <array>
#include <optional>
#include <string>

namespace musubi::enrolment {

using RegistrationId = base::Id<struct RegistrationTag>;
inline constexpr std::string_view kRegistrationCookie = "musubi_registration";

enum class Step { Terms, Way, Card, Check, Contact, Passcode, Letter, LetterWaiting, Company, CompanyWaiting, Done };
constexpr auto json_names(Step) {
    return std::array{std::pair{Step::Terms, "terms"},     std::pair{Step::Way, "way"},
                      std::pair{Step::Card, "card"},       std::pair{Step::Check, "check"},
                      std::pair{Step::Contact, "contact"}, std::pair{Step::Passcode, "passcode"},
                      std::pair{Step::Letter, "letter"},   std::pair{Step::LetterWaiting, "letter-waiting"},
                      std::pair{Step::Company, "company"}, std::pair{Step::CompanyWaiting, "company-waiting"},
                      std::pair{Step::Done, "done"}};
}
db::Value to_value(Step step);
Step from_column(const std::string& text, Step*);

enum class Way { CardReader, Phone, Letter, Company };
constexpr auto json_names(Way) {
    return std::array{std::pair{Way::CardReader, "card-reader"}, std::pair{Way::Phone, "phone"},
                      std::pair{Way::Letter, "letter"}, std::pair{Way::Company, "company"}};
}
db::Value to_value(Way way);
Way from_column(const std::string& text, Way*);

/// What was proven (card) or claimed (letter, company; proven when the letter's code is entered or staff confirmed).
struct Attributes {
    std::string name;
    bool name_has_substitutes = false;
    std::optional<std::string> kana;
    std::string address;
    base::CivilDate birth_date;
    residents::Sex sex = residents::Sex::Unknown;
};

/// The verified certificates of a card session.
struct CardEvidence {
    identity::Certificate signature;
    identity::Certificate user;
};

struct Registration {
    RegistrationId id;
    Step step = Step::Terms;
    std::string email;
    std::string language;
    std::optional<std::string> terms_version;
    std::optional<Way> way;
    std::optional<Attributes> attributes;
    std::optional<residents::ResidentId> resident; // who this is in the register, once known
    std::optional<CardEvidence> card;
    std::optional<std::string> telephone;
    std::optional<std::string> password_hash;
    base::Instant created_at;
    base::Instant expires_at;
    std::optional<base::PersonId> person; // when done

    static Registration from(db::Reader&);
};

struct EnrolmentRules {
    base::Duration link_lifetime = std::chrono::hours(24);
    base::Duration work_lifetime = std::chrono::hours(24 * 7);     // once opened
    base::Duration waiting_lifetime = std::chrono::hours(24 * 90); // waiting for a letter or for staff
};

/// A new registration and the token of its link.
struct Begun {
    Registration registration;
    base::Secret token;
};
base::Task<Begun> begin(db::WriteTx& tx, base::Random& random, const EnrolmentRules& rules, std::string_view email,
                        std::string_view language, base::Instant now);
/// One more link to the same registration, for a mail that asks the person to continue.
base::Task<base::Secret> issue_link(db::WriteTx& tx, base::Random& random, const RegistrationId& id,
                                    base::Instant expires_at);

/// By the token of a mailed link. registration.link-unknown (NotFound), registration.link-expired (Gone),
/// registration.already-completed (Conflict). Extends the registration to `work_lifetime`.
base::Task<base::Result<Registration>> resume(db::WriteTx& tx, const EnrolmentRules& rules, std::string_view token,
                                              base::Instant now);
void set_registration_cookie(http::Call& call, std::string_view token, const Registration& registration);

/// By the cookie of the call. registration.not-started (Unauthenticated) without one or with an unknown one,
/// registration.link-expired (Gone).
base::Task<base::Result<Registration>> load(db::ReadTx& tx, const http::Request& request, base::Instant now);
base::Task<std::optional<Registration>> find(db::ReadTx& tx, const RegistrationId& id);
/// Writes all fields back (but not `person` and `created_at`), and extends the life by the step it is at. Fails with
/// registration.already-completed when it is done.
base::Task<base::Status> save(db::WriteTx& tx, const EnrolmentRules& rules, Registration& registration,
                              base::Instant now);
/// "registration.wrong-step" (Conflict, parameter step) unless the registration stands at one of `allowed`.
base::Status require_step(const Registration& registration, std::initializer_list<Step> allowed);

/// Creates the person from what the registration holds, links the certificates, starts a session, marks it done. A
/// second call for a registration that is done starts another session for the same person, so that a repeated submit
/// gets the same answer. registration.already-registered when the resident, e-mail address or certificate belongs to
/// somebody.
struct Completion {
    identity::Person person;
    identity::NewSession session;
};
base::Task<base::Result<Completion>> complete(db::WriteTx& tx, base::Random& random,
                                              const identity::SessionRules& session_rules, Registration& registration,
                                              identity::Source source, http::Assurance assurance,
                                              std::string_view device, base::Instant now);

/// Removes registrations that ended thirty days ago or more (an old link gets its proper answer until then); how many.
base::Task<int64_t> clean(db::WriteTx& tx, base::Instant now);

/// What is left of a person's own registration, when the person is erased.
base::Task<> erase_of(db::WriteTx& tx, const base::PersonId& person);

db::Migrations migrations();

} // namespace musubi::enrolment
