// Configuration files: TOML 1.0 with units in the values ("10s", "5MB"). A program reads every entry it knows, then
// calls finish(), which reports everything that was wrong, missing or unknown in one message with line numbers:
//
//     MUSUBI_TRY(auto config, Config::load(path));
//     Settings settings{
//         .public_url = config.text("server.public_url"),                              // required
//         .port = config.integer("server.port", {.minimum = 1, .maximum = 65535}, 8080),
//         .idle_timeout = config.duration("server.idle_timeout", {.minimum = 1s}, 60s),
//         .body_limit = config.size("server.body_limit", {}, 5'000'000),
//         .key = config.secret("jlis.api_key", Need::Required),                        // or jlis.api_key_file
//     };
//     MUSUBI_CHECK(config.finish());
//
// A getter that finds a wrong entry notes it and returns the fallback or an empty value: check finish() before use.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace musubi::base {

/// Inclusive limits.
struct IntegerRange {
    int64_t minimum = std::numeric_limits<int64_t>::min();
    int64_t maximum = std::numeric_limits<int64_t>::max();
};
struct DurationRange {
    Duration minimum = Duration(0);
    Duration maximum = Duration::max();
};
struct SizeRange {
    uint64_t minimum = 0;
    uint64_t maximum = std::numeric_limits<int64_t>::max();
};

enum class Need { Required, Optional };

class Config {
  public:
    /// Errors: "config.unreadable", "config.malformed"; `detail` is the message for the operator. `name` is used in
    /// messages; relative paths in the file are relative to `folder`.
    static Result<Config> load(const std::string& path);
    static Result<Config> parse(std::string_view text, std::string name = "configuration", std::string folder = ".");

    // Without a fallback an entry is required.
    std::string text(std::string_view key, std::optional<std::string> fallback = std::nullopt);
    std::vector<std::string> texts(std::string_view key, std::vector<std::string> fallback = {});
    bool flag(std::string_view key, std::optional<bool> fallback = std::nullopt);
    int64_t integer(std::string_view key, IntegerRange range, std::optional<int64_t> fallback = std::nullopt);
    Duration duration(std::string_view key, DurationRange range, std::optional<Duration> fallback = std::nullopt);
    uint64_t size(std::string_view key, SizeRange range, std::optional<uint64_t> fallback = std::nullopt);
    /// A file or folder; relative to the configuration file's own folder. Not opened.
    std::string path(std::string_view key, std::optional<std::string> fallback = std::nullopt);
    /// `key = "…"`, or better `key_file = "…"` naming a file that holds it (a line end after it is dropped).
    Secret secret(std::string_view key, Need need);
    /// One of a few words.
    template <class E>
    E choice(std::string_view key, std::initializer_list<std::pair<std::string_view, E>> words,
             std::optional<E> fallback = std::nullopt) {
        std::vector<std::string_view> names;
        for (const auto& word : words) names.push_back(word.first);
        const auto index = choice_index(key, names, fallback.has_value());
        return index ? (words.begin() + *index)->second : fallback.value_or(words.begin()->second);
    }
    /// The elements of an array of tables: `[[partner]]` …; keys inside are given relative to the element.
    std::vector<Config> tables(std::string_view key);
    bool has(std::string_view key) const;
    /// A path of a list, relative to the configuration file's own folder like path().
    std::string resolve(std::string_view path) const;

    /// Notes a problem found by the program itself ("must be https in production").
    void refuse(std::string_view key, std::string why);
    /// Error "config.invalid" whose detail lists every problem, one per line; unknown entries are problems too.
    Status finish() const;

  private:
    struct Impl;
    Config(std::shared_ptr<Impl> impl, std::string prefix) : m_impl(std::move(impl)), m_prefix(std::move(prefix)) {}
    std::optional<size_t> choice_index(std::string_view key, const std::vector<std::string_view>& words,
                                       bool has_fallback);
    template <class T> const T* find(std::string_view key, std::string_view expected, bool required);

    std::shared_ptr<Impl> m_impl; // shared with the elements of tables()
    std::string m_prefix;
};

} // namespace musubi::base
