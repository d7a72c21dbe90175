#include "lib/crypto/password.h"

#include <sodium.h>
#include <stdexcept>

namespace musubi::crypto {
namespace {

// RFC 9106 section 4 second choice scaled to a server: 19 MiB and two passes are the minimum OWASP names for argon2id.
constexpr unsigned long long kPasses = 2;
constexpr size_t kMemory = 19 * 1024 * 1024;

void initialise() {
    static const int state = sodium_init();
    if (state < 0) throw std::runtime_error("sodium_init");
}

} // namespace

std::string hash_password(const base::Secret& password) {
    initialise();
    std::string out(crypto_pwhash_STRBYTES, '\0');
    if (crypto_pwhash_str_alg(out.data(), password.reveal().data(), password.reveal().size(), kPasses, kMemory,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        throw std::bad_alloc();
    out.resize(out.find('\0'));
    return out;
}

bool verify_password(std::string_view hash, const base::Secret& password) {
    initialise();
    std::string text(hash);
    if (text.size() >= crypto_pwhash_STRBYTES) return false;
    return crypto_pwhash_str_verify(text.c_str(), password.reveal().data(), password.reveal().size()) == 0;
}

bool password_hash_outdated(std::string_view hash) {
    initialise();
    std::string text(hash);
    if (text.size() >= crypto_pwhash_STRBYTES) return true;
    return crypto_pwhash_str_needs_rehash(text.c_str(), kPasses, kMemory) != 0;
}

} // namespace musubi::crypto
