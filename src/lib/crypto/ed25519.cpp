#include "lib/crypto/ed25519.h"

#include "lib/crypto/openssl_support.h"

namespace musubi::crypto {

struct Ed25519PrivateKey::State {
    PkeyPointer key;
};

base::Result<Ed25519PrivateKey> Ed25519PrivateKey::from_seed(const base::Secret& seed) {
    const std::string_view bytes = seed.reveal();
    if (bytes.size() != 32) return base::invalid("crypto.key-malformed");
    PkeyPointer key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, as_bytes(bytes), bytes.size()));
    must(key != nullptr, "EVP_PKEY_new_raw_private_key");
    Ed25519PrivateKey made;
    size_t length = 32;
    made.m_public_key.resize(length);
    must(EVP_PKEY_get_raw_public_key(key.get(), as_bytes(made.m_public_key), &length) == 1,
         "EVP_PKEY_get_raw_public_key");
    made.m_state = std::make_shared<const State>(State{std::move(key)});
    return made;
}

std::string Ed25519PrivateKey::sign(std::string_view message) const {
    const MdContext context(EVP_MD_CTX_new());
    size_t length = 64;
    std::string signature(length, '\0');
    must(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, m_state->key.get()) == 1 &&
             EVP_DigestSign(context.get(), as_bytes(signature), &length, as_bytes(message), message.size()) == 1,
         "EVP_DigestSign");
    return signature;
}

bool ed25519_verify(std::string_view public_key, std::string_view message, std::string_view signature) {
    if (public_key.size() != 32 || signature.size() != 64) return false;
    const PkeyPointer key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, as_bytes(public_key), 32));
    const MdContext context(EVP_MD_CTX_new());
    if (!key || !context) return false;
    return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), as_bytes(signature), signature.size(), as_bytes(message), message.size()) ==
               1;
}

} // namespace musubi::crypto
