#include "lib/card_challenge/card_challenge.h"

#include "base/encoding.h"

#include <gtest/gtest.h>

namespace musubi::card_challenge {
namespace {

// printf 'musubi-card-v1\0https://phr.example.jp\0register\0' | cat - <(printf '0123456789abcdef') | openssl sha256
TEST(CardChallenge, is_the_hash_another_program_computes) {
    EXPECT_EQ(base::hex_encode(challenge_digest("https://phr.example.jp", Purpose::Register, "0123456789abcdef")),
              "de963ce894530f1472cfd6a259a3c7c36ac694bdabf9562e7f394962b7fc6b04");
}

TEST(CardChallenge, differs_by_site_purpose_and_nonce) {
    const std::string nonce(32, 'n');
    const auto digest = challenge_digest("https://a.example", Purpose::Register, nonce);
    EXPECT_NE(digest, challenge_digest("https://b.example", Purpose::Register, nonce));
    EXPECT_NE(digest, challenge_digest("https://a.example", Purpose::Authenticate, nonce));
    EXPECT_NE(digest, challenge_digest("https://a.example", Purpose::Register, std::string(32, 'm')));
}

TEST(CardChallenge, purposes_have_one_name_and_nonces_a_sensible_size) {
    EXPECT_EQ(purpose_named(purpose_name(Purpose::Register)), Purpose::Register);
    EXPECT_EQ(purpose_named(purpose_name(Purpose::Authenticate)), Purpose::Authenticate);
    EXPECT_FALSE(purpose_named("anything"));
    EXPECT_FALSE(valid_nonce(std::string(15, 'x')));
    EXPECT_TRUE(valid_nonce(std::string(16, 'x')));
    EXPECT_TRUE(valid_nonce(std::string(64, 'x')));
    EXPECT_FALSE(valid_nonce(std::string(65, 'x')));
}

} // namespace
} // namespace musubi::card_challenge
