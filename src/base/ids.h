// Ids that cannot be swapped for one another. Time-ordered (UUID version 7, RFC 9562 section 5.7), because random keys
// scatter writes over the whole index.
#pragma once

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace musubi::base {

namespace id_detail {
using Bytes = std::array<uint8_t, 16>;
Bytes make(Instant now, Random& random);
std::string to_string(const Bytes& bytes);
bool parse(std::string_view text, Bytes& out);
} // namespace id_detail

/// 128 bits, written as 36 characters in lower case. `Tag` is a type that names what is identified.
template <class Tag> class Id {
  public:
    static Id make(Instant now, Random& random) { return Id(id_detail::make(now, random)); }
    static Result<Id> parse(std::string_view text) {
        Id id;
        if (!id_detail::parse(text, id.m_bytes)) return invalid("id.malformed");
        return id;
    }
    std::string to_string() const { return id_detail::to_string(m_bytes); }
    const id_detail::Bytes& bytes() const { return m_bytes; }

    friend auto operator<=>(const Id&, const Id&) = default;

  private:
    Id() = default;
    explicit Id(const id_detail::Bytes& bytes) : m_bytes(bytes) {}
    id_detail::Bytes m_bytes{};
    friend struct std::hash<Id>;
};

/// A person, for life: contains no municipality, no number of the state.
using PersonId = Id<struct PersonTag>;
/// A member of staff of the municipality.
using StaffId = Id<struct StaffTag>;
/// A body that holds or receives data: a department, an institution, a company.
using OrganizationId = Id<struct OrganizationTag>;

} // namespace musubi::base

template <class Tag> struct std::hash<musubi::base::Id<Tag>> {
    size_t operator()(const musubi::base::Id<Tag>& id) const noexcept {
        size_t value = 0;
        for (size_t i = 8; i < 16; ++i) value = (value << 8) | id.m_bytes[i];
        return value;
    }
};
