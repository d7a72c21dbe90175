// musubi-vcard: software My Number Cards behind vpcd, with a tray to pick them from. For demonstrations and tests.
#include "apps/virtual_card/tray.h"
#include "base/config.h"
#include "base/random.h"
#include "base/time.h"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

namespace {

using namespace musubi;

constexpr std::string_view kUsage =
    R"(musubi-vcard --folder FOLDER [--port 8070] [--slots 35963,35964] [--insert CARD]
             [--jlis-host 127.0.0.1 --jlis-port 8090 --jlis-key-file FILE]
musubi-vcard --config FILE

Puts software My Number Cards into the virtual readers of vpcd and serves the card tray on
http://127.0.0.1:8070. FOLDER holds the cards; --insert puts one in at once.
The configuration file (TOML) knows: folder, port, slots = ["35963", "35964"], insert,
jlis.host, jlis.port, jlis.key or jlis.key_file.
)";

struct Settings {
    std::string folder;
    uint16_t port = 8070;
    std::vector<uint16_t> slots = {35963, 35964};
    std::string insert;
    virtual_card::IssuerSettings issuer;
};

bool fail(const std::string& message) {
    std::fprintf(stderr, "musubi-vcard: %s\n", message.c_str());
    return false;
}

bool read_config(const std::string& path, Settings& settings) {
    auto config = base::Config::load(path);
    if (!config) return fail(config.error().detail);
    settings.folder = config->path("folder");
    settings.port = static_cast<uint16_t>(config->integer("port", {0, 65535}, settings.port));
    settings.slots.clear();
    for (const auto& text : config->texts("slots", {"35963", "35964"}))
        settings.slots.push_back(static_cast<uint16_t>(std::strtoul(text.c_str(), nullptr, 10)));
    settings.insert = config->text("insert", "");
    settings.issuer.host = config->text("jlis.host", "127.0.0.1");
    settings.issuer.port = static_cast<uint16_t>(config->integer("jlis.port", {0, 65535}, 0));
    settings.issuer.key = config->secret("jlis.key", base::Need::Optional);
    if (const auto done = config->finish(); !done) return fail(done.error().detail);
    return true;
}

std::optional<base::Secret> read_key(const std::string& path) {
    FILE* file = std::fopen(path.c_str(), "re");
    if (!file) return std::nullopt;
    char line[512] = {};
    const bool read = std::fgets(line, sizeof line, file) != nullptr;
    std::fclose(file);
    if (!read) return std::nullopt;
    std::string text(line);
    text.erase(text.find_last_not_of("\r\n") + 1);
    return base::Secret(text);
}

bool read_arguments(int count, char** values, Settings& settings) {
    for (int i = 1; i < count; ++i) {
        const std::string_view name = values[i];
        if (i + 1 >= count) return fail("no value after " + std::string(name));
        const std::string value = values[++i];
        const auto number = static_cast<uint16_t>(std::strtoul(value.c_str(), nullptr, 10));
        if (name == "--config") {
            if (!read_config(value, settings)) return false;
        } else if (name == "--folder") {
            settings.folder = value;
        } else if (name == "--port") {
            settings.port = number;
        } else if (name == "--insert") {
            settings.insert = value;
        } else if (name == "--jlis-host") {
            settings.issuer.host = value;
        } else if (name == "--jlis-port") {
            settings.issuer.port = number;
        } else if (name == "--jlis-key-file") {
            auto key = read_key(value);
            if (!key) return fail("cannot read " + value);
            settings.issuer.key = std::move(*key);
        } else if (name == "--slots") {
            settings.slots.clear();
            for (size_t at = 0; at < value.size();) {
                const auto end = std::min(value.find(',', at), value.size());
                settings.slots.push_back(
                    static_cast<uint16_t>(std::strtoul(value.substr(at, end - at).c_str(), nullptr, 10)));
                at = end + 1;
            }
        } else {
            return fail("unknown option " + std::string(name));
        }
    }
    if (settings.folder.empty()) return fail("--folder is missing");
    return true;
}

} // namespace

int main(int count, char** values) {
    if (count < 2 || std::strcmp(values[1], "--help") == 0) {
        std::fwrite(kUsage.data(), 1, kUsage.size(), count < 2 ? stderr : stdout);
        return count < 2 ? 2 : 0;
    }
    Settings settings;
    if (!read_arguments(count, values, settings)) return 2;
    std::error_code ignored;
    std::filesystem::create_directories(settings.folder, ignored);

    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr); // before any thread exists: all inherit it

    virtual_card::Drawer drawer(settings.folder, base::system_random());
    virtual_card::Issuer issuer(settings.issuer, settings.folder, base::system_random(), base::system_clock());
    auto wanted = virtual_card::load_wanted(settings.folder);
    if (!wanted) {
        fail("wanted.json: " + wanted.error().detail);
        return 2;
    }
    virtual_card::Tray tray(drawer, issuer, std::move(*wanted), settings.slots);
    if (!settings.insert.empty()) {
        if (const auto done = tray.insert(settings.insert, 0); !done) {
            fail(done.error().code);
            return 1;
        }
    }
    auto server = loopback::Server::start({.port = settings.port}, tray);
    if (!server) {
        fail("port " + std::to_string(settings.port) + ": " + server.error().detail);
        return 1;
    }
    std::printf("card tray: http://127.0.0.1:%u/\n", (*server)->port());
    std::fflush(stdout);
    int signal = 0;
    sigwait(&signals, &signal);
    return 0;
}
