// Private to lib/pki: how an index lies on disk, shared by the one that writes and the one that maps it. Numbers are
// little-endian, as on every machine this runs on.
#pragma once

#include "lib/pki/crl.h"

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <type_traits>

namespace musubi::pki::index_file {

static_assert(std::endian::native == std::endian::little);

constexpr std::array<char, 8> kMagic = {'M', 'U', 'S', 'B', 'C', 'R', 'L', '2'};
constexpr size_t kHeaderSize = 4096;
constexpr size_t kSerialSize = 20;
constexpr size_t kMaxKeyIdentifier = 64;
constexpr size_t kMaxDistributionPoint = 1024;

struct Section {
    uint64_t at = 0;
    uint64_t size = 0;
    std::array<uint8_t, 32> digest{}; // SHA-256
};

/// One sorted table. Position of a serial number: bucket = (number − base) >> shift, where number is the serial itself
/// (first table) or the eight bytes after the `skip` bytes all of them share (second table).
struct Table {
    uint64_t count = 0;
    uint64_t base = 0;
    uint64_t buckets = 0;
    uint32_t shift = 0;
    uint32_t width = 0; // bytes of a key
    uint32_t skip = 0;
    uint32_t reserved = 0;
    std::array<uint8_t, kSerialSize> prefix{};
    uint32_t reserved_too = 0;
    Section directory; // buckets + 1 of uint32_t
    Section keys;
    Section details;
};

struct Header {
    std::array<char, 8> magic = kMagic;
    uint64_t file_size = 0;
    int64_t this_update = 0; // milliseconds
    int64_t next_update = 0;
    uint64_t number = 0;
    uint32_t has_number = 0;
    uint32_t detail_width = 4; // 4: (second − detail_base) · 9 + reason; 8: second · 256 + reason
    uint32_t detail_base = 0;
    uint32_t key_identifier_size = 0;
    uint32_t distribution_point_size = 0;
    uint32_t reserved = 0;
    std::array<char, kMaxKeyIdentifier> key_identifier{};
    std::array<char, kMaxDistributionPoint> distribution_point{};
    std::array<Table, 2> tables;
};
static_assert(std::is_trivially_copyable_v<Header> && sizeof(Header) + 32 <= kHeaderSize);

constexpr std::array<RevocationReason, 9> kReasons = {
    RevocationReason::Unspecified,        RevocationReason::KeyCompromise,      RevocationReason::CaCompromise,
    RevocationReason::AffiliationChanged, RevocationReason::Superseded,         RevocationReason::CessationOfOperation,
    RevocationReason::CertificateHold,    RevocationReason::PrivilegeWithdrawn, RevocationReason::AaCompromise};

inline uint32_t reason_place(RevocationReason reason) {
    const auto number = static_cast<uint32_t>(reason);
    return number < 7 ? number : number - 2; // 7 and 8 are not reasons of an entry
}

inline uint64_t big_endian(const uint8_t* bytes, size_t size) {
    uint64_t out = 0;
    for (size_t i = 0; i < size; ++i) out = out << 8 | bytes[i];
    return out;
}

/// Name of the file for an authority and a distribution point, without folder and ending.
std::string file_stem(std::string_view authority_key_identifier, std::string_view distribution_point);

} // namespace musubi::pki::index_file
