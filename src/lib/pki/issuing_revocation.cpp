#include "lib/pki/der.h"
#include "lib/pki/issuing.h"
#include "lib/pki/issuing_support.h"
#include "lib/pki/name.h"
#include "lib/pki/oid.h"

namespace musubi::pki {
namespace {

std::string reason_extensions(RevocationReason reason) {
    // Section 5.3.1: the code unspecified is left out.
    if (reason == RevocationReason::Unspecified) return {};
    const std::string code = der::write(der::kEnumerated, std::string(1, static_cast<char>(reason)));
    return write_extensions({{std::string(oid::kReasonCode), false, code}});
}

std::string write_entries(const std::vector<RevokedCertificate>& entries) {
    std::string out;
    out.reserve(entries.size() * 40);
    for (const auto& entry : entries)
        out += der::sequence(
            {entry.serial.der(), der::write_certificate_time(entry.revoked_at), reason_extensions(entry.reason)});
    return out.empty() ? out : der::write(der::kSequence, out);
}

std::string write_tbs_list(const RevocationListContents& contents) {
    const auto* extension = contents.issuer.find(oid::kSubjectKeyIdentifier);
    const auto identifier = extension != nullptr ? subject_key_identifier(extension->value) : std::nullopt;
    std::vector<ExtensionContents> extensions;
    if (identifier)
        extensions.push_back({std::string(oid::kAuthorityKeyIdentifier), false,
                              der::sequence({der::write(der::context(0), *identifier)})});
    extensions.push_back({std::string(oid::kCrlNumber), false, der::integer(contents.number)});
    if (!contents.distribution_point.empty()) {
        const std::string point =
            der::write(der::context_constructed(0),
                       der::write(der::context_constructed(0), write_directory_name(contents.distribution_point)));
        extensions.push_back({std::string(oid::kIssuingDistributionPoint), true, der::sequence({point})});
    }
    return der::sequence({der::integer(uint64_t{1}), write_signature_algorithm(contents.algorithm),
                          contents.issuer.subject, der::write_certificate_time(contents.this_update),
                          der::write_certificate_time(contents.next_update), write_entries(contents.entries),
                          der::write(der::context_constructed(0), write_extensions(extensions))});
}

base::Error lint_failed(const char* rule) {
    return base::error(base::ErrorKind::Internal, "issuing.lint-failed").with("rule", rule);
}

std::string write_status(const RevocationStatus& status) {
    switch (status.state) {
    case RevocationStatus::State::Good:
        return der::write(der::context(0), "");
    case RevocationStatus::State::Unknown:
        return der::write(der::context(2), "");
    case RevocationStatus::State::Revoked:
        break;
    }
    std::string reason;
    if (status.reason != RevocationReason::Unspecified)
        reason = der::write(der::context_constructed(0),
                            der::write(der::kEnumerated, std::string(1, static_cast<char>(status.reason))));
    return der::write(der::context_constructed(1), {der::generalized_time(status.revoked_at), reason});
}

std::string write_answer(const OcspAnswer& answer) {
    const std::string_view hash = answer.id.hash == crypto::Hash::Sha1 ? oid::kSha1 : oid::kSha256;
    const std::string id =
        der::sequence({der::sequence({der::object_identifier(hash), der::null()}),
                       der::write(der::kOctetString, answer.id.issuer_name_hash),
                       der::write(der::kOctetString, answer.id.issuer_key_hash), answer.id.serial.der()});
    return der::sequence({id, write_status(answer.status), der::generalized_time(answer.status.source_time),
                          der::write(der::context_constructed(0), der::generalized_time(answer.status.valid_until))});
}

} // namespace

base::Result<LintedRevocationList> lint(const RevocationListContents& contents) {
    std::string tbs = write_tbs_list(contents);
    const std::string specimen =
        der::sequence({tbs, write_signature_algorithm(contents.algorithm), der::bit_string(std::string(256, '\x5a'))});
    const auto view = parse_revocation_list(specimen);
    if (!view) return lint_failed("well-formed").because(view.error().detail);
    if (!RevocationList::read(*view)) return lint_failed("entries-unique-and-well-formed");
    if (contents.next_update <= contents.this_update) return lint_failed("period-in-order");
    for (const auto& entry : contents.entries)
        if (entry.revoked_at > contents.this_update) return lint_failed("revoked-before-the-list");
    return LintedRevocationList(std::move(tbs), contents.algorithm);
}

std::string sign(LintedRevocationList list, const crypto::PrivateKey& key) {
    return assemble_signed(list.m_tbs, list.m_algorithm, key);
}

std::string write_ocsp_response(const std::vector<OcspAnswer>& answers, base::Instant produced_at,
                                std::string_view nonce, const OcspSigner& signer) {
    std::string list;
    for (const auto& answer : answers) list += write_answer(answer);
    std::string extensions;
    if (!nonce.empty())
        extensions =
            der::write(der::context_constructed(1),
                       write_extensions({{std::string(oid::kOcspNonce), false, der::write(der::kOctetString, nonce)}}));
    const std::string data = der::sequence(
        {der::write(der::context_constructed(2), der::write(der::kOctetString, signer.responder_key_hash)),
         der::generalized_time(produced_at), der::write(der::kSequence, list), extensions});
    const auto algorithm = default_signature_algorithm(signer.key.algorithm());
    std::string certificates;
    if (!signer.certificate.empty())
        certificates = der::write(der::context_constructed(0), der::sequence({signer.certificate}));
    const std::string basic = der::sequence(
        {data, write_signature_algorithm(algorithm), der::bit_string(signer.key.sign(algorithm, data)), certificates});
    const std::string bytes =
        der::sequence({der::object_identifier(oid::kOcspBasic), der::write(der::kOctetString, basic)});
    return der::sequence(
        {der::write(der::kEnumerated, std::string(1, '\0')), der::write(der::context_constructed(0), bytes)});
}

std::string write_ocsp_failure(OcspFailure failure) {
    return der::sequence({der::write(der::kEnumerated, std::string(1, static_cast<char>(failure)))});
}

} // namespace musubi::pki
