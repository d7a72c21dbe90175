#include "apps/card_library/musubi_card.h"
#include "lib/card/errors.h"
#include "lib/card/jpki.h"
#include "lib/card/text.h"
#include "lib/card_challenge/card_challenge.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <string_view>

namespace {

using namespace musubi;
using card_challenge::Purpose;

struct StatusText {
    musubi_card_status status;
    const char* code;
    const char* japanese;
    const char* english;
};

constexpr StatusText kStatusTexts[] = {
    {MUSUBI_CARD_OK, "ok", "できました。", "Done."},
    {MUSUBI_CARD_READER_MISSING, "card.reader-missing", "カードリーダーが見つかりません。",
     "No card reader was found."},
    {MUSUBI_CARD_NOT_INSERTED, "card.not-inserted", "マイナンバーカードを置いてください。",
     "Put your My Number Card down."},
    {MUSUBI_CARD_REMOVED, "card.removed", "途中でカードが離れました。置き直して、もう一度試してください。",
     "The card was taken away in the middle. Put it back and try again."},
    {MUSUBI_CARD_NOT_A_MY_NUMBER_CARD, "card.not-a-my-number-card", "マイナンバーカードではありません。",
     "This is not a My Number Card."},
    {MUSUBI_CARD_PIN_WRONG, "card.pin-wrong", "番号またはパスワードが違います。", "The PIN or password is wrong."},
    {MUSUBI_CARD_PIN_BLOCKED, "card.pin-blocked", "ロックされています。市区町村の窓口で決め直してください。",
     "It is locked. Your city hall can set a new one."},
    {MUSUBI_CARD_PIN_MALFORMED, "card.pin-malformed",
     "暗証番号は数字4けた、署名用パスワードは英数字6〜16文字です。回数は減っていません。",
     "A PIN has 4 digits, the signature password 6 to 16 letters and digits. No try was used up."},
    {MUSUBI_CARD_SIGNATURE_CERTIFICATE_MISSING, "card.signature-certificate-missing",
     "署名用電子証明書が入っていません。", "The card has no signature certificate."},
    {MUSUBI_CARD_COMMUNICATION, "card.communication",
     "カードと通信できませんでした。置き直して、もう一度試してください。",
     "The card could not be read. Put it back and try again."},
    {MUSUBI_CARD_ARGUMENT, "card.argument", "プログラムの使い方に誤りがあります。", "The library was called wrongly."},
    {MUSUBI_CARD_INTERNAL, "internal", "内部で問題が起きました。", "Something went wrong inside."},
};

/// A C caller may hand over any number where an enum stands; C++ may not look at it as the enum before it is checked.
template <class Enum> int number_of(const Enum& value) {
    int number = 0;
    static_assert(sizeof value == sizeof number);
    std::memcpy(&number, &value, sizeof number);
    return number;
}

const StatusText& text_of(int status) {
    for (const auto& text : kStatusTexts) {
        if (text.status == status) return text;
    }
    return kStatusTexts[MUSUBI_CARD_INTERNAL];
}

musubi_card_status status_of(const std::string& code) {
    for (const auto& text : kStatusTexts) {
        if (code == text.code) return text.status;
    }
    return MUSUBI_CARD_INTERNAL;
}

base::Error error_of(musubi_card_status status) {
    switch (status) {
    case MUSUBI_CARD_REMOVED:
        return card::removed("transceive");
    case MUSUBI_CARD_NOT_INSERTED:
        return card::not_inserted();
    case MUSUBI_CARD_READER_MISSING:
        return card::reader_missing("transceive");
    default:
        return card::communication("transceive");
    }
}

class CallbackTransport final : public card::Transport {
  public:
    CallbackTransport(musubi_card_transceive transceive, void* context)
        : m_transceive(transceive), m_context(context) {}
    base::Result<std::string> transmit(std::string_view command) override {
        std::string response(65536 + 2, '\0');
        size_t size = response.size();
        const auto status = m_transceive(m_context, reinterpret_cast<const uint8_t*>(command.data()), command.size(),
                                         reinterpret_cast<uint8_t*>(response.data()), &size);
        if (status != MUSUBI_CARD_OK) return error_of(status);
        if (size > response.size()) return card::communication("transceive wrote too much");
        response.resize(size);
        return response;
    }

