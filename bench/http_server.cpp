// The server under measurement: the house's own router and server with one routed JSON answer of 1 KiB, built anew for
// each request, and the same bytes as a raw answer. http_compare.sh runs it beside its peers.
//   http_server PORT LOOPS
#include "lib/http/server.h"

#include <cstdio>
#include <cstdlib>

namespace {

using namespace musubi;

struct Record {
    std::string id;
    std::string text;
};
template <class Fields> void describe(Fields& fields, Record& record) {
    fields("id", record.id);
    fields("text", record.text);
}

} // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        std::fprintf(stderr, "usage: http_server PORT LOOPS\n");
        return 2;
    }
    http::block_signals();
    http::Router router(base::system_clock());
    router.configure({.access_log = http::AccessLog::Off});
    const std::string text(980, 'x');
    router.acts("GET", "/x/{id}", "getRecord", http::Access::anyone(),
                [&text](http::Call& call) -> base::Task<base::Result<Record>> {
                    Record record;
                    record.id = call.path_text("id");
                    record.text = text;
                    co_return record;
                });
    http::ServerOptions options;
    options.port = static_cast<uint16_t>(std::atoi(arguments[1]));
    options.loops = static_cast<size_t>(std::atoi(arguments[2]));
    options.max_connections_per_address = 10'000;
    http::Server server(router, options);
    if (const auto started = server.start(); !started) {
        std::fprintf(stderr, "%s\n", started.error().detail.c_str());
        return 1;
    }
    http::wait_for_stop_signal(server);
    server.stop(std::chrono::seconds(1));
    return 0;
}
