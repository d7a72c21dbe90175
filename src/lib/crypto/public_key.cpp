#include "lib/crypto/key_support.h"

#include <algorithm>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace musubi::crypto {
namespace {

EVP_PKEY_CTX* thread_context_for(const char* type) {
    // One per thread and type: making a context costs as much as loading the key into it.
    thread_local PkeyContext rsa;
    thread_local PkeyContext ec;
    PkeyContext& context = type[0] == 'R' ? rsa : ec;
    if (!context) {
        context.reset(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
        must(context != nullptr, "EVP_PKEY_CTX_new_from_name");
    }
    return context.get();
}

std::string_view without_leading_zeros(std::string_view number) {
    const size_t first = number.find_first_not_of('\0');
    return first == std::string_view::npos ? std::string_view() : number.substr(first);
}

std::string integer_parameter(const EVP_PKEY* key, const char* name) {
    BIGNUM* raw = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) {
        ERR_clear_error();
        return {};
    }
    std::unique_ptr<BIGNUM, OpenSslFree<BN_free>> number(raw);
    std::string out(static_cast<size_t>(BN_num_bytes(raw)), '\0');
    BN_bn2bin(raw, as_bytes(out));
    return out;
}

const char* group_name(KeyAlgorithm curve) { return curve == KeyAlgorithm::EcP384 ? "P-384" : "P-256"; }

} // namespace

base::Error malformed_key(std::string why) { return base::invalid("crypto.key-malformed").because(std::move(why)); }

Hash hash_of(SignatureAlgorithm algorithm) {
    switch (algorithm) {
    case SignatureAlgorithm::RsaPkcs1Sha384:
    case SignatureAlgorithm::EcdsaSha384:
        return Hash::Sha384;
    case SignatureAlgorithm::RsaPkcs1Sha512:
        return Hash::Sha512;
    case SignatureAlgorithm::RsaPkcs1Sha256:
    case SignatureAlgorithm::RsaPssSha256:
    case SignatureAlgorithm::EcdsaSha256:
        return Hash::Sha256;
    }
    return Hash::Sha256;
}

bool fits(SignatureAlgorithm signature, KeyAlgorithm key) {
    const bool elliptic = signature == SignatureAlgorithm::EcdsaSha256 || signature == SignatureAlgorithm::EcdsaSha384;
    return elliptic == (key != KeyAlgorithm::Rsa);
}

bool configure(EVP_PKEY_CTX* context, SignatureAlgorithm algorithm) {
    if (EVP_PKEY_CTX_set_signature_md(context, message_digest(hash_of(algorithm))) != 1) return false;
    switch (algorithm) {
    case SignatureAlgorithm::RsaPkcs1Sha256:
    case SignatureAlgorithm::RsaPkcs1Sha384:
    case SignatureAlgorithm::RsaPkcs1Sha512:
        return true; // PKCS#1 v1.5 is what a new RSA context does
    case SignatureAlgorithm::RsaPssSha256:
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
    case SignatureAlgorithm::EcdsaSha256:
    case SignatureAlgorithm::EcdsaSha384:
        return true;
    }
    return false;
}

size_t coordinate_size(KeyAlgorithm curve) { return curve == KeyAlgorithm::EcP384 ? 48 : 32; }

std::optional<KeyAlgorithm> algorithm_of(const EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "RSA")) return KeyAlgorithm::Rsa;
    if (!EVP_PKEY_is_a(key, "EC")) return std::nullopt;
    char name[32];
    size_t length = 0;
    if (EVP_PKEY_get_group_name(key, name, sizeof name, &length) != 1) return std::nullopt;
    const std::string_view group(name, length);
    if (group == "prime256v1" || group == "P-256") return KeyAlgorithm::EcP256;
    if (group == "secp384r1" || group == "P-384") return KeyAlgorithm::EcP384;
    return std::nullopt;
}

std::string der_from_fixed_width(std::string_view signature) {
    if (signature.empty() || signature.size() % 2 != 0 || signature.size() > 132) return {};
    const auto integer = [](std::string_view number) {
        std::string content(without_leading_zeros(number));
        if (content.empty() || static_cast<uint8_t>(content[0]) >= 0x80) content.insert(0, 1, '\0');
        return std::string("\x02").append(1, static_cast<char>(content.size())).append(content);
    };
    const std::string body =
        integer(signature.substr(0, signature.size() / 2)) + integer(signature.substr(signature.size() / 2));
    std::string out = "\x30";
    if (body.size() >= 0x80) out += '\x81';
    return out.append(1, static_cast<char>(body.size())).append(body);
}

