#include "lib/pki/issuing.h"

#include "lib/pki/der.h"
#include "lib/pki/issuing_support.h"
#include "lib/pki/name.h"
#include "lib/pki/oid.h"

namespace musubi::pki {
namespace {

std::string distribution_point_content(std::string_view name) {
    return der::write(der::context_constructed(0), der::write(der::context_constructed(0), write_directory_name(name)));
}

ExtensionContents key_usage(uint16_t bits) { return {std::string(oid::kKeyUsage), true, der::named_bits(bits)}; }

ExtensionContents subject_key(std::string_view public_key_bytes) {
    return {std::string(oid::kSubjectKeyIdentifier), false,
            der::write(der::kOctetString, crypto::sha1(public_key_bytes))};
}

ExtensionContents authority_key(const CertificateView& issuer) {
    const auto* extension = issuer.find(oid::kSubjectKeyIdentifier);
    const auto identifier = extension != nullptr ? subject_key_identifier(extension->value) : std::nullopt;
    return {std::string(oid::kAuthorityKeyIdentifier), false,
            der::sequence({der::write(der::context(0), identifier.value_or(std::string_view()))})};
}

ExtensionContents policy(std::string_view dotted, std::string_view practice_statement_uri) {
    std::string qualifiers;
    if (!practice_statement_uri.empty())
        qualifiers = der::sequence({der::sequence(
            {der::object_identifier(oid::kCpsQualifier), der::write(der::kIa5String, practice_statement_uri)})});
    return {std::string(oid::kCertificatePolicies), true,
            der::sequence({der::sequence({der::object_identifier(oid_from_text(dotted)), qualifiers})})};
}

/// The issuer's own subjectAltName as issuerAltName of what it signs.
void add_issuer_name(const CertificateView& issuer, std::vector<ExtensionContents>& out) {
    if (const auto* name = issuer.find(oid::kSubjectAltName))
        out.push_back({std::string(oid::kIssuerAltName), false, std::string(name->value)});
}

} // namespace

std::string spki_key_bits(std::string_view spki) {
    der::Reader fields;
    std::string_view algorithm;
    std::string_view bits;
    if (!der::enter(spki, der::kSequence, fields) || !fields.take(der::kSequence, algorithm) ||
        !fields.take(der::kBitString, bits))
        return {};
    return std::string(der::bit_string_bytes(bits).value_or(std::string_view()));
}

std::string write_extensions(const std::vector<ExtensionContents>& extensions) {
    std::string out;
    for (const auto& extension : extensions)
        out += der::sequence({der::object_identifier(extension.oid),
                              extension.critical ? der::write_boolean(true) : std::string(),
                              der::write(der::kOctetString, extension.value)});
    return der::write(der::kSequence, out);
}

std::string write_tbs_certificate(const CertificateContents& contents) {
    return der::sequence({der::write(der::context_constructed(0), der::integer(uint64_t{2})), contents.serial.der(),
                          write_signature_algorithm(contents.algorithm), contents.issuer,
                          der::sequence({der::write_certificate_time(contents.not_before),
                                         der::write_certificate_time(contents.not_after)}),
                          contents.subject, contents.spki,
                          der::write(der::context_constructed(3), write_extensions(contents.extensions))});
}

CertificateContents holder_certificate(const HolderTemplate& holder) {
    const auto& profile = certificate_profile(holder.kind, holder.realm);
    CertificateContents out{holder.serial,
                            std::string(holder.issuer.subject),
                            holder.subject,
                            holder.not_before,
                            holder.not_after,
                            holder.spki,
                            {}};
    out.extensions.push_back(key_usage(profile.key_usage));
    if (holder.attributes)
        out.extensions.push_back(
            {std::string(oid::kSubjectAltName), false, write_certified_attributes(*holder.attributes)});
    out.extensions.push_back(policy(profile.policy, holder.practice_statement_uri));
    add_issuer_name(holder.issuer, out.extensions);
    if (!holder.distribution_point.empty())
        out.extensions.push_back(
            {std::string(oid::kCrlDistributionPoints), false,
             der::sequence({der::sequence({distribution_point_content(holder.distribution_point)})})});
    if (!holder.ocsp_uri.empty())
        out.extensions.push_back({std::string(oid::kAuthorityInfoAccess), false,
                                  der::sequence({der::sequence({der::object_identifier(oid::kOcspAccess),
                                                                der::write(der::context(6), holder.ocsp_uri)})})});
    out.extensions.push_back(authority_key(holder.issuer));
    out.extensions.push_back(subject_key(spki_key_bits(holder.spki)));
    return out;
}

CertificateContents authority_certificate(const AuthorityTemplate& authority, const crypto::PublicKey& key) {
    CertificateContents out{authority.serial,
                            authority.name,
                            authority.name,
                            authority.not_before,
                            authority.not_after,
                            key.spki(),
                            {},
                            default_signature_algorithm(key.algorithm())};
    out.extensions.push_back(key_usage(kKeyCertSign | kCrlSign));
    if (!authority.alternative_name.empty())
        out.extensions.push_back({std::string(oid::kSubjectAltName), false,
                                  der::sequence({write_directory_name(authority.alternative_name)})});
    out.extensions.push_back({std::string(oid::kBasicConstraints), true, der::sequence({der::write_boolean(true)})});
    out.extensions.push_back({std::string(oid::kCrlDistributionPoints), false,
                              der::sequence({der::sequence({distribution_point_content(authority.name)})})});
    out.extensions.push_back(subject_key(spki_key_bits(out.spki)));
    return out;
}

CertificateContents responder_certificate(const ResponderTemplate& responder) {
    CertificateContents out{responder.serial,
                            std::string(responder.issuer.subject),
                            responder.subject,
                            responder.not_before,
                            responder.not_after,
                            responder.spki,
                            {},
                            responder.issuer_algorithm};
    out.extensions.push_back(key_usage(kDigitalSignature));
    out.extensions.push_back(
        {std::string(oid::kExtendedKeyUsage), false, der::sequence({der::object_identifier(oid::kOcspSigning)})});
    out.extensions.push_back({std::string(oid::kOcspNoCheck), false, der::null()});
    out.extensions.push_back(authority_key(responder.issuer));
    out.extensions.push_back(subject_key(spki_key_bits(responder.spki)));
    return out;
}

} // namespace musubi::pki
