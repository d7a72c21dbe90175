#include "apps/jlis_server/program.h"
#include "base/log.h"

#include <cstdio>
#include <cstring>
#include <exception>

using namespace musubi;

namespace {

constexpr const char* kUsage = "usage: musubi-jlis --config FILE\n"
                               "The certification side: registry of certificates, issuing, revocation lists, OCSP.\n";

int fail(const base::Error& error) {
    std::fprintf(stderr, "musubi-jlis: %s", error.code.c_str());
    for (const auto& [name, value] : error.parameters) std::fprintf(stderr, " %s=%s", name.c_str(), value.c_str());
    std::fprintf(stderr, "\n%s\n", error.detail.c_str());
    return 1;
}

int serve(const std::string& path) {
    auto config = base::Config::load(path);
    if (!config) return fail(config.error());
    auto settings = jlis_server::read_settings(std::move(*config));
    if (!settings) return fail(settings.error());
    log::Options options;
    options.program = "musubi-jlis";
    log::configure(options);
    http::block_signals();
    auto program = jlis_server::Program::open(std::move(*settings), base::system_clock(), base::system_random());
    if (!program) return fail(program.error());
    http::Server server((*program)->router(), (*program)->settings().server);
    if (auto started = server.start(); !started) return fail(started.error());
    server.loop(0).post([&] { event_loop::spawn((*program)->keep_lists_current()); });
    server.loop(0).post([&] { event_loop::spawn((*program)->keep_answers_fresh()); });
    log::info("serving", {log::field("port", server.port())});
    http::wait_for_stop_signal(server);
    server.stop(std::chrono::seconds(10));
    log::flush();
    return 0;
}

} // namespace

int main(int count, char** arguments) {
    try {
        if (count == 3 && std::strcmp(arguments[1], "--config") == 0) return serve(arguments[2]);
        const bool help = count == 2 && std::strcmp(arguments[1], "--help") == 0;
        std::fputs(kUsage, help ? stdout : stderr);
        return help ? 0 : 2;
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "musubi-jlis: %s\n", exception.what());
        return 1;
    }
}
