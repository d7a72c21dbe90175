// musubi-card: the My Number Card from the command line, and the loopback agent for browsers.
#include "apps/card_agent/agent.h"
#include "apps/card_agent/commands.h"
#include "base/config.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <termios.h>
#include <unistd.h>

namespace {

using namespace musubi;
using namespace musubi::card_agent;

constexpr const char* kUsage =
    R"(musubi-card [--reader NAME | --image FILE] [--json] [--lang ja|en] [--secrets-stdin] COMMAND
  show                          readers, cards, tries left
  tries                         tries left of both secrets (costs none)
  read user|user-ca|sign|sign-ca   a certificate (PEM)
  read text                     name, address, date of birth, sex
  read photo                    the photograph (JPEG 2000)
  sign user|sign HEX            signs a SHA-256 digest of 64 hexadecimal digits; base64
  change-pin user|sign|text
  wait inserted|removed
musubi-card agent [--config FILE] [--port 27180] [--origin ORIGIN[=NAME]]… [--image FILE]
  lets pages of the named sites ask for proofs from the card, with this person's consent

Secrets are asked for at the terminal, or read line by line from standard input with --secrets-stdin.
Exit codes: 0 done, 1 failed, 2 usage, 3 no reader, 4 no card, 5 card pulled, 6 other card, 7 wrong secret,
8 locked, 9 malformed secret, 10 no signature certificate.
)";

struct Options {
    std::string reader;
    std::string image;
    bool json = false;
    bool secrets_stdin = false;
    Language language = Language::Japanese;
    AgentSettings agent;
    std::vector<std::string> words;
};

bool fail(const std::string& message) {
    std::fprintf(stderr, "musubi-card: %s\n", message.c_str());
    return false;
}

Language language_of_environment() {
    const char* language = std::getenv("LC_ALL");
    if (!language || !*language) language = std::getenv("LANG");
    const bool other = language && *language && std::strncmp(language, "ja", 2) != 0 &&
                       std::strcmp(language, "C") != 0 && std::strcmp(language, "POSIX") != 0 &&
                       std::strncmp(language, "C.", 2) != 0;
    return other ? Language::English : Language::Japanese;
}

// As browsers write it (RFC 6454 section 6.2): anything else would never be equal to what they send.
bool is_origin(std::string_view text) {
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos) return false;
    const auto name = text.substr(0, scheme);
    const auto host = text.substr(scheme + 3);
    return (name == "https" || name == "http") && !host.empty() &&
           host.find_first_of("/?#@ ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
}
constexpr const char* kOriginForm = "must be an origin as browsers write it: https://host or https://host:port";

bool read_config(const std::string& path, AgentSettings& settings) {
    auto config = base::Config::load(path);
    if (!config) return fail(config.error().detail);
    settings.port = static_cast<uint16_t>(config->integer("port", {1, 65535}, settings.port));
    for (auto& site : config->tables("site")) settings.sites.push_back({site.text("origin"), site.text("name", "")});
    if (const auto done = config->finish(); !done) return fail(done.error().detail);
    for (const auto& site : settings.sites)
        if (!is_origin(site.origin)) return fail(path + ": " + site.origin + " " + kOriginForm);
    return true;
}

bool read_arguments(int count, char** values, Options& options) {
    options.language = language_of_environment();
    for (int i = 1; i < count; ++i) {
        const std::string name = values[i];
        if (!name.starts_with("--")) {
            options.words.push_back(name);
            continue;
        }
        if (name == "--json") {
            options.json = true;
            continue;
        }
        if (name == "--secrets-stdin") {
            options.secrets_stdin = true;
            continue;
        }
        if (i + 1 >= count) return fail("no value after " + name);
        const std::string value = values[++i];
        if (name == "--reader") {
            options.reader = value;
        } else if (name == "--image") {
            options.image = value;
        } else if (name == "--lang") {
            options.language = value == "en" ? Language::English : Language::Japanese;
        } else if (name == "--config") {
            if (!read_config(value, options.agent)) return false;
        } else if (name == "--port") {
            options.agent.port = static_cast<uint16_t>(std::strtoul(value.c_str(), nullptr, 10));
        } else if (name == "--origin") {
            const auto equals = std::min(value.find('='), value.size());
            if (!is_origin(value.substr(0, equals))) return fail(value + " " + kOriginForm);
            options.agent.sites.push_back({value.substr(0, equals), value.substr(std::min(equals + 1, value.size()))});
        } else {
            return fail("unknown option " + name);
        }
    }
    return true;
}

base::Secret read_line(FILE* from) {
    char line[256] = {};
    if (!std::fgets(line, sizeof line, from)) return base::Secret();
    std::string text(line);
    explicit_bzero(line, sizeof line);
    text.erase(text.find_last_not_of("\r\n") + 1);
    return base::Secret(std::move(text));
}

base::Secret ask_at_terminal(std::string_view prompt) {
    FILE* terminal = std::fopen("/dev/tty", "r+e");
    if (!terminal) return base::Secret();
    std::fwrite(prompt.data(), 1, prompt.size(), terminal);
    std::fflush(terminal);
    termios before{};
    ::tcgetattr(::fileno(terminal), &before);
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(::fileno(terminal), TCSAFLUSH, &silent);
    auto secret = read_line(terminal);
    ::tcsetattr(::fileno(terminal), TCSAFLUSH, &before);
    std::fputc('\n', terminal);
    std::fclose(terminal);
    return secret;
}

int run_agent(const Options& options, CardSource& source) {
    if (options.agent.sites.empty()) {
        fail("no site is allowed: give --origin or a configuration file with [[site]] entries");
        return kExitUsage;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    Agent agent(options.agent, source, base::system_random(), base::system_clock());
    const auto server = loopback::Server::start({.port = options.agent.port, .maximum_body = 16 * 1024}, agent);
    if (!server) {
        fail("port " + std::to_string(options.agent.port) + ": " + server.error().detail);
        return kExitFailed;
    }
    agent.set_port((*server)->port());
    std::printf("card agent: ws://127.0.0.1:%u/v1\n", (*server)->port());
    std::fflush(stdout);
    int signal = 0;
    sigwait(&signals, &signal);
    return kExitOk;
}

} // namespace

int main(int count, char** values) {
    Options options;
    if (count < 2 || std::strcmp(values[1], "--help") == 0) {
        std::fputs(kUsage, count < 2 ? stderr : stdout);
        return count < 2 ? kExitUsage : kExitOk;
    }
    if (!read_arguments(count, values, options)) return kExitUsage;
    auto source = reader_source();
    if (!options.image.empty()) {
        auto opened = image_source(options.image);
        if (!opened) {
            fail(opened.error().code + " " + opened.error().detail);
            return kExitFailed;
        }
        source = std::move(*opened);
    }
    if (options.words == std::vector<std::string>{"agent"}) return run_agent(options, *source);
    const CommandContext context{
        .source = *source,
        .reader = options.reader,
        .language = options.language,
        .form = options.json ? OutputForm::Json : OutputForm::Text,
        .ask_secret =
            [&](std::string_view, std::string_view prompt) {
                if (!options.secrets_stdin) return ask_at_terminal(prompt);
                std::fwrite(prompt.data(), 1, prompt.size(), stderr);
                std::fputc('\n', stderr);
                return read_line(stdin);
            },
        .out = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); },
        .error = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }};
    return run_command(context, options.words);
}
