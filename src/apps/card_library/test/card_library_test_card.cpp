// A software card for the C test program.
#include "apps/card_library/musubi_card.h"
#include "lib/card/test_card.h"
#include "lib/card_challenge/card_challenge.h"

#include <cstring>

namespace {
struct TestCard {
    musubi::card::SoftwareCard card;
    int commands_left = -1; // negative: never pulled
};
} // namespace

extern "C" {

void* test_card_new(int under_fifteen) {
    using namespace musubi::card::test;
    return new TestCard{software_card(image(under_fifteen ? Age::UnderFifteen : Age::Adult))};
}
void test_card_free(void* card) { delete static_cast<TestCard*>(card); }
void test_card_pull_after(void* card, int commands) { static_cast<TestCard*>(card)->commands_left = commands; }

musubi_card_status test_card_transceive(void* context, const uint8_t* command, size_t command_length, uint8_t* response,
                                        size_t* response_length) {
    auto& test = *static_cast<TestCard*>(context);
    if (test.commands_left == 0) return MUSUBI_CARD_REMOVED;
    if (test.commands_left > 0) --test.commands_left;
    const auto answer = test.card.transmit({reinterpret_cast<const char*>(command), command_length});
    if (answer.size() > *response_length) return MUSUBI_CARD_COMMUNICATION;
    std::memcpy(response, answer.data(), answer.size());
    *response_length = answer.size();
    return MUSUBI_CARD_OK;
}

int test_card_verify(int signature_key, const char* purpose, const musubi_card_bytes* signature) {
    using namespace musubi;
    const auto& keys = card::test::keys();
    const auto key = signature_key ? keys.signature->public_key() : keys.user_authentication.public_key();
    const auto input = card_challenge::challenge_digest_input(
        "https://phr.example.jp", *card_challenge::purpose_named(purpose), "0123456789abcdef");
    return key.verify(crypto::SignatureAlgorithm::RsaPkcs1Sha256, input,
                      {reinterpret_cast<const char*>(signature->data), signature->size});
}

} // extern "C"
