#include "lib/crypto/rsa_verifier.h"

#include <array>
#include <bit>
#include <cstring>

namespace musubi::crypto {
namespace {

constexpr size_t kMaxSize = 1024;

std::string_view without_leading_zeros(std::string_view number) {
    const size_t first = number.find_first_not_of('\0');
    return first == std::string_view::npos ? std::string_view() : number.substr(first);
}

/// Scratch numbers of this thread.
struct Scratch {
    std::unique_ptr<BN_CTX, OpenSslFree<BN_CTX_free>> context{BN_CTX_new()};
    std::unique_ptr<BIGNUM, OpenSslFree<BN_free>> signature{BN_new()};
    std::unique_ptr<BIGNUM, OpenSslFree<BN_free>> message{BN_new()};
};
Scratch& scratch() {
    thread_local Scratch instance;
    must(instance.context && instance.signature && instance.message, "BN_new");
    return instance;
}

/// EMSA-PKCS1-v1_5 (RFC 8017 section 9.2): 00 01 FF … FF 00 DigestInfo, `size` bytes in all.
void encode(Hash hash, std::string_view digest, size_t size, unsigned char* out) {
    const std::string info = digest_info(hash, digest);
    const size_t padding = size - info.size() - 3;
    out[0] = 0;
    out[1] = 1;
    std::memset(out + 2, 0xff, padding);
    out[2 + padding] = 0;
    std::memcpy(out + 3 + padding, info.data(), info.size());
}

} // namespace

std::optional<RsaVerifier> RsaVerifier::make(std::string_view modulus, std::string_view exponent) {
    modulus = without_leading_zeros(modulus);
    exponent = without_leading_zeros(exponent);
    const auto top = modulus.empty() ? 0 : static_cast<uint8_t>(modulus[0]);
    if (modulus.size() < 256 || modulus.size() > kMaxSize || (modulus.size() == 256 && top < 0x80)) return std::nullopt;
    if (static_cast<uint8_t>(modulus.back()) % 2 == 0) return std::nullopt;
    if (exponent.empty() || exponent.size() > 8 || static_cast<uint8_t>(exponent.back()) % 2 == 0) return std::nullopt;
    if (exponent == "\x01") return std::nullopt;
    RsaVerifier out;
    out.m_modulus = modulus;
    out.m_exponent = exponent;
    out.m_n.reset(BN_bin2bn(as_bytes(modulus), static_cast<int>(modulus.size()), nullptr));
    out.m_e.reset(BN_bin2bn(as_bytes(exponent), static_cast<int>(exponent.size()), nullptr));
    out.m_montgomery.reset(BN_MONT_CTX_new());
    must(out.m_n && out.m_e && out.m_montgomery &&
             BN_MONT_CTX_set(out.m_montgomery.get(), out.m_n.get(), scratch().context.get()) == 1,
         "RsaVerifier");
    return out;
}

bool RsaVerifier::verify(Hash hash, std::string_view digest, std::string_view signature) const {
    const size_t size = m_modulus.size();
    if (signature.size() != size || digest.size() != digest_size(hash)) return false;
    Scratch& numbers = scratch();
    must(BN_bin2bn(as_bytes(signature), static_cast<int>(size), numbers.signature.get()) != nullptr, "BN_bin2bn");
    if (BN_ucmp(numbers.signature.get(), m_n.get()) >= 0) return false; // section 5.2.2: representative out of range
    must(BN_mod_exp_mont(numbers.message.get(), numbers.signature.get(), m_e.get(), m_n.get(), numbers.context.get(),
                         m_montgomery.get()) == 1,
         "BN_mod_exp_mont");
    std::array<unsigned char, kMaxSize> found;
    std::array<unsigned char, kMaxSize> expected;
    must(BN_bn2binpad(numbers.message.get(), found.data(), static_cast<int>(size)) == static_cast<int>(size),
         "BN_bn2binpad");
    encode(hash, digest, size, expected.data());
    return std::memcmp(found.data(), expected.data(), size) == 0;
}

size_t RsaVerifier::bits() const {
    return 8 * (m_modulus.size() - 1) + static_cast<size_t>(std::bit_width(static_cast<uint8_t>(m_modulus[0])));
}

} // namespace musubi::crypto
