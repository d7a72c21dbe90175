/* Signs in to a site with the My Number Card in the first PC/SC reader:
 *   cc musubi_card_example.c -lmusubi_card $(pkg-config --cflags --libs libpcsclite) -o example
 *   ./example https://phr.example.jp 00112233445566778899aabbccddeeff
 * The nonce comes from the site; certificate and signature go back to it. The PIN is read from standard input. */
#include <musubi_card.h>
#include <stdio.h>
#include <string.h>
#include <winscard.h>

static musubi_card_status transceive(void* context, const uint8_t* command, size_t command_length, uint8_t* response,
                                     size_t* response_length) {
    DWORD size = *response_length;
    const LONG code =
        SCardTransmit(*(SCARDHANDLE*)context, SCARD_PCI_T1, command, (DWORD)command_length, NULL, response, &size);
    *response_length = size;
    if (code == SCARD_S_SUCCESS) return MUSUBI_CARD_OK;
    return code == SCARD_W_REMOVED_CARD ? MUSUBI_CARD_REMOVED : MUSUBI_CARD_COMMUNICATION;
}

static void print_hex(const char* name, const musubi_card_bytes* bytes) {
    printf("%s ", name);
    for (size_t i = 0; i < bytes->size; ++i) printf("%02x", bytes->data[i]);
    printf("\n");
}

static size_t read_hex(const char* text, uint8_t* bytes, size_t room) {
    size_t size = 0;
    unsigned value;
    while (size < room && sscanf(text + 2 * size, "%2x", &value) == 1) bytes[size++] = (uint8_t)value;
    return size;
}

static musubi_card_status sign_in(musubi_card* card, const char* origin, const char* nonce_text) {
    uint8_t nonce[64];
    const size_t nonce_length = read_hex(nonce_text, nonce, sizeof nonce);
    unsigned tries = 0;
    musubi_card_status status = musubi_card_tries_left(card, MUSUBI_CARD_USER_PIN, &tries);
    if (status != MUSUBI_CARD_OK) return status;
    fprintf(stderr, "PIN (tries left: %u): ", tries);
    char pin[64] = "";
    if (!fgets(pin, sizeof pin, stdin)) return MUSUBI_CARD_PIN_MALFORMED;
    pin[strcspn(pin, "\r\n")] = '\0';
    musubi_card_proof proof;
    status = musubi_card_authenticate(card, origin, nonce, nonce_length, pin, &proof);
    if (status == MUSUBI_CARD_OK) {
        print_hex("certificate", &proof.certificate);
        print_hex("signature", &proof.signature);
        musubi_card_free_proof(&proof);
    }
    return status;
}

int main(int count, char** values) {
    if (count != 3) {
        fprintf(stderr, "usage: %s ORIGIN NONCE-IN-HEX\n", values[0]);
        return 2;
    }
    SCARDCONTEXT context = 0;
    SCARDHANDLE handle = 0;
    DWORD protocol = 0;
    char readers[1024];
    DWORD size = sizeof readers;
    musubi_card_status status = MUSUBI_CARD_READER_MISSING;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) == SCARD_S_SUCCESS &&
        SCardListReaders(context, NULL, readers, &size) == SCARD_S_SUCCESS) {
        status = MUSUBI_CARD_NOT_INSERTED;
        if (SCardConnect(context, readers, SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_T1, &handle, &protocol) ==
            SCARD_S_SUCCESS) {
            musubi_card* card = NULL;
            status = musubi_card_open(&card, transceive, &handle);
            if (status == MUSUBI_CARD_OK) status = sign_in(card, values[1], values[2]);
            musubi_card_close(card);
            SCardDisconnect(handle, SCARD_RESET_CARD);
        }
    }
    if (context) SCardReleaseContext(context);
    if (status != MUSUBI_CARD_OK) fprintf(stderr, "%s\n", musubi_card_status_message(status, "en"));
    return (int)status;
}
