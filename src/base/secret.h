// Values that must not reach a log, a message or an error: PINs, passwords, tokens, keys.
#pragma once

#include <string>
#include <string_view>

namespace musubi::base {

/// Text that does not print, compare or convert by itself, and is wiped when it dies. `reveal()` is the one way out and
/// is easy to search for.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string text) : m_text(std::move(text)) {}
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    Secret(Secret&& other) noexcept : m_text(std::move(other.m_text)) { other.wipe(); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe();
            m_text = std::move(other.m_text);
            other.wipe();
        }
        return *this;
    }
    ~Secret() { wipe(); }

    std::string_view reveal() const { return m_text; }
    bool empty() const { return m_text.empty(); }

  private:
    void wipe();
    std::string m_text;
};

/// Compares in time that depends only on the lengths.
bool equal_in_constant_time(std::string_view left, std::string_view right);

} // namespace musubi::base
