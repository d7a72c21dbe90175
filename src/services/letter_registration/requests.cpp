#include "services/letter_registration/requests.h"

#include "lib/db/enum_column.h"

namespace musubi::letter_registration {
namespace {

#define MUSUBI_LETTER_COLUMNS                                                                                          \
    "id, registration_id, requested_at, status, name, kana, birth_date, sex, postal_code, address, language,"          \
    " resident_id, reason, printed_at, print_count, code_expires_at"

constexpr db::Query kPut{
    "letter_registration.put",
    "INSERT INTO letter_registration_request (" MUSUBI_LETTER_COLUMNS ", changed_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL, NULL, NULL, 0, NULL, $3)"
    " ON CONFLICT (registration_id) DO UPDATE SET requested_at = excluded.requested_at, status = excluded.status,"
    " name = excluded.name, kana = excluded.kana, birth_date = excluded.birth_date, sex = excluded.sex,"
    " postal_code = excluded.postal_code, address = excluded.address, language = excluded.language,"
    " resident_id = NULL, reason = NULL, changed_at = excluded.changed_at"
    " WHERE letter_registration_request.status IN ('new', 'doubtful', 'returned', 'rejected')"};

constexpr db::Query kFind{"letter_registration.find",
                          "SELECT " MUSUBI_LETTER_COLUMNS " FROM letter_registration_request WHERE id = $1"};
constexpr db::Query kFindByRegistration{"letter_registration.find_by_registration",
                                        "SELECT " MUSUBI_LETTER_COLUMNS
                                        " FROM letter_registration_request WHERE registration_id = $1"};
constexpr db::Query kList{"letter_registration.list",
                          "SELECT " MUSUBI_LETTER_COLUMNS " FROM letter_registration_request WHERE status = $1"
                          " ORDER BY requested_at, id LIMIT $2"};
constexpr db::Query kListAll{"letter_registration.list_all",
                             "SELECT " MUSUBI_LETTER_COLUMNS " FROM letter_registration_request"
                             " ORDER BY requested_at, id LIMIT $1"};
constexpr db::Query kChange{"letter_registration.change",
                            "UPDATE letter_registration_request SET status = $3, resident_id = $4, reason = $5,"
                            " printed_at = $6, print_count = $7, code_expires_at = $8, changed_at = $9"
                            " WHERE id = $1 AND status = $2"};
constexpr db::Query kClean{"letter_registration.clean", "DELETE FROM letter_registration_request"
                                                        " WHERE status IN ('done', 'rejected') AND changed_at < $1"};

constexpr base::Duration kKept = std::chrono::hours(24 * 90);

} // namespace

db::Value to_value(Status status) { return db::to_value(db::enum_name(status)); }
Status from_column(const std::string& text, Status*) { return db::enum_value<Status>(text); }

Request Request::from(db::Reader& row) {
    Request request{
        .id = row,
        .registration = row,
        .requested_at = row,
        .status = row.get<Status>(),
        .claim = {.name = row, .kana = row, .birth_date = row, .sex = row.get<residents::Sex>(), .address = {}}};
    request.postal_code = row.get<std::string>();
    request.claim.address = row.get<std::string>();
    request.language = row.get<std::string>();
    request.resident = row.get<std::optional<residents::ResidentId>>();
    request.reason = row.get<std::optional<std::string>>();
    request.printed_at = row.get<std::optional<base::Instant>>();
    request.print_count = row.get<int64_t>();
    request.code_expires_at = row.get<std::optional<base::Instant>>();
    return request;
}

base::Task<bool> put(db::WriteTx& tx, const Request& request, base::Instant now) {
    const residents::Claim& claim = request.claim;
    co_return co_await tx.run(kPut, request.id, request.registration, now, request.status, claim.name, claim.kana,
                              claim.birth_date, claim.sex, request.postal_code, claim.address, request.language) > 0;
}

base::Task<std::optional<Request>> find(db::ReadTx& tx, const RequestId& id) {
    co_return co_await tx.one<Request>(kFind, id);
}

base::Task<std::optional<Request>> find_by_registration(db::ReadTx& tx, const enrolment::RegistrationId& registration) {
    co_return co_await tx.one<Request>(kFindByRegistration, registration);
}

base::Task<std::vector<Request>> list(db::ReadTx& tx, std::optional<Status> status, int limit) {
    if (status) co_return co_await tx.all<Request>(kList, *status, limit);
    co_return co_await tx.all<Request>(kListAll, limit);
}

base::Task<bool> change(db::WriteTx& tx, const Request& request, Status from, base::Instant now) {
    co_return co_await tx.run(kChange, request.id, from, request.status, request.resident, request.reason,
                              request.printed_at, request.print_count, request.code_expires_at, now) > 0;
}

base::Task<int64_t> clean(db::WriteTx& tx, base::Instant now) { co_return co_await tx.run(kClean, now - kKept); }

} // namespace musubi::letter_registration