  private:
    musubi_card_transceive m_transceive;
    void* m_context;
};

} // namespace

struct musubi_card {
    explicit musubi_card(musubi_card_transceive transceive, void* context) : transport(transceive, context) {}
    CallbackTransport transport;
    std::optional<musubi::card::Jpki> jpki;
    bool elsewhere = false; // another application is selected
    musubi_card_secret last_secret = MUSUBI_CARD_USER_PIN;
    unsigned last_tries_left = 0;
};

namespace {

// Nothing may leave through a C function: memory that runs out becomes a status.
template <class Action> musubi_card_status guarded(musubi_card* card, Action action) {
    if (!card) return MUSUBI_CARD_ARGUMENT;
    try {
        const base::Status done = action();
        if (done) return MUSUBI_CARD_OK;
        for (const auto& [name, value] : done.error().parameters) {
            if (name == "tries_left")
                card->last_tries_left = static_cast<unsigned>(std::strtoul(value.c_str(), nullptr, 10));
            if (name == "pin")
                card->last_secret = value == "signature" ? MUSUBI_CARD_SIGNATURE_PASSWORD
                                    : value == "text"    ? MUSUBI_CARD_TEXT_PIN
                                                         : MUSUBI_CARD_USER_PIN;
        }
        if (done.error().code == "card.pin-blocked") card->last_tries_left = 0;
        return status_of(done.error().code);
    } catch (...) {
        return MUSUBI_CARD_INTERNAL;
    }
}

base::Result<card::Jpki*> jpki_of(musubi_card& card) {
    if (card.elsewhere) {
        MUSUBI_CHECK(card.jpki->log_out());
        card.elsewhere = false;
    }
    return &*card.jpki;
}

musubi_card_bytes copy(const std::string& bytes) {
    auto* data = static_cast<uint8_t*>(std::malloc(bytes.empty() ? 1 : bytes.size()));
    if (!data) throw std::bad_alloc();
    std::memcpy(data, bytes.data(), bytes.size());
    return {data, bytes.size()};
}

void give(musubi_card_proof* to, const card::Proof& proof) {
    to->certificate = copy(proof.certificate);
    to->signature = copy(proof.signature);
}

std::optional<std::string> digest_of(const char* origin, const uint8_t* nonce, size_t size, Purpose purpose) {
    if (!origin || !nonce || !*origin) return std::nullopt;
    const std::string_view bytes(reinterpret_cast<const char*>(nonce), size);
    if (!card_challenge::valid_nonce(bytes)) return std::nullopt;
    return card_challenge::challenge_digest(origin, purpose, bytes);
}

card::Credential credential(musubi_card_secret secret) {
    return secret == MUSUBI_CARD_SIGNATURE_PASSWORD ? card::Credential::Signature
                                                    : card::Credential::UserAuthentication;
}

bool copy_text(char* to, size_t room, const std::string& text) {
    if (text.size() >= room) return false;
    std::memcpy(to, text.c_str(), text.size() + 1);
    return true;
}

} // namespace

