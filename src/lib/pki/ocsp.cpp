#include "lib/pki/ocsp.h"

#include "lib/pki/der.h"
#include "lib/pki/oid.h"

#include <optional>

namespace musubi::pki {
namespace {

using namespace std::string_view_literals;

base::Error malformed(const char* why) { return base::invalid("ocsp.malformed").because(why); }

std::string hash_algorithm(crypto::Hash hash) {
    const std::string_view oid = hash == crypto::Hash::Sha1 ? oid::kSha1 : oid::kSha256;
    return der::sequence({der::object_identifier(oid), der::null()});
}

bool take_certificate_id(der::Reader& in, OcspCertificateId& out) {
    der::Reader fields;
    der::Reader algorithm;
    std::string_view hash;
    std::string_view name;
    std::string_view key;
    std::string_view serial;
    if (!in.take(der::kSequence, fields) || !fields.take(der::kSequence, algorithm) ||
        !algorithm.take(der::kObjectIdentifier, hash) || !fields.take(der::kOctetString, name) ||
        !fields.take(der::kOctetString, key) || !fields.take(der::kInteger, serial) || !fields.empty())
        return false;
    if (std::string_view nothing; !algorithm.empty() && (!algorithm.take(der::kNull, nothing) || !algorithm.empty()))
        return false;
    if (hash == oid::kSha1) {
        out.hash = crypto::Hash::Sha1;
    } else if (hash == oid::kSha256) {
        out.hash = crypto::Hash::Sha256;
    } else {
        return false;
    }
    const size_t size = crypto::digest_size(out.hash);
    const auto number = SerialNumber::from_der_content(serial);
    if (name.size() != size || key.size() != size || !number) return false;
    out.issuer_name_hash = std::string(name);
    out.issuer_key_hash = std::string(key);
    out.serial = *number;
    return true;
}

/// The nonce among extensions (section 4.4.1); false for anything malformed, or critical and unknown.
bool take_nonce(der::Reader& in, std::string& nonce) {
    der::Reader list;
    if (!in.take(der::kSequence, list) || !in.empty()) return false;
    for (int count = 0; !list.empty(); ++count) {
        der::Reader fields;
        std::string_view oid;
        std::string_view value;
        bool critical = false;
        if (count == 16 || !list.take(der::kSequence, fields) || !fields.take(der::kObjectIdentifier, oid))
            return false;
        if (std::string_view content; fields.take(der::kBoolean, content))
            critical = der::boolean(content).value_or(true);
        if (!fields.take(der::kOctetString, value) || !fields.empty()) return false;
        if (oid == oid::kOcspNonce) {
            der::Reader inner(value);
            std::string_view bytes;
            // RFC 9654 section 2.1: 1 to 128 bytes.
            if (!nonce.empty() || !inner.take(der::kOctetString, bytes) || !inner.empty() || bytes.empty() ||
                bytes.size() > 128)
                return false;
            nonce = std::string(bytes);
        } else if (critical) {
            return false;
        }
    }
    return true;
}

struct SingleResponse {
    OcspCertificateId id;
    RevocationStatus::State state = RevocationStatus::State::Unknown;
    base::Instant revoked_at;
    RevocationReason reason = RevocationReason::Unspecified;
    base::Instant this_update;
    std::optional<base::Instant> next_update;
};

bool take_time(der::Reader& in, base::Instant& out) {
    der::Element element;
    if (!in.take(der::kGeneralizedTime, element)) return false;
    const auto at = der::time(element);
    if (at) out = *at;
    return at.has_value();
}

bool take_status(der::Reader& in, SingleResponse& out) {
    std::string_view content;
    if (in.take(der::context(0), content)) {
        out.state = RevocationStatus::State::Good;
        return content.empty();
    }
    if (in.take(der::context(2), content)) return content.empty();
    der::Reader revoked;
    der::Reader reason;
    if (!in.take(der::context_constructed(1), revoked) || !take_time(revoked, out.revoked_at)) return false;
    out.state = RevocationStatus::State::Revoked;
    if (revoked.take(der::context_constructed(0), reason)) {
        std::string_view code;
        if (!reason.take(der::kEnumerated, code) || !reason.empty()) return false;
        const auto number = der::small_integer(code);
        const auto known = number ? revocation_reason(*number) : std::nullopt;
        if (!known) return false;
        out.reason = *known;
    }
    return revoked.empty();
}

bool take_single_response(der::Reader& list, SingleResponse& out) {
    der::Reader fields;
    if (!list.take(der::kSequence, fields) || !take_certificate_id(fields, out.id) || !take_status(fields, out) ||
        !take_time(fields, out.this_update))
        return false;
    if (der::Reader next; fields.take(der::context_constructed(0), next)) {
        base::Instant at;
        if (!take_time(next, at) || !next.empty()) return false;
        out.next_update = at;
    }
    if (der::Reader wrapper; fields.take(der::context_constructed(1), wrapper)) {
        std::string unused;
        if (!take_nonce(wrapper, unused)) return false;
    }
    return fields.empty();
}

struct BasicResponse {
    std::string_view tbs;
    std::string_view signature_algorithm;
    std::string_view signature;
    std::string_view responder_name; // one of these two is set
    std::string_view responder_key_hash;
    base::Instant produced_at;
    std::vector<SingleResponse> responses;
    std::string nonce;
    std::vector<std::string_view> certificates;
};

bool take_response_data(der::Reader fields, BasicResponse& out) {
    if (fields.peek() == der::context_constructed(0)) return false; // v1 is the default and is not written
    der::Reader responder;
    der::Element name;
    if (fields.take(der::context_constructed(1), responder)) {
        if (!responder.take(der::kSequence, name) || !responder.empty()) return false;
        out.responder_name = name.whole;
    } else if (!fields.take(der::context_constructed(2), responder) ||
               !responder.take(der::kOctetString, out.responder_key_hash) || !responder.empty()) {
        return false;
    }
    der::Reader list;
    if (!take_time(fields, out.produced_at) || !fields.take(der::kSequence, list)) return false;
    while (!list.empty()) {
        SingleResponse single;
        if (out.responses.size() == 16 || !take_single_response(list, single)) return false;
        out.responses.push_back(std::move(single));
    }
    if (der::Reader wrapper; fields.take(der::context_constructed(1), wrapper) && !take_nonce(wrapper, out.nonce))
        return false;
    return fields.empty();
}

/// The basic response inside a successful OCSPResponse; `status` is set even when there is none.
bool parse_response(std::string_view der, uint64_t& status, BasicResponse& out) {
    der::Reader response;
    std::string_view code;
    der::Reader wrapper;
    der::Reader bytes;
    std::string_view type;
    std::string_view basic;
    if (der.size() > kMaxOcspMessageSize || !der::well_formed(der) || !der::enter(der, der::kSequence, response) ||
        !response.take(der::kEnumerated, code))
        return false;
    const auto number = der::small_integer(code);
    if (!number) return false;
    status = *number;
    if (status != 0) return response.empty();
    if (!response.take(der::context_constructed(0), wrapper) || !response.empty() ||
        !wrapper.take(der::kSequence, bytes) || !wrapper.empty() || !bytes.take(der::kObjectIdentifier, type) ||
        type != oid::kOcspBasic || !bytes.take(der::kOctetString, basic) || !bytes.empty() || !der::well_formed(basic))
        return false;
    der::Reader fields;
    der::Element tbs;
    der::Element algorithm;
    std::string_view signature;
    if (!der::enter(basic, der::kSequence, fields) || !fields.take(der::kSequence, tbs) ||
        !fields.take(der::kSequence, algorithm) || !fields.take(der::kBitString, signature))
        return false;
    const auto signature_bytes = der::bit_string_bytes(signature);
    if (!signature_bytes || signature_bytes->empty()) return false;
    out.tbs = tbs.whole;
    out.signature_algorithm = algorithm.whole;
    out.signature = *signature_bytes;
    if (der::Reader certificates; fields.take(der::context_constructed(0), wrapper)) {
        if (!wrapper.take(der::kSequence, certificates) || !wrapper.empty()) return false;
        while (!certificates.empty()) {
            der::Element certificate;
            if (out.certificates.size() == 4 || !certificates.take(der::kSequence, certificate)) return false;
            out.certificates.push_back(certificate.whole);
        }
    }
    return fields.empty() && take_response_data(der::Reader(tbs.content), out);
}

/// Section 4.2.2.2: a certificate the authority issued for answering in its place.
std::optional<crypto::PublicKey> delegated_key(std::string_view der, const Authority& issuer,
                                               const BasicResponse& basic, base::Instant now) {
    const auto view = parse_certificate(der);
    if (!view || view->issuer != issuer.view.subject) return std::nullopt;
    if (!basic.responder_name.empty() ? view->subject != basic.responder_name
                                      : crypto::sha1(view->public_key_bytes) != basic.responder_key_hash)
        return std::nullopt;
    if (now.seconds() < view->not_before.seconds() || now.seconds() > view->not_after.seconds()) return std::nullopt;
    const auto* purpose = view->find(oid::kExtendedKeyUsage);
    if (purpose == nullptr || has_purpose(purpose->value, oid::kOcspSigning) != true) return std::nullopt;
    if (view->find(oid::kOcspNoCheck) == nullptr) return std::nullopt; // nobody could say whether it is revoked
    const auto* usage = view->find(oid::kKeyUsage);
    if (usage == nullptr || (key_usage_bits(usage->value).value_or(0) & kDigitalSignature) == 0) return std::nullopt;
    if (const auto* constraints = view->find(oid::kBasicConstraints)) {
        const auto basic_value = basic_constraints(constraints->value);
        if (!basic_value || basic_value->authority) return std::nullopt;
    }
    for (const auto& extension : view->extensions())
        if (extension.critical && extension.oid != oid::kKeyUsage && extension.oid != oid::kExtendedKeyUsage &&
            extension.oid != oid::kBasicConstraints)
            return std::nullopt;
    const auto algorithm = signature_algorithm_of(view->signature_algorithm);
    if (!algorithm || !issuer.key.verify(*algorithm, view->tbs, view->signature)) return std::nullopt;
    auto key = certificate_key(*view);
    if (!key) return std::nullopt;
    return std::move(*key);
}

bool signed_by_responder(const BasicResponse& basic, const Authority& issuer, base::Instant now) {
    const auto algorithm = signature_algorithm_of(basic.signature_algorithm);
    if (!algorithm) return false;
    const bool by_authority = !basic.responder_name.empty()
                                  ? basic.responder_name == issuer.view.subject
                                  : basic.responder_key_hash == crypto::sha1(issuer.view.public_key_bytes);
    if (by_authority && issuer.key.verify(*algorithm, basic.tbs, basic.signature)) return true;
    for (const auto certificate : basic.certificates) {
        const auto key = delegated_key(certificate, issuer, basic, now);
        if (key && key->verify(*algorithm, basic.tbs, basic.signature)) return true;
    }
    return false;
}

Refusal refuse(Check check, std::string expected, std::string found, std::string clause, base::Instant now) {
    return Refusal{check, Subject::OcspResponse, {}, std::move(expected), std::move(found), std::move(clause), now, {},
                   {},    std::nullopt};
}

} // namespace

bool issued_by(const OcspCertificateId& id, const CertificateView& issuer) {
    return id.issuer_name_hash == crypto::digest(id.hash, issuer.subject) &&
           id.issuer_key_hash == crypto::digest(id.hash, issuer.public_key_bytes);
}

std::string write_ocsp_certificate_id(crypto::Hash hash, const CertificateView& issuer, const SerialNumber& serial) {
    return der::sequence({hash_algorithm(hash), der::write(der::kOctetString, crypto::digest(hash, issuer.subject)),
                          der::write(der::kOctetString, crypto::digest(hash, issuer.public_key_bytes)), serial.der()});
}

std::string write_ocsp_request(const CertificateView& issuer, const SerialNumber& serial, std::string_view nonce) {
    const std::string list =
        der::sequence({der::sequence({write_ocsp_certificate_id(crypto::Hash::Sha1, issuer, serial)})});
    std::string extensions;
    if (!nonce.empty()) {
        const std::string value = der::write(der::kOctetString, der::write(der::kOctetString, nonce));
        extensions = der::write(der::context_constructed(2),
                                der::sequence({der::sequence({der::object_identifier(oid::kOcspNonce), value})}));
    }
    return der::sequence({der::sequence({list, extensions})});
}

base::Result<OcspRequest> parse_ocsp_request(std::string_view der) {
    if (der.size() > kMaxOcspMessageSize || !der::well_formed(der)) return malformed("not DER");
    der::Reader request;
    der::Reader tbs;
    if (!der::enter(der, der::kSequence, request) || !request.take(der::kSequence, tbs)) return malformed("structure");
    // A signature of the requestor is allowed by section 4.1.2 and not needed here.
    if (std::string_view skipped;
        !request.empty() && (!request.take(der::context_constructed(0), skipped) || !request.empty()))
        return malformed("structure");
    std::string_view requestor;
    (void)tbs.take(der::context_constructed(1), requestor);
    der::Reader list;
    if (!tbs.take(der::kSequence, list) || list.empty()) return malformed("requestList");
    OcspRequest out;
    while (!list.empty()) {
        der::Reader single;
        OcspCertificateId id;
        if (out.certificates.size() == 16 || !list.take(der::kSequence, single) || !take_certificate_id(single, id))
            return malformed("reqCert");
        if (std::string_view skipped;
            !single.empty() && (!single.take(der::context_constructed(0), skipped) || !single.empty()))
            return malformed("singleRequestExtensions");
        out.certificates.push_back(std::move(id));
    }
    if (der::Reader wrapper; tbs.take(der::context_constructed(2), wrapper) && !take_nonce(wrapper, out.nonce))
        return malformed("requestExtensions");
    if (!tbs.empty()) return malformed("tbsRequest");
    return out;
}

Verdict<RevocationStatus> verify_ocsp_response(std::string_view der, const Authority& issuer,
                                               const SerialNumber& serial, std::string_view nonce, base::Instant now,
                                               const OcspClientOptions& options) {
    uint64_t code = 0;
    BasicResponse basic;
    if (!parse_response(der, code, basic))
        return refuse(Check::Form, "DER", "malformed", "RFC 6960 section 4.2.1", now);
    if (code != 0)
        return refuse(Check::RevocationUnknown, "successful", "status " + std::to_string(code),
                      "RFC 6960 section 4.2.1", now);
    if (!signed_by_responder(basic, issuer, now))
        return refuse(Check::IssuerSignature, "the authority or its delegate", "another signer or signature",
                      "RFC 6960 section 3.2", now);
    const bool nonce_demanded = options.nonce == OcspNonce::Required || !basic.nonce.empty();
    if (!nonce.empty() && nonce_demanded && basic.nonce != nonce)
        return refuse(Check::Nonce, "the nonce sent", basic.nonce.empty() ? "none" : "another",
                      "RFC 6960 section 4.4.1", now);
    const SingleResponse* single = nullptr;
    for (const auto& response : basic.responses)
        if (response.id.serial == serial && issued_by(response.id, issuer.view)) single = &response;
    if (single == nullptr)
        return refuse(Check::RevocationUnknown, "an answer about this certificate", "none", "RFC 6960 section 3.2",
                      now);
    const base::Instant end = single->next_update.value_or(single->this_update + options.longest_age);
    if (single->this_update > now + options.clock_tolerance || end < now - options.clock_tolerance ||
        basic.produced_at > now + options.clock_tolerance)
        return refuse(Check::RevocationUnknown, now.to_string(),
                      single->this_update.to_string() + "/" + end.to_string(), "RFC 6960 section 4.2.2.1", now);
    RevocationStatus out;
    out.method = RevocationStatus::Method::Ocsp;
    out.state = single->state;
    out.source_time = single->this_update;
    out.valid_until = end;
    out.revoked_at = single->revoked_at;
    out.reason = single->reason;
    if (out.state == RevocationStatus::State::Unknown) out.why_unknown = "responder-does-not-know";
    return out;
}

base::Task<RevocationStatus> OcspSource::status(CertificateIdentity identity, base::Instant now) {
    RevocationStatus unknown;
    unknown.method = RevocationStatus::Method::Ocsp;
    const std::string nonce = m_random.bytes(32);
    const auto answer =
        co_await m_fetch(identity.issuer, write_ocsp_request(identity.issuer.view, identity.serial, nonce));
    if (!answer) {
        unknown.why_unknown = answer.error().code;
        co_return unknown;
    }
    const auto verdict = verify_ocsp_response(*answer, identity.issuer, identity.serial, nonce, now, m_options);
    if (!verdict) {
        unknown.why_unknown = verdict.refusal().error().detail;
        co_return unknown;
    }
    co_return *verdict;
}

} // namespace musubi::pki
