#include "base/config.h"

#include "base/encoding.h"
#include "base/units.h"

// toml++ 3.3 asserts on some malformed input ("[=a]"); for a file written by people that is an error, not a bug.
struct ParserAsserted {};
[[noreturn]] static void parser_asserted() { throw ParserAsserted{}; }
#define TOML_ASSERT(condition) ((condition) ? void() : parser_asserted())
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>

namespace musubi::base {
namespace {

constexpr size_t kFileLimit = 1 << 20;

struct Problem {
    unsigned line; // 0: the entry is not in the file
    std::string text;
    friend auto operator<=>(const Problem&, const Problem&) = default;
};

size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= a.size(); ++i) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size(); ++j) {
            const size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row.back();
}

unsigned line_of(const toml::node& node) { return static_cast<unsigned>(node.source().begin.line); }

std::string plural(size_t count) { return count == 1 ? "1 problem" : std::to_string(count) + " problems"; }

Result<std::string> read_file(const std::string& path) {
    std::error_code problem;
    if (!std::filesystem::is_regular_file(path, problem))
        return invalid("config.unreadable").because(path + ": there is no such file");
    std::ifstream file(path, std::ios::binary);
    std::string text(kFileLimit + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || (!file && !file.eof()))
        return invalid("config.unreadable").because(path + ": cannot be read; check its owner and mode");
    text.resize(static_cast<size_t>(file.gcount()));
    if (text.size() > kFileLimit) return invalid("config.unreadable").because(path + ": is larger than 1 MiB");
    return text;
}

} // namespace

struct Config::Impl {
    toml::table root;
    std::string name;
    std::string folder;
    std::map<std::string, bool, std::less<>> known; // every key that was asked for
    std::vector<Problem> problems;

    const toml::node* at(std::string_view path) const {
        const toml::node* node = &root;
        while (!path.empty() && node) {
            const size_t dot = path.find('.');
            const std::string_view part = path.substr(0, dot);
            path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
            if (const auto* table = node->as_table()) {
                node = table->get(part);
            } else if (const auto* array = node->as_array()) {
                size_t index = 0;
                for (const char c : part) index = index * 10 + static_cast<size_t>(c - '0');
                node = array->get(index);
            } else {
                node = nullptr;
            }
        }
        return node;
    }

    void note(const toml::node* node, std::string text) {
        problems.push_back({node ? line_of(*node) : 0, std::move(text)});
    }

    std::string hint(std::string_view unknown) const {
        std::string_view best;
        size_t distance = 4;
        for (const auto& [key, used] : known) {
            const size_t d = edit_distance(unknown, key);
            if (d < distance) {
                distance = d;
                best = key;
            }
        }
        return best.empty() ? "" : "; did you mean " + std::string(best) + "?";
    }

    void collect_unknown(const toml::node& node, const std::string& path, std::vector<Problem>& out) const {
        if (known.contains(path)) {
            const auto* array = node.as_array();
            if (array && array->is_array_of_tables())
                for (size_t i = 0; i < array->size(); ++i)
                    collect_unknown(*array->get(i), path + "." + std::to_string(i), out);
            return;
        }
        if (const auto* table = node.as_table()) {
            for (const auto& [key, child] : *table)
                collect_unknown(child, path.empty() ? std::string(key.str()) : path + "." + std::string(key.str()),
                                out);
            return;
        }
        out.push_back({line_of(node), path + ": this entry is not known here" + hint(path)});
    }
};

