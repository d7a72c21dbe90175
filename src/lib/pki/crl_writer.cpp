#include "lib/pki/crl_writer.h"

#include "lib/pki/der.h"
#include "lib/pki/issuing_support.h"
#include "lib/pki/name.h"
#include "lib/pki/oid.h"

#include <stdexcept>

namespace musubi::pki {
namespace {

constexpr size_t kPiece = 256 * 1024;
constexpr int64_t kDay = 86400;

base::Error lint_failed(const char* rule) {
    return base::error(base::ErrorKind::Internal, "issuing.lint-failed").with("rule", rule);
}

/// Encodes entries and watches over their order.
class EntryWriter {
  public:
    explicit EntryWriter(base::Instant this_update) : m_this_update(this_update) {}

    void append(const RevokedCertificate& entry, std::string& out) {
        const std::string_view magnitude = entry.serial.bytes();
        if (magnitude.empty() || (m_count > 0 && !(m_last < entry.serial))) m_ascending = false;
        if (entry.revoked_at > m_this_update) m_in_time = false;
        if (magnitude.empty()) return; // zero is no serial number
        m_last = entry.serial;
        ++m_count;
        const bool sign_byte = static_cast<uint8_t>(magnitude[0]) >= 0x80;
        const std::string& time = time_of(entry.revoked_at);
        const bool reason = entry.reason != RevocationReason::Unspecified; // left out: section 5.3.1
        const size_t serial_size = magnitude.size() + (sign_byte ? 1 : 0);
        out += '\x30';
        out += static_cast<char>(2 + serial_size + time.size() + (reason ? 14 : 0));
        out += '\x02';
        out += static_cast<char>(serial_size);
        if (sign_byte) out += '\0';
        out += magnitude;
        out += time;
        if (!reason) return;
        out.append("\x30\x0c\x30\x0a\x06\x03\x55\x1d\x15\x04\x03\x0a\x01", 13);
        out += static_cast<char>(entry.reason);
    }

    size_t count() const { return m_count; }
    bool ascending() const { return m_ascending; }
    bool in_time() const { return m_in_time; }

