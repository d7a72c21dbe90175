#include "lib/pki/crl.h"

#include "lib/pki/der.h"
#include "lib/pki/name.h"
#include "lib/pki/oid.h"

#include <algorithm>

namespace musubi::pki {
namespace {

base::Error malformed(const char* why) { return base::invalid("crl.malformed").because(why); }

/// A clock of the authority may run ahead of ours by this much.
constexpr base::Duration kClockTolerance = std::chrono::minutes(5);

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

base::Status read_extensions(der::Reader list, RevocationListView& out) {
    std::vector<std::string_view> seen;
    while (!list.empty()) {
        Extension extension;
        if (seen.size() == 16 || !take_extension(list, extension)) return malformed("extensions");
        if (std::find(seen.begin(), seen.end(), extension.oid) != seen.end()) return malformed("extension twice");
        seen.push_back(extension.oid);
        if (extension.oid == oid::kIssuingDistributionPoint) {
            const auto name = partition_name(extension.value);
            if (!name || !extension.critical) return malformed("issuingDistributionPoint");
            out.distribution_point = *name;
        } else if (extension.critical) {
            return malformed("unknown critical extension");
        } else if (extension.oid == oid::kCrlNumber) {
            der::Reader reader(extension.value);
            std::string_view number;
            if (!reader.take(der::kInteger, number) || !reader.empty()) return malformed("cRLNumber");
            out.number = der::small_integer(number);
            if (!out.number) return malformed("cRLNumber");
        } else if (extension.oid == oid::kAuthorityKeyIdentifier) {
            const auto identifier = authority_key_identifier(extension.value);
            if (!identifier) return malformed("authorityKeyIdentifier");
            out.authority_key_identifier = identifier->key_identifier;
        }
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

} // namespace

base::Result<RevocationListView> parse_revocation_list(std::string_view der) {
    if (der.size() > kMaxRevocationListSize) return malformed("too large");
    RevocationListView out;
    der::Reader list;
    der::Element tbs;
    der::Element outer_algorithm;
    std::string_view signature;
    if (!der::enter(der, der::kSequence, list) || !list.take(der::kSequence, tbs) ||
        !list.take(der::kSequence, outer_algorithm) || !list.take(der::kBitString, signature) || !list.empty())
        return malformed("outer structure");
    const auto signature_bytes = der::bit_string_bytes(signature);
    if (!signature_bytes || signature_bytes->empty()) return malformed("signature");
    out.tbs = tbs.whole;
    out.signature = *signature_bytes;

    der::Reader fields(tbs.content);
    std::string_view version;
    der::Element algorithm;
    der::Element issuer;
    der::Element this_update;
    der::Element next_update;
    if (!fields.take(der::kInteger, version) || der::small_integer(version) != 1) return malformed("not version 2");
    if (!fields.take(der::kSequence, algorithm) || !fields.take(der::kSequence, issuer) ||
        !fields.take_any(this_update) || !fields.take_any(next_update))
        return malformed("TBSCertList"); // nextUpdate is required by section 5.1.2.5
    if (algorithm.whole != outer_algorithm.whole) return malformed("signature algorithms differ");
    if (!der::well_formed(issuer.whole)) return malformed("issuer");
    const auto begin = der::certificate_time(this_update);
    const auto end = der::certificate_time(next_update);
    if (!begin || !end || *end < *begin) return malformed("times");
    out.signature_algorithm = algorithm.whole;
    out.issuer = issuer.whole;
    out.this_update = *begin;
    out.next_update = *end;
    if (fields.peek() == der::kSequence && (!fields.take(der::kSequence, out.entries) || out.entries.empty()))
        return malformed("revokedCertificates"); // an empty list is left out (section 5.1.2.6)
    der::Reader wrapper;
    der::Reader extensions;
    if (!fields.take(der::context_constructed(0), wrapper) || !fields.empty() ||
        !wrapper.take(der::kSequence, extensions) || !wrapper.empty() || extensions.empty())
        return malformed("crlExtensions");
    MUSUBI_CHECK(read_extensions(extensions, out));
    return out;
}

bool RevocationList::read_entries(std::string_view entries) {
    der::Reader list(entries);
    m_short.reserve(entries.size() / 40);
    while (!list.empty()) {
        der::Reader fields;
        std::string_view serial;
        der::Element date;
        if (!list.take(der::kSequence, fields) || !fields.take(der::kInteger, serial) || !fields.take_any(date))
            return false;
        const auto number = SerialNumber::from_der_content(serial);
        const auto at = der::certificate_time(date);
        if (!number || !at || at->seconds() < 0 || at->seconds() > UINT32_MAX) return false;
        auto reason = RevocationReason::Unspecified;
        if (!fields.empty()) {
            der::Reader extensions;
            if (!fields.take(der::kSequence, extensions) || !fields.empty() || extensions.empty() ||
                !read_entry_extensions(extensions, reason))
                return false;
        }
        const auto seconds = static_cast<uint32_t>(at->seconds());
        if (const auto small = number->number()) {
            m_short.push_back({*small, seconds, reason});
        } else {
            m_long.push_back({*number, seconds, reason});
        }
    }
    const auto by_serial = [](const auto& a, const auto& b) { return a.serial < b.serial; };
    std::sort(m_short.begin(), m_short.end(), by_serial);
    std::sort(m_long.begin(), m_long.end(), by_serial);
    const auto same = [](const auto& a, const auto& b) { return a.serial == b.serial; };
    return std::adjacent_find(m_short.begin(), m_short.end(), same) == m_short.end() &&
           std::adjacent_find(m_long.begin(), m_long.end(), same) == m_long.end();
}

base::Result<std::shared_ptr<const RevocationList>> RevocationList::read(const RevocationListView& view) {
    auto list = std::make_shared<RevocationList>();
    if (!list->read_entries(view.entries)) return malformed("entry");
    list->m_this_update = view.this_update;
    list->m_next_update = view.next_update;
    list->m_number = view.number;
    list->m_distribution_point = std::string(view.distribution_point);
    return std::shared_ptr<const RevocationList>(std::move(list));
}

Verdict<std::shared_ptr<const RevocationList>> RevocationList::load(std::string_view der, const Authority& authority) {
    const auto refuse = [](Check check, std::string expected, std::string found, std::string clause) {
        return Refusal{check,
                       Subject::RevocationList,
                       {},
                       std::move(expected),
                       std::move(found),
                       std::move(clause),
                       {},
                       {},
                       {},
                       std::nullopt};
    };
    const auto view = parse_revocation_list(der);
    if (!view) return refuse(Check::Form, "DER", view.error().detail, "RFC 5280 section 5.1");
    if (view->issuer != authority.view.subject ||
        (!view->authority_key_identifier.empty() && view->authority_key_identifier != authority.key_identifier))
        return refuse(Check::Issuer, authority.fingerprint, name_text(view->issuer), "RFC 5280 section 6.3.3 (f)");
    const auto algorithm = signature_algorithm_of(view->signature_algorithm);
    if (!algorithm || !authority.key.verify(*algorithm, view->tbs, view->signature))
        return refuse(Check::IssuerSignature, authority.fingerprint, "signature does not match",
                      "RFC 5280 section 6.3.3 (g)");
    auto list = read(*view);
    if (!list) return refuse(Check::Form, "DER", list.error().detail, "RFC 5280 section 5.1.2.6");
    return std::move(*list);
}

std::optional<RevokedEntry> RevocationList::find(const SerialNumber& serial) const {
    const auto entry = [](const auto& found) {
        return RevokedEntry{base::Instant::from_milliseconds(int64_t{found.seconds} * 1000), found.reason};
    };
    if (const auto small = serial.number()) {
        const auto found = std::lower_bound(m_short.begin(), m_short.end(), *small,
                                            [](const ShortEntry& a, uint64_t b) { return a.serial < b; });
        if (found == m_short.end() || found->serial != *small) return std::nullopt;
        return entry(*found);
    }
    const auto found = std::lower_bound(m_long.begin(), m_long.end(), serial,
                                        [](const LongEntry& a, const SerialNumber& b) { return a.serial < b; });
    if (found == m_long.end() || found->serial != serial) return std::nullopt;
    return entry(*found);
}

RevocationLists::RevocationLists() : m_map(std::make_shared<const Map>()) {}

Verdict<std::shared_ptr<const RevocationList>> RevocationLists::add(std::string_view der, const TrustStore& store) {
    std::optional<Refusal> last;
    for (const auto& authority : store.authorities()) {
        auto loaded = RevocationList::load(der, *authority);
        if (!loaded) {
            // Generations share a name: the most telling refusal is the one of the authority that came furthest.
            if (!last || last->check == Check::Issuer) last = loaded.refusal();
            continue;
        }
        const auto list = *loaded;
        Key key{authority->key_identifier, list->distribution_point()};
        std::lock_guard lock(m_writing);
        auto map = std::make_shared<Map>(*m_map.load());
        auto& place = (*map)[std::move(key)];
        if (place && (list->this_update() < place->this_update() || list->number() < place->number()))
            return Refusal{Check::RevocationUnknown,
                           Subject::RevocationList,
                           {},
                           place->this_update().to_string(),
                           list->this_update().to_string(),
                           "RFC 5280 section 5.2.3",
                           {},
                           {},
                           {},
                           std::nullopt};
        place = list;
        m_map.store(std::move(map));
        return list;
    }
    if (last) return std::move(*last);
    return Refusal{
        Check::Issuer, Subject::RevocationList, {}, "a pinned authority", "none", "RFC 5280 section 6.3.3", {}, {}, {},
        std::nullopt};
}

base::Task<RevocationStatus> RevocationLists::status(CertificateIdentity identity, base::Instant now) {
    RevocationStatus out;
    out.method = RevocationStatus::Method::List;
    const auto map = m_map.load();
    auto place = map->find({identity.issuer.key_identifier, std::string(identity.distribution_point)});
    if (place == map->end()) place = map->find({identity.issuer.key_identifier, std::string()});
    if (place == map->end()) {
        out.why_unknown = "no-list";
        co_return out;
    }
    const RevocationList& list = *place->second;
    out.source_time = list.this_update();
    out.valid_until = list.next_update();
    if (list.this_update() > now + kClockTolerance) {
        out.why_unknown = "list-not-yet-valid";
    } else if (list.next_update() < now) {
        out.why_unknown = "list-expired";
    } else if (const auto entry = list.find(identity.serial)) {
        out.state = RevocationStatus::State::Revoked;
        out.revoked_at = entry->revoked_at;
        out.reason = entry->reason;
    } else {
        out.state = RevocationStatus::State::Good;
    }
    co_return out;
}

size_t RevocationLists::size() const { return m_map.load()->size(); }

} // namespace musubi::pki
