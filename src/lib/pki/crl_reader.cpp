#include "lib/pki/crl_reader.h"

#include "lib/pki/crl_form.h"
#include "lib/pki/name.h"

#include <optional>

namespace musubi::pki {
namespace {

constexpr size_t kMaxHead = 32 * 1024; // everything before the first entry
constexpr size_t kMaxEntry = 4 * 1024;
constexpr size_t kMaxTail = 128 * 1024; // extensions, algorithm, signature
constexpr size_t kAtOnce = 1024 * 1024; // looked at in one go

enum class Header { Complete, Incomplete, Malformed };

/// Tag and definite length in the fewest bytes, where the content may not have arrived yet.
Header read_header(std::string_view bytes, uint8_t tag, size_t& header_size, size_t& content_size) {
    if (bytes.empty()) return Header::Incomplete;
    if (static_cast<uint8_t>(bytes[0]) != tag) return Header::Malformed;
    if (bytes.size() < 2) return Header::Incomplete;
    const auto first = static_cast<uint8_t>(bytes[1]);
    header_size = 2;
    content_size = first;
    if (first < 0x80) return Header::Complete;
    const size_t count = first & 0x7fU;
    if (count == 0 || count > 4) return Header::Malformed;
    if (bytes.size() < 2 + count) return Header::Incomplete;
    content_size = 0;
    for (size_t i = 0; i < count; ++i) content_size = content_size << 8 | static_cast<uint8_t>(bytes[2 + i]);
    header_size = 2 + count;
    const bool fewest = content_size >= 0x80 && static_cast<uint8_t>(bytes[2]) != 0;
    return fewest ? Header::Complete : Header::Malformed;
}

} // namespace

struct RevocationListReader::State {
    explicit State(Sink& to) : sink(to) {}

    Sink& sink;
    enum class Phase { Head, Entries, Tail, Done, Failed } phase = Phase::Head;
    std::string carry;       // bytes not yet consumed
    size_t position = 0;     // of the first of them in the document
    size_t document_end = 0; // these are known after the head
    size_t tbs_end = 0;
    size_t entries_end = 0;
    std::string algorithm; // AlgorithmIdentifier
    StreamedRevocationList list;
    std::optional<crypto::Hasher> hasher;
    form::EntryReader reader;

    base::Error fail(const char* why) {
        phase = Phase::Failed;
        carry.clear();
        return form::malformed_list(why);
    }

    /// The number of bytes consumed; 0 if more must arrive first.
    base::Result<size_t> head(std::string_view bytes) {
        size_t outer_header = 0;
        size_t outer = 0;
        size_t tbs_header = 0;
        size_t tbs = 0;
        size_t at = 0;
        Header seen = read_header(bytes, der::kSequence, outer_header, outer);
        if (seen == Header::Complete) seen = read_header(bytes.substr(outer_header), der::kSequence, tbs_header, tbs);
        if (seen == Header::Malformed) return fail("outer structure");
        if (seen == Header::Incomplete) return size_t{0};
        if (outer > kMaxRevocationListSize || tbs_header + tbs > outer) return fail("outer structure");
        document_end = outer_header + outer;
        tbs_end = outer_header + tbs_header + tbs;
        const size_t begin = outer_header + tbs_header;
        at = begin;
        for (int field = 0; field < 5; ++field) {
            size_t field_header = 0;
            size_t content = 0;
            if (at >= bytes.size()) return waiting_for_head(bytes);
            const auto tag = static_cast<uint8_t>(bytes[at]);
            seen = read_header(bytes.substr(at), tag, field_header, content);
            if (seen == Header::Malformed) return fail("TBSCertList");
            if (seen == Header::Incomplete) return waiting_for_head(bytes);
            if (content > kMaxHead) return fail("TBSCertList");
            at += field_header + content;
            if (at > tbs_end) return fail("TBSCertList");
            if (at > bytes.size()) return waiting_for_head(bytes);
        }
        RevocationListView view;
        der::Reader fields(bytes.substr(begin, at - begin));
        if (auto taken = form::take_head(fields, view); !taken) {
            phase = Phase::Failed;
            return std::move(taken).error();
        }
        if (!fields.empty()) return fail("TBSCertList");
        return entries_begin(bytes, begin - tbs_header, at, view);
    }

    base::Result<size_t> waiting_for_head(std::string_view bytes) {
        if (bytes.size() > kMaxHead) return fail("TBSCertList");
        return size_t{0};
    }

    base::Result<size_t> entries_begin(std::string_view bytes, size_t tbs_begin, size_t at,
                                       const RevocationListView& view) {
        if (at >= tbs_end) return fail("crlExtensions");
        if (at >= bytes.size()) return waiting_for_head(bytes);
        entries_end = at;
        size_t consumed = at;
        if (static_cast<uint8_t>(bytes[at]) == der::kSequence) {
            size_t header_size = 0;
            size_t content = 0;
            const Header seen = read_header(bytes.substr(at), der::kSequence, header_size, content);
            if (seen == Header::Incomplete) return waiting_for_head(bytes);
            // An empty list is left out (section 5.1.2.6).
            if (seen == Header::Malformed || content == 0) return fail("revokedCertificates");
            consumed = at + header_size;
            entries_end = consumed + content;
            if (entries_end > tbs_end) return fail("revokedCertificates");
        }
        if (document_end - entries_end > kMaxTail) return fail("crlExtensions");
        const auto known = signature_algorithm_of(view.signature_algorithm);
        if (!known) {
            phase = Phase::Failed;
            return base::invalid("crl.algorithm-unknown");
        }
        algorithm = std::string(view.signature_algorithm);
        list.algorithm = *known;
        list.issuer = std::string(view.issuer);
        list.facts.this_update = view.this_update;
        list.facts.next_update = view.next_update;
        hasher.emplace(crypto::hash_of(*known));
        hasher->update(bytes.substr(tbs_begin, consumed - tbs_begin));
        phase = consumed == entries_end ? Phase::Tail : Phase::Entries;
        return consumed;
    }

