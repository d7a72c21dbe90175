// Any bytes on a connection: whole and in pieces they must be read as the same requests, and what is read must pass the
// router without an internal error. The same bytes are also taken as WebSocket frames.
#include "base/encoding.h"
#include "lib/http/request_parser.h"
#include "lib/http/router.h"
#include "lib/http/websocket_frame.h"

#include <cstdlib>

namespace {

using namespace musubi;

struct Note {
    std::string text;
    std::optional<int64_t> number;
};
template <class Fields> void describe(Fields& fields, Note& note) {
    fields("text", note.text, json::Rule{.max_length = 100});
    fields("number", note.number);
}

struct Target {
    base::FixedClock clock{base::Instant{}};
    base::SeededRandom random{1};
    http::Router router{clock};
    Target() {
        router.configure({.access_log = http::AccessLog::Off, .random = &random});
        router.acts("POST", "/notes/{id}", "write", http::Access::anyone(),
                    [](http::Call& call, Note note) -> base::Task<base::Result<Note>> {
                        note.text += call.path_text("id");
                        note.text += call.request.query_value("q").value_or("");
                        note.text += call.request.cookie("session").value_or("");
                        co_return note;
                    });
        router.acts("GET", "/files/{rest...}", "read", http::Access::anyone(),
                    [](http::Call& call) -> base::Task<base::Result<http::Raw>> {
                        http::Raw raw;
                        raw.body = call.path_text("rest");
                        co_return raw;
                    });
    }
};

/// What was understood, as text.
std::string read_all(Target& target, std::string_view input, size_t piece) {
    http::RequestParser parser(
        {.head_bytes = 1024, .fields = 20},
        [&target](http::Method method, std::string_view path) { return target.router.body_limit(method, path); });
    std::string understood;
    std::string buffer;
    while (true) {
        const size_t used = parser.advance(buffer);
        if (used > buffer.size()) std::abort();
        buffer.erase(0, used);
        if (parser.state() == http::RequestParser::State::Refused) {
            target.router.refuse(parser.refusal().status, parser.refusal().code);
            return understood + "refused " + std::to_string(parser.refusal().status);
        }
        if (parser.state() == http::RequestParser::State::Done) {
            const bool keep_alive = parser.keep_alive();
            parser.wants_websocket();
            http::Request request = parser.take();
            if (request.path.empty() || request.path[0] != '/' || !base::valid_utf8(request.path)) std::abort();
            understood += request.path + "?" + request.query + " " + request.body + "\n";
            const auto response = base::sync_wait(target.router.handle(std::move(request)));
            if (response.status >= 500) std::abort();
            if (!keep_alive) return understood + "closed";
            parser.reset();
            continue;
        }
        if (input.empty()) return understood + "waiting";
        buffer += input.substr(0, piece);
        input.remove_prefix(std::min(piece, input.size()));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static Target target;
    const std::string_view input(reinterpret_cast<const char*>(data), std::min<size_t>(size, 8192));
    const std::string whole = read_all(target, input, input.size() + 1);
    for (const size_t piece : {1, 7}) {
        const std::string in_pieces = read_all(target, input, piece);
        // A refusal of what comes later may arrive before or after the end of the input, but never another reading.
        if (in_pieces != whole) std::abort();
    }
    std::string frames(input);
    http::FrameRefusal refusal{};
    while (const auto frame = http::take_frame(frames, 1000, refusal))
        if (frame->payload.size() > 1000) std::abort();
    return 0;
}
