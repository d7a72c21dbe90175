// What the routes take and answer. Private to the service.
#pragma once

#include "base/secret.h"
#include "core/enrolment/registration_view.h"
#include "lib/json/json.h"

#include <string>
#include <vector>

namespace musubi::card_registration {

struct Start {
    std::string email;
    std::string language;
};
template <class Fields> void describe(Fields& fields, Start& body) {
    fields("email", body.email, json::Rule{.max_length = 254, .min_length = 3, .format = "email"});
    fields("language", body.language, json::Rule{.max_length = 7, .meaning = "ja, ja-easy or en"});
}

struct Started {
    std::string email;
};
template <class Fields> void describe(Fields& fields, Started& body) { fields("email", body.email); }

struct Resume {
    base::Secret token;
};
template <class Fields> void describe(Fields& fields, Resume& body) {
    fields("token", body.token, json::Rule{.max_length = 64});
}

struct Terms {
    std::string version;
};
template <class Fields> void describe(Fields& fields, Terms& body) {
    fields("version", body.version, json::Rule{.max_length = 20});
}

struct TermsSection {
    std::string heading;
    std::string text;
};
struct TermsText {
    std::string version;
    std::string title;
    std::vector<TermsSection> sections;
};
template <class Fields> void describe(Fields& fields, TermsSection& section) {
    fields("heading", section.heading);
    fields("text", section.text);
}
template <class Fields> void describe(Fields& fields, TermsText& terms) {
    fields("version", terms.version);
    fields("title", terms.title);
    fields("sections", terms.sections);
}

struct ChooseWay {
    enrolment::Way way = enrolment::Way::CardReader;
};
template <class Fields> void describe(Fields& fields, ChooseWay& body) { fields("way", body.way); }

struct ChallengeView {
    std::string challenge_id;
    std::string nonce;
    std::string origin;
    std::string purpose;
    base::Instant expires_at;
};
template <class Fields> void describe(Fields& fields, ChallengeView& challenge) {
    fields("challengeId", challenge.challenge_id);
    fields("nonce", challenge.nonce, json::Rule{.meaning = "base64url; signed together with origin and purpose"});
    fields("origin", challenge.origin);
    fields("purpose", challenge.purpose);
    fields("expiresAt", challenge.expires_at);
}

struct Card {
    std::string challenge_id;
    std::string signature_certificate;
    std::string signature_signature;
    std::string user_certificate;
    std::string user_signature;
};
template <class Fields> void describe(Fields& fields, Card& body) {
    const json::Rule certificate{.max_length = 22000, .format = "base64", .meaning = "X.509 certificate, DER"};
    const json::Rule signature{.max_length = 1024, .format = "base64", .meaning = "as the card made it"};
    fields("challengeId", body.challenge_id, json::Rule{.max_length = 36});
    fields("signatureCertificate", body.signature_certificate, certificate);
    fields("signatureSignature", body.signature_signature, signature);
    fields("userCertificate", body.user_certificate, certificate);
    fields("userSignature", body.user_signature, signature);
}

struct Contact {
    std::string telephone;
    std::optional<base::Secret> password;
};
template <class Fields> void describe(Fields& fields, Contact& body) {
    fields("telephone", body.telephone, json::Rule{.max_length = 20, .min_length = 6, .format = "telephone"});
    fields("password", body.password, json::Rule{.max_length = 128, .min_length = 10});
}

struct Passcode {
    std::string passcode;
};
template <class Fields> void describe(Fields& fields, Passcode& body) {
    fields("passcode", body.passcode, json::Rule{.max_length = 16});
}

} // namespace musubi::card_registration
