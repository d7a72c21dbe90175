// Requests for a posted passcode and their way through the office.
#pragma once

#include "base/ids.h"
#include "core/enrolment/enrolment.h"
#include "core/residents/residents.h"
#include "lib/db/database.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace musubi::letter_registration {

using RequestId = base::Id<struct LetterRequestTag>;

enum class Status { New, Doubtful, Approved, Printed, Returned, Rejected, Done };
constexpr auto json_names(Status) {
    return std::array{std::pair{Status::New, "new"},           std::pair{Status::Doubtful, "doubtful"},
                      std::pair{Status::Approved, "approved"}, std::pair{Status::Printed, "printed"},
                      std::pair{Status::Returned, "returned"}, std::pair{Status::Rejected, "rejected"},
                      std::pair{Status::Done, "done"}};
}
db::Value to_value(Status status);
Status from_column(const std::string& text, Status*);

struct Request {
    RequestId id;
    enrolment::RegistrationId registration;
    base::Instant requested_at;
    Status status = Status::New;
    residents::Claim claim;
    std::string postal_code;
    std::string language;
    std::optional<residents::ResidentId> resident;
    std::optional<std::string> reason;
    std::optional<base::Instant> printed_at;
    int64_t print_count = 0;
    std::optional<base::Instant> code_expires_at;

    static Request from(db::Reader&);
};

/// Adds or replaces the request of a registration. False while a letter is being prepared or on its way.
base::Task<bool> put(db::WriteTx& tx, const Request& request, base::Instant now);
base::Task<std::optional<Request>> find(db::ReadTx& tx, const RequestId& id);
base::Task<std::optional<Request>> find_by_registration(db::ReadTx& tx, const enrolment::RegistrationId& registration);
/// Oldest first.
base::Task<std::vector<Request>> list(db::ReadTx& tx, std::optional<Status> status, int limit = 200);
/// From one of `from` to what `request` says; false when the state has moved on meanwhile.
base::Task<bool> change(db::WriteTx& tx, const Request& request, Status from, base::Instant now);
/// Finished requests hold personal data without need: removed 90 days after their last change.
base::Task<int64_t> clean(db::WriteTx& tx, base::Instant now);

} // namespace musubi::letter_registration
