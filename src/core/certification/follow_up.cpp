#include "core/certification/follow_up.h"

#include "lib/db/enum_column.h"

#include <map>

namespace musubi::certification {
namespace {

#define MUSUBI_FOLLOW_UP_FIELDS "subject, serial, kind, event, stage, revoked_at, noticed_at, asked_at, new_serial"

constexpr db::Query kNote{
    "certification.note_follow_up",
    "INSERT INTO certification_follow_up (" MUSUBI_FOLLOW_UP_FIELDS ")"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '')"
    " ON CONFLICT (subject, kind, serial) DO UPDATE SET event = excluded.event,"
    " stage = excluded.stage, revoked_at = excluded.revoked_at, noticed_at = excluded.noticed_at"};
constexpr db::Query kKnown{"certification.known_follow_ups",
                           "SELECT " MUSUBI_FOLLOW_UP_FIELDS " FROM certification_follow_up"
                           " ORDER BY subject, kind, serial"};
constexpr db::Query kOf{"certification.follow_ups_of",
                        "SELECT " MUSUBI_FOLLOW_UP_FIELDS " FROM certification_follow_up WHERE subject = $1"
                        " ORDER BY noticed_at DESC, kind, serial"};
constexpr db::Query kWaiting{"certification.waiting_follow_ups",
                             "SELECT " MUSUBI_FOLLOW_UP_FIELDS " FROM certification_follow_up"
                             " WHERE stage = 'waiting' AND asked_at <= $1 ORDER BY asked_at, subject LIMIT $2"};
constexpr db::Query kAsked{"certification.asked_follow_up",
                           "UPDATE certification_follow_up SET asked_at = $4, stage = $5, new_serial = $6"
                           " WHERE subject = $1 AND kind = $2 AND serial = $3"};
constexpr db::Query kStage{"certification.stage_follow_up", "UPDATE certification_follow_up SET stage = $4"
                                                            " WHERE subject = $1 AND kind = $2 AND serial = $3"};
constexpr db::Query kErase{"certification.erase_follow_ups", "DELETE FROM certification_follow_up WHERE subject = $1"};

/// Only the signature certificate holds attributes, and only their change makes new ones worth asking for. A renewal
/// brings the same ones or newer ones: it is asked for too, because a move just before it leaves no other trace.
Stage first_stage(const RegisteredCertificate& certificate, Event event) {
    const bool attributes = certificate.kind == pki::CertificateKind::Signature &&
                            (event == Event::AttributesChanged || event == Event::Renewed);
    return attributes ? Stage::Waiting : Stage::Noticed;
}

using Key = std::array<std::string, 3>;

struct Note {
    const RegisteredCertificate* certificate = nullptr;
    Event event = Event::Ended;
    Stage stage = Stage::Noticed;
    base::Instant revoked_at;
};

std::vector<Note> compare(const HeldList& lists, const std::vector<RegisteredCertificate>& registered,
                          const std::map<Key, FollowUp>& known) {
    std::vector<Note> out;
    for (const auto& certificate : registered) {
        const auto list = lists(certificate.authority_key_identifier, certificate.distribution_point);
        if (!list) continue; // nothing can be said today
        const auto entry = list->find(certificate.serial);
        const auto noted =
            known.find({certificate.subject, std::string(pki::to_string(certificate.kind)), certificate.serial.hex()});
        const bool held = noted != known.end() && noted->second.event == Event::Held;
        if (!entry) {
            if (held && noted->second.stage != Stage::Closed)
                out.push_back({&certificate, Event::Held, Stage::Closed, noted->second.revoked_at});
            continue;
        }
        const Event event = classify(entry->reason);
        const bool again =
            noted != known.end() && noted->second.event == event && !(held && noted->second.stage == Stage::Closed);
        if (!again) out.push_back({&certificate, event, first_stage(certificate, event), entry->revoked_at});
    }
    return out;
}

base::Task<> write_notes(db::WriteTx& tx, const std::vector<Note>& notes, base::Instant now) {
    for (const Note& note : notes) {
        const std::string serial = note.certificate->serial.hex();
        co_await tx.run(kNote, note.certificate->subject, serial, pki::to_string(note.certificate->kind),
                        db::enum_name(note.event), db::enum_name(note.stage), note.revoked_at, now);
    }
}

} // namespace