namespace {

std::optional<toml::parse_result> parse_toml(std::string_view text) {
    try {
        return toml::parse(text);
    } catch (const ParserAsserted&) {
        return std::nullopt;
    }
}

/// The first line with a character beyond ASCII outside quotes and comments, where TOML allows none (and where
/// toml++ 3.3 has undefined behaviour). Typically a full-width space.
std::optional<size_t> line_of_stray_character(std::string_view text) {
    constexpr std::string_view kBeforeQuote = " \t\n\r=,[{."; // elsewhere a quote is a mistake, not the start of a text
    size_t line = 1;
    std::string_view quote; // what ends the string we are in
    bool comment = false;
    for (size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '\n') {
            ++line;
            comment = false;
            if (quote.size() == 1) quote = {};
        } else if (comment) {
            continue;
        } else if (!quote.empty()) {
            if (c == '\\' && quote[0] == '"' && !text.substr(at + 1).starts_with('\n'))
                ++at;
            else if (text.substr(at).starts_with(quote)) {
                at += quote.size() - 1;
                // Up to two quotes may stand directly before the closing three.
                for (int more = 0; quote.size() == 3 && more < 2 && text.substr(at + 1).starts_with(quote[0]); ++more)
                    ++at;
                quote = {};
            }
        } else if (c == '#') {
            comment = true;
        } else if ((c == '"' || c == '\'') && (at == 0 || kBeforeQuote.find(text[at - 1]) != kBeforeQuote.npos)) {
            const std::string_view three = c == '"' ? R"(""")" : "'''";
            quote = text.substr(at).starts_with(three) ? three : three.substr(0, 1);
            at += quote.size() - 1;
        } else if (static_cast<unsigned char>(c) >= 0x80) {
            return line;
        }
    }
    return std::nullopt;
}

/// The line at which the parser gives up asserting: the first one whose end makes it do so.
size_t line_of_assertion(std::string_view text) {
    size_t line = 1;
    for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1), ++line)
        if (!parse_toml(text.substr(0, at + 1))) break;
    return line;
}

} // namespace

Result<Config> Config::parse(std::string_view text, std::string name, std::string folder) {
    if (text.size() > kFileLimit) return invalid("config.malformed").because(name + ": is larger than 1 MiB");
    if (!valid_utf8(text)) return invalid("config.malformed").because(name + ": is not UTF-8 text");
    if (const auto line = line_of_stray_character(text))
        return invalid("config.malformed")
            .because(name + " is not valid TOML: line " + std::to_string(*line) +
                     ": a character outside quotes that is not ASCII (a full-width space?)");
    auto parsed = parse_toml(text);
    if (!parsed)
        return invalid("config.malformed")
            .because(name + " is not valid TOML: line " + std::to_string(line_of_assertion(text)));
    toml::parse_result& result = *parsed;
    if (!result) {
        const auto& problem = result.error();
        std::ostringstream why;
        why << name << " is not valid TOML: line " << problem.source().begin.line << ", column "
            << problem.source().begin.column << ": " << problem.description();
        return invalid("config.malformed").because(why.str());
    }
    auto impl = std::make_shared<Impl>();
    impl->root = std::move(result).table();
    impl->name = std::move(name);
    impl->folder = std::move(folder);
    return Config(std::move(impl), "");
}

Result<Config> Config::load(const std::string& path) {
    MUSUBI_TRY(const std::string text, read_file(path));
    return parse(text, path, std::filesystem::absolute(path).parent_path().string());
}

template <class T> const T* Config::find(std::string_view key, std::string_view expected, bool required) {
    const std::string full = m_prefix + std::string(key);
    m_impl->known[full] = true;
    const toml::node* node = m_impl->at(full);
    if (!node) {
        if (required) m_impl->note(nullptr, full + ": is missing; it needs " + std::string(expected));
        return nullptr;
    }
    if (const T* typed = node->as<T>()) return typed;
    std::ostringstream found;
    found << node->type();
    m_impl->note(node, full + ": needs " + std::string(expected) + ", not " +
                           (node->is_table() ? "a section" : "a value of type " + found.str()));
    return nullptr;
}

bool Config::has(std::string_view key) const { return m_impl->at(m_prefix + std::string(key)) != nullptr; }

std::string Config::text(std::string_view key, std::optional<std::string> fallback) {
    const auto* value = find<toml::value<std::string>>(key, "a text in quotes", !fallback);
    if (!value) return fallback.value_or("");
    if (value->get().empty() && !fallback) m_impl->note(value, m_prefix + std::string(key) + ": must not be empty");
    return value->get();
}

std::vector<std::string> Config::texts(std::string_view key, std::vector<std::string> fallback) {
    const auto* array = find<toml::array>(key, "a list of texts, as in [\"a\", \"b\"]", false);
    if (!array) return fallback;
    std::vector<std::string> out;
    for (const auto& element : *array) {
        if (const auto* value = element.as_string())
            out.push_back(value->get());
        else
            m_impl->note(&element, m_prefix + std::string(key) + ": every element must be a text in quotes");
    }
    return out;
}

bool Config::flag(std::string_view key, std::optional<bool> fallback) {
    const auto* value = find<toml::value<bool>>(key, "true or false", !fallback);
    return value ? value->get() : fallback.value_or(false);
}

int64_t Config::integer(std::string_view key, IntegerRange range, std::optional<int64_t> fallback) {
    const auto* value = find<toml::value<int64_t>>(key, "a whole number", !fallback);
    if (!value) return fallback.value_or(0);
    if (value->get() >= range.minimum && value->get() <= range.maximum) return value->get();
    m_impl->note(value, m_prefix + std::string(key) + ": must be from " + std::to_string(range.minimum) + " to " +
                            std::to_string(range.maximum));
    return fallback.value_or(0);
}

Duration Config::duration(std::string_view key, DurationRange range, std::optional<Duration> fallback) {
    constexpr std::string_view kForm = "a duration with its unit, as in \"10s\" (ms, s, min, h, d)";
    const auto* value = find<toml::value<std::string>>(key, kForm, !fallback);
    if (!value) return fallback.value_or(Duration(0));
    const std::string full = m_prefix + std::string(key);
    const auto parsed = parse_duration(value->get());
    if (!parsed)
        m_impl->note(value, full + ": needs " + std::string(kForm) + ", not \"" + value->get() + "\"");
    else if (*parsed < range.minimum)
        m_impl->note(value, full + ": must be at least " + to_text(range.minimum));
    else if (*parsed > range.maximum)
        m_impl->note(value, full + ": must be at most " + to_text(range.maximum));
    else
        return *parsed;
    return fallback.value_or(Duration(0));
}

uint64_t Config::size(std::string_view key, SizeRange range, std::optional<uint64_t> fallback) {
    constexpr std::string_view kForm = "a size with its unit, as in \"5MB\" (B, kB, MB, GB, KiB, MiB, GiB)";
    const auto* value = find<toml::value<std::string>>(key, kForm, !fallback);
    if (!value) return fallback.value_or(0);
    const std::string full = m_prefix + std::string(key);
    const auto parsed = parse_size(value->get());
    if (!parsed)
        m_impl->note(value, full + ": needs " + std::string(kForm) + ", not \"" + value->get() + "\"");
    else if (*parsed < range.minimum)
        m_impl->note(value, full + ": must be at least " + size_to_text(range.minimum));
    else if (*parsed > range.maximum)
        m_impl->note(value, full + ": must be at most " + size_to_text(range.maximum));
    else
        return *parsed;
    return fallback.value_or(0);
}

std::string Config::path(std::string_view key, std::optional<std::string> fallback) {
    const auto* value = find<toml::value<std::string>>(key, "the path of a file or folder", !fallback);
    const std::string given = value ? value->get() : fallback.value_or("");
    if (given.empty()) {
        if (value) m_impl->note(value, m_prefix + std::string(key) + ": must not be empty");
        return given;
    }
    return resolve(given);
}

std::string Config::resolve(std::string_view path) const {
    return (std::filesystem::path(m_impl->folder) / path).lexically_normal().string();
}

Secret Config::secret(std::string_view key, Need need) {
    const std::string file_key = std::string(key) + "_file";
    const std::string full = m_prefix + std::string(key);
    const bool in_file = has(file_key);
    m_impl->known[m_prefix + file_key] = true;
    if (in_file && has(key)) {
        m_impl->known[full] = true;
        m_impl->note(m_impl->at(full), full + ": stands here and in " + file_key + "; keep one of them");
        return Secret();
    }
    if (!in_file) {
        const auto* value = find<toml::value<std::string>>(key, "a text, or " + file_key + " naming a file with it",
                                                           need == Need::Required);
        return value ? Secret(value->get()) : Secret();
    }
    const auto* node = m_impl->at(m_prefix + file_key);
    auto content = read_file(path(file_key));
    if (!content) {
        m_impl->note(node, m_prefix + file_key + ": " + content.error().detail);
        return Secret();
    }
    while (!content->empty() && (content->back() == '\n' || content->back() == '\r')) content->pop_back();
    if (content->empty()) m_impl->note(node, m_prefix + file_key + ": the file is empty");
    return Secret(std::move(*content));
}

std::optional<size_t> Config::choice_index(std::string_view key, const std::vector<std::string_view>& words,
                                           bool has_fallback) {
    std::string list;
    for (const auto word : words) list += (list.empty() ? "\"" : ", \"") + std::string(word) + "\"";
    const auto* value = find<toml::value<std::string>>(key, "one of " + list, !has_fallback);
    if (!value) return std::nullopt;
    const auto at = std::find(words.begin(), words.end(), value->get());
    if (at != words.end()) return static_cast<size_t>(at - words.begin());
    m_impl->note(value, m_prefix + std::string(key) + ": must be one of " + list + ", not \"" + value->get() + "\"");
    return std::nullopt;
}

std::vector<Config> Config::tables(std::string_view key) {
    const auto* array = find<toml::array>(key, "sections, each begun by [[" + std::string(key) + "]]", false);
    std::vector<Config> out;
    if (!array) return out;
    for (size_t i = 0; i < array->size(); ++i) {
        if (!array->get(i)->is_table()) {
            m_impl->note(array->get(i),
                         m_prefix + std::string(key) + ": needs sections, each begun by [[" + std::string(key) + "]]");
            return {};
        }
        out.push_back(Config(m_impl, m_prefix + std::string(key) + "." + std::to_string(i) + "."));
    }
    return out;
}

void Config::refuse(std::string_view key, std::string why) {
    const std::string full = m_prefix + std::string(key);
    m_impl->note(m_impl->at(full), full + ": " + std::move(why));
}

Status Config::finish() const {
    std::vector<Problem> problems = m_impl->problems;
    m_impl->collect_unknown(m_impl->root, "", problems);
    if (problems.empty()) return success();
    std::sort(problems.begin(), problems.end());
    problems.erase(std::unique(problems.begin(), problems.end(),
                               [](const Problem& a, const Problem& b) { return a.line == b.line && a.text == b.text; }),
                   problems.end());
    std::string message = m_impl->name + " has " + plural(problems.size()) + ":";
    for (const auto& problem : problems)
        message += "\n  " + (problem.line ? "line " + std::to_string(problem.line) + ": " : "") + problem.text;
    return invalid("config.invalid").because(std::move(message));
}

} // namespace musubi::base
