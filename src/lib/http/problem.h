// Refusals for programs: RFC 9457 problem documents.
//
//     {"type":"/problems/registration.link-expired","title":"Gone","status":410,"code":"registration.link-expired",
//      "params":{},"fields":[],"requestId":"…"}
//
// `code` is the stable name by which clients choose their text; `params` are public values for that text; `fields` are
// [{"path": JSON Pointer into the body, "code"}]. Nothing else about an error leaves the server.
#pragma once

#include "base/result.h"
#include "lib/http/call.h"

#include <string_view>

namespace musubi::http {

/// The one place where kinds become statuses.
int status_of(base::ErrorKind kind);

/// `status` 0 means status_of(error.kind). Internal errors lose everything but their status. The parameter
/// "retryAfterSeconds" also becomes Retry-After.
Response problem(const base::Error& error, std::string_view request_id, int status = 0);

} // namespace musubi::http
