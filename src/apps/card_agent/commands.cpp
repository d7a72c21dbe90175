#include "apps/card_agent/commands.h"

#include "base/encoding.h"
#include "lib/card/errors.h"
#include "lib/card/text.h"
#include "lib/card/visual.h"
#include "lib/json/json.h"

#include <algorithm>

namespace musubi::card_agent {

namespace {

using base::Secret;
using card::Credential;

struct Message {
    std::string_view code;
    int exit;
    const char* japanese;
    const char* english;
};

constexpr Message kMessages[] = {
    {"card.reader-missing", kExitReaderMissing,
     "カードリーダーが見つかりません。リーダーをつなぎ、pcscd が動いているか確かめてください。",
     "No card reader was found. Connect one and check that pcscd is running."},
    {"card.not-inserted", kExitNotInserted, "カードが入っていません。マイナンバーカードをリーダーに置いてください。",
     "There is no card in the reader. Put a My Number Card into it."},
    {"card.removed", kExitRemoved, "途中でカードが離れました。カードを置き直して、もう一度実行してください。",
     "The card was taken away in the middle. Put it back and try again."},
    {"card.not-a-my-number-card", kExitOtherCard, "マイナンバーカードではありません。カードを取りかえてください。",
     "This is not a My Number Card. Use another card."},
    {"card.pin-wrong", kExitPinWrong, "番号またはパスワードが違います。", "The PIN or password is wrong."},
    {"card.pin-blocked", kExitPinBlocked,
     "ロックされています。お住まいの市区町村の窓口で、暗証番号を決め直してください。",
     "It is locked. Your city hall can set a new one."},
    {"card.pin-malformed", kExitPinMalformed,
     "番号またはパスワードの形が違います（暗証番号は数字4けた、署名用パスワードは英数字6〜16文字）。回数は減っていませ"
     "ん。",
     "This cannot be the secret (a PIN has 4 digits, the signature password 6 to 16 letters and digits). No try was "
     "used up."},
    {"card.signature-certificate-missing", kExitCertificateMissing,
     "このカードには署名用電子証明書が入っていません（15歳未満の方など）。",
     "This card has no signature certificate (holders under 15, for example)."},
    {"card.communication", kExitFailed, "カードと通信できませんでした。置き直して、もう一度実行してください。",
     "The card could not be read. Put it back and try again."},
};

std::string parameter(const base::Error& error, std::string_view name) {
    for (const auto& [key, value] : error.parameters) {
        if (key == name) return value;
    }
    return {};
}

const char* say(const CommandContext& context, const char* japanese, const char* english) {
    return context.language == Language::English ? english : japanese;
}

int report(const CommandContext& context, const base::Error& error) {
    if (context.form == OutputForm::Json) {
        std::string out = "{\"error\":{\"code\":";
        json::append_string(out, error.code);
        if (const auto left = parameter(error, "tries_left"); !left.empty()) out += ",\"triesLeft\":" + left;
        if (const auto pin = parameter(error, "pin"); !pin.empty()) {
            out += ",\"pin\":";
            json::append_string(out, pin);
        }
        context.out(out + "}}\n");
    } else {
        context.error(error_message(error, context.language) + "\n");
    }
    return exit_code(error);
}

// Runs what may fail, and turns the failure into message and exit code.
template <class Action> int with_card(const CommandContext& context, Action action) {
    auto transport = context.source.open(context.reader);
    if (!transport) return report(context, transport.error());
    base::Status done = action(**transport);
    return done ? static_cast<int>(kExitOk) : report(context, done.error());
}

std::string text_member(std::string_view name, std::string_view value) {
    std::string out;
    json::append_string(out, name);
    out += ':';
    json::append_string(out, value);
    return out;
}

std::string pem(std::string_view der) {
    const auto base64 = base::base64_encode(der);
    std::string out = "-----BEGIN CERTIFICATE-----\n";
    for (size_t at = 0; at < base64.size(); at += 64) out += base64.substr(at, 64) + "\n";
    return out + "-----END CERTIFICATE-----\n";
}

// Tells how many tries are left before asking, as nobody should lock a card unawares.
Secret ask(const CommandContext& context, std::string_view name, const char* japanese, const char* english,
           unsigned tries) {
    const auto left = std::to_string(tries);
    const auto prompt =
        context.language == Language::English
            ? std::string(english) + " (tries left: " + left + (tries == 1 ? ", the last!" : "") + "): "
            : std::string(japanese) + "（あと" + left + "回" + (tries == 1 ? "・最後です" : "") + "）: ";
    return context.ask_secret(name, prompt);
}

base::Result<Secret> ask_for(const CommandContext& context, card::Jpki& jpki, Credential which) {
    MUSUBI_TRY(const auto tries, jpki.tries_left(which));
    if (tries == 0) return card::pin_blocked(jpki.layout().credential(which).name);
    if (which == Credential::Signature)
        return ask(context, "password", "署名用パスワード", "Signature password", tries);
    return ask(context, "pin", "利用者証明用暗証番号", "User authentication PIN", tries);
}

base::Status verify(const CommandContext& context, card::Jpki& jpki, Credential which) {
    if (which == Credential::Signature) {
        MUSUBI_TRY(const auto present, jpki.certificates_present());
        if (!present.signature) return card::signature_certificate_missing();
    }
    MUSUBI_TRY(const auto secret, ask_for(context, jpki, which));
    MUSUBI_TRY(const auto outcome, jpki.verify(which, secret));
    return card::require_accepted(outcome, jpki.layout().credential(which).name);
}

int show(const CommandContext& context) {
    const auto readers = context.source.readers();
    if (!readers) return report(context, readers.error());
    std::string json_out = "{\"readers\":[";
    int result = kExitNotInserted;
    for (const auto& reader : *readers) {
        if (!context.reader.empty() && reader.name != context.reader) continue;
        auto seen = inspect(context.source, reader);
        const auto status = seen ? *seen : CardStatus{reader.name, CardStatus::Card::Unknown};
        const bool ours = status.card == CardStatus::Card::MyNumber;
        if (ours) result = kExitOk;
        if (json_out.back() != '[') json_out += ',';
        json_out += "{" + text_member("name", reader.name) + ",\"card\":" +
                    (ours                                    ? "\"my-number\""
                     : status.card == CardStatus::Card::None ? "\"none\""
                                                             : "\"unknown\"");
        if (ours)
            json_out += "," + text_member("kind", card::token_kind_name(status.kind)) +
                        ",\"hasSignatureCertificate\":" + (status.has_signature_certificate ? "true" : "false") +
                        ",\"triesLeft\":{\"user\":" + std::to_string(status.user_tries) +
                        ",\"signature\":" + std::to_string(status.signature_tries) + "}";
        json_out += "}";
        if (context.form == OutputForm::Json) continue;
        std::string line = reader.name + ": ";
        if (status.card == CardStatus::Card::None) {
            line += say(context, "カードはありません", "no card");
        } else if (!ours) {
            line += say(context, "マイナンバーカードではないカード", "a card that is no My Number Card");
        } else {
            line += say(context, "マイナンバーカード", "My Number Card");
            line += " (" + std::string(card::token_kind_name(status.kind)) + ")\n  ";
            line += say(context, "利用者証明用: あと", "user authentication: tries left ");
            line += std::to_string(status.user_tries) + say(context, "回", "") + "\n  ";
            line += say(context, "署名用: ", "signature: ");
            line += !status.has_signature_certificate
                        ? say(context, "入っていません", "none")
                        : say(context, "あと", "tries left ") + std::to_string(status.signature_tries) +
                              say(context, "回", "");
        }
        context.out(line + "\n");
    }
    if (context.form == OutputForm::Json) context.out(json_out + "]}\n");
    return result;
}

int show_tries(const CommandContext& context) {
    return with_card(context, [&](card::Transport& transport) -> base::Status {
        MUSUBI_TRY(auto jpki, card::Jpki::open(transport));
        MUSUBI_TRY(const auto user, jpki.tries_left(Credential::UserAuthentication));
        MUSUBI_TRY(const auto signature, jpki.tries_left(Credential::Signature));
        if (context.form == OutputForm::Json) {
            context.out("{\"user\":" + std::to_string(user) + ",\"signature\":" + std::to_string(signature) + "}\n");
        } else {
            context.out(std::string(say(context, "利用者証明用 ", "user authentication ")) + std::to_string(user) +
                        "\n" + say(context, "署名用 ", "signature ") + std::to_string(signature) + "\n");
        }
        return base::success();
    });
}

base::Status output_certificate(const CommandContext& context, card::Jpki& jpki, card::CertificateFile file) {
    MUSUBI_TRY(const auto certificate, jpki.certificate(file));
    if (context.form == OutputForm::Json)
        context.out("{" + text_member("certificate", base::base64_encode(certificate)) + "}\n");
    else
        context.out(pem(certificate));
    return base::success();
}

base::Status read_text(const CommandContext& context, card::Transport& transport) {
    MUSUBI_TRY(const auto tries, card::text_tries_left(transport));
    if (tries == 0) return card::pin_blocked("text");
    const auto pin = ask(context, "text-pin", "券面事項入力補助用暗証番号", "PIN for the printed details", tries);
    MUSUBI_TRY(const auto attributes, card::read_attributes(transport, pin));
    const auto birth_date = attributes.birth_date ? attributes.birth_date->to_string() : "";
    const auto* sex = attributes.sex == card::Sex::Male     ? "male"
                      : attributes.sex == card::Sex::Female ? "female"
                                                            : "unknown";
    if (context.form == OutputForm::Json) {
        context.out("{" + text_member("name", attributes.name) + "," + text_member("address", attributes.address) +
                    "," + text_member("birthDate", birth_date) + "," + text_member("sex", sex) + "}\n");
    } else {
        context.out(attributes.name + "\n" + attributes.address + "\n" + birth_date + "\n" + sex + "\n");
    }
    return base::success();
}

base::Status read_photo(const CommandContext& context, card::Transport& transport) {
    const auto number =
        context.ask_secret("number-b", say(context, "照合番号B（14けた）: ", "Check number B (14 digits): "));
    MUSUBI_TRY(const auto face, card::read_card_face(transport, number));
    if (context.form == OutputForm::Json)
        context.out("{" + text_member("photo", base::base64_encode(face.photo)) + "," +
                    text_member("expiry", face.expiry ? face.expiry->to_string() : "") + "}\n");
    else
        context.out(face.photo); // JPEG 2000, for redirecting into a file
    return base::success();
}

int read(const CommandContext& context, const std::string& what) {
    using File = card::CertificateFile;
    return with_card(context, [&](card::Transport& transport) -> base::Status {
        if (what == "text") return read_text(context, transport);
        if (what == "photo") return read_photo(context, transport);
        MUSUBI_TRY(auto jpki, card::Jpki::open(transport));
        if (what == "user-ca") return output_certificate(context, jpki, File::UserAuthenticationAuthority);
        if (what == "sign-ca") return output_certificate(context, jpki, File::SignatureAuthority);
        if (what == "sign") {
            MUSUBI_CHECK(verify(context, jpki, Credential::Signature));
            return output_certificate(context, jpki, File::Signature);
        }
        MUSUBI_TRY(const auto kind, jpki.kind());
        if (kind != card::TokenKind::Card) {
            MUSUBI_CHECK(verify(context, jpki, Credential::UserAuthentication)); // a phone wants the PIN for it
        }
        return output_certificate(context, jpki, File::UserAuthentication);
    });
}

int sign(const CommandContext& context, Credential which, const std::string& digest) {
    return with_card(context, [&](card::Transport& transport) -> base::Status {
        MUSUBI_TRY(auto jpki, card::Jpki::open(transport));
        MUSUBI_CHECK(verify(context, jpki, which));
        MUSUBI_TRY(const auto signature, jpki.sign(which, digest));
        if (context.form == OutputForm::Json)
            context.out("{" + text_member("signature", base::base64_encode(signature)) + "}\n");
        else
            context.out(base::base64_encode(signature) + "\n");
        return base::success();
    });
}

base::Result<Secret> ask_new(const CommandContext& context) {
    const auto first = context.ask_secret("new", say(context, "新しいもの: ", "New one: "));
    const auto second = context.ask_secret("new-again", say(context, "もう一度: ", "Once more: "));
    if (first.reveal() != second.reveal()) return base::invalid("card.pins-differ");
    return first;
}

int change_pin(const CommandContext& context, const std::string& what) {
    return with_card(context, [&](card::Transport& transport) -> base::Status {
        if (what == "text") {
            MUSUBI_TRY(const auto tries, card::text_tries_left(transport));
            if (tries == 0) return card::pin_blocked("text");
            const auto current = ask(context, "text-pin", "今の暗証番号", "Present PIN", tries);
            MUSUBI_TRY(const auto next, ask_new(context));
            return card::change_text_pin(transport, current, next);
        }
        const auto which = what == "sign" ? Credential::Signature : Credential::UserAuthentication;
        MUSUBI_TRY(auto jpki, card::Jpki::open(transport));
        MUSUBI_TRY(const auto current, ask_for(context, jpki, which));
        MUSUBI_TRY(const auto next, ask_new(context));
        MUSUBI_TRY(const auto outcome, jpki.change_pin(which, current, next));
        return card::require_accepted(outcome, jpki.layout().credential(which).name);
    });
}

int wait(const CommandContext& context, bool inserted) {
    for (;;) {
        const auto readers = context.source.readers();
        const auto known = readers ? *readers : std::vector<card::ReaderState>();
        bool present = false;
        for (const auto& reader : known)
            present = present || (reader.card_present && (context.reader.empty() || reader.name == context.reader));
        if (present == inserted) return kExitOk;
        context.source.wait_for_change(known, std::chrono::seconds(60));
    }
}

int usage(const CommandContext& context) {
    context.error(say(context, "使い方は musubi-card --help を見てください。\n", "See musubi-card --help.\n"));
    return kExitUsage;
}

bool one_of(const std::string& word, std::initializer_list<const char*> words) {
    return std::any_of(words.begin(), words.end(), [&](const char* w) { return word == w; });
}

} // namespace

std::string error_message(const base::Error& error, Language language) {
    const bool english = language == Language::English;
    if (error.code == "card.pins-differ") return english ? "The two new ones differ." : "新しいものが一致しません。";
    for (const auto& message : kMessages) {
        if (message.code != error.code) continue;
        std::string text = english ? message.english : message.japanese;
        if (const auto left = parameter(error, "tries_left"); !left.empty())
            text += english ? " Tries left: " + left + "." : "あと" + left + "回です。";
        return text;
    }
    return error.code;
}

int exit_code(const base::Error& error) {
    for (const auto& message : kMessages) {
        if (message.code == error.code) return message.exit;
    }
    return kExitFailed;
}

int run_command(const CommandContext& context, const std::vector<std::string>& words) {
    if (words.empty()) return usage(context);
    const auto& command = words[0];
    const auto argument = words.size() > 1 ? words[1] : std::string();
    if (command == "show" && words.size() == 1) return show(context);
    if (command == "tries" && words.size() == 1) return show_tries(context);
    if (command == "read" && words.size() == 2 &&
        one_of(argument, {"user", "auth", "user-ca", "sign", "sign-ca", "text", "photo"}))
        return read(context, argument);
    if (command == "sign" && words.size() == 3 && one_of(argument, {"user", "auth", "sign"})) {
        const auto digest = base::hex_decode(words[2]);
        if (!digest || digest->size() != 32) return usage(context);
        return sign(context, argument == "sign" ? Credential::Signature : Credential::UserAuthentication, *digest);
    }
    if (command == "change-pin" && words.size() == 2 && one_of(argument, {"user", "auth", "sign", "text"}))
        return change_pin(context, argument);
    if (command == "wait" && words.size() == 2 && one_of(argument, {"inserted", "removed"}))
        return wait(context, argument == "inserted");
    return usage(context);
}

} // namespace musubi::card_agent
