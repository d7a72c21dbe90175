// One HTTP request to a program on the same computer, waiting for the answer.
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace musubi::loopback {

struct Call {
    std::string method = "GET";
    std::string host = "127.0.0.1";
    uint16_t port = 80;
    std::string target = "/";
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
    base::Duration timeout = std::chrono::seconds(10);
};

struct Answer {
    int status = 0;
    std::string content_type;
    std::string body; // up to 4 MiB
};

/// "loopback.unreachable" if there is no answer; every status is an answer.
base::Result<Answer> fetch(const Call& call);

} // namespace musubi::loopback
