// How bytes reach the certification authority's side. Production speaks HTTP (lib/http_client); tests answer in
// process.
#pragma once

#include "base/result.h"
#include "base/task.h"

#include <functional>
#include <string>
#include <string_view>

namespace musubi::certification {

struct Answer {
    int status = 0;
    std::string body;
};

/// Where a large answer goes as it arrives. Both are called on a thread that may block.
struct Download {
    std::function<base::Status(std::string_view)> feed;
    std::function<void()> finish; // after the last byte, if feed took everything
};

class Wire {
  public:
    virtual ~Wire() = default;
    /// `path` begins with "/v1/". "certification.unreachable" (Unavailable) when there is no answer in time.
    virtual base::Task<base::Result<Answer>> get(std::string path) = 0;
    virtual base::Task<base::Result<Answer>> post(std::string path, std::string content_type, std::string body) = 0;
    /// The status; the body goes to `into` if it is 200.
    virtual base::Task<base::Result<int>> download(std::string path, Download into) {
        MUSUBI_CO_TRY(const Answer answer, co_await get(std::move(path)));
        if (answer.status == 200) {
            MUSUBI_CO_CHECK(into.feed(answer.body));
            into.finish();
        }
        co_return answer.status;
    }
};

} // namespace musubi::certification
