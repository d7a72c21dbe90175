#include "lib/pki/crl_index.h"

#include "base/encoding.h"
#include "lib/pki/crl_index_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace musubi::pki {
namespace {

using index_file::Header;
using index_file::kHeaderSize;
using index_file::Section;
using index_file::Table;

base::Error damaged(const std::string& path, const char* why) {
    return base::error(base::ErrorKind::Internal, "crl.index-damaged")
        .with("file", std::filesystem::path(path).filename().string())
        .because(why);
}

std::string_view bytes_of(const uint8_t* bytes, size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }

bool digest_fits(const uint8_t* file, const Section& section) {
    return crypto::sha256_bytes(bytes_of(file + section.at, section.size)) == section.digest;
}

bool section_fits(const Section& section, uint64_t size, uint64_t file_size, uint64_t alignment) {
    return section.size == size && section.at >= kHeaderSize && section.at <= file_size &&
           section.size <= file_size - section.at && section.at % alignment == 0;
}

bool table_fits(const Table& table, const Header& header, bool longer) {
    if (table.count == 0) return true;
    const uint64_t width = longer ? index_file::kSerialSize - table.skip : (table.shift + 7U) / 8;
    return table.count <= UINT32_MAX && table.buckets >= 1 && table.buckets <= UINT32_MAX && table.shift < 64 &&
           table.skip <= index_file::kSerialSize - 8 && table.width == width &&
           section_fits(table.directory, (table.buckets + 1) * 4, header.file_size, 4) &&
           section_fits(table.keys, table.count * width, header.file_size, 1) &&
           section_fits(table.details, table.count * header.detail_width, header.file_size, header.detail_width);
}

const Header& header_of(const uint8_t* bytes) { return *reinterpret_cast<const Header*>(bytes); }

/// Place of the key in the table, or nothing.
std::optional<uint64_t> place_of(const uint8_t* file, const Table& table, uint64_t number, const uint8_t* key) {
    if (number < table.base) return std::nullopt;
    const uint64_t bucket = (number - table.base) >> table.shift;
    if (bucket >= table.buckets) return std::nullopt;
    const auto* directory = reinterpret_cast<const uint32_t*>(file + table.directory.at);
    size_t begin = directory[bucket];
    size_t end = directory[bucket + 1];
    if (begin > end || end > table.count) throw std::runtime_error("revocation index: the directory is damaged");
    const uint8_t* keys = file + table.keys.at;
    const size_t width = table.width;
    const size_t last = end;
    while (begin < end) {
        const size_t middle = begin + (end - begin) / 2;
        if (std::memcmp(keys + middle * width, key, width) < 0) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    if (begin == last || std::memcmp(keys + begin * width, key, width) != 0) return std::nullopt;
    return begin;
}

std::optional<uint64_t> find_short(const uint8_t* file, const Table& table, uint64_t number) {
    if (table.count == 0) return std::nullopt;
    const uint64_t low = (number - table.base) & ((uint64_t{1} << table.shift) - 1);
    std::array<uint8_t, 8> key;
    for (uint32_t i = 0; i < table.width; ++i) key[i] = static_cast<uint8_t>(low >> (8 * (table.width - 1 - i)));
    return place_of(file, table, number, key.data());
}

std::optional<uint64_t> find_long(const uint8_t* file, const Table& table, std::string_view magnitude) {
    if (table.count == 0) return std::nullopt;
    std::array<uint8_t, index_file::kSerialSize> full{};
    std::memcpy(full.data() + full.size() - magnitude.size(), magnitude.data(), magnitude.size());
    if (std::memcmp(full.data(), table.prefix.data(), table.skip) != 0) return std::nullopt;
    return place_of(file, table, index_file::big_endian(full.data() + table.skip, 8), full.data() + table.skip);
}

RevokedEntry detail_at(const uint8_t* file, const Header& header, const Table& table, uint64_t place) {
    const uint8_t* at = file + table.details.at + place * header.detail_width;
    uint64_t packed = 0;
    std::memcpy(&packed, at, header.detail_width);
    uint64_t seconds = 0;
    uint64_t reason = 0;
    if (header.detail_width == 4) {
        seconds = packed / index_file::kReasons.size() + header.detail_base;
        reason = packed % index_file::kReasons.size();
    } else {
        seconds = packed >> 8;
        reason = packed & 0xff;
    }
    if (reason >= index_file::kReasons.size()) throw std::runtime_error("revocation index: a detail is damaged");
    return {base::Instant::from_milliseconds(static_cast<int64_t>(seconds) * 1000),
            index_file::kReasons[static_cast<size_t>(reason)]};
}

} // namespace

std::string index_file::file_stem(std::string_view authority_key_identifier, std::string_view distribution_point) {
    std::string name(authority_key_identifier);
    name.append(1, '\0').append(distribution_point);
    return base::hex_encode(crypto::sha256(name)).substr(0, 40);
}

base::Result<std::shared_ptr<const RevocationIndex>> RevocationIndex::open(const std::string& path) {
    return map(path, Digests::Check);
}

base::Result<std::shared_ptr<const RevocationIndex>> RevocationIndex::map(const std::string& path, Digests digests) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status{};
    const bool readable = file >= 0 && ::fstat(file, &status) == 0;
    const auto size = readable ? static_cast<size_t>(status.st_size) : 0;
    void* mapped = size >= kHeaderSize ? ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
    if (file >= 0) ::close(file);
    if (!readable) return base::error(base::ErrorKind::Internal, "crl.index-unreadable").because(std::strerror(errno));
    if (mapped == MAP_FAILED) return damaged(path, "too short or not mappable");
    std::shared_ptr<RevocationIndex> out(new RevocationIndex);
    out->m_bytes = static_cast<const uint8_t*>(mapped);
    out->m_size = size;
    const Header& header = header_of(out->m_bytes);
    const auto sealed = crypto::sha256_bytes(bytes_of(out->m_bytes, kHeaderSize - 32));
    if (header.magic != index_file::kMagic ||
        std::memcmp(sealed.data(), out->m_bytes + kHeaderSize - 32, sealed.size()) != 0)
        return damaged(path, "header");
    const bool consistent = header.file_size == size && (header.detail_width == 4 || header.detail_width == 8) &&
                            header.key_identifier_size <= index_file::kMaxKeyIdentifier &&
                            header.distribution_point_size <= index_file::kMaxDistributionPoint &&
                            table_fits(header.tables[0], header, false) && table_fits(header.tables[1], header, true);
    if (!consistent) return damaged(path, "sizes");
    if (digests == Digests::Check)
        for (const Table& table : header.tables)
            for (const Section* section : {&table.directory, &table.keys, &table.details})
                if (table.count != 0 && !digest_fits(out->m_bytes, *section)) return damaged(path, "section");
    out->m_authority_key_identifier.assign(header.key_identifier.data(), header.key_identifier_size);
    out->m_facts.this_update = base::Instant::from_milliseconds(header.this_update);
    out->m_facts.next_update = base::Instant::from_milliseconds(header.next_update);
    if (header.has_number != 0) out->m_facts.number = header.number;
    out->m_facts.distribution_point.assign(header.distribution_point.data(), header.distribution_point_size);
    return std::shared_ptr<const RevocationIndex>(std::move(out));
}