extern "C" {

uint32_t musubi_card_abi_version(void) { return MUSUBI_CARD_ABI_VERSION; }

musubi_card_status musubi_card_open(musubi_card** card, musubi_card_transceive transceive, void* context) {
    if (!card || !transceive) return MUSUBI_CARD_ARGUMENT;
    *card = nullptr;
    auto* made = new (std::nothrow) musubi_card(transceive, context);
    const auto status = guarded(made, [&]() -> base::Status {
        MUSUBI_TRY(made->jpki, card::Jpki::open(made->transport));
        return base::success();
    });
    if (status == MUSUBI_CARD_OK)
        *card = made;
    else
        delete made;
    return made ? status : MUSUBI_CARD_INTERNAL;
}

void musubi_card_close(musubi_card* card) {
    if (!card) return;
    (void)guarded(card, [&] { return card->jpki->log_out(); });
    delete card;
}

musubi_card_status musubi_card_read_info(musubi_card* card, musubi_card_info* info) {
    if (!info) return MUSUBI_CARD_ARGUMENT;
    return guarded(card, [&]() -> base::Status {
        MUSUBI_TRY(auto* jpki, jpki_of(*card));
        MUSUBI_TRY(const auto kind, jpki->kind());
        MUSUBI_TRY(const auto present, jpki->certificates_present());
        info->kind = kind == card::TokenKind::Card      ? MUSUBI_CARD_KIND_CARD
                     : kind == card::TokenKind::Android ? MUSUBI_CARD_KIND_ANDROID
                     : kind == card::TokenKind::Iphone  ? MUSUBI_CARD_KIND_IPHONE
                                                        : MUSUBI_CARD_KIND_UNKNOWN;
        info->has_user_certificate = present.user_authentication;
        info->has_signature_certificate = present.signature;
        return base::success();
    });
}

musubi_card_status musubi_card_tries_left(musubi_card* card, musubi_card_secret secret, unsigned* tries) {
    const int number = number_of(secret);
    if (!tries || number < MUSUBI_CARD_USER_PIN || number > MUSUBI_CARD_TEXT_PIN) return MUSUBI_CARD_ARGUMENT;
    return guarded(card, [&]() -> base::Status {
        if (secret == MUSUBI_CARD_TEXT_PIN) {
            card->elsewhere = true;
            MUSUBI_TRY(*tries, card::text_tries_left(card->transport));
            return base::success();
        }
        MUSUBI_TRY(auto* jpki, jpki_of(*card));
        MUSUBI_TRY(*tries, jpki->tries_left(credential(secret)));
        return base::success();
    });
}

void musubi_card_free_bytes(musubi_card_bytes* bytes) {
    if (!bytes) return;
    std::free(bytes->data);
    *bytes = {};
}

musubi_card_status musubi_card_read_certificate(musubi_card* card, musubi_card_certificate which,
                                                musubi_card_bytes* certificate) {
    const int number = number_of(which);
    if (!certificate || number < MUSUBI_CARD_CERTIFICATE_USER || number > MUSUBI_CARD_CERTIFICATE_SIGNATURE_AUTHORITY)
        return MUSUBI_CARD_ARGUMENT;
    *certificate = {};
    return guarded(card, [&]() -> base::Status {
        using File = card::CertificateFile;
        MUSUBI_TRY(auto* jpki, jpki_of(*card));
        const auto file = which == MUSUBI_CARD_CERTIFICATE_USER             ? File::UserAuthentication
                          : which == MUSUBI_CARD_CERTIFICATE_USER_AUTHORITY ? File::UserAuthenticationAuthority
                                                                            : File::SignatureAuthority;
        MUSUBI_TRY(const auto bytes, jpki->certificate(file));
        *certificate = copy(bytes);
        return base::success();
    });
}

void musubi_card_free_proof(musubi_card_proof* proof) {
    if (!proof) return;
    musubi_card_free_bytes(&proof->certificate);
    musubi_card_free_bytes(&proof->signature);
}

musubi_card_status musubi_card_authenticate(musubi_card* card, const char* origin, const uint8_t* nonce,
                                            size_t nonce_length, const char* pin, musubi_card_proof* user) {
    if (!pin || !user) return MUSUBI_CARD_ARGUMENT;
    *user = {};
    bool called_well = true;
    const auto status = guarded(card, [&]() -> base::Status {
        const auto digest = digest_of(origin, nonce, nonce_length, Purpose::Authenticate);
        called_well = digest.has_value();
        if (!digest) return base::success();
        MUSUBI_TRY(auto* jpki, jpki_of(*card));
        MUSUBI_TRY(const auto proof, card::authenticate(*jpki, *digest, base::Secret(pin)));
        give(user, proof);
        return base::success();
    });
    if (status != MUSUBI_CARD_OK) musubi_card_free_proof(user);
    return called_well ? status : MUSUBI_CARD_ARGUMENT;
}

musubi_card_status musubi_card_register(musubi_card* card, const char* origin, const uint8_t* nonce,
                                        size_t nonce_length, const char* pin, const char* password,
                                        musubi_card_proof* user, musubi_card_proof* signature) {
    if (!pin || !password || !user || !signature) return MUSUBI_CARD_ARGUMENT;
    *user = {};
    *signature = {};
    bool called_well = true;
    const auto status = guarded(card, [&]() -> base::Status {
        const auto digest = digest_of(origin, nonce, nonce_length, Purpose::Register);
        called_well = digest.has_value();
        if (!digest) return base::success();
        MUSUBI_TRY(auto* jpki, jpki_of(*card));
        MUSUBI_TRY(const auto proof, card::read_and_sign(*jpki, *digest, base::Secret(pin), base::Secret(password)));
        give(user, proof.user_authentication);
        give(signature, proof.signature);
        return base::success();
    });
    if (status != MUSUBI_CARD_OK) {
        musubi_card_free_proof(user);
        musubi_card_free_proof(signature);
    }
    return called_well ? status : MUSUBI_CARD_ARGUMENT;
}

musubi_card_status musubi_card_change_secret(musubi_card* card, musubi_card_secret secret, const char* current,
                                             const char* next) {
    const int number = number_of(secret);
    if (!current || !next || number < MUSUBI_CARD_USER_PIN || number > MUSUBI_CARD_TEXT_PIN)
        return MUSUBI_CARD_ARGUMENT;
    return guarded(card, [&]() -> base::Status {
        if (secret == MUSUBI_CARD_TEXT_PIN) {
            card->elsewhere = true;
            return card::change_text_pin(card->transport, base::Secret(current), base::Secret(next));
        }
        MUSUBI_TRY(auto* jpki, jpki_of(*card));
        MUSUBI_TRY(const auto outcome, jpki->change_pin(credential(secret), base::Secret(current), base::Secret(next)));
        return card::require_accepted(outcome, jpki->layout().credential(credential(secret)).name);
    });
}

musubi_card_status musubi_card_read_attributes(musubi_card* card, const char* text_pin,
                                               musubi_card_attributes* attributes) {
    if (!text_pin || !attributes) return MUSUBI_CARD_ARGUMENT;
    *attributes = {};
    return guarded(card, [&]() -> base::Status {
        card->elsewhere = true;
        MUSUBI_TRY(const auto read, card::read_attributes(card->transport, base::Secret(text_pin)));
        if (!copy_text(attributes->name, sizeof attributes->name, read.name) ||
            !copy_text(attributes->address, sizeof attributes->address, read.address))
            return card::communication("attribute too long");
        if (read.birth_date)
            (void)copy_text(attributes->birth_date, sizeof attributes->birth_date, read.birth_date->to_string());
        attributes->sex = static_cast<char>('0' + static_cast<int>(read.sex));
        return base::success();
    });
}

musubi_card_secret musubi_card_last_secret(const musubi_card* card) {
    return card ? card->last_secret : MUSUBI_CARD_USER_PIN;
}

unsigned musubi_card_last_tries_left(const musubi_card* card) { return card ? card->last_tries_left : 0; }

const char* musubi_card_status_code(musubi_card_status status) { return text_of(number_of(status)).code; }

const char* musubi_card_status_message(musubi_card_status status, const char* language) {
    const auto& text = text_of(number_of(status));
    return language && std::strncmp(language, "en", 2) == 0 ? text.english : text.japanese;
}

} // extern "C"
