// How much waits for staff: the console's first page asks every service that keeps a queue.
#pragma once

#include "base/task.h"

#include <cstdint>
#include <string_view>

namespace musubi::contracts {

class WaitingWork {
  public:
    virtual ~WaitingWork() = default;
    /// The name of the number in the answer: "letters", "companyRequests", "familyRequests".
    virtual std::string_view name() const = 0;
    /// Staff without this permission are not told the number.
    virtual std::string_view permission() const = 0;
    virtual base::Task<int64_t> count() = 0;
};

} // namespace musubi::contracts
