#include "services/family/requests.h"

#include "lib/db/enum_column.h"

namespace musubi::family {
namespace {

#define MUSUBI_FAMILY_COLUMNS                                                                                          \
    "person_id, id, requested_at, status, name, kana, birth_date, sex, address, note, reason, child_id"

constexpr db::Query kAdd{"family.add", "INSERT INTO family_request (" MUSUBI_FAMILY_COLUMNS ", changed_at)"
                                       " VALUES ($1, $2, $3, 'new', $4, $5, $6, $7, $8, $9, NULL, NULL, $3)"};
constexpr db::Query kFind{"family.find", "SELECT " MUSUBI_FAMILY_COLUMNS " FROM family_request WHERE id = $1"};
constexpr db::Query kOfPerson{"family.of_person",
                              "SELECT " MUSUBI_FAMILY_COLUMNS " FROM family_request"
                              " WHERE person_id = $1 ORDER BY requested_at DESC, id DESC LIMIT 100"};
constexpr db::Query kNew{"family.new", "SELECT " MUSUBI_FAMILY_COLUMNS " FROM family_request"
                                       " WHERE status = 'new' ORDER BY requested_at, id LIMIT 200"};
constexpr db::Query kDecide{"family.decide",
                            "UPDATE family_request SET status = $3, reason = $4, child_id = $5, changed_at = $6"
                            " WHERE person_id = $1 AND id = $2 AND status = 'new'"};

} // namespace

db::Value to_value(Status status) { return db::to_value(db::enum_name(status)); }
Status from_column(const std::string& text, Status*) { return db::enum_value<Status>(text); }

Request Request::from(db::Reader& row) {
    return {.guardian = row,
            .id = row,
            .requested_at = row,
            .status = row.get<Status>(),
            .claim = {.name = row, .kana = row, .birth_date = row, .sex = row.get<residents::Sex>(), .address = row},
            .note = row,
            .reason = row.get<std::optional<std::string>>(),
            .child = row.get<std::optional<base::PersonId>>()};
}

base::Task<> add(db::WriteTx& tx, const Request& request) {
    const residents::Claim& claim = request.claim;
    co_await tx.run(kAdd, request.guardian, request.id, request.requested_at, claim.name, claim.kana, claim.birth_date,
                    claim.sex, claim.address, request.note);
}
base::Task<std::optional<Request>> find(db::ReadTx& tx, const RequestId& id) {
    co_return co_await tx.one<Request>(kFind, id);
}
base::Task<std::vector<Request>> requests_of(db::ReadTx& tx, const base::PersonId& guardian) {
    co_return co_await tx.all<Request>(kOfPerson, guardian);
}
base::Task<std::vector<Request>> new_requests(db::ReadTx& tx) { co_return co_await tx.all<Request>(kNew); }
base::Task<bool> decide(db::WriteTx& tx, const Request& request, base::Instant now) {
    co_return co_await tx.run(kDecide, request.guardian, request.id, request.status, request.reason, request.child,
                              now) > 0;
}

} // namespace musubi::family
