#include "lib/pki/crl_form.h"

#include "lib/pki/name.h"
#include "lib/pki/oid.h"

#include <algorithm>
#include <cstring>

namespace musubi::pki::form {
namespace {

bool take_extension(der::Reader& list, Extension& out) {
    der::Reader fields;
    out.critical = false;
    if (!list.take(der::kSequence, fields) || !fields.take(der::kObjectIdentifier, out.oid)) return false;
    if (std::string_view content; fields.take(der::kBoolean, content)) {
        out.critical = der::boolean(content).value_or(false);
        if (!out.critical) return false;
    }
    return fields.take(der::kOctetString, out.value) && fields.empty();
}

/// IssuingDistributionPoint (section 5.2.5): a directoryName, and at most onlyContainsUserCerts TRUE.
std::optional<std::string_view> partition_name(std::string_view value) {
    der::Reader fields;
    der::Reader choice;
    std::string_view full_name;
    if (!der::well_formed(value) || !der::enter(value, der::kSequence, fields) ||
        !fields.take(der::context_constructed(0), choice) || !choice.take(der::context_constructed(0), full_name) ||
        !choice.empty())
        return std::nullopt;
    if (std::string_view only_users; fields.take(der::context(1), only_users) && only_users != "\xff")
        return std::nullopt;
    if (!fields.empty()) return std::nullopt;
    return only_directory_name(full_name);
}

base::Status take_list_extension(const Extension& extension, RevocationListView& out) {
    if (extension.oid == oid::kIssuingDistributionPoint) {
        const auto name = partition_name(extension.value);
        if (!name || !extension.critical) return malformed_list("issuingDistributionPoint");
        out.distribution_point = *name;
    } else if (extension.critical) {
        return malformed_list("unknown critical extension");
    } else if (extension.oid == oid::kCrlNumber) {
        der::Reader reader(extension.value);
        std::string_view number;
        if (!reader.take(der::kInteger, number) || !reader.empty()) return malformed_list("cRLNumber");
        out.number = der::small_integer(number);
        if (!out.number) return malformed_list("cRLNumber");
    } else if (extension.oid == oid::kAuthorityKeyIdentifier) {
        const auto identifier = authority_key_identifier(extension.value);
        if (!identifier) return malformed_list("authorityKeyIdentifier");
        out.authority_key_identifier = identifier->key_identifier;
    }
    return base::success();
}

/// Section 5.3: reasonCode and invalidityDate; a critical entry extension (certificateIssuer) means an indirect list.
bool read_entry_extensions(der::Reader list, RevocationReason& reason) {
    while (!list.empty()) {
        Extension extension;
        if (!take_extension(list, extension) || extension.critical) return false;
        if (extension.oid != oid::kReasonCode) continue;
        der::Reader reader(extension.value);
        std::string_view code;
        if (!reader.take(der::kEnumerated, code) || !reader.empty()) return false;
        const auto number = der::small_integer(code);
        const auto known = number ? revocation_reason(*number) : std::nullopt;
        if (!known) return false;
        reason = *known;
    }
    return true;
}

bool take_general(std::string_view& bytes, Entry& out) {
    der::Reader list(bytes);
    der::Element whole;
    if (!list.take_any(whole) || whole.tag != der::kSequence) return false;
    der::Reader fields(whole.content);
    std::string_view serial;
    der::Element date;
    if (!fields.take(der::kInteger, serial) || !fields.take_any(date)) return false;
    const auto magnitude = der::positive_integer(serial);
    const auto at = der::certificate_time(date);
    if (!magnitude || magnitude->size() > 20 || !at || at->seconds() < 0 || at->seconds() > UINT32_MAX) return false;
    out.serial = *magnitude;
    out.seconds = static_cast<uint32_t>(at->seconds());
    out.reason = RevocationReason::Unspecified;
    if (!fields.empty()) {
        der::Reader extensions;
        if (!fields.take(der::kSequence, extensions) || !fields.empty() || extensions.empty() ||
            !read_entry_extensions(extensions, out.reason))
            return false;
    }
    bytes.remove_prefix(whole.whole.size());
    return true;
}

uint8_t byte_at(const char* at) { return static_cast<uint8_t>(*at); }

/// Two digits below `limit`, or -1.
int pair_below(const char* digits, int limit) {
    const int tens = digits[0] - '0';
    const int ones = digits[1] - '0';
    if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return -1;
    return tens * 10 + ones < limit ? tens * 10 + ones : -1;
}

} // namespace

constexpr uint32_t kUnknownDay = UINT32_MAX; // no multiple of a day

base::Error malformed_list(const char* why) { return base::invalid("crl.malformed").because(why); }

base::Status take_head(der::Reader& fields, RevocationListView& out) {
    std::string_view version;
    der::Element algorithm;
    der::Element issuer;
    der::Element this_update;
    der::Element next_update;
    if (!fields.take(der::kInteger, version) || der::small_integer(version) != 1)
        return malformed_list("not version 2");
    if (!fields.take(der::kSequence, algorithm) || !fields.take(der::kSequence, issuer) ||
        !fields.take_any(this_update) || !fields.take_any(next_update))
        return malformed_list("TBSCertList"); // nextUpdate is required by section 5.1.2.5
    if (!der::well_formed(issuer.whole)) return malformed_list("issuer");
    const auto begin = der::certificate_time(this_update);
    const auto end = der::certificate_time(next_update);
    if (!begin || !end || *end < *begin) return malformed_list("times");
    out.signature_algorithm = algorithm.whole;
    out.issuer = issuer.whole;
    out.this_update = *begin;
    out.next_update = *end;
    return base::success();
}

base::Status take_extensions(der::Reader& fields, RevocationListView& out) {
    der::Reader wrapper;
    der::Reader extensions;
    if (!fields.take(der::context_constructed(0), wrapper) || !fields.empty() ||
        !wrapper.take(der::kSequence, extensions) || !wrapper.empty() || extensions.empty())
        return malformed_list("crlExtensions");
    std::vector<std::string_view> seen;
    while (!extensions.empty()) {
        Extension extension;
        if (seen.size() == 16 || !take_extension(extensions, extension)) return malformed_list("extensions");
        if (std::find(seen.begin(), seen.end(), extension.oid) != seen.end()) return malformed_list("extension twice");
        seen.push_back(extension.oid);
        MUSUBI_CHECK(take_list_extension(extension, out));
    }
    return base::success();
}

bool EntryReader::usual_time(const char* digits, uint32_t& seconds) {
    const int year = pair_below(digits, 100);
    const int month = pair_below(digits + 2, 13);
    const int day = pair_below(digits + 4, 32);
    if (year < 0 || month < 1 || day < 1) return false;
    if (m_days.empty()) m_days.assign(size_t{100} * 13 * 32, kUnknownDay);
    uint32_t& begin =
        m_days[(static_cast<size_t>(year) * 13 + static_cast<size_t>(month)) * 32 + static_cast<size_t>(day)];
    if (begin == kUnknownDay) {
        const auto date = base::CivilDate::of(year < 50 ? 2000 + year : 1900 + year, static_cast<unsigned>(month),
                                              static_cast<unsigned>(day));
        if (!date || date->days_since_epoch() < 0) return false;
        begin = static_cast<uint32_t>(date->days_since_epoch()) * 86400U;
    }
    const int hours = pair_below(digits + 6, 24);
    const int minutes = pair_below(digits + 8, 60);
    const int rest = pair_below(digits + 10, 60);
    if (hours < 0 || minutes < 0 || rest < 0 || digits[12] != 'Z') return false;
    seconds = begin + static_cast<uint32_t>(hours * 3600 + minutes * 60 + rest);
    return true;
}

/// 30 len, 02 len serial, 17 0D YYMMDDhhmmssZ, and nothing or the one extension reasonCode.
bool EntryReader::take_usual(std::string_view& bytes, Entry& out) {
    constexpr size_t kTime = 15;
    constexpr std::string_view kReason("\x30\x0c\x30\x0a\x06\x03\x55\x1d\x15\x04\x03\x0a\x01", 13);
    if (bytes.size() < 4 || bytes[0] != 0x30 || bytes[2] != 0x02) return false;
    const size_t content = byte_at(&bytes[1]);
    const size_t serial = byte_at(&bytes[3]);
    if (content > 0x7f || content + 2 > bytes.size() || serial == 0 || serial > 21 || content < 2 + serial + kTime)
        return false;
    const char* at = bytes.data() + 4;
    const bool sign_byte = at[0] == 0;
    if (sign_byte ? serial == 1 || byte_at(at + 1) < 0x80 : byte_at(at) >= 0x80 || serial > 20) return false;
    out.serial = sign_byte ? std::string_view(at + 1, serial - 1) : std::string_view(at, serial);
    at += serial;
    if (at[0] != 0x17 || at[1] != 13 || !usual_time(at + 2, out.seconds)) return false;
    at += kTime;
    const size_t rest = content - 2 - serial - kTime;
    out.reason = RevocationReason::Unspecified;
    if (rest != 0) {
        if (rest != kReason.size() + 1 || std::memcmp(at, kReason.data(), kReason.size()) != 0) return false;
        const auto known = revocation_reason(uint64_t{byte_at(at + kReason.size())});
        if (!known) return false;
        out.reason = *known;
    }
    bytes.remove_prefix(content + 2);
    return true;
}

bool EntryReader::take(std::string_view& bytes, Entry& out) {
    return take_usual(bytes, out) || take_general(bytes, out);
}

} // namespace musubi::pki::form
