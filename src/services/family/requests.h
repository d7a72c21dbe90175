// Private to services/family: requests that staff confirm.
#pragma once

#include "base/ids.h"
#include "core/residents/residents.h"
#include "lib/db/database.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace musubi::family {

using RequestId = base::Id<struct FamilyRequestTag>;

enum class Status { New, Approved, Rejected };
constexpr auto json_names(Status) {
    return std::array{std::pair{Status::New, "new"}, std::pair{Status::Approved, "approved"},
                      std::pair{Status::Rejected, "rejected"}};
}
db::Value to_value(Status status);
Status from_column(const std::string& text, Status*);

struct Request {
    base::PersonId guardian;
    RequestId id;
    base::Instant requested_at;
    Status status = Status::New;
    residents::Claim claim;
    std::string note;
    std::optional<std::string> reason;
    std::optional<base::PersonId> child;

    static Request from(db::Reader&);
};

base::Task<> add(db::WriteTx& tx, const Request& request);
base::Task<std::optional<Request>> find(db::ReadTx& tx, const RequestId& id);
base::Task<std::vector<Request>> requests_of(db::ReadTx& tx, const base::PersonId& guardian); // newest first
base::Task<std::vector<Request>> new_requests(db::ReadTx& tx);                                // oldest first
/// False when it is decided already.
base::Task<bool> decide(db::WriteTx& tx, const Request& request, base::Instant now);

} // namespace musubi::family
