#include "lib/pki/crl.h"

#include "lib/pki/crl_form.h"
#include "lib/pki/name.h"

#include <algorithm>

namespace musubi::pki {
namespace {

using form::malformed_list;

/// A clock of the authority may run ahead of ours by this much.
constexpr base::Duration kClockTolerance = std::chrono::minutes(5);

} // namespace

base::Result<RevocationListView> parse_revocation_list(std::string_view der) {
    if (der.size() > kMaxRevocationListSize) return malformed_list("too large");
    RevocationListView out;
    der::Reader list;
    der::Element tbs;
    der::Element outer_algorithm;
    std::string_view signature;
    if (!der::enter(der, der::kSequence, list) || !list.take(der::kSequence, tbs) ||
        !list.take(der::kSequence, outer_algorithm) || !list.take(der::kBitString, signature) || !list.empty())
        return malformed_list("outer structure");
    const auto signature_bytes = der::bit_string_bytes(signature);
    if (!signature_bytes || signature_bytes->empty()) return malformed_list("signature");
    out.tbs = tbs.whole;
    out.signature = *signature_bytes;

    der::Reader fields(tbs.content);
    MUSUBI_CHECK(form::take_head(fields, out));
    if (out.signature_algorithm != outer_algorithm.whole) return malformed_list("signature algorithms differ");
    if (fields.peek() == der::kSequence && (!fields.take(der::kSequence, out.entries) || out.entries.empty()))
        return malformed_list("revokedCertificates"); // an empty list is left out (section 5.1.2.6)
    MUSUBI_CHECK(form::take_extensions(fields, out));
    return out;
}

bool RevocationList::read_entries(std::string_view entries) {
    m_short.reserve(entries.size() / 40);
    form::EntryReader reader;
    form::Entry entry;
    while (!entries.empty()) {
        if (!reader.take(entries, entry)) return false;
        if (entry.serial.size() <= 8) {
            uint64_t number = 0;
            for (char c : entry.serial) number = number << 8 | static_cast<uint8_t>(c);
            m_short.push_back({number, entry.seconds, entry.reason});
        } else {
            m_long.push_back({*SerialNumber::from_magnitude(entry.serial), entry.seconds, entry.reason});
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
    if (!list->read_entries(view.entries)) return malformed_list("entry");
    list->m_facts = {view.this_update, view.next_update, view.number, std::string(view.distribution_point)};
    return std::shared_ptr<const RevocationList>(std::move(list));
}

Refusal refuse_list(Check check, std::string expected, std::string found, std::string clause) {
    return Refusal{
        check,       Subject::RevocationList, {}, std::move(expected), std::move(found), std::move(clause), {}, {}, {},
        std::nullopt};
}

Verdict<std::shared_ptr<const RevocationList>> RevocationList::load(std::string_view der, const Authority& authority) {
    const auto view = parse_revocation_list(der);
    if (!view) return refuse_list(Check::Form, "DER", view.error().detail, "RFC 5280 section 5.1");
    if (view->issuer != authority.view.subject ||
        (!view->authority_key_identifier.empty() && view->authority_key_identifier != authority.key_identifier))
        return refuse_list(Check::Issuer, authority.fingerprint, name_text(view->issuer), "RFC 5280 section 6.3.3 (f)");
    const auto algorithm = signature_algorithm_of(view->signature_algorithm);
    if (!algorithm || !authority.key.verify(*algorithm, view->tbs, view->signature))
        return refuse_list(Check::IssuerSignature, authority.fingerprint, "signature does not match",
                           "RFC 5280 section 6.3.3 (g)");
    auto list = read(*view);
    if (!list) return refuse_list(Check::Form, "DER", list.error().detail, "RFC 5280 section 5.1.2.6");
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

bool may_replace(const RevocationListFacts& held, const RevocationListFacts& next) {
    return next.this_update >= held.this_update && next.number >= held.number;
}

RevocationLists::RevocationLists(RevocationListsOptions options)
    : m_options(options), m_map(std::make_shared<const Map>()) {}

Verdict<std::shared_ptr<const RevocationSet>> RevocationLists::put(std::string_view authority_key_identifier,
                                                                   std::shared_ptr<const RevocationSet> list) {
    Key key{authority_key_identifier, list->distribution_point()};
    std::lock_guard lock(m_writing);
    auto map = std::make_shared<Map>(*m_map.take());
    auto& place = (*map)[std::move(key)];
    if (place && !may_replace(place->facts(), list->facts()))
        return refuse_list(Check::RevocationUnknown, place->this_update().to_string(), list->this_update().to_string(),
                           "RFC 5280 section 5.2.3");
    place = list;
    m_map.put(std::move(map));
    return list;
}

Verdict<std::shared_ptr<const RevocationSet>> RevocationLists::add(std::string_view der, const TrustStore& store) {
    std::optional<Refusal> last;
    for (const auto& authority : store.authorities()) {
        auto loaded = RevocationList::load(der, *authority);
        if (loaded) return put(authority->key_identifier, std::move(*loaded));
        // Generations share a name: the most telling refusal is the one of the authority that came furthest.
        if (!last || last->check == Check::Issuer) last = loaded.refusal();
    }
    if (last) return std::move(*last);
    return refuse_list(Check::Issuer, "a pinned authority", "none", "RFC 5280 section 6.3.3");
}

std::shared_ptr<const RevocationSet> RevocationLists::held(std::string_view authority_key_identifier,
                                                           std::string_view distribution_point) const {
    const auto map = m_map.take();
    const auto place = map->find(Less::View{authority_key_identifier, distribution_point});
    return place == map->end() ? nullptr : place->second;
}

RevocationStatus RevocationLists::look_up(const CertificateIdentity& identity, base::Instant now) const {
    RevocationStatus out;
    out.method = RevocationStatus::Method::List;
    const auto map = m_map.take();
    auto place = map->find(Less::View{identity.issuer.key_identifier, identity.distribution_point});
    if (place == map->end()) place = map->find(Less::View{identity.issuer.key_identifier, {}});
    if (place == map->end()) {
        out.why_unknown = "no-list";
        return out;
    }
    const RevocationSet& list = *place->second;
    out.source_time = list.this_update();
    out.valid_until = list.next_update();
    out.overdue = list.next_update() < now;
    if (list.this_update() > now + kClockTolerance) {
        out.why_unknown = "list-not-yet-valid";
    } else if (list.next_update() + m_options.grace < now) {
        out.why_unknown = "list-expired";
    } else if (const auto entry = list.find(identity.serial)) {
        out.state = RevocationStatus::State::Revoked;
        out.revoked_at = entry->revoked_at;
        out.reason = entry->reason;
    } else {
        out.state = RevocationStatus::State::Good;
    }
    return out;
}

base::Task<RevocationStatus> RevocationLists::status(CertificateIdentity identity, base::Instant now) {
    co_return look_up(identity, now);
}

size_t RevocationLists::size() const { return m_map.take()->size(); }

} // namespace musubi::pki
