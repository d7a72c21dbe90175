#include "lib/pki/certificate.h"

#include "base/encoding.h"
#include "lib/pki/der.h"
#include "lib/pki/name.h"
#include "lib/pki/oid.h"

#include <algorithm>
#include <stdexcept>

namespace musubi::pki {
namespace {

base::Error malformed(const char* why) { return base::invalid("certificate.malformed").because(why); }

/// RFC 5280 section 4.2: an extension stands at most once; the default FALSE of `critical` is not written (X.690 11.5).
bool parse_extensions(der::Reader list, CertificateView& out) {
    if (list.empty()) return false;
    while (!list.empty()) {
        if (out.extension_count == CertificateView::kMaxExtensions) return false;
        Extension extension;
        der::Reader fields;
        if (!list.take(der::kSequence, fields) || !fields.take(der::kObjectIdentifier, extension.oid)) return false;
        if (std::string_view content; fields.take(der::kBoolean, content)) {
            extension.critical = der::boolean(content).value_or(false);
            if (!extension.critical) return false;
        }
        if (!fields.take(der::kOctetString, extension.value) || !fields.empty()) return false;
        if (out.find(extension.oid) != nullptr) return false;
        out.extension_slots[out.extension_count++] = extension;
    }
    return true;
}

bool parse_validity(der::Reader validity, CertificateView& out) {
    der::Element begin;
    der::Element end;
    if (!validity.take_any(begin) || !validity.take_any(end) || !validity.empty()) return false;
    const auto not_before = der::certificate_time(begin);
    const auto not_after = der::certificate_time(end);
    if (!not_before || !not_after) return false;
    out.not_before = *not_before;
    out.not_after = *not_after;
    return true;
}

struct AlgorithmRow {
    crypto::SignatureAlgorithm algorithm;
    std::string_view identifier; // the whole AlgorithmIdentifier
};
// RFC 4055 section 5: the parameters of RSA with PKCS#1 v1.5 are NULL; RFC 5758 section 3.2: ECDSA has none.
using namespace std::string_view_literals;
constexpr std::array kAlgorithms = {
    AlgorithmRow{crypto::SignatureAlgorithm::RsaPkcs1Sha256,
                 "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"sv},
    AlgorithmRow{crypto::SignatureAlgorithm::RsaPkcs1Sha384,
                 "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00"sv},
    AlgorithmRow{crypto::SignatureAlgorithm::RsaPkcs1Sha512,
                 "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d\x05\x00"sv},
    AlgorithmRow{crypto::SignatureAlgorithm::EcdsaSha256, "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"sv},
    AlgorithmRow{crypto::SignatureAlgorithm::EcdsaSha384, "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"sv},
};

/// A sequence of { OBJECT IDENTIFIER, rest }: policies' qualifiers and access descriptions have this shape.
bool sequence_of_typed(der::Reader list, bool (*rest_is_well_formed)(der::Reader)) {
    if (list.empty()) return false;
    while (!list.empty()) {
        der::Reader item;
        std::string_view type;
        if (!list.take(der::kSequence, item) || !item.take(der::kObjectIdentifier, type) || !rest_is_well_formed(item))
            return false;
    }
    return true;
}

bool policies_well_formed(std::string_view value) {
    der::Reader policies;
    if (!der::well_formed(value) || !der::enter(value, der::kSequence, policies)) return false;
    return sequence_of_typed(policies, [](der::Reader rest) {
        der::Reader qualifiers;
        if (rest.empty()) return true;
        return rest.take(der::kSequence, qualifiers) && rest.empty() &&
               sequence_of_typed(qualifiers, [](der::Reader qualifier) {
                   der::Element element;
                   return qualifier.take_any(element) && qualifier.empty() &&
                          (element.tag == der::kIa5String || element.tag == der::kSequence);
               });
    });
}

bool names_well_formed(std::string_view value) {
    der::Reader reader(value);
    std::string_view names;
    return der::well_formed(value) && reader.take(der::kSequence, names) && reader.empty() &&
           well_formed_general_names(names);
}

bool access_well_formed(std::string_view value) {
    der::Reader list;
    if (!der::well_formed(value) || !der::enter(value, der::kSequence, list)) return false;
    return sequence_of_typed(list, [](der::Reader rest) {
        der::Element location;
        return rest.take_any(location) && rest.empty() && well_formed_general_names(location.whole);
    });
}

bool points_well_formed(std::string_view value) {
    const auto name = distribution_point_name(value);
    return !name || well_formed_name(*name); // other forms are for the caller to judge
}

base::Error unsupported_key() { return base::invalid("certificate.key-unsupported"); }

} // namespace

SerialNumber SerialNumber::of(uint64_t number) {
    SerialNumber out;
    for (size_t i = out.m_bytes.size(); number != 0; number >>= 8) {
        out.m_bytes[--i] = static_cast<uint8_t>(number);
        ++out.m_size;
    }
    return out;
}

std::optional<SerialNumber> SerialNumber::from_der_content(std::string_view content) {
    const auto magnitude = der::positive_integer(content);
    return magnitude ? from_magnitude(*magnitude) : std::nullopt;
}

std::optional<SerialNumber> SerialNumber::from_magnitude(std::string_view bytes) {
    if (bytes.empty() || bytes.size() > 20 || bytes[0] == 0) return std::nullopt;
    SerialNumber out;
    std::copy(bytes.begin(), bytes.end(), out.m_bytes.end() - static_cast<long>(bytes.size()));
    out.m_size = static_cast<uint8_t>(bytes.size());
    return out;
}

std::optional<SerialNumber> SerialNumber::parse(std::string_view hex) {
    auto bytes = base::hex_decode(hex);
    if (!bytes) return std::nullopt;
    const size_t first = bytes->find_first_not_of('\0');
    if (first == std::string::npos || bytes->size() - first > 20) return std::nullopt;
    SerialNumber out;
    std::copy(bytes->begin() + static_cast<long>(first), bytes->end(),
              out.m_bytes.end() - static_cast<long>(bytes->size() - first));
    out.m_size = static_cast<uint8_t>(bytes->size() - first);
    return out;
}

std::string SerialNumber::hex() const { return base::hex_encode(bytes()); }

std::optional<uint64_t> SerialNumber::number() const {
    if (m_size > 8) return std::nullopt;
    uint64_t value = 0;
    for (char c : bytes()) value = value << 8 | static_cast<uint8_t>(c);
    return value;
}

std::string SerialNumber::der() const { return der::integer(bytes()); }

const Extension* CertificateView::find(std::string_view oid) const {
    for (const auto& extension : extensions())
        if (extension.oid == oid) return &extension;
    return nullptr;
}

base::Result<CertificateView> parse_certificate(std::string_view der) {
    if (der.size() > kMaxCertificateSize) return malformed("too large");
    if (!der::well_formed(der)) return malformed("not DER");
    CertificateView out;
    out.der = der;
    der::Reader certificate;
    der::Element tbs;
    der::Element outer_algorithm;
    std::string_view signature;
    if (!der::enter(der, der::kSequence, certificate) || !certificate.take(der::kSequence, tbs) ||
        !certificate.take(der::kSequence, outer_algorithm) || !certificate.take(der::kBitString, signature) ||
        !certificate.empty())
        return malformed("outer structure");
    const auto signature_bytes = der::bit_string_bytes(signature);
    if (!signature_bytes || signature_bytes->empty()) return malformed("signature");
    out.tbs = tbs.whole;
    out.signature = *signature_bytes;

    der::Reader fields(tbs.content);
    der::Reader version;
    std::string_view number;
    if (!fields.take(der::context_constructed(0), version) || !version.take(der::kInteger, number) ||
        !version.empty() || der::small_integer(number) != 2)
        return malformed("not version 3");
    std::string_view serial;
    der::Element inner_algorithm;
    der::Element issuer;
    der::Element subject;
    der::Reader validity;
    der::Element spki;
    if (!fields.take(der::kInteger, serial) || !fields.take(der::kSequence, inner_algorithm) ||
        !fields.take(der::kSequence, issuer) || !fields.take(der::kSequence, validity) ||
        !fields.take(der::kSequence, subject) || !fields.take(der::kSequence, spki))
        return malformed("TBSCertificate");
    const auto serial_number = SerialNumber::from_der_content(serial);
    if (!serial_number) return malformed("serial number");
    out.serial = *serial_number;
    if (inner_algorithm.whole != outer_algorithm.whole) return malformed("signature algorithms differ");
    out.signature_algorithm = inner_algorithm.whole;
    if (!parse_validity(validity, out)) return malformed("validity");
    if (issuer.content.empty()) return malformed("empty issuer");
    out.issuer = issuer.whole;
    out.subject = subject.whole;
    out.spki = spki.whole;

    der::Reader key(spki.content);
    std::string_view key_bits;
    der::Element key_algorithm;
    if (!key.take(der::kSequence, key_algorithm) || !key.take(der::kBitString, key_bits) || !key.empty())
        return malformed("public key");
    const auto key_bytes = der::bit_string_bytes(key_bits);
    if (!key_bytes) return malformed("public key");
    out.public_key_bytes = *key_bytes;

    der::Reader wrapper;
    der::Reader extensions;
    if (!fields.take(der::context_constructed(3), wrapper) || !fields.empty() ||
        !wrapper.take(der::kSequence, extensions) || !wrapper.empty() || !parse_extensions(extensions, out))
        return malformed("extensions");
    return out;
}

base::Result<std::vector<std::string>> certificates_from_file(std::string_view text) {
    constexpr std::string_view begin_line = "-----BEGIN CERTIFICATE-----";
    constexpr std::string_view end_line = "-----END CERTIFICATE-----";
    std::vector<std::string> out;
    if (!text.empty() && text[0] == '\x30') {
        out.emplace_back(text);
        return out;
    }
    for (size_t begin = text.find(begin_line); begin != std::string_view::npos; begin = text.find(begin_line, begin)) {
        begin += begin_line.size();
        const size_t end = text.find(end_line, begin);
        if (end == std::string_view::npos) return malformed("PEM without end");
        std::string compact(text.substr(begin, end - begin));
        std::erase_if(compact, [](char c) { return c == '\n' || c == '\r'; });
        auto der = base::base64_decode(compact);
        if (!der) return malformed("PEM is not base64");
        out.push_back(std::move(*der));
        begin = end;
    }
    if (out.empty()) return malformed("neither DER nor PEM");
    return out;
}

base::Result<crypto::PublicKey> certificate_key(const CertificateView& certificate) {
    der::Reader spki;
    der::Reader algorithm;
    std::string_view type;
    if (!der::enter(certificate.spki, der::kSequence, spki) || !spki.take(der::kSequence, algorithm) ||
        !algorithm.take(der::kObjectIdentifier, type))
        return unsupported_key();
    if (type == oid::kRsaEncryption) { // RFC 3279 section 2.3.1
        std::string_view parameters;
        if (!algorithm.take(der::kNull, parameters) || !algorithm.empty()) return unsupported_key();
        der::Reader key;
        std::string_view modulus;
        std::string_view exponent;
        if (!der::well_formed(certificate.public_key_bytes, 3) ||
            !der::enter(certificate.public_key_bytes, der::kSequence, key) || !key.take(der::kInteger, modulus) ||
            !key.take(der::kInteger, exponent) || !key.empty())
            return unsupported_key();
        const auto n = der::positive_integer(modulus);
        const auto e = der::positive_integer(exponent);
        if (!n || !e) return unsupported_key();
        auto loaded = crypto::PublicKey::from_rsa(*n, *e);
        if (!loaded) return unsupported_key();
        return loaded;
    }
    std::string_view curve; // RFC 5480 section 2.1.1
    if (type != oid::kEcPublicKey || !algorithm.take(der::kObjectIdentifier, curve) || !algorithm.empty())
        return unsupported_key();
    if (curve != oid::kP256 && curve != oid::kP384) return unsupported_key();
    auto loaded = crypto::PublicKey::from_ec_point(curve == oid::kP256 ? crypto::KeyAlgorithm::EcP256
                                                                       : crypto::KeyAlgorithm::EcP384,
                                                   certificate.public_key_bytes);
    if (!loaded) return unsupported_key();
    return loaded;
}

std::optional<crypto::SignatureAlgorithm> signature_algorithm_of(std::string_view algorithm_identifier) {
    for (const auto& row : kAlgorithms)
        if (row.identifier == algorithm_identifier) return row.algorithm;
    return std::nullopt;
}

std::string write_signature_algorithm(crypto::SignatureAlgorithm algorithm) {
    for (const auto& row : kAlgorithms)
        if (row.algorithm == algorithm) return std::string(row.identifier);
    throw std::logic_error("write_signature_algorithm");
}

crypto::SignatureAlgorithm default_signature_algorithm(crypto::KeyAlgorithm key) {
    switch (key) {
    case crypto::KeyAlgorithm::Rsa:
        return crypto::SignatureAlgorithm::RsaPkcs1Sha256;
    case crypto::KeyAlgorithm::EcP256:
        return crypto::SignatureAlgorithm::EcdsaSha256;
    case crypto::KeyAlgorithm::EcP384:
        return crypto::SignatureAlgorithm::EcdsaSha384;
    }
    return crypto::SignatureAlgorithm::RsaPkcs1Sha256;
}

bool well_formed_extension(const Extension& extension) {
    const std::string_view value = extension.value;
    if (extension.oid == oid::kKeyUsage) return key_usage_bits(value).has_value();
    if (extension.oid == oid::kBasicConstraints) return basic_constraints(value).has_value();
    if (extension.oid == oid::kSubjectKeyIdentifier) return subject_key_identifier(value).has_value();
    if (extension.oid == oid::kAuthorityKeyIdentifier) return authority_key_identifier(value).has_value();
    if (extension.oid == oid::kSubjectAltName || extension.oid == oid::kIssuerAltName) return names_well_formed(value);
    if (extension.oid == oid::kCertificatePolicies) return policies_well_formed(value);
    if (extension.oid == oid::kCrlDistributionPoints) return points_well_formed(value);
    if (extension.oid == oid::kAuthorityInfoAccess) return access_well_formed(value);
    if (extension.oid == oid::kExtendedKeyUsage) return has_purpose(value, {}).has_value();
    return true;
}

std::optional<uint16_t> key_usage_bits(std::string_view value) {
    der::Reader reader(value);
    std::string_view bits;
    if (!der::well_formed(value) || !reader.take(der::kBitString, bits) || !reader.empty()) return std::nullopt;
    if (bits.size() < 2 || bits.size() > 3) return std::nullopt;
    // X.690 section 11.2.2: named bits end with a one.
    const auto last = static_cast<uint8_t>(bits.back());
    if ((last >> bits[0] & 1) == 0) return std::nullopt;
    auto out = static_cast<uint16_t>(static_cast<uint8_t>(bits[1]) << 8);
    if (bits.size() == 3) out = static_cast<uint16_t>(out | last);
    return out;
}

std::optional<BasicConstraints> basic_constraints(std::string_view value) {
    der::Reader fields;
    if (!der::well_formed(value) || !der::enter(value, der::kSequence, fields)) return std::nullopt;
    BasicConstraints out;
    std::string_view content;
    if (fields.take(der::kBoolean, content)) {
        out.authority = der::boolean(content).value_or(false);
        if (!out.authority) return std::nullopt; // the default is not written
    }
    if (fields.take(der::kInteger, content)) {
        out.path_length = der::small_integer(content);
        if (!out.path_length || !out.authority) return std::nullopt;
    }
    if (!fields.empty()) return std::nullopt;
    return out;
}

std::optional<std::string_view> subject_key_identifier(std::string_view value) {
    der::Reader reader(value);
    std::string_view identifier;
    if (!reader.take(der::kOctetString, identifier) || !reader.empty() || identifier.empty()) return std::nullopt;
    return identifier;
}

std::optional<AuthorityKeyIdentifier> authority_key_identifier(std::string_view value) {
    der::Reader fields;
    if (!der::well_formed(value) || !der::enter(value, der::kSequence, fields)) return std::nullopt;
    AuthorityKeyIdentifier out;
    if (fields.peek() == der::context(0) && !fields.take(der::context(0), out.key_identifier)) return std::nullopt;
    std::string_view names;
    std::string_view serial;
    const bool has_issuer = fields.take(der::context_constructed(1), names);
    const bool has_serial = fields.take(der::context(2), serial);
    if (has_issuer != has_serial || !fields.empty()) return std::nullopt; // RFC 5280 section 4.2.1.1
    if (has_issuer) {
        const auto name = only_directory_name(names);
        out.serial = SerialNumber::from_der_content(serial);
        if (!name || !out.serial) return std::nullopt;
        out.issuer = *name;
    }
    return out;
}

std::optional<bool> has_policy(std::string_view value, std::string_view policy) {
    der::Reader policies;
    if (!der::well_formed(value) || !der::enter(value, der::kSequence, policies) || policies.empty())
        return std::nullopt;
    bool found = false;
    while (!policies.empty()) {
        der::Reader information;
        std::string_view identifier;
        if (!policies.take(der::kSequence, information) || !information.take(der::kObjectIdentifier, identifier))
            return std::nullopt;
        found = found || identifier == policy;
    }
    return found;
}

std::optional<std::string_view> distribution_point_name(std::string_view value) {
    der::Reader points;
    der::Reader point;
    der::Reader choice;
    std::string_view full_name;
    if (!der::well_formed(value) || !der::enter(value, der::kSequence, points) || !points.take(der::kSequence, point) ||
        !points.empty() || !point.take(der::context_constructed(0), choice) || !point.empty() ||
        !choice.take(der::context_constructed(0), full_name) || !choice.empty())
        return std::nullopt;
    return only_directory_name(full_name);
}

std::optional<bool> has_purpose(std::string_view value, std::string_view purpose) {
    der::Reader purposes;
    if (!der::well_formed(value) || !der::enter(value, der::kSequence, purposes) || purposes.empty())
        return std::nullopt;
    bool found = false;
    while (!purposes.empty()) {
        std::string_view identifier;
        if (!purposes.take(der::kObjectIdentifier, identifier)) return std::nullopt;
        found = found || identifier == purpose;
    }
    return found;
}

} // namespace musubi::pki