std::string fixed_width_from_der(std::string_view signature, size_t width) {
    const unsigned char* at = as_bytes(signature);
    std::unique_ptr<ECDSA_SIG, OpenSslFree<ECDSA_SIG_free>> parsed(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size())));
    must(parsed != nullptr, "d2i_ECDSA_SIG");
    std::string out(2 * width, '\0');
    must(BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), as_bytes(out), static_cast<int>(width)) > 0 &&
             BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), as_bytes(out) + width, static_cast<int>(width)) > 0,
         "BN_bn2binpad");
    return out;
}

PublicKey::State::~State() {
    for (auto& slot : m_spare) delete slot.load(std::memory_order_relaxed);
}

EVP_PKEY* PublicKey::State::key() {
    std::call_once(m_key_made, [this] {
        if (m_key) return;
        uint64_t e = 0;
        for (char c : rsa->exponent()) e = e << 8 | static_cast<uint8_t>(c);
        const std::string& modulus = rsa->modulus();
        std::array<unsigned char, 1024> little_endian; // OSSL_PARAM integers are in native order
        std::reverse_copy(modulus.begin(), modulus.end(), little_endian.begin());
        OSSL_PARAM parameters[] = {OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, little_endian.data(), modulus.size()),
                                   OSSL_PARAM_construct_uint64(OSSL_PKEY_PARAM_RSA_E, &e), OSSL_PARAM_END};
        EVP_PKEY* raw = nullptr;
        EVP_PKEY_CTX* context = thread_context_for("RSA");
        must(EVP_PKEY_fromdata_init(context) == 1 &&
                 EVP_PKEY_fromdata(context, &raw, EVP_PKEY_PUBLIC_KEY, parameters) == 1,
             "EVP_PKEY_fromdata");
        m_key.reset(raw);
    });
    return m_key.get();
}

std::shared_ptr<PublicKey::State> public_state(PkeyPointer key) {
    const auto algorithm = algorithm_of(key.get());
    if (!algorithm) return nullptr;
    if (*algorithm != KeyAlgorithm::Rsa) return std::make_shared<PublicKey::State>(std::move(key), *algorithm);
    auto verifier = RsaVerifier::make(integer_parameter(key.get(), OSSL_PKEY_PARAM_RSA_N),
                                      integer_parameter(key.get(), OSSL_PKEY_PARAM_RSA_E));
    if (!verifier) return nullptr;
    return std::make_shared<PublicKey::State>(std::move(*verifier));
}

std::unique_ptr<PublicKey::State::Ready> PublicKey::State::take_context(SignatureAlgorithm wanted) {
    for (auto& slot : m_spare) {
        if (slot.load(std::memory_order_relaxed) == nullptr) continue;
        std::unique_ptr<Ready> ready(slot.exchange(nullptr, std::memory_order_acquire));
        if (ready && ready->algorithm == wanted) return ready;
    }
    auto ready = std::make_unique<Ready>();
    ready->algorithm = wanted;
    ready->context.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, key(), nullptr));
    if (!ready->context || EVP_PKEY_verify_init(ready->context.get()) != 1 || !configure(ready->context.get(), wanted))
        return nullptr;
    return ready;
}

void PublicKey::State::give_back(std::unique_ptr<Ready> ready) {
    for (auto& slot : m_spare) {
        Ready* empty = nullptr;
        if (slot.compare_exchange_strong(empty, ready.get(), std::memory_order_release, std::memory_order_relaxed)) {
            (void)ready.release();
            return;
        }
    }
}

base::Result<PublicKey> PublicKey::from_rsa(std::string_view modulus, std::string_view exponent) {
    auto verifier = RsaVerifier::make(modulus, exponent);
    if (!verifier) return malformed_key("RSA numbers");
    return PublicKey(std::make_shared<State>(std::move(*verifier)));
}

base::Result<PublicKey> PublicKey::from_ec_point(KeyAlgorithm curve, std::string_view point) {
    if (curve == KeyAlgorithm::Rsa) return malformed_key("not a curve");
    if (point.size() != 1 + 2 * coordinate_size(curve) || point[0] != '\x04') return malformed_key("point form");
    std::string group = group_name(curve);
    std::string copy(point);
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
                               OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy.data(), copy.size()),
                               OSSL_PARAM_END};
    EVP_PKEY* raw = nullptr;
    EVP_PKEY_CTX* context = thread_context_for("EC");
    if (EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &raw, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        ERR_clear_error();
        return malformed_key("point not on the curve");
    }
    return PublicKey(std::make_shared<State>(PkeyPointer(raw), curve));
}