Event classify(pki::RevocationReason reason) {
    switch (reason) {
    case pki::RevocationReason::AffiliationChanged:
        return Event::AttributesChanged;
    case pki::RevocationReason::Superseded:
        return Event::Renewed;
    case pki::RevocationReason::CertificateHold:
        return Event::Held;
    case pki::RevocationReason::KeyCompromise:
    case pki::RevocationReason::CaCompromise:
    case pki::RevocationReason::AaCompromise:
        return Event::Compromised;
    case pki::RevocationReason::Unspecified:
    case pki::RevocationReason::CessationOfOperation:
    case pki::RevocationReason::PrivilegeWithdrawn:
        return Event::Ended;
    }
    return Event::Ended;
}

FollowUp FollowUp::from(db::Reader& row) {
    return {.subject = row,
            .serial = row,
            .kind = row,
            .event = db::enum_value<Event>(row),
            .stage = db::enum_value<Stage>(row),
            .revoked_at = row,
            .noticed_at = row,
            .asked_at = row,
            .new_serial = row};
}

base::Task<int64_t> note_differences(db::Database& database, const HeldList& lists,
                                     const std::vector<RegisteredCertificate>& registered, base::Instant now) {
    auto read = [](db::ReadTx& tx) -> base::Task<std::vector<FollowUp>> { return tx.all<FollowUp>(kKnown); };
    const auto rows = co_await database.read(read);
    std::map<Key, FollowUp> known;
    for (const auto& row : rows) known.emplace(Key{row.subject, row.kind, row.serial}, row);
    const auto notes = compare(lists, registered, known);
    if (notes.empty()) co_return 0;
    auto write = [&](db::WriteTx& tx) { return write_notes(tx, notes, now); };
    co_await database.write(write);
    co_return static_cast<int64_t>(notes.size());
}

base::Task<base::Result<int64_t>> ask_latest(db::Database& database, Client& client, const TakeAttributes& received,
                                             base::Instant now, AskOptions options) {
    const base::Instant before = now - options.pause;
    auto read = [&](db::ReadTx& tx) { return tx.all<FollowUp>(kWaiting, before, options.limit); };
    const auto waiting = co_await database.read(read);
    int64_t count = 0;
    for (const FollowUp& about : waiting) {
        const auto serial = pki::SerialNumber::parse(about.serial);
        if (!serial) continue;
        MUSUBI_CO_TRY(const Client::LatestAnswer answer, co_await client.latest_attributes(*serial));
        const bool arrived = answer.attributes.has_value();
        const Stage next = arrived                                              ? Stage::Received
                           : answer.outcome == Client::LatestOutcome::NoConsent ? Stage::Refused
                           : answer.outcome == Client::LatestOutcome::Unchanged ? Stage::Closed
                                                                                : Stage::Waiting;
        const std::string new_serial = arrived ? answer.attributes->serial.hex() : std::string();
        auto write = [&](db::WriteTx& tx) -> base::Task<> {
            co_await tx.run(kAsked, about.subject, about.kind, about.serial, now, db::enum_name(next), new_serial);
            if (arrived) co_await received(tx, about, *answer.attributes);
        };
        co_await database.write(write);
        if (arrived) ++count;
    }
    co_return count;
}

base::Task<std::vector<FollowUp>> follow_ups_of(db::ReadTx& tx, std::string subject) {
    co_return co_await tx.all<FollowUp>(kOf, std::move(subject));
}

base::Task<> set_stage(db::WriteTx& tx, std::string subject, std::string kind, std::string serial, Stage stage) {
    co_await tx.run(kStage, subject, kind, serial, db::enum_name(stage));
}

base::Task<> erase_follow_ups(db::WriteTx& tx, std::string subject) { co_await tx.run(kErase, subject); }

} // namespace musubi::certification
