// Private to lib/crypto: owning pointers for OpenSSL objects, and what cannot fail unless memory is exhausted.
#pragma once

#include "lib/crypto/digest.h"

#include <memory>
#include <new>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <stdexcept>

namespace musubi::crypto {

template <auto Free> struct OpenSslFree {
    template <class T> void operator()(T* object) const { Free(object); }
};
using PkeyPointer = std::unique_ptr<EVP_PKEY, OpenSslFree<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, OpenSslFree<EVP_PKEY_CTX_free>>;
using MdContext = std::unique_ptr<EVP_MD_CTX, OpenSslFree<EVP_MD_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, OpenSslFree<EVP_CIPHER_CTX_free>>;
using BioPointer = std::unique_ptr<BIO, OpenSslFree<BIO_free_all>>;

/// Fetched once per process: an implicit fetch costs as much as hashing 64 bytes.
const EVP_MD* message_digest(Hash hash);

inline const unsigned char* as_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
inline unsigned char* as_bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

/// For calls whose only failure is exhausted memory or a broken library.
inline void must(bool ok, const char* what) {
    if (!ok) throw std::runtime_error(what);
}

} // namespace musubi::crypto