base::Result<PublicKey> PublicKey::from_ec_coordinates(KeyAlgorithm curve, std::string_view x, std::string_view y) {
    const size_t width = coordinate_size(curve);
    if (x.size() != width || y.size() != width) return malformed_key("coordinate size");
    return from_ec_point(curve, std::string("\x04").append(x).append(y));
}

base::Result<PublicKey> PublicKey::from_spki(std::string_view der) {
    if (der.size() > 16384) return malformed_key("too large");
    const unsigned char* at = as_bytes(der);
    PkeyPointer key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
    if (!key || at != as_bytes(der) + der.size()) {
        ERR_clear_error();
        return malformed_key("SubjectPublicKeyInfo");
    }
    auto state = public_state(std::move(key));
    if (!state) return malformed_key("algorithm");
    return PublicKey(std::move(state));
}

base::Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
    BioPointer bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    PkeyPointer key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
    if (!key) {
        ERR_clear_error();
        return malformed_key("PEM");
    }
    auto state = public_state(std::move(key));
    if (!state) return malformed_key("algorithm");
    return PublicKey(std::move(state));
}

KeyAlgorithm PublicKey::algorithm() const { return m_state->algorithm; }
size_t PublicKey::bits() const {
    if (m_state->rsa) return m_state->rsa->bits();
    return m_state->algorithm == KeyAlgorithm::EcP384 ? 384 : 256;
}

std::string PublicKey::spki() const {
    unsigned char* raw = nullptr;
    const int length = i2d_PUBKEY(m_state->key(), &raw);
    must(length > 0, "i2d_PUBKEY");
    std::string out(reinterpret_cast<char*>(raw), static_cast<size_t>(length));
    OPENSSL_free(raw);
    return out;
}

std::string PublicKey::pem() const {
    BioPointer bio(BIO_new(BIO_s_mem()));
    must(bio && PEM_write_bio_PUBKEY(bio.get(), m_state->key()) == 1, "PEM_write_bio_PUBKEY");
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<size_t>(length));
}

std::string PublicKey::modulus() const { return m_state->rsa ? m_state->rsa->modulus() : std::string(); }
std::string PublicKey::exponent() const { return m_state->rsa ? m_state->rsa->exponent() : std::string(); }

std::string PublicKey::ec_point() const {
    if (m_state->algorithm == KeyAlgorithm::Rsa) return {};
    // The encoded point may be compressed in the key's own form, so it is put together from the coordinates.
    const size_t width = coordinate_size(m_state->algorithm);
    std::string out = "\x04";
    for (const char* name : {OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y}) {
        const std::string number = integer_parameter(m_state->key(), name);
        out.append(width - number.size(), '\0').append(number);
    }
    return out;
}

bool PublicKey::verify(SignatureAlgorithm algorithm, std::string_view message, std::string_view signature) const {
    if (hash_of(algorithm) == Hash::Sha256) {
        const Sha256Bytes hash = sha256_bytes(message);
        return verify_digest(algorithm, {reinterpret_cast<const char*>(hash.data()), hash.size()}, signature);
    }
    return verify_digest(algorithm, digest(hash_of(algorithm), message), signature);
}

bool PublicKey::verify_digest(SignatureAlgorithm algorithm, std::string_view digest, std::string_view signature) const {
    if (!fits(algorithm, m_state->algorithm) || digest.size() != digest_size(hash_of(algorithm))) return false;
    if (m_state->rsa && algorithm != SignatureAlgorithm::RsaPssSha256)
        return m_state->rsa->verify(hash_of(algorithm), digest, signature);
    auto ready = m_state->take_context(algorithm);
    if (!ready) {
        ERR_clear_error();
        return false;
    }
    const bool good = EVP_PKEY_verify(ready->context.get(), as_bytes(signature), signature.size(), as_bytes(digest),
                                      digest.size()) == 1;
    if (!good) ERR_clear_error();
    m_state->give_back(std::move(ready));
    return good;
}

bool PublicKey::verify_fixed_width(SignatureAlgorithm algorithm, std::string_view message,
                                   std::string_view signature) const {
    if (m_state->algorithm == KeyAlgorithm::Rsa || signature.size() != 2 * coordinate_size(m_state->algorithm))
        return false;
    return verify(algorithm, message, der_from_fixed_width(signature));
}

} // namespace musubi::crypto