    base::Result<size_t> entries(std::string_view bytes) {
        std::string_view rest = bytes.substr(0, std::min(bytes.size(), entries_end - position));
        const size_t offered = rest.size();
        form::Entry entry;
        while (!rest.empty()) {
            if (rest.size() < 2 || static_cast<size_t>(static_cast<uint8_t>(rest[1])) + 2 > rest.size() ||
                static_cast<uint8_t>(rest[1]) >= 0x80) {
                size_t header_size = 0;
                size_t content = 0;
                const Header seen = read_header(rest, der::kSequence, header_size, content);
                if (seen == Header::Malformed || content > kMaxEntry) return fail("entry");
                if (seen == Header::Incomplete || header_size + content > rest.size()) {
                    if (position + offered == entries_end) return fail("entry"); // it would reach beyond the list
                    break;
                }
            }
            if (!reader.take(rest, entry)) return fail("entry");
            sink.entry(entry.serial, entry.seconds, entry.reason);
            ++list.entries;
        }
        const size_t consumed = offered - rest.size();
        hasher->update(bytes.substr(0, consumed));
        if (position + consumed == entries_end) phase = Phase::Tail;
        return consumed;
    }

    base::Result<size_t> tail(std::string_view bytes) {
        const size_t wanted = document_end - position;
        if (bytes.size() < wanted) return size_t{0};
        const std::string_view in_tbs = bytes.substr(0, tbs_end - position);
        der::Reader fields(in_tbs);
        RevocationListView view;
        if (auto taken = form::take_extensions(fields, view); !taken) {
            phase = Phase::Failed;
            return std::move(taken).error();
        }
        hasher->update(in_tbs);
        der::Reader after(bytes.substr(in_tbs.size(), wanted - in_tbs.size()));
        der::Element outer_algorithm;
        std::string_view signature;
        if (!after.take(der::kSequence, outer_algorithm) || !after.take(der::kBitString, signature) || !after.empty())
            return fail("outer structure");
        const auto signature_bytes = der::bit_string_bytes(signature);
        if (!signature_bytes || signature_bytes->empty()) return fail("signature");
        if (outer_algorithm.whole != algorithm) return fail("signature algorithms differ");
        list.signature = std::string(*signature_bytes);
        list.facts.number = view.number;
        list.facts.distribution_point = std::string(view.distribution_point);
        list.authority_key_identifier = std::string(view.authority_key_identifier);
        list.tbs_digest = hasher->finish();
        list.size = document_end;
        phase = Phase::Done;
        return wanted;
    }

    base::Result<size_t> step(std::string_view bytes) {
        switch (phase) {
        case Phase::Head:
            return head(bytes);
        case Phase::Entries:
            return entries(bytes);
        case Phase::Tail:
            return tail(bytes);
        case Phase::Done:
            return fail("bytes after the end");
        case Phase::Failed:
            break;
        }
        return form::malformed_list("after an error");
    }

    base::Status take(std::string_view piece) {
        carry.append(piece);
        std::string_view rest = carry;
        while (!rest.empty()) {
            MUSUBI_TRY(const size_t consumed, step(rest));
            if (consumed == 0) break;
            position += consumed;
            rest.remove_prefix(consumed);
        }
        if (phase == Phase::Failed) return form::malformed_list("after an error");
        carry.erase(0, carry.size() - rest.size());
        return base::success();
    }
};

RevocationListReader::RevocationListReader(Sink& sink) : m_state(std::make_unique<State>(sink)) {}
RevocationListReader::~RevocationListReader() = default;

base::Status RevocationListReader::feed(std::string_view piece) {
    while (!piece.empty()) {
        const std::string_view now = piece.substr(0, kAtOnce);
        MUSUBI_CHECK(m_state->take(now));
        piece.remove_prefix(now.size());
    }
    return base::success();
}

base::Result<StreamedRevocationList> RevocationListReader::finish() {
    if (m_state->phase != State::Phase::Done) return m_state->fail("incomplete");
    m_state->phase = State::Phase::Failed;
    return std::move(m_state->list);
}

Verdict<base::Unit> verify(const StreamedRevocationList& list, const Authority& authority) {
    if (list.issuer != authority.view.subject ||
        (!list.authority_key_identifier.empty() && list.authority_key_identifier != authority.key_identifier))
        return refuse_list(Check::Issuer, authority.fingerprint, name_text(list.issuer), "RFC 5280 section 6.3.3 (f)");
    if (!authority.key.verify_digest(list.algorithm, list.tbs_digest, list.signature))
        return refuse_list(Check::IssuerSignature, authority.fingerprint, "signature does not match",
                           "RFC 5280 section 6.3.3 (g)");
    return base::Unit{};
}

} // namespace musubi::pki