  private:
    /// The day is written by the general writer and remembered, the time of day is put into its place.
    const std::string& time_of(base::Instant at) {
        const int64_t day = (at.seconds() - (at.seconds() < 0 ? kDay - 1 : 0)) / kDay;
        KnownDay& known = m_days[static_cast<size_t>(day) % m_days.size()];
        if (known.time.empty() || known.day != day) known = {day, der::write_certificate_time(at)};
        const int64_t of_day = at.seconds() - day * kDay;
        char* digits = known.time.data() + known.time.size() - 7;
        for (const int64_t part : {of_day / 3600, of_day / 60 % 60, of_day % 60}) {
            *digits++ = static_cast<char>('0' + part / 10);
            *digits++ = static_cast<char>('0' + part % 10);
        }
        return known.time;
    }
    base::Instant m_this_update;
    SerialNumber m_last;
    size_t m_count = 0;
    bool m_ascending = true;
    bool m_in_time = true;
    struct KnownDay {
        int64_t day = 0;
        std::string time; // the whole element
    };
    std::vector<KnownDay> m_days = std::vector<KnownDay>(4096); // certificates live ten years
};

std::string list_extensions(const RevocationListHead& head) {
    const auto* extension = head.issuer.find(oid::kSubjectKeyIdentifier);
    const auto identifier = extension != nullptr ? subject_key_identifier(extension->value) : std::nullopt;
    std::vector<ExtensionContents> extensions;
    if (identifier)
        extensions.push_back({std::string(oid::kAuthorityKeyIdentifier), false,
                              der::sequence({der::write(der::context(0), *identifier)})});
    extensions.push_back({std::string(oid::kCrlNumber), false, der::integer(head.number)});
    if (!head.distribution_point.empty()) {
        const std::string point =
            der::write(der::context_constructed(0),
                       der::write(der::context_constructed(0), write_directory_name(head.distribution_point)));
        extensions.push_back({std::string(oid::kIssuingDistributionPoint), true, der::sequence({point})});
    }
    return der::write(der::context_constructed(0), write_extensions(extensions));
}

} // namespace

base::Result<LintedRevocationStream> lint(const RevocationListHead& head, const EachRevoked& entries) {
    if (head.next_update <= head.this_update) return lint_failed("period-in-order");
    LintedRevocationStream out;
    EntryWriter writer(head.this_update);
    std::string piece;
    entries([&](const RevokedCertificate& entry) {
        writer.append(entry, piece);
        out.m_entries_size += piece.size();
        piece.clear();
    });
    if (!writer.ascending()) return lint_failed("entries-unique-and-well-formed");
    if (!writer.in_time()) return lint_failed("revoked-before-the-list");
    out.m_entries = writer.count();
    out.m_this_update = head.this_update;
    out.m_algorithm = head.algorithm;
    out.m_after = list_extensions(head);
    const std::string fields = der::integer(uint64_t{1}) + write_signature_algorithm(head.algorithm) +
                               std::string(head.issuer.subject) + der::write_certificate_time(head.this_update) +
                               der::write_certificate_time(head.next_update);
    const std::string entries_header =
        out.m_entries == 0 ? std::string() : der::header(der::kSequence, out.m_entries_size);
    out.m_before =
        der::header(der::kSequence, fields.size() + entries_header.size() + out.m_entries_size + out.m_after.size()) +
        fields + entries_header;
    // The frame is judged by our own reader on a list without entries; these were judged one by one.
    const std::string tbs = der::write(der::kSequence, {fields, out.m_after});
    const std::string specimen =
        der::sequence({tbs, write_signature_algorithm(head.algorithm), der::bit_string(std::string(256, '\x5a'))});
    if (const auto view = parse_revocation_list(specimen); !view)
        return lint_failed("well-formed").because(view.error().detail);
    if (out.tbs_size() > kMaxRevocationListSize - 4096) return lint_failed("not-too-large");
    return out;
}

base::Status write_signed(const LintedRevocationStream& list, const EachRevoked& entries, const crypto::PrivateKey& key,
                          const std::function<base::Status(std::string_view)>& out) {
    // An RSA signature is as long as its key, so the first bytes of the list can go out first. The length of an ECDSA
    // signature varies by a few bytes and is known last: such a list is held back until it is signed.
    const bool fixed = key.algorithm() == crypto::KeyAlgorithm::Rsa;
    const std::string algorithm = write_signature_algorithm(list.m_algorithm);
    const auto outer_header = [&](size_t signature_size) {
        const size_t bits = der::bit_string(std::string(signature_size, '\0')).size();
        return der::header(der::kSequence, list.tbs_size() + algorithm.size() + bits);
    };
    crypto::Hasher hasher(crypto::hash_of(list.m_algorithm));
    EntryWriter writer(list.m_this_update);
    base::Status outcome = base::success();
    const auto walk = [&](const std::function<base::Status(std::string_view)>& give) {
        std::string piece = list.m_before;
        size_t entry_bytes = 0;
        const auto flush = [&] {
            if (outcome) outcome = give(piece);
            piece.clear();
        };
        entries([&](const RevokedCertificate& entry) {
            if (!outcome) return;
            const size_t before = piece.size();
            writer.append(entry, piece);
            entry_bytes += piece.size() - before;
            if (piece.size() >= kPiece) flush();
        });
        piece += list.m_after;
        flush();
        if (outcome && (entry_bytes != list.m_entries_size || !writer.ascending() || !writer.in_time()))
            outcome = lint_failed("entries-the-same-twice");
    };
    const auto sign = [&]() -> base::Result<std::string> {
        const std::string digest = hasher.finish();
        std::string signature = key.sign_digest(list.m_algorithm, digest);
        if (!key.public_key().verify_digest(list.m_algorithm, digest, signature))
            throw std::runtime_error("a fresh signature is wrong");
        return signature;
    };
    std::string held_back; // ECDSA: the whole list, whose first bytes depend on the last
    if (fixed) MUSUBI_CHECK(out(outer_header(key.public_key().bits() / 8)));
    walk([&](std::string_view piece) -> base::Status {
        hasher.update(piece);
        if (fixed) return out(piece);
        held_back += piece;
        return base::success();
    });
    MUSUBI_CHECK(std::move(outcome));
    MUSUBI_TRY(const std::string signature, sign());
    if (!fixed) {
        MUSUBI_CHECK(out(outer_header(signature.size())));
        MUSUBI_CHECK(out(held_back));
    }
    return out(algorithm + der::bit_string(signature));
}

} // namespace musubi::pki
