// What it costs to judge a certificate and a challenge signed with its key, beside the arithmetic nobody can avoid and
// beside OpenSSL's usual path, all in one run: the ratios are what counts on a shared machine.
//
//   raw_rsa_verify          one RSA-2048 verification on a context made once: the floor
//   new_certificate         verifier + challenge for a certificate never seen (two RSA verifications)
//   seen_certificate        the same for one in the cache (one RSA verification)
//   openssl_usual           d2i_X509, X509_verify_cert, EVP_DigestVerify, look-up
#include "lib/pki/crl.h"
#include "lib/pki/reference_verifier.h"
#include "lib/pki/testing.h"
#include "lib/pki/verifier.h"

#include <benchmark/benchmark.h>
#include <openssl/evp.h>

namespace {

using namespace musubi;
using pki::testing::SampleAuthority;

constexpr auto kKind = pki::CertificateKind::UserAuthentication;
constexpr std::string_view kText =
    "musubi-card-v1 https://kenko.city.example authenticate 0123456789abcdef0123456789abcdef";

struct World {
    base::Instant now = *base::Instant::parse("2026-11-22T09:00:00Z");
    SampleAuthority authority{kKind, pki::Realm::Test, now, 0};
    const crypto::PrivateKey& key = pki::testing::sample_key(1);
    pki::TrustStore store{pki::Deployment::Test};
    pki::RevocationLists lists;
    std::vector<std::string> certificates;
    std::string signature = key.sign(crypto::SignatureAlgorithm::RsaPkcs1Sha256, kText);

    World() {
        (void)store.add(authority.authority().der, kKind, pki::Realm::Test);
        std::vector<pki::RevokedCertificate> revoked;
        for (uint64_t serial = 1'000'000; serial < 1'050'000; ++serial)
            revoked.push_back({pki::SerialNumber::of(serial), now, pki::RevocationReason::Superseded});
        (void)lists.add(authority.list(now, std::move(revoked)), store);
        for (uint64_t serial = 1; serial <= 4096; ++serial)
            certificates.push_back(
                authority.issue_unlinted(pki::holder_certificate(authority.holder(serial, now, key.public_key()))));
    }
};
World& world() {
    static World instance;
    return instance;
}

/// `count` RSA verifications with a context prepared outside: what the hardware allows.
void raw_rsa_verify(benchmark::State& state) {
    const std::string spki = world().key.public_key().spki();
    const auto* at = reinterpret_cast<const unsigned char*>(spki.data());
    EVP_PKEY* key = d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size()));
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key, nullptr);
    EVP_PKEY_verify_init(context);
    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256());
    const std::string digest = crypto::sha256(kText);
    const auto& signature = world().signature;
    for (auto _ : state) {
        for (int64_t i = 0; i < state.range(0); ++i) {
            const int good =
                EVP_PKEY_verify(context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                                reinterpret_cast<const unsigned char*>(digest.data()), digest.size());
            if (good != 1) state.SkipWithError("wrong signature");
        }
    }
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
}

void verify_once(benchmark::State& state, pki::Verifier& verifier, std::string_view der) {
    const auto certificate = base::sync_wait(verifier.verify(der, kKind, world().now));
    if (!certificate || !pki::verify_signature(*certificate, kText, world().signature, world().now))
        state.SkipWithError("refused");
}

/// The cache is far smaller than the crowd, so every certificate is a new one.
void new_certificate(benchmark::State& state) {
    pki::Verifier verifier(world().store, world().lists, {16});
    size_t next = 0;
    for (auto _ : state) verify_once(state, verifier, world().certificates[next++ % world().certificates.size()]);
}

void seen_certificate(benchmark::State& state) {
    pki::Verifier verifier(world().store, world().lists);
    for (const auto& der : world().certificates) verify_once(state, verifier, der);
    size_t next = 0;
    for (auto _ : state) verify_once(state, verifier, world().certificates[next++ % world().certificates.size()]);
}

/// As programs are written with OpenSSL: the store is made once, everything else per request.
void openssl_usual(benchmark::State& state) {
    X509_STORE* store = X509_STORE_new();
    const auto root = pki::reference_parse(world().authority.authority().der);
    X509_STORE_add_cert(store, root.get());
    size_t next = 0;
    for (auto _ : state) {
        const auto certificate = pki::reference_parse(world().certificates[next++ % world().certificates.size()]);
        X509_STORE_CTX* chain = X509_STORE_CTX_new();
        X509_STORE_CTX_init(chain, store, certificate.get(), nullptr);
        X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(chain), world().now.seconds());
        EVP_MD_CTX* digest = EVP_MD_CTX_new();
        const auto& signature = world().signature;
        if (X509_verify_cert(chain) != 1 ||
            EVP_DigestVerifyInit(digest, nullptr, EVP_sha256(), nullptr, X509_get0_pubkey(certificate.get())) != 1 ||
            EVP_DigestVerify(digest, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                             reinterpret_cast<const unsigned char*>(kText.data()), kText.size()) != 1)
            state.SkipWithError("refused");
        EVP_MD_CTX_free(digest);
        X509_STORE_CTX_free(chain);
    }
    X509_STORE_free(store);
}

void revocation_lookup(benchmark::State& state) {
    const std::string point = pki::testing::sample_partition(kKind);
    uint64_t next = 999'000;
    for (auto _ : state) {
        const auto serial = pki::SerialNumber::of(next++ % 60'000 + 990'000);
        benchmark::DoNotOptimize(
            base::sync_wait(world().lists.status({world().authority.authority(), serial, point}, world().now)));
    }
}

} // namespace

BENCHMARK(raw_rsa_verify)->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond);
BENCHMARK(new_certificate)->Unit(benchmark::kMicrosecond);
BENCHMARK(seen_certificate)->Unit(benchmark::kMicrosecond);
BENCHMARK(openssl_usual)->Unit(benchmark::kMicrosecond);
BENCHMARK(revocation_lookup)->Unit(benchmark::kMicrosecond);
BENCHMARK_MAIN();
