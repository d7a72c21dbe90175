#include "base/encoding.h"
#include "lib/crypto/aead.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/keys.h"
#include "lib/crypto/password.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <thread>

namespace musubi::crypto {
namespace {

using base::hex_decode;
using base::hex_encode;

/// A folder for the openssl command line, which is the independent judge here.
class CommandLine : public testing::Test {
  protected:
    void SetUp() override {
        folder = std::filesystem::temp_directory_path() / ("musubi-crypto-" + std::to_string(getpid()));
        std::filesystem::create_directories(folder);
    }
    void TearDown() override { std::filesystem::remove_all(folder); }
    void write(const std::string& name, std::string_view bytes) {
        std::ofstream(folder / name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    std::string read(const std::string& name) {
        std::ifstream in(folder / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    bool openssl(const std::string& arguments) {
        return std::system(("cd " + folder.string() + " && openssl " + arguments + " >out 2>&1").c_str()) == 0;
    }
    std::filesystem::path folder;
};

// FIPS 180-4 examples.
TEST(Digest, agrees_with_the_examples_of_the_standard) {
    EXPECT_EQ(hex_encode(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex_encode(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(hex_encode(sha384("abc")), "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                                         "8086072ba1e7cc2358baeca134c825a7");
    const auto array = sha256_bytes("abc");
    EXPECT_EQ(std::string(array.begin(), array.end()), sha256("abc"));
    EXPECT_EQ(Hasher(Hash::Sha256).update("a").update("bc").finish(), sha256("abc"));
}

// RFC 4231 test cases 2 and 6.
TEST(Hmac, agrees_with_rfc_4231) {
    EXPECT_EQ(hex_encode(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(
        hex_encode(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// RFC 5869 test case 1.
TEST(Hkdf, agrees_with_rfc_5869) {
    EXPECT_EQ(hex_encode(hkdf_sha256(std::string(22, '\x0b'), *hex_decode("000102030405060708090a0b0c"),
                                     *hex_decode("f0f1f2f3f4f5f6f7f8f9"), 42)),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

// The GCM specification's test case 16 (AES-256, 96-bit nonce, associated data), laid out as nonce, ciphertext, tag.
TEST(Aead, opens_what_the_gcm_specification_sealed) {
    auto key = AeadKey::from_bytes(
        base::Secret(*hex_decode("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")));
    ASSERT_TRUE(key);
    const std::string associated = *hex_decode("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    std::string sealed = *hex_decode("cafebabefacedbaddecaf888"
                                     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                                     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                                     "76fc6ece0f4e1768cddf8853bb2d551b");
    auto opened = key->open(sealed, associated);
    ASSERT_TRUE(opened);
    EXPECT_EQ(hex_encode(*opened), "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                                   "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
    for (size_t i = 0; i < sealed.size(); ++i) {
        std::string broken = sealed;
        broken[i] = static_cast<char>(broken[i] ^ 1);
        EXPECT_FALSE(key->open(broken, associated)) << i;
    }
    EXPECT_FALSE(key->open(sealed, "other"));
    EXPECT_FALSE(key->open("", associated));
}

TEST(SealedTokens, open_only_for_their_purpose_and_until_they_expire) {
    base::SeededRandom random(1);
    SealedTokens tokens(random);
    const auto noon = *base::Instant::parse("2026-11-22T12:00:00Z");
    const std::string token = tokens.seal("download", "person 7", noon);
    EXPECT_EQ(*tokens.open("download", token, noon - std::chrono::seconds(1)), "person 7");
    EXPECT_EQ(tokens.open("download", token, noon).error().code, "token.expired");
    EXPECT_EQ(tokens.open("login", token, noon - std::chrono::seconds(1)).error().code, "token.malformed");
    EXPECT_EQ(tokens.open("download", "x", noon).error().code, "token.malformed");
    EXPECT_FALSE(SealedTokens(random).open("download", token, noon - std::chrono::seconds(1)));
}

TEST_F(CommandLine, accepts_our_rsa_signatures_and_makes_ones_we_accept) {
    auto key = PrivateKey::generate_rsa();
    EXPECT_EQ(key.public_key().bits(), 2048U);
    EXPECT_EQ(key.public_key().exponent(), std::string("\x01\x00\x01", 3));
    write("key.pem", key.pem().reveal());
    write("pub.der", key.public_key().spki());
    write("message", "署名する文");
    write("signature", key.sign(SignatureAlgorithm::RsaPkcs1Sha256, "署名する文"));
    EXPECT_TRUE(openssl("dgst -sha256 -verify pub.der -keyform DER -signature signature message"));
    auto card_style = key.sign_raw_pkcs1(digest_info(Hash::Sha256, sha256("署名する文")));
    ASSERT_TRUE(card_style);
    EXPECT_EQ(*card_style, read("signature")) << "PKCS#1 v1.5 is deterministic";
    ASSERT_TRUE(openssl("dgst -sha256 -sign key.pem -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 "
                        "-out pss message"));
    EXPECT_TRUE(key.public_key().verify(SignatureAlgorithm::RsaPssSha256, "署名する文", read("pss")));
    EXPECT_FALSE(key.public_key().verify(SignatureAlgorithm::RsaPkcs1Sha256, "署名する文", read("pss")));
    ASSERT_TRUE(openssl("pkeyutl -encrypt -inkey pub.der -keyform DER -pubin -pkeyopt rsa_padding_mode:oaep -pkeyopt "
                        "rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256 -in message -out box"));
    EXPECT_EQ(*key.decrypt_oaep_sha256(read("box")), "署名する文");
    EXPECT_FALSE(key.decrypt_oaep_sha256("x"));
    EXPECT_EQ(key.sign_raw_pkcs1(std::string(246, 'x')).error().code, "crypto.input-too-long");
}

TEST_F(CommandLine, makes_ec_keys_and_signatures_that_we_accept) {
    for (auto [curve, name, algorithm] : {std::tuple(KeyAlgorithm::EcP256, "P-256", SignatureAlgorithm::EcdsaSha256),
                                          std::tuple(KeyAlgorithm::EcP384, "P-384", SignatureAlgorithm::EcdsaSha384)}) {
        const std::string hash = algorithm == SignatureAlgorithm::EcdsaSha256 ? "-sha256" : "-sha384";
        ASSERT_TRUE(openssl(std::string("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:") + name + " -out key.pem"));
        ASSERT_TRUE(openssl("pkey -in key.pem -pubout -out pub.pem"));
        write("message", "text");
        ASSERT_TRUE(openssl("dgst " + hash + " -sign key.pem -out signature message"));
        auto key = PrivateKey::from_pem(read("key.pem"));
        auto pub = PublicKey::from_pem(read("pub.pem"));
        ASSERT_TRUE(key);
        ASSERT_TRUE(pub);
        EXPECT_EQ(key->algorithm(), curve);
        EXPECT_TRUE(pub->verify(algorithm, "text", read("signature")));
        EXPECT_FALSE(pub->verify(algorithm, "test", read("signature")));
        auto again = PublicKey::from_ec_point(curve, pub->ec_point());
        ASSERT_TRUE(again);
        EXPECT_EQ(again->spki(), pub->spki());
        EXPECT_TRUE(again->verify_fixed_width(algorithm, "text", key->sign_fixed_width(algorithm, "text")));
        write("signature", key->sign(algorithm, "text"));
        EXPECT_TRUE(openssl("dgst " + hash + " -verify pub.pem -signature signature message"));
    }
}

TEST_F(CommandLine, reads_encrypted_keys_with_the_right_passphrase_only) {
    ASSERT_TRUE(
        openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass pass:secret -out key.pem"));
    EXPECT_TRUE(PrivateKey::from_pem(read("key.pem"), base::Secret("secret")));
    EXPECT_FALSE(PrivateKey::from_pem(read("key.pem"), base::Secret("wrong")));
    EXPECT_FALSE(PrivateKey::from_pem(read("key.pem")));
    EXPECT_FALSE(PrivateKey::from_pem("nothing"));
    ASSERT_TRUE(openssl("genpkey -algorithm ED25519 -out ed.pem"));
    EXPECT_EQ(PrivateKey::from_pem(read("ed.pem")).error().code, "crypto.key-malformed");
}

TEST(PublicKey, loads_rsa_numbers_and_refuses_weak_ones) {
    auto key = PrivateKey::generate_rsa();
    const std::string modulus = key.public_key().modulus();
    auto loaded = PublicKey::from_rsa(std::string(1, '\0') + modulus, std::string("\x01\x00\x01", 3));
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->spki(), key.public_key().spki());
    const std::string signature = key.sign(SignatureAlgorithm::RsaPkcs1Sha256, "text");
    EXPECT_TRUE(loaded->verify(SignatureAlgorithm::RsaPkcs1Sha256, "text", signature));
    EXPECT_FALSE(loaded->verify(SignatureAlgorithm::EcdsaSha256, "text", signature));
    EXPECT_FALSE(loaded->verify(SignatureAlgorithm::RsaPkcs1Sha256, "text", signature.substr(1)));
    EXPECT_FALSE(PublicKey::from_rsa(modulus.substr(1), "\x03"));
    EXPECT_FALSE(PublicKey::from_rsa(modulus, "\x01"));
    EXPECT_FALSE(PublicKey::from_rsa(modulus, "\x04"));
    EXPECT_FALSE(PublicKey::from_rsa("", ""));
}

// Signatures whose padding is almost right: made by hand with the private key, so that only the encoding differs.
TEST(PublicKey, accepts_exactly_one_encoding_of_a_pkcs1_signature) {
    auto key = PrivateKey::generate_rsa();
    const auto pub = key.public_key();
    const std::string digest = sha256("text");
    const auto accepted = [&](std::string_view info) {
        return pub.verify(SignatureAlgorithm::RsaPkcs1Sha256, "text", *key.sign_raw_pkcs1(info));
    };
    const std::string info = digest_info(Hash::Sha256, digest);
    EXPECT_TRUE(accepted(info));
    EXPECT_FALSE(accepted(info + '\0')) << "something after the hash (CVE-2006-4339)";
    EXPECT_FALSE(accepted(digest)) << "no DigestInfo";
    EXPECT_FALSE(accepted(digest_info(Hash::Sha256, sha256("other"))));
    // AlgorithmIdentifier without the NULL: a spelling some verifiers take.
    EXPECT_FALSE(accepted(*hex_decode("302f300b0609608648016503040201") + *hex_decode("0420") + digest));
    const std::string good = *key.sign_raw_pkcs1(info);
    for (size_t i = 0; i < good.size(); ++i) {
        std::string flipped = good;
        flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
        EXPECT_FALSE(pub.verify(SignatureAlgorithm::RsaPkcs1Sha256, "text", flipped)) << i;
    }
    EXPECT_FALSE(pub.verify(SignatureAlgorithm::RsaPkcs1Sha256, "text", std::string(1, '\0') + good));
    EXPECT_FALSE(pub.verify(SignatureAlgorithm::RsaPkcs1Sha256, "text", std::string(256, '\xff'))) << "above n";
    EXPECT_FALSE(pub.verify(SignatureAlgorithm::RsaPkcs1Sha256, "text", std::string(256, '\0')));
}

TEST(PublicKey, refuses_points_off_the_curve_and_trailing_bytes) {
    auto key = PrivateKey::generate_ec();
    std::string point = key.public_key().ec_point();
    EXPECT_EQ(point.size(), 65U);
    EXPECT_TRUE(PublicKey::from_ec_coordinates(KeyAlgorithm::EcP256, point.substr(1, 32), point.substr(33)));
    point.back() = static_cast<char>(point.back() ^ 1);
    EXPECT_FALSE(PublicKey::from_ec_point(KeyAlgorithm::EcP256, point));
    EXPECT_FALSE(PublicKey::from_ec_point(KeyAlgorithm::EcP384, key.public_key().ec_point()));
    EXPECT_TRUE(PublicKey::from_spki(key.public_key().spki()));
    EXPECT_FALSE(PublicKey::from_spki(key.public_key().spki() + "x"));
    EXPECT_TRUE(PrivateKey::from_der(key.der().reveal()));
}

TEST(PublicKey, verifies_from_many_threads_at_once) {
    auto key = PrivateKey::generate_rsa();
    const std::string pkcs1 = key.sign(SignatureAlgorithm::RsaPkcs1Sha256, "text");
    const std::string pss = key.sign(SignatureAlgorithm::RsaPssSha256, "text");
    auto pub = key.public_key();
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 200; ++i) {
                if (!pub.verify(SignatureAlgorithm::RsaPkcs1Sha256, "text", pkcs1)) ++wrong;
                if (!pub.verify(SignatureAlgorithm::RsaPssSha256, "text", pss)) ++wrong;
                if (pub.verify(SignatureAlgorithm::RsaPssSha256, "text", pkcs1)) ++wrong;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
}

TEST(Password, hashes_are_salted_and_verify) {
    const base::Secret password("正しい馬 電池");
    const std::string hash = hash_password(password);
    EXPECT_EQ(hash.rfind("$argon2id$v=19$m=19456,t=2,p=1$", 0), 0U) << hash;
    EXPECT_NE(hash, hash_password(password));
    EXPECT_TRUE(verify_password(hash, password));
    EXPECT_FALSE(verify_password(hash, base::Secret("wrong")));
    EXPECT_FALSE(verify_password("", password));
    EXPECT_FALSE(verify_password(std::string(500, 'x'), password));
    EXPECT_FALSE(password_hash_outdated(hash));
    // Less memory than today.
    EXPECT_TRUE(password_hash_outdated("$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$"
                                       "lDo2vV1p7S8QsGv6qcqs7mFa1yV8nHxPYbYNTDCZDYI"));
}

} // namespace
} // namespace musubi::crypto
