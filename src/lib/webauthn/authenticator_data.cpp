#include "lib/webauthn/authenticator_data.h"

#include "lib/webauthn/cbor.h"
#include "lib/webauthn/webauthn.h"

namespace musubi::webauthn {
namespace {

base::Error malformed(const char* why) { return base::invalid("passkey.malformed").because(why); }
base::Error unsupported() { return base::invalid("passkey.algorithm-unsupported"); }

uint32_t big_endian(std::string_view bytes) {
    uint32_t value = 0;
    for (const char c : bytes) value = (value << 8) | static_cast<uint8_t>(c);
    return value;
}

// Labels of COSE_Key and of the two key types (RFC 9052 section 7.1, RFC 9053 section 7.1.1, RFC 8230 section 4).
constexpr int64_t kKeyType = 1, kAlgorithm = 3;
constexpr int64_t kCurve = -1, kX = -2, kY = -3;
constexpr int64_t kModulus = -1; // the exponent stands under -2
constexpr int64_t kTypeEc2 = 2, kTypeRsa = 3, kCurveP256 = 1;

base::Result<CredentialKey> parse_key(CborReader& reader) {
    const auto members = reader.map();
    if (!members) return malformed("key is not a map");
    std::optional<int64_t> type, algorithm, curve;
    std::optional<std::string_view> first, second, third; // strings under labels -1, -2, -3
    std::optional<int64_t> previous;
    for (int64_t i = 0; i < *members; ++i) {
        const auto label = reader.integer();
        if (!label) return malformed("key label");
        // Canonical order: 1, 3, -1, -2, -3. It also makes every label unique.
        const int64_t rank = *label >= 0 ? *label : 1000 - *label;
        if (previous && rank <= *previous) return malformed("order of key labels");
        previous = rank;
        const auto value = reader.next();
        if (!value) return malformed("key value");
        using Kind = CborReader::Item::Kind;
        const bool number = value->kind == Kind::Unsigned || value->kind == Kind::Negative;
        if (*label == kKeyType && number)
            type = value->integer;
        else if (*label == kAlgorithm && number)
            algorithm = value->integer;
        else if (*label == kCurve && number)
            curve = value->integer;
        else if (*label == kModulus && value->kind == Kind::Bytes)
            first = value->data;
        else if (*label == kX && value->kind == Kind::Bytes)
            second = value->data;
        else if (*label == kY && value->kind == Kind::Bytes)
            third = value->data;
        else
            return malformed("key member");
    }
    if (!type || !algorithm) return malformed("key type");
    if (*type == kTypeEc2 && *algorithm == kEs256 && curve == kCurveP256) {
        if (!second || !third || second->size() != 32 || third->size() != 32) return malformed("coordinates");
        auto key = crypto::PublicKey::from_ec_coordinates(crypto::KeyAlgorithm::EcP256, *second, *third);
        if (!key) return malformed("point is not on the curve");
        return CredentialKey{std::move(*key), kEs256};
    }
    if (*type == kTypeRsa && *algorithm == kRs256) {
        if (!first || !second || third) return malformed("modulus and exponent");
        auto key = crypto::PublicKey::from_rsa(*first, *second);
        if (!key) return malformed("modulus or exponent");
        return CredentialKey{std::move(*key), kRs256};
    }
    return unsupported();
}

base::Result<AttestedCredential> parse_credential(std::string_view& rest) {
    if (rest.size() < 18) return malformed("credential data too short");
    const auto aaguid = rest.substr(0, 16);
    const size_t id_size = big_endian(rest.substr(16, 2));
    rest.remove_prefix(18);
    // Section 7.1 step 25 of Level 3: ids are at most 1023 bytes.
    if (id_size == 0 || id_size > 1023 || rest.size() < id_size) return malformed("credential id");
    const auto id = rest.substr(0, id_size);
    rest.remove_prefix(id_size);
    CborReader reader(rest);
    MUSUBI_TRY(auto key, parse_key(reader));
    rest = reader.rest();
    return AttestedCredential{aaguid, id, std::move(key)};
}

} // namespace

base::Result<AuthenticatorData> parse_authenticator_data(std::string_view bytes) {
    if (bytes.size() < 37 || bytes.size() > 8192) return malformed("size of authenticator data");
    AuthenticatorData out;
    out.party_hash = bytes.substr(0, 32);
    out.flags = static_cast<uint8_t>(bytes[32]);
    out.sign_count = big_endian(bytes.substr(33, 4));
    std::string_view rest = bytes.substr(37);
    if ((out.flags & kBackedUp) != 0 && (out.flags & kBackupEligible) == 0)
        return malformed("backed up but not eligible");
    if ((out.flags & kAttestedCredential) != 0) {
        MUSUBI_TRY(auto credential, parse_credential(rest));
        out.credential = std::move(credential);
    }
    if ((out.flags & kExtensions) != 0) {
        CborReader reader(rest);
        CborReader map = reader;
        if (!map.map() || !reader.skip()) return malformed("extensions");
        rest = reader.rest();
    }
    if (!rest.empty()) return malformed("bytes after authenticator data");
    return out;
}

} // namespace musubi::webauthn
