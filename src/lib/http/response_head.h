// The head of an answer as bytes (RFC 9112 section 4). Private to lib/http.
#pragma once

#include "lib/http/call.h"

#include <string>
#include <string_view>

namespace musubi::http {

/// What becomes of the connection after the answer.
enum class After { KeepAlive, Close };

/// One header line. Drops it, with a line in the log, when it holds what could begin another line.
void append_field(std::string& out, std::string_view name, std::string_view value);
/// Status line, Date, what the answer brings along, Connection, and the empty line. `version` is the request's: 10, 11.
void write_head(std::string& out, const Response& response, After after, int version);

} // namespace musubi::http
