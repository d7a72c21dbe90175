// What follows when certificates of people the city knows appear on the authority's lists: the daily difference,
// classified by its reason, and for those who moved or changed their name the question for the latest attributes
// (最新の基本4情報).
//
//     wait for a new certificate ──► attributes received ──► closed
//
// Nothing here changes a person's record: the caller takes what was received, in its own transaction, and closes.
#pragma once

#include "base/random.h"
#include "core/certification/client.h"
#include "core/certification/decision.h"
#include "lib/db/database.h"
#include "lib/pki/crl.h"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace musubi::certification {

/// A certificate somebody registered with.
struct RegisteredCertificate {
    std::string subject; // PersonId
    pki::CertificateKind kind = pki::CertificateKind::Signature;
    std::string authority_key_identifier; // bytes
    std::string distribution_point;       // Name
    pki::SerialNumber serial;
};

/// What a revocation says about the person (certification practice statement 4.9.9).
enum class Event {
    AttributesChanged, // affiliationChanged: moved, or a new name
    Renewed,           // superseded
    Ended,             // cessationOfOperation: died, left the country, or gave the card back
    Held,              // certificateHold: reported lost
    Compromised,       // keyCompromise and the like
};
constexpr auto json_names(Event) {
    return std::array{std::pair{Event::AttributesChanged, "attributes-changed"}, std::pair{Event::Renewed, "renewed"},
                      std::pair{Event::Ended, "ended"}, std::pair{Event::Held, "held"},
                      std::pair{Event::Compromised, "compromised"}};
}
Event classify(pki::RevocationReason reason);

enum class Stage {
    Noticed,  // to be shown to the person and to staff; nothing to fetch
    Waiting,  // the latest attributes are to be asked for
    Refused,  // the person has not consented: to be asked for consent
    Received, // the caller may take the attributes
    Closed,
};
constexpr auto json_names(Stage) {
    return std::array{std::pair{Stage::Noticed, "noticed"}, std::pair{Stage::Waiting, "waiting"},
                      std::pair{Stage::Refused, "refused"}, std::pair{Stage::Received, "received"},
                      std::pair{Stage::Closed, "closed"}};
}

struct FollowUp {
    std::string subject;
    std::string serial; // hexadecimal
    std::string kind;   // "signature", "user"
    Event event = Event::Ended;
    Stage stage = Stage::Noticed;
    base::Instant revoked_at;
    base::Instant noticed_at;
    base::Instant asked_at; // the last time; the epoch if never
    std::string new_serial; // once received
    static FollowUp from(db::Reader& row);
};

/// Where the lists are: ListSource::held, or a test.
using HeldList = std::function<std::shared_ptr<const pki::RevocationSet>(std::string_view authority_key_identifier,
                                                                         std::string_view distribution_point)>;

/// Compares registered certificates with the lists held now and notes what is new; a hold that was lifted is closed, a
/// hold that became final is noted again under its new reason. Running it twice notes nothing twice. Returns how many
/// were noted.
base::Task<int64_t> note_differences(db::Database& database, const HeldList& lists,
                                     const std::vector<RegisteredCertificate>& registered, base::Instant now);

/// Asks for the latest attributes of at most `limit` people who wait, oldest question first and nobody more often than
/// each `pause`; `received` gets each answer inside the transaction that marks it. Returns how many were received; the
/// first failure to reach the other side ends the round.
struct AskOptions {
    int64_t limit = 100;
    base::Duration pause = std::chrono::hours(20);
};
using TakeAttributes =
    std::function<base::Task<>(db::WriteTx& tx, const FollowUp& about, const Client::LatestAttributes& attributes)>;
base::Task<base::Result<int64_t>> ask_latest(db::Database& database, Client& client, const TakeAttributes& received,
                                             base::Instant now, AskOptions options = {});

base::Task<std::vector<FollowUp>> follow_ups_of(db::ReadTx& tx, std::string subject);
/// The person has been told, or has given the consent that was missing (Waiting again).
base::Task<> set_stage(db::WriteTx& tx, std::string subject, std::string kind, std::string serial, Stage stage);
/// When the person is erased.
base::Task<> erase_follow_ups(db::WriteTx& tx, std::string subject);

} // namespace musubi::certification
