#include "lib/crypto/digest.h"

#include "lib/crypto/openssl_support.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

namespace musubi::crypto {
namespace {

const EVP_MD* fetch(const char* name) {
    EVP_MD* md = EVP_MD_fetch(nullptr, name, nullptr);
    must(md != nullptr, "libcrypto has no digest");
    return md;
}

/// Creating a context costs more than hashing a short text, so each thread keeps one.
EVP_MD_CTX* thread_context() {
    thread_local MdContext context(EVP_MD_CTX_new());
    must(context != nullptr, "EVP_MD_CTX_new");
    return context.get();
}

void digest_into(Hash hash, std::string_view bytes, unsigned char* out) {
    EVP_MD_CTX* context = thread_context();
    unsigned length = 0;
    must(EVP_DigestInit_ex2(context, message_digest(hash), nullptr) == 1 &&
             EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
             EVP_DigestFinal_ex(context, out, &length) == 1,
         "digest");
}

std::string hmac(Hash hash, std::string_view key, std::string_view message) {
    // RFC 2104 section 2; the block of SHA-1 and SHA-256 is 64 bytes.
    constexpr size_t block = 64;
    std::string pad = key.size() > block ? digest(hash, key) : std::string(key);
    pad.resize(block, '\0');
    for (char& c : pad) c = static_cast<char>(c ^ 0x36);
    std::string inner = Hasher(hash).update(pad).update(message).finish();
    for (char& c : pad) c = static_cast<char>(c ^ 0x36 ^ 0x5c);
    return Hasher(hash).update(pad).update(inner).finish();
}

} // namespace

const EVP_MD* message_digest(Hash hash) {
    static const EVP_MD* const sha1 = fetch("SHA1");
    static const EVP_MD* const sha256 = fetch("SHA256");
    static const EVP_MD* const sha384 = fetch("SHA384");
    static const EVP_MD* const sha512 = fetch("SHA512");
    switch (hash) {
    case Hash::Sha1:
        return sha1;
    case Hash::Sha256:
        return sha256;
    case Hash::Sha384:
        return sha384;
    case Hash::Sha512:
        return sha512;
    }
    return sha256;
}

size_t digest_size(Hash hash) {
    switch (hash) {
    case Hash::Sha1:
        return 20;
    case Hash::Sha256:
        return 32;
    case Hash::Sha384:
        return 48;
    case Hash::Sha512:
        return 64;
    }
    return 0;
}

std::string digest(Hash hash, std::string_view bytes) {
    std::string out(digest_size(hash), '\0');
    digest_into(hash, bytes, as_bytes(out));
    return out;
}

Sha256Bytes sha256_bytes(std::string_view bytes) {
    Sha256Bytes out;
    digest_into(Hash::Sha256, bytes, out.data());
    return out;
}

struct Hasher::State {
    Hash hash;
    MdContext context;
};

Hasher::Hasher(Hash hash) : m_state(new State{hash, MdContext(EVP_MD_CTX_new())}) {
    must(m_state->context && EVP_DigestInit_ex2(m_state->context.get(), message_digest(hash), nullptr) == 1, "Hasher");
}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

Hasher& Hasher::update(std::string_view bytes) {
    must(EVP_DigestUpdate(m_state->context.get(), bytes.data(), bytes.size()) == 1, "Hasher::update");
    return *this;
}

std::string Hasher::finish() {
    std::string out(digest_size(m_state->hash), '\0');
    must(EVP_DigestFinal_ex(m_state->context.get(), as_bytes(out), nullptr) == 1, "Hasher::finish");
    return out;
}

std::string hmac_sha256(std::string_view key, std::string_view message) { return hmac(Hash::Sha256, key, message); }
std::string hmac_sha1(std::string_view key, std::string_view message) { return hmac(Hash::Sha1, key, message); }

std::string hkdf_sha256(std::string_view key, std::string_view salt, std::string_view info, size_t length) {
    if (length == 0 || length > 255 * 32) throw std::logic_error("hkdf_sha256: length");
    std::string pseudo_random_key = hmac_sha256(salt, key); // section 2.2
    std::string out;
    std::string block;
    for (char counter = 1; out.size() < length; ++counter) { // section 2.3
        block = hmac_sha256(pseudo_random_key, block.append(info).append(1, counter));
        out += block;
    }
    out.resize(length);
    return out;
}

std::string digest_info(Hash hash, std::string_view digest) {
    using namespace std::string_view_literals;
    switch (hash) {
    case Hash::Sha1:
        return std::string("\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14"sv).append(digest);
    case Hash::Sha256:
        return std::string("\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20"sv)
            .append(digest);
    case Hash::Sha384:
        return std::string("\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30"sv)
            .append(digest);
    case Hash::Sha512:
        return std::string("\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40"sv)
            .append(digest);
    }
    return {};
}

} // namespace musubi::crypto
