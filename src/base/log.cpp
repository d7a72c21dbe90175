#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cmath>
#include <map>
#include <memory>
#include <mutex>

namespace musubi::log {
namespace {

constexpr size_t kValueLimit = 2000;
constexpr int kRepeats = 10;
constexpr base::Duration kWindow = std::chrono::seconds(10);

/// How often each event was seen in its current window.
class Repeats {
  public:
    struct Verdict {
        bool write;
        int suppressed;
    };
    Verdict see(std::string_view event, base::Instant now) {
        std::lock_guard lock(m_mutex);
        if (m_seen.size() > 1000) m_seen.clear(); // event names are constants; this only guards against misuse
        auto at = m_seen.find(event);
        if (at == m_seen.end()) at = m_seen.emplace(std::string(event), Window{now, 0, 0}).first;
        Window& window = at->second;
        int suppressed = 0;
        if (now - window.began >= kWindow || now < window.began) {
            suppressed = window.suppressed;
            window = {now, 0, 0};
        }
        if (++window.written <= kRepeats) return {true, suppressed};
        ++window.suppressed;
        return {false, 0};
    }
    void forget() {
        std::lock_guard lock(m_mutex);
        m_seen.clear();
    }

  private:
    struct Window {
        base::Instant began;
        int written;
        int suppressed;
    };
    std::mutex m_mutex;
    std::map<std::string, Window, std::less<>> m_seen;
};

struct State {
    std::shared_ptr<spdlog::logger> logger;
    Level level = Level::Info;
    std::string program;
    const base::Clock* clock = &base::system_clock();
    Repeats repeats;

    State() { use(std::make_shared<spdlog::sinks::stderr_sink_mt>()); }
    void use(const spdlog::sink_ptr& sink) {
        logger = std::make_shared<spdlog::logger>("musubi", sink);
        logger->set_pattern("%v");
        logger->set_level(spdlog::level::trace);
        logger->flush_on(spdlog::level::trace); // a line must survive the crash it explains
    }
};

State& state() {
    static State* instance = new State; // never destroyed: threads may still write while the process ends
    return *instance;
}

std::string_view name_of(Level level) {
    switch (level) {
    case Level::Debug:
        return "debug";
    case Level::Info:
        return "info";
    case Level::Warning:
        return "warning";
    case Level::Error:
        return "error";
    }
    return "error";
}

void append_quoted(std::string& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (byte < 0x20 || byte == 0x7F) {
            out += "\\u00";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

} // namespace

namespace detail {
std::string quoted(std::string_view text) {
    std::string out;
    if (text.size() <= kValueLimit) {
        append_quoted(out, text);
        return out;
    }
    size_t end = kValueLimit;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end; // not inside a character
    append_quoted(out, std::string(text.substr(0, end)) + "…");
    return out;
}
} // namespace detail

Field field(std::string_view name, double value) {
    return {name, std::isfinite(value) ? fmt::format("{}", value) : "null"};
}
Field field(std::string_view name, base::Instant value) { return {name, detail::quoted(value.to_string())}; }
Field field(std::string_view name, std::chrono::nanoseconds value) {
    return {name, fmt::format("{:.3f}", static_cast<double>(value.count()) / 1e6)};
}
Field field(std::string_view name, const base::Error& value) {
    return {name, detail::quoted(value.detail.empty() ? value.code : value.code + ": " + value.detail)};
}

void write(Level level, std::string_view event, Fields fields) {
    State& log = state();
    if (level < log.level) return;
    const base::Instant now = log.clock->now();
    int suppressed = 0;
    if (level >= Level::Warning) {
        const auto verdict = log.repeats.see(event, now);
        if (!verdict.write) return;
        suppressed = verdict.suppressed;
    }
    std::string line = fmt::format(R"({{"time":"{}","level":"{}","event":)", now.to_string(), name_of(level));
    append_quoted(line, event);
    if (!log.program.empty()) {
        line += ",\"program\":";
        append_quoted(line, log.program);
    }
    for (const Field& each : fields) {
        line += ',';
        append_quoted(line, each.name);
        line += ':';
        line += each.json;
    }
    if (suppressed > 0) line += fmt::format(",\"suppressed\":{}", suppressed);
    line += '}';
    log.logger->log(spdlog::level::info, fmt::string_view("{}"), line);
}

void configure(const Options& options) {
    State& log = state();
    log.level = options.level;
    log.program = options.program;
    log.clock = options.clock ? options.clock : &base::system_clock();
    log.repeats.forget();
    if (options.file.empty())
        log.use(std::make_shared<spdlog::sinks::stderr_sink_mt>());
    else
        log.use(std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file));
}

void flush() { state().logger->flush(); }

} // namespace musubi::log
