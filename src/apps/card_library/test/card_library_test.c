/* The library as a C program sees it. The card is reached through functions of card_library_test_card.cpp. */
#include "apps/card_library/musubi_card.h"

#include <stdio.h>
#include <string.h>

void* test_card_new(int under_fifteen);
void test_card_free(void* card);
void test_card_pull_after(void* card, int commands);
int test_card_verify(int signature_key, const char* purpose, const musubi_card_bytes* signature);
musubi_card_status test_card_transceive(void* context, const uint8_t* command, size_t command_length, uint8_t* response,
                                        size_t* response_length);

static int failed = 0;

static void check(int condition, const char* sentence, int line) {
    if (condition) return;
    ++failed;
    printf("FAIL line %d: %s\n", line, sentence);
}
#define CHECK(condition) check(condition, #condition, __LINE__)

static const uint8_t kNonce[16] = "0123456789abcdef";
static const char* kOrigin = "https://phr.example.jp";

static void reads_and_signs(void) {
    void* test_card = test_card_new(0);
    musubi_card* card = NULL;
    musubi_card_info info;
    musubi_card_proof user;
    musubi_card_proof signature;
    musubi_card_bytes certificate;
    musubi_card_attributes attributes;
    unsigned tries = 99;
    CHECK(musubi_card_open(&card, test_card_transceive, test_card) == MUSUBI_CARD_OK);
    CHECK(musubi_card_read_info(card, &info) == MUSUBI_CARD_OK);
    CHECK(info.kind == MUSUBI_CARD_KIND_CARD && info.has_user_certificate && info.has_signature_certificate);
    CHECK(musubi_card_tries_left(card, MUSUBI_CARD_USER_PIN, &tries) == MUSUBI_CARD_OK && tries == 3);
    CHECK(musubi_card_tries_left(card, MUSUBI_CARD_TEXT_PIN, &tries) == MUSUBI_CARD_OK && tries == 3);
    CHECK(musubi_card_tries_left(card, MUSUBI_CARD_SIGNATURE_PASSWORD, &tries) == MUSUBI_CARD_OK && tries == 5);
    CHECK(musubi_card_read_certificate(card, MUSUBI_CARD_CERTIFICATE_USER_AUTHORITY, &certificate) == MUSUBI_CARD_OK);
    CHECK(certificate.size > 1000 && certificate.data[0] == 0x30);
    musubi_card_free_bytes(&certificate);
    CHECK(certificate.data == NULL);
    CHECK(musubi_card_authenticate(card, kOrigin, kNonce, 16, "1234", &user) == MUSUBI_CARD_OK);
    CHECK(test_card_verify(0, "authenticate", &user.signature));
    CHECK(!test_card_verify(0, "register", &user.signature));
    musubi_card_free_proof(&user);
    CHECK(musubi_card_register(card, kOrigin, kNonce, 16, "1234", "musubi2026", &user, &signature) == MUSUBI_CARD_OK);
    CHECK(test_card_verify(0, "register", &user.signature) && test_card_verify(1, "register", &signature.signature));
    musubi_card_free_proof(&user);
    musubi_card_free_proof(&signature);
    CHECK(musubi_card_read_attributes(card, "5678", &attributes) == MUSUBI_CARD_OK);
    CHECK(strcmp(attributes.name, "黒桐　幹也") == 0 && strcmp(attributes.birth_date, "1980-02-17") == 0);
    CHECK(attributes.sex == '1');
    /* the text application was selected: the next call finds its way back */
    CHECK(musubi_card_change_secret(card, MUSUBI_CARD_USER_PIN, "1234", "4321") == MUSUBI_CARD_OK);
    CHECK(musubi_card_change_secret(card, MUSUBI_CARD_TEXT_PIN, "5678", "8765") == MUSUBI_CARD_OK);
    musubi_card_close(card);
    test_card_free(test_card);
}

