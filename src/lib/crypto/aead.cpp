#include "lib/crypto/aead.h"

#include "base/encoding.h"
#include "lib/crypto/openssl_support.h"

namespace musubi::crypto {
namespace {

constexpr size_t kKeySize = 32;
constexpr size_t kNonceSize = 12;
constexpr size_t kTagSize = 16;

const EVP_CIPHER* aes_256_gcm() {
    static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    must(cipher != nullptr, "libcrypto has no AES-256-GCM");
    return cipher;
}

EVP_CIPHER_CTX* thread_context() {
    thread_local CipherContext context(EVP_CIPHER_CTX_new());
    must(context != nullptr, "EVP_CIPHER_CTX_new");
    EVP_CIPHER_CTX_reset(context.get());
    return context.get();
}

} // namespace

AeadKey AeadKey::generate(base::Random& random) { return AeadKey(base::Secret(random.bytes(kKeySize))); }

base::Result<AeadKey> AeadKey::from_bytes(base::Secret bytes) {
    if (bytes.reveal().size() != kKeySize) return base::invalid("crypto.key-malformed");
    return AeadKey(std::move(bytes));
}

std::string AeadKey::seal(std::string_view plaintext, std::string_view associated_data, base::Random& random) const {
    std::string out = random.bytes(kNonceSize);
    out.resize(kNonceSize + plaintext.size() + kTagSize);
    EVP_CIPHER_CTX* context = thread_context();
    int length = 0;
    unsigned char* body = as_bytes(out) + kNonceSize;
    must(EVP_EncryptInit_ex2(context, aes_256_gcm(), as_bytes(m_bytes.reveal()), as_bytes(out), nullptr) == 1 &&
             EVP_EncryptUpdate(context, nullptr, &length, as_bytes(associated_data),
                               static_cast<int>(associated_data.size())) == 1 &&
             EVP_EncryptUpdate(context, body, &length, as_bytes(plaintext), static_cast<int>(plaintext.size())) == 1 &&
             EVP_EncryptFinal_ex(context, body + plaintext.size(), &length) == 1 &&
             EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagSize, body + plaintext.size()) == 1,
         "AeadKey::seal");
    return out;
}

base::Result<std::string> AeadKey::open(std::string_view sealed, std::string_view associated_data) const {
    const auto broken = [] { return base::invalid("crypto.seal-broken"); };
    if (sealed.size() < kNonceSize + kTagSize || sealed.size() > (1U << 30)) return broken();
    const std::string_view body = sealed.substr(kNonceSize, sealed.size() - kNonceSize - kTagSize);
    std::string tag(sealed.substr(sealed.size() - kTagSize));
    std::string out(body.size(), '\0');
    EVP_CIPHER_CTX* context = thread_context();
    int length = 0;
    must(EVP_DecryptInit_ex2(context, aes_256_gcm(), as_bytes(m_bytes.reveal()), as_bytes(sealed), nullptr) == 1 &&
             EVP_DecryptUpdate(context, nullptr, &length, as_bytes(associated_data),
                               static_cast<int>(associated_data.size())) == 1 &&
             EVP_DecryptUpdate(context, as_bytes(out), &length, as_bytes(body), static_cast<int>(body.size())) == 1 &&
             EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()) == 1,
         "AeadKey::open");
    unsigned char rest[kTagSize];
    if (EVP_DecryptFinal_ex(context, rest, &length) != 1) return broken();
    return out;
}

std::string SealedTokens::seal(std::string_view purpose, std::string_view payload, base::Instant expires) const {
    std::string plaintext;
    const auto milliseconds = static_cast<uint64_t>(expires.milliseconds());
    for (int shift = 56; shift >= 0; shift -= 8) plaintext += static_cast<char>(milliseconds >> shift);
    plaintext += payload;
    return base::base64url_encode(m_key.seal(plaintext, purpose, *m_random));
}

base::Result<std::string> SealedTokens::open(std::string_view purpose, std::string_view token,
                                             base::Instant now) const {
    auto sealed = base::base64url_decode(token);
    if (!sealed) return base::invalid("token.malformed");
    auto plaintext = m_key.open(*sealed, purpose);
    if (!plaintext || plaintext->size() < 8) return base::invalid("token.malformed");
    uint64_t milliseconds = 0;
    for (int i = 0; i < 8; ++i) milliseconds = milliseconds << 8 | static_cast<uint8_t>((*plaintext)[i]);
    if (now >= base::Instant::from_milliseconds(static_cast<int64_t>(milliseconds)))
        return base::error(base::ErrorKind::Gone, "token.expired");
    return plaintext->substr(8);
}

} // namespace musubi::crypto
