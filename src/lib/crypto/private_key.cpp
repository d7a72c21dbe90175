#include "lib/crypto/key_support.h"

#include <openssl/decoder.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace musubi::crypto {
namespace {

/// The public half as an object of its own, so that a PublicKey never carries private numbers.
std::shared_ptr<PublicKey::State> public_half(const EVP_PKEY* key) {
    unsigned char* raw = nullptr;
    const int length = i2d_PUBKEY(key, &raw);
    must(length > 0, "i2d_PUBKEY");
    const unsigned char* at = raw;
    PkeyPointer copy(d2i_PUBKEY(nullptr, &at, length));
    OPENSSL_free(raw);
    must(copy != nullptr, "d2i_PUBKEY");
    return public_state(std::move(copy));
}

int passphrase_callback(char* out, int size, int, void* user) {
    const auto text = static_cast<const base::Secret*>(user)->reveal();
    if (text.size() > static_cast<size_t>(size)) return -1;
    text.copy(out, text.size());
    return static_cast<int>(text.size());
}

std::shared_ptr<PrivateKey::State> adopt(PkeyPointer key) {
    auto algorithm = algorithm_of(key.get());
    if (!algorithm) return nullptr;
    auto state = std::make_shared<PrivateKey::State>();
    state->public_state = public_half(key.get());
    if (!state->public_state) return nullptr;
    state->key = std::move(key);
    state->algorithm = *algorithm;
    return state;
}

PkeyContext signing_context(const PrivateKey::State& state, SignatureAlgorithm algorithm) {
    if (!fits(algorithm, state.algorithm)) throw std::logic_error("signature algorithm does not fit the key");
    PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, state.key.get(), nullptr));
    must(context && EVP_PKEY_sign_init(context.get()) == 1 && configure(context.get(), algorithm),
         "EVP_PKEY_sign_init");
    return context;
}

std::string run_sign(EVP_PKEY_CTX* context, std::string_view input) {
    size_t length = 0;
    must(EVP_PKEY_sign(context, nullptr, &length, as_bytes(input), input.size()) == 1, "EVP_PKEY_sign");
    std::string out(length, '\0');
    must(EVP_PKEY_sign(context, as_bytes(out), &length, as_bytes(input), input.size()) == 1, "EVP_PKEY_sign");
    out.resize(length);
    return out;
}

base::Secret take_memory(BIO* bio) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(bio, &data);
    base::Secret out{std::string(data, static_cast<size_t>(length))};
    OPENSSL_cleanse(data, static_cast<size_t>(length));
    return out;
}

} // namespace

PrivateKey PrivateKey::generate_rsa(size_t bits) {
    if (bits < 2048 || bits > 8192) throw std::logic_error("generate_rsa: size");
    PkeyPointer key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits));
    must(key != nullptr, "EVP_PKEY_Q_keygen RSA");
    return PrivateKey(adopt(std::move(key)));
}

PrivateKey PrivateKey::generate_ec(KeyAlgorithm curve) {
    if (curve == KeyAlgorithm::Rsa) throw std::logic_error("generate_ec: not a curve");
    PkeyPointer key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve == KeyAlgorithm::EcP384 ? "P-384" : "P-256"));
    must(key != nullptr, "EVP_PKEY_Q_keygen EC");
    return PrivateKey(adopt(std::move(key)));
}

base::Result<PrivateKey> PrivateKey::from_pem(std::string_view pem, const base::Secret& passphrase) {
    BioPointer bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    must(bio != nullptr, "BIO_new_mem_buf");
    PkeyPointer key(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, passphrase_callback, const_cast<base::Secret*>(&passphrase)));
    ERR_clear_error();
    if (!key) return malformed_key("PEM private key");
    auto state = adopt(std::move(key));
    if (!state) return malformed_key("algorithm");
    return PrivateKey(std::move(state));
}

base::Result<PrivateKey> PrivateKey::from_der(std::string_view der) {
    const unsigned char* at = as_bytes(der);
    PkeyPointer key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
    ERR_clear_error();
    if (!key || at != as_bytes(der) + der.size()) return malformed_key("DER private key");
    auto state = adopt(std::move(key));
    if (!state) return malformed_key("algorithm");
    return PrivateKey(std::move(state));
}

base::Secret PrivateKey::pem() const {
    BioPointer bio(BIO_new(BIO_s_mem()));
    must(bio &&
             PEM_write_bio_PKCS8PrivateKey(bio.get(), m_state->key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
         "PEM_write_bio_PKCS8PrivateKey");
    return take_memory(bio.get());
}

base::Secret PrivateKey::der() const {
    BioPointer bio(BIO_new(BIO_s_mem()));
    must(bio && i2d_PKCS8PrivateKey_bio(bio.get(), m_state->key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
         "i2d_PKCS8PrivateKey_bio");
    return take_memory(bio.get());
}

KeyAlgorithm PrivateKey::algorithm() const { return m_state->algorithm; }
PublicKey PrivateKey::public_key() const { return PublicKey(m_state->public_state); }

std::string PrivateKey::sign(SignatureAlgorithm algorithm, std::string_view message) const {
    return sign_digest(algorithm, digest(hash_of(algorithm), message));
}

std::string PrivateKey::sign_digest(SignatureAlgorithm algorithm, std::string_view digest) const {
    if (digest.size() != digest_size(hash_of(algorithm))) throw std::logic_error("sign_digest: digest size");
    return run_sign(signing_context(*m_state, algorithm).get(), digest);
}

std::string PrivateKey::sign_fixed_width(SignatureAlgorithm algorithm, std::string_view message) const {
    return fixed_width_from_der(sign(algorithm, message), coordinate_size(m_state->algorithm));
}

base::Result<std::string> PrivateKey::sign_raw_pkcs1(std::string_view bytes) const {
    if (m_state->algorithm != KeyAlgorithm::Rsa) throw std::logic_error("sign_raw_pkcs1: not an RSA key");
    if (bytes.size() + 11 > static_cast<size_t>(EVP_PKEY_get_size(m_state->key.get())))
        return base::invalid("crypto.input-too-long");
    PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, m_state->key.get(), nullptr));
    must(context && EVP_PKEY_sign_init(context.get()) == 1 &&
             EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1,
         "EVP_PKEY_sign_init");
    return run_sign(context.get(), bytes);
}

base::Result<std::string> PrivateKey::decrypt_oaep_sha256(std::string_view ciphertext) const {
    const auto failed = [] { return base::invalid("crypto.decryption-failed"); };
    if (m_state->algorithm != KeyAlgorithm::Rsa) throw std::logic_error("decrypt_oaep_sha256: not an RSA key");
    PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, m_state->key.get(), nullptr));
    must(context && EVP_PKEY_decrypt_init(context.get()) == 1 &&
             EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), message_digest(Hash::Sha256)) == 1 &&
             EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), message_digest(Hash::Sha256)) == 1,
         "EVP_PKEY_decrypt_init");
    std::string out(static_cast<size_t>(EVP_PKEY_get_size(m_state->key.get())), '\0');
    size_t length = out.size();
    if (EVP_PKEY_decrypt(context.get(), as_bytes(out), &length, as_bytes(ciphertext), ciphertext.size()) != 1) {
        ERR_clear_error();
        return failed();
    }
    out.resize(length);
    return out;
}

} // namespace musubi::crypto