static void tells_what_went_wrong(void) {
    void* test_card = test_card_new(0);
    musubi_card* card = NULL;
    musubi_card_proof user;
    musubi_card_proof signature;
    CHECK(musubi_card_open(&card, test_card_transceive, test_card) == MUSUBI_CARD_OK);
    CHECK(musubi_card_authenticate(card, kOrigin, kNonce, 16, "12", &user) == MUSUBI_CARD_PIN_MALFORMED);
    CHECK(musubi_card_authenticate(card, kOrigin, kNonce, 16, "0000", &user) == MUSUBI_CARD_PIN_WRONG);
    CHECK(musubi_card_last_tries_left(card) == 2 && musubi_card_last_secret(card) == MUSUBI_CARD_USER_PIN);
    CHECK(user.certificate.data == NULL && user.signature.data == NULL);
    CHECK(musubi_card_register(card, kOrigin, kNonce, 16, "1234", "WRONG1", &user, &signature) ==
          MUSUBI_CARD_PIN_WRONG);
    CHECK(musubi_card_last_tries_left(card) == 4 && musubi_card_last_secret(card) == MUSUBI_CARD_SIGNATURE_PASSWORD);
    for (int i = 0; i < 2; ++i)
        CHECK(musubi_card_authenticate(card, kOrigin, kNonce, 16, "0000", &user) == MUSUBI_CARD_PIN_WRONG);
    CHECK(musubi_card_authenticate(card, kOrigin, kNonce, 16, "0000", &user) == MUSUBI_CARD_PIN_BLOCKED);
    CHECK(musubi_card_authenticate(card, kOrigin, kNonce, 16, "1234", &user) == MUSUBI_CARD_PIN_BLOCKED);
    CHECK(musubi_card_last_tries_left(card) == 0);
    musubi_card_close(card);
    test_card_free(test_card);

    test_card = test_card_new(1);
    CHECK(musubi_card_open(&card, test_card_transceive, test_card) == MUSUBI_CARD_OK);
    CHECK(musubi_card_register(card, kOrigin, kNonce, 16, "1234", "MUSUBI2026", &user, &signature) ==
          MUSUBI_CARD_SIGNATURE_CERTIFICATE_MISSING);
    test_card_pull_after(test_card, 3);
    CHECK(musubi_card_authenticate(card, kOrigin, kNonce, 16, "1234", &user) == MUSUBI_CARD_REMOVED);
    musubi_card_close(card);
    test_card_free(test_card);
}

static musubi_card_status answers_nonsense(void* context, const uint8_t* command, size_t command_length,
                                           uint8_t* response, size_t* response_length) {
    (void)command;
    (void)command_length;
    (void)response;
    *response_length = *(size_t*)context;
    return MUSUBI_CARD_OK;
}

static void survives_misuse(void) {
    musubi_card* card = NULL;
    musubi_card_proof user;
    size_t size = 0;
    unsigned tries;
    CHECK(musubi_card_open(NULL, test_card_transceive, NULL) == MUSUBI_CARD_ARGUMENT);
    CHECK(musubi_card_open(&card, NULL, NULL) == MUSUBI_CARD_ARGUMENT);
    CHECK(musubi_card_open(&card, answers_nonsense, &size) == MUSUBI_CARD_COMMUNICATION && card == NULL);
    size = (size_t)1 << 40;
    CHECK(musubi_card_open(&card, answers_nonsense, &size) == MUSUBI_CARD_COMMUNICATION && card == NULL);
    musubi_card_close(NULL);
    musubi_card_free_bytes(NULL);
    musubi_card_free_proof(NULL);
    CHECK(musubi_card_read_info(NULL, NULL) == MUSUBI_CARD_ARGUMENT);
    CHECK(musubi_card_tries_left(NULL, MUSUBI_CARD_USER_PIN, &tries) == MUSUBI_CARD_ARGUMENT);
    void* test_card = test_card_new(0);
    CHECK(musubi_card_open(&card, test_card_transceive, test_card) == MUSUBI_CARD_OK);
    CHECK(musubi_card_authenticate(card, kOrigin, kNonce, 15, "1234", &user) == MUSUBI_CARD_ARGUMENT);
    CHECK(musubi_card_authenticate(card, NULL, kNonce, 16, "1234", &user) == MUSUBI_CARD_ARGUMENT);
    CHECK(musubi_card_authenticate(card, kOrigin, NULL, 16, "1234", &user) == MUSUBI_CARD_ARGUMENT);
    CHECK(musubi_card_authenticate(card, kOrigin, kNonce, 16, NULL, &user) == MUSUBI_CARD_ARGUMENT);
    CHECK(musubi_card_tries_left(card, (musubi_card_secret)7, &tries) == MUSUBI_CARD_ARGUMENT);
    musubi_card_close(card);
    test_card_free(test_card);
    CHECK(strcmp(musubi_card_status_code(MUSUBI_CARD_PIN_WRONG), "card.pin-wrong") == 0);
    CHECK(strcmp(musubi_card_status_code((musubi_card_status)99), "internal") == 0);
    CHECK(strstr(musubi_card_status_message(MUSUBI_CARD_PIN_BLOCKED, "en"), "city hall") != NULL);
    CHECK(musubi_card_abi_version() == MUSUBI_CARD_ABI_VERSION);
}

int main(void) {
    reads_and_signs();
    tells_what_went_wrong();
    survives_misuse();
    printf(failed ? "%d failed\n" : "all passed\n", failed);
    return failed != 0;
}
