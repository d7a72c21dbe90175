// A value about a person: name, address, telephone, e-mail. It works like the value but does not print.
#pragma once

#include <utility>

namespace musubi::base {

template <class T> class Personal {
  public:
    Personal() = default;
    explicit Personal(T value) : m_value(std::move(value)) {}

    const T& value() const { return m_value; }
    T& value() { return m_value; }
    friend bool operator==(const Personal&, const Personal&) = default;

  private:
    T m_value{};
};

} // namespace musubi::base
