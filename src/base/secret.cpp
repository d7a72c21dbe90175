#include "base/secret.h"

#include <cstring>

namespace musubi::base {

void Secret::wipe() {
    // The capacity, not only the length: a moved-from short string still holds its characters inline.
    m_text.resize(m_text.capacity());
    explicit_bzero(m_text.data(), m_text.size());
    m_text.clear();
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return false;
    unsigned char difference = 0;
    for (size_t i = 0; i < left.size(); ++i)
        difference = static_cast<unsigned char>(
            difference | (static_cast<unsigned char>(left[i]) ^ static_cast<unsigned char>(right[i])));
    return difference == 0;
}

} // namespace musubi::base
