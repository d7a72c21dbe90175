/* My Number Card (JPKI) for programs in C and every language that can call C. See musubi_card(3).
 *
 * The program supplies one function that carries a command APDU to the card and brings back the response; this library
 * does the rest. Nothing here starts a thread, opens a file or keeps a secret longer than a call. */
#ifndef MUSUBI_CARD_H
#define MUSUBI_CARD_H

#include <stddef.h>
#include <stdint.h>

/* What the shared library exports is decided by its list of symbols, musubi_card_*. */
#define MUSUBI_CARD_API

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when something is added; the soname changes when something is taken away. */
#define MUSUBI_CARD_ABI_VERSION 1
MUSUBI_CARD_API uint32_t musubi_card_abi_version(void);

typedef enum musubi_card_status {
    MUSUBI_CARD_OK = 0,
    MUSUBI_CARD_READER_MISSING = 1,
    MUSUBI_CARD_NOT_INSERTED = 2,
    MUSUBI_CARD_REMOVED = 3,
    MUSUBI_CARD_NOT_A_MY_NUMBER_CARD = 4,
    MUSUBI_CARD_PIN_WRONG = 5,                     /* musubi_card_last_tries_left tells how many are left */
    MUSUBI_CARD_PIN_BLOCKED = 6,                   /* only the municipality (or its app) unlocks it */
    MUSUBI_CARD_PIN_MALFORMED = 7,                 /* nothing was sent to the card, no try is lost */
    MUSUBI_CARD_SIGNATURE_CERTIFICATE_MISSING = 8, /* holders under 15 */
    MUSUBI_CARD_COMMUNICATION = 9,
    MUSUBI_CARD_ARGUMENT = 10, /* a null pointer, or a size out of range: a mistake in the program */
    MUSUBI_CARD_INTERNAL = 11
} musubi_card_status;

typedef enum musubi_card_secret {
    MUSUBI_CARD_USER_PIN = 0,           /* 4 digits, certificate for user authentication */
    MUSUBI_CARD_SIGNATURE_PASSWORD = 1, /* 6 to 16 letters and digits, certificate for signatures */
    MUSUBI_CARD_TEXT_PIN = 2            /* 4 digits, printed details */
} musubi_card_secret;

typedef enum musubi_card_kind {
    MUSUBI_CARD_KIND_UNKNOWN = 0,
    MUSUBI_CARD_KIND_CARD = 1,
    MUSUBI_CARD_KIND_ANDROID = 2,
    MUSUBI_CARD_KIND_IPHONE = 3
} musubi_card_kind;

typedef enum musubi_card_certificate {
    MUSUBI_CARD_CERTIFICATE_USER = 0,
    MUSUBI_CARD_CERTIFICATE_USER_AUTHORITY = 1,
    MUSUBI_CARD_CERTIFICATE_SIGNATURE_AUTHORITY = 2
} musubi_card_certificate;

/* Carries one command to the card. `response` has room for `*response_length` bytes; set it to what was received.
 * Returns MUSUBI_CARD_OK, or why it could not: MUSUBI_CARD_REMOVED, _NOT_INSERTED, _READER_MISSING, _COMMUNICATION.
 * Must not throw or jump out. Commands hold PINs: do not log them. */
typedef musubi_card_status (*musubi_card_transceive)(void* context, const uint8_t* command, size_t command_length,
                                                     uint8_t* response, size_t* response_length);

/* One card. Not for use from two threads at once. */
typedef struct musubi_card musubi_card;

/* Selects the JPKI application. On success `*card` must be given to musubi_card_close. */
MUSUBI_CARD_API musubi_card_status musubi_card_open(musubi_card** card, musubi_card_transceive transceive,
                                                    void* context);
/* Forgets what was proven to the card, and frees. A null pointer is allowed. */
MUSUBI_CARD_API void musubi_card_close(musubi_card* card);

typedef struct musubi_card_info {
    musubi_card_kind kind;
    int has_user_certificate;
    int has_signature_certificate;
} musubi_card_info;
MUSUBI_CARD_API musubi_card_status musubi_card_read_info(musubi_card* card, musubi_card_info* info);

/* Costs no try. 0 means blocked. Ask before the person types, and warn when one is left. */
MUSUBI_CARD_API musubi_card_status musubi_card_tries_left(musubi_card* card, musubi_card_secret secret,
                                                          unsigned* tries);

/* Bytes owned by the library; free with musubi_card_free_bytes. */
typedef struct musubi_card_bytes {
    uint8_t* data;
    size_t size;
} musubi_card_bytes;
MUSUBI_CARD_API void musubi_card_free_bytes(musubi_card_bytes* bytes);

/* DER. These need no secret on a card; on a phone the user certificate needs musubi_card_authenticate. */
MUSUBI_CARD_API musubi_card_status musubi_card_read_certificate(musubi_card* card, musubi_card_certificate which,
                                                                musubi_card_bytes* certificate);

typedef struct musubi_card_proof {
    musubi_card_bytes certificate; /* DER */
    musubi_card_bytes signature;   /* RSASSA-PKCS1-v1_5 with SHA-256 */
} musubi_card_proof;

/* Signs in. What is signed is the hash of a marker, `origin` ("https://phr.example.jp": the site the program talks to),
 * the purpose "authenticate" and the nonce (16 to 64 bytes), as the server expects. */
MUSUBI_CARD_API musubi_card_status musubi_card_authenticate(musubi_card* card, const char* origin, const uint8_t* nonce,
                                                            size_t nonce_length, const char* pin,
                                                            musubi_card_proof* user);

/* Registers: both certificates sign the same nonce, with the purpose "register". Nothing is tried if either secret is
 * malformed or blocked, or if there is no signature certificate. On failure both proofs are empty. */
MUSUBI_CARD_API musubi_card_status musubi_card_register(musubi_card* card, const char* origin, const uint8_t* nonce,
                                                        size_t nonce_length, const char* pin, const char* password,
                                                        musubi_card_proof* user, musubi_card_proof* signature);
MUSUBI_CARD_API void musubi_card_free_proof(musubi_card_proof* proof);

MUSUBI_CARD_API musubi_card_status musubi_card_change_secret(musubi_card* card, musubi_card_secret secret,
                                                             const char* current, const char* next);

/* The printed details as UTF-8 text, each ended with a zero byte. The My Number is never read. */
typedef struct musubi_card_attributes {
    char name[304]; /* family name, U+3000, given name */
    char address[1204];
    char birth_date[11]; /* YYYY-MM-DD, or empty */
    char sex;            /* '1' male, '2' female, '9' not applicable, '0' unknown (JIS X 0303) */
} musubi_card_attributes;
MUSUBI_CARD_API musubi_card_status musubi_card_read_attributes(musubi_card* card, const char* text_pin,
                                                               musubi_card_attributes* attributes);

/* After MUSUBI_CARD_PIN_WRONG, _PIN_BLOCKED or _PIN_MALFORMED: which secret it was, and how many tries are left. */
MUSUBI_CARD_API musubi_card_secret musubi_card_last_secret(const musubi_card* card);
MUSUBI_CARD_API unsigned musubi_card_last_tries_left(const musubi_card* card);

/* "card.pin-wrong" and so on: stable, for programs. */
MUSUBI_CARD_API const char* musubi_card_status_code(musubi_card_status status);
/* A sentence for people. `language` is "ja" or "en". */
MUSUBI_CARD_API const char* musubi_card_status_message(musubi_card_status status, const char* language);

#ifdef __cplusplus
}
#endif

#endif