RevocationIndex::~RevocationIndex() {
    if (m_bytes != nullptr) ::munmap(const_cast<uint8_t*>(m_bytes), m_size);
}

size_t RevocationIndex::size() const {
    const Header& header = header_of(m_bytes);
    return header.tables[0].count + header.tables[1].count;
}

std::optional<RevokedEntry> RevocationIndex::find(const SerialNumber& serial) const {
    const Header& header = header_of(m_bytes);
    const auto number = serial.number();
    const Table& table = header.tables[number ? 0 : 1];
    const auto place = number ? find_short(m_bytes, table, *number) : find_long(m_bytes, table, serial.bytes());
    if (!place) return std::nullopt;
    return detail_at(m_bytes, header, table, *place);
}

base::Result<RevocationFolder> RevocationFolder::open(std::string path) {
    std::error_code failed;
    if (std::filesystem::create_directories(path, failed)) ::chmod(path.c_str(), 0700);
    auto entries = std::filesystem::directory_iterator(path, failed);
    if (failed) return base::error(base::ErrorKind::Internal, "crl.folder-unusable").because(failed.message());
    std::vector<std::filesystem::path> leftovers;
    for (const auto& entry : entries)
        if (entry.path().extension() == ".new") leftovers.push_back(entry.path());
    for (const auto& leftover : leftovers) std::filesystem::remove(leftover, failed);
    return RevocationFolder(std::move(path));
}

RevocationFolder::Content RevocationFolder::load(const TrustStore& store) const {
    Content out;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(m_path, failed)) {
        if (entry.path().extension() != ".crl-index") continue;
        const auto index = RevocationIndex::open(entry.path().string());
        if (!index) {
            out.damaged.push_back(entry.path().filename().string());
            continue;
        }
        const auto& authorities = store.authorities();
        const bool pinned = std::any_of(authorities.begin(), authorities.end(), [&](const AuthorityPointer& authority) {
            return authority->key_identifier == (*index)->authority_key_identifier();
        });
        if (pinned) out.lists.push_back(*index);
    }
    return out;
}

std::shared_ptr<const RevocationIndex> RevocationFolder::previous(std::string_view authority_key_identifier,
                                                                  std::string_view distribution_point) const {
    const auto index = RevocationIndex::open(
        m_path + "/" + index_file::file_stem(authority_key_identifier, distribution_point) + ".crl-previous");
    return index ? *index : nullptr;
}

std::vector<RevocationChange> difference(const RevocationSet* before, const RevocationSet& after,
                                         std::span<const SerialNumber> registered) {
    using Kind = RevocationChange::Kind;
    const auto held = [](const RevokedEntry& entry) { return entry.reason == RevocationReason::CertificateHold; };
    std::vector<RevocationChange> out;
    for (size_t i = 0; i < registered.size(); ++i) {
        const auto now = after.find(registered[i]);
        const auto then = before != nullptr ? before->find(registered[i]) : std::nullopt;
        if (!now && !then) continue;
        if (!now) {
            out.push_back({i, Kind::Lifted, *then});
        } else if (!then || (held(*then) && !held(*now))) {
            out.push_back({i, held(*now) ? Kind::Held : Kind::Revoked, *now});
        } else if (now->reason != then->reason || now->revoked_at != then->revoked_at) {
            out.push_back({i, Kind::Changed, *now});
        }
    }
    return out;
}

} // namespace musubi::pki
