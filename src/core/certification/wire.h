// How bytes reach the certification authority's side. Production speaks HTTP (lib/http_client); tests answer in
// process.
#pragma once

#include "base/result.h"
#include "base/task.h"

#include <string>

namespace musubi::certification {

struct Answer {
    int status = 0;
    std::string body;
};

class Wire {
  public:
    virtual ~Wire() = default;
    /// `path` begins with "/v1/". "certification.unreachable" (Unavailable) when there is no answer in time.
    virtual base::Task<base::Result<Answer>> get(std::string path) = 0;
    virtual base::Task<base::Result<Answer>> post(std::string path, std::string content_type, std::string body) = 0;
};

} // namespace musubi::certification
