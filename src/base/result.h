// Expected failures as values. Exceptions are kept for a broken database or exhausted memory (see ARCHITECTURE.md).
#pragma once

#include <cassert>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace musubi::base {

/// The short list of reasons an operation can be refused. lib/http maps each to one HTTP status (RFC 9110).
enum class ErrorKind {
    Invalid,         // the request itself is malformed or breaks a stated rule
    Unauthenticated, // nobody is signed in, or the proof of identity failed
    Forbidden,       // signed in, but this is not allowed
    StepUpRequired,  // signed in, but with a weaker proof than this operation needs
    NotFound,
    Conflict, // the state has moved on (duplicate, stale version)
    Gone,     // was there and is over (expired link, revoked certificate)
    Locked,   // tries used up
    TooLarge,
    TooMany,     // rate limit
    Unavailable, // another system is down; trying later helps
    Internal,
};

/// One rejected input field. `path` is a JSON Pointer (RFC 6901) into the body; `code` names the rule.
struct FieldError {
    std::string path;
    std::string code;
};

/// A refusal. `code` is stable and public ("registration.link-expired"): catalogues hold its text for people.
/// `parameters` are public values for that text (tries left, a date). `detail` is for the log only and never sent out.
struct Error {
    ErrorKind kind = ErrorKind::Internal;
    std::string code;
    std::vector<std::pair<std::string, std::string>> parameters;
    std::vector<FieldError> fields;
    std::string detail;

    Error&& with(std::string name, std::string value) && {
        parameters.emplace_back(std::move(name), std::move(value));
        return std::move(*this);
    }
    Error&& because(std::string why) && {
        detail = std::move(why);
        return std::move(*this);
    }
};

inline Error error(ErrorKind kind, std::string code) { return Error{kind, std::move(code), {}, {}, {}}; }
inline Error invalid(std::string code) { return error(ErrorKind::Invalid, std::move(code)); }
inline Error not_found(std::string code) { return error(ErrorKind::NotFound, std::move(code)); }
inline Error conflict(std::string code) { return error(ErrorKind::Conflict, std::move(code)); }
inline Error forbidden(std::string code) { return error(ErrorKind::Forbidden, std::move(code)); }
inline Error internal(std::string why) { return error(ErrorKind::Internal, "internal").because(std::move(why)); }

struct Unit {
    friend bool operator==(Unit, Unit) { return true; }
};

/// A value or an Error. `T` may not itself be an Error.
template <class T> class [[nodiscard]] Result {
  public:
    using value_type = T;

    Result(T value)
        : m_state(std::in_place_index<0>, std::move(value)) {}                 // NOLINT(google-explicit-constructor): a
                                                                               // value is a result
    Result(Error error) : m_state(std::in_place_index<1>, std::move(error)) {} // NOLINT(google-explicit-constructor)

    template <class U>
        requires(std::is_convertible_v<U, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
                 !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, Result>)
    Result(U&& value)
        : m_state(std::in_place_index<0>, std::forward<U>(value)) {} // NOLINT(google-explicit-constructor)

    explicit operator bool() const { return m_state.index() == 0; }
    bool ok() const { return m_state.index() == 0; }

    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(value()); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    T& value() {
        assert(ok());
        return *std::get_if<0>(&m_state);
    }
    const T& value() const {
        assert(ok());
        return *std::get_if<0>(&m_state);
    }
    Error& error() & {
        assert(!ok());
        return *std::get_if<1>(&m_state);
    }
    const Error& error() const& {
        assert(!ok());
        return *std::get_if<1>(&m_state);
    }
    Error&& error() && {
        assert(!ok());
        return std::move(*std::get_if<1>(&m_state));
    }

  private:
    std::variant<T, Error> m_state;
};

/// Success without a value.
using Status = Result<Unit>;
inline Status success() { return Unit{}; }

template <class T> struct IsResult : std::false_type {};
template <class T> struct IsResult<Result<T>> : std::true_type {};
template <class T> inline constexpr bool is_result = IsResult<T>::value;

} // namespace musubi::base

// `MUSUBI_TRY(auto link, find_link(token));` returns the error of the expression from the enclosing function, or binds
// its value. The CO_ form is the same inside a coroutine.
#define MUSUBI_CONCAT_(a, b) a##b
#define MUSUBI_CONCAT(a, b) MUSUBI_CONCAT_(a, b)
#define MUSUBI_TRY_(result, keyword, declaration, ...)                                                                 \
    auto result = (__VA_ARGS__);                                                                                       \
    if (!result) keyword std::move(result).error();                                                                    \
    declaration = std::move(*result)
#define MUSUBI_TRY(declaration, ...) MUSUBI_TRY_(MUSUBI_CONCAT(result_, __LINE__), return, declaration, __VA_ARGS__)
#define MUSUBI_CO_TRY(declaration, ...)                                                                                \
    MUSUBI_TRY_(MUSUBI_CONCAT(result_, __LINE__), co_return, declaration, __VA_ARGS__)
// For a Status, or when the value is not needed.
#define MUSUBI_CHECK(...)                                                                                              \
    if (auto check_ = (__VA_ARGS__); !check_) return std::move(check_).error()
#define MUSUBI_CO_CHECK(...)                                                                                           \
    if (auto check_ = (__VA_ARGS__); !check_) co_return std::move(check_).error()
