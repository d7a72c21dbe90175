#include "apps/server/background.h"
#include "apps/server/installation.h"
#include "base/log.h"
#include "lib/http/server.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace {

using namespace musubi;

constexpr const char* kUsage = R"(usage: musubi-server [--config FILE] [--check-config | --print-openapi | --version]
  --config FILE     /etc/musubi/musubi-server.toml unless said
  --check-config    read it, name every mistake, and end
  --print-openapi   the description of the HTTP interface
)";

int fail(const base::Error& error) {
    std::fprintf(stderr, "musubi-server: %s", error.detail.empty() ? error.code.c_str() : error.detail.c_str());
    for (const auto& [name, value] : error.parameters) std::fprintf(stderr, " (%s %s)", name.c_str(), value.c_str());
    std::fprintf(stderr, "\n");
    return 1;
}

int check_config(const std::string& path) {
    const auto settings = city::load_settings(path);
    if (!settings) return fail(settings.error());
    const auto trust = server::load_trust(*settings);
    if (!trust) return fail(trust.error());
    std::printf("%s is good.\n", path.c_str());
    return 0;
}

http::ServerOptions server_options(const city::Settings& settings) {
    const city::Listen& listen = settings.listen;
    http::ServerOptions options;
    options.address = listen.address;
    options.port = listen.port;
    options.loops = listen.loops;
    if (!listen.tls_certificate.empty()) options.tls = http::TlsFiles{listen.tls_certificate, listen.tls_key};
    options.head_timeout = listen.head_timeout;
    options.body_timeout = listen.body_timeout;
    options.idle_timeout = listen.idle_timeout;
    options.request_timeout = listen.request_timeout;
    options.max_connections = listen.max_connections;
    options.trusted_proxies = listen.trusted_proxies;
    return options;
}

int serve(const std::string& path) {
    auto settings = city::load_settings(path);
    if (!settings) return fail(settings.error());
    log::Options options;
    options.level = settings->log.level;
    options.file = settings->log.file;
    options.program = "musubi-server";
    log::configure(options);
    http::block_signals();
    auto trust = server::load_trust(*settings);
    if (!trust) return fail(trust.error());
    auto installation = server::Installation::create(std::move(*settings), std::move(*trust), MUSUBI_VERSION);
    if (!installation) return fail(installation.error());
    const city::Settings& kept = (*installation)->settings();

    server::Background background(**installation);
    http::Server server((*installation)->router(), server_options(kept));
    if (const auto started = server.start(); !started) return fail(started.error());
    server.loop(0).post([&background] { background.start(); });
    log::info("serving", {log::field("address", kept.listen.address), log::field("port", server.port()),
                          log::field("version", std::string_view(MUSUBI_VERSION))});
    http::wait_for_stop_signal(server);
    log::info("stopping");
    (*installation)->announce_stop();
    background.stop(kept.listen.stop_timeout);
    const size_t cut = server.stop(kept.listen.stop_timeout);
    log::info("stopped", {log::field("connectionsCut", cut)});
    log::flush();
    return 0;
}

int print_openapi() {
    char folder[] = "/tmp/musubi-openapi-XXXXXX";
    if (!mkdtemp(folder)) return fail(base::internal("no temporary folder"));
    auto description = server::describe_interface(folder, MUSUBI_VERSION);
    std::filesystem::remove_all(folder);
    if (!description) return fail(description.error());
    std::fputs(description->c_str(), stdout);
    return 0;
}

} // namespace

int main(int count, char** arguments) {
    std::string config = "/etc/musubi/musubi-server.toml";
    enum class Mode { Serve, Check, OpenApi } mode = Mode::Serve;
    for (int i = 1; i < count; ++i) {
        const std::string_view argument = arguments[i];
        if (argument == "--config" && i + 1 < count) {
            config = arguments[++i];
        } else if (argument == "--check-config") {
            mode = Mode::Check;
        } else if (argument == "--print-openapi") {
            mode = Mode::OpenApi;
        } else if (argument == "--version") {
            std::printf("musubi-server %s\n", MUSUBI_VERSION);
            return 0;
        } else {
            const bool help = argument == "--help";
            std::fputs(kUsage, help ? stdout : stderr);
            return help ? 0 : 2;
        }
    }
    try {
        switch (mode) {
        case Mode::Check:
            return check_config(config);
        case Mode::OpenApi:
            return print_openapi();
        case Mode::Serve:
            return serve(config);
        }
    } catch (const std::exception& broken) {
        std::fprintf(stderr, "musubi-server: %s\n", broken.what());
    }
    return 1;
}
