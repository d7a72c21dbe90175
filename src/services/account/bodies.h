// What the routes take and answer. Private to the service.
#pragma once

#include "base/secret.h"
#include "core/identity/person.h"
#include "core/identity/seen.h"
#include "lib/http/principal.h"
#include "lib/json/json.h"

namespace musubi::account {

struct PersonView {
    std::string id;
    std::string name;
    std::optional<std::string> kana;
    base::CivilDate birth_date;
    identity::Sex sex = identity::Sex::Unknown;
    std::string address;
    identity::Source source = identity::Source::Card;
    base::Instant certified_at;
};
struct CertificateView {
    identity::CertificateType type = identity::CertificateType::User;
    std::string serial_suffix; // the last four digits, enough to tell two cards apart
    base::Instant not_after;
    std::string status; // active, superseded, revoked, expired
};
struct ClosingView {
    base::Instant closed_at;
    base::Instant erase_at;
};
struct Me {
    PersonView person;
    std::optional<std::string> email;
    std::optional<std::string> telephone;
    bool has_password = false;
    std::string language;
    std::vector<CertificateView> certificates;
    std::optional<ClosingView> closing;
};
template <class Fields> void describe(Fields& fields, PersonView& person) {
    fields("id", person.id);
    fields("name", person.name);
    fields("kana", person.kana);
    fields("birthDate", person.birth_date);
    fields("sex", person.sex);
    fields("address", person.address);
    fields("source", person.source);
    fields("certifiedAt", person.certified_at);
}
template <class Fields> void describe(Fields& fields, CertificateView& certificate) {
    fields("type", certificate.type);
    fields("serialSuffix", certificate.serial_suffix);
    fields("notAfter", certificate.not_after);
    fields("status", certificate.status, json::Rule{.meaning = "active, superseded, revoked or expired"});
}
template <class Fields> void describe(Fields& fields, ClosingView& closing) {
    fields("closedAt", closing.closed_at);
    fields("eraseAt", closing.erase_at);
}
template <class Fields> void describe(Fields& fields, Me& me) {
    fields("person", me.person);
    fields("email", me.email);
    fields("telephone", me.telephone);
    fields("hasPassword", me.has_password);
    fields("language", me.language);
    fields("certificates", me.certificates);
    fields("closing", me.closing);
}

struct Change {
    std::optional<std::string> telephone;
    std::optional<std::string> language;
};
template <class Fields> void describe(Fields& fields, Change& body) {
    fields("telephone", body.telephone, json::Rule{.max_length = 20, .min_length = 6, .format = "telephone"});
    fields("language", body.language, json::Rule{.max_length = 7, .meaning = "ja, ja-easy or en"});
}

struct ChangePassword {
    std::optional<base::Secret> current;
    base::Secret fresh;
};
template <class Fields> void describe(Fields& fields, ChangePassword& body) {
    fields("current", body.current, json::Rule{.max_length = 128});
    fields("new", body.fresh, json::Rule{.max_length = 128, .min_length = 10});
}

struct ChangeEmail {
    std::string email;
};
template <class Fields> void describe(Fields& fields, ChangeEmail& body) {
    fields("email", body.email, json::Rule{.max_length = 254, .min_length = 3, .format = "email"});
}
/// 202: the code is on its way to the new address.
struct Sent {
    bool sent = true;
};
template <class Fields> void describe(Fields& fields, Sent& body) { fields("sent", body.sent); }
struct ConfirmEmail {
    std::string code;
};
template <class Fields> void describe(Fields& fields, ConfirmEmail& body) {
    fields("code", body.code, json::Rule{.max_length = 16});
}

struct SessionView {
    std::string id;
    bool current = false;
    base::Instant signed_in_at;
    base::Instant last_seen_at;
    std::string device;
    http::Assurance assurance = http::Assurance::None;
};
struct SessionList {
    std::vector<SessionView> items;
};
template <class Fields> void describe(Fields& fields, SessionView& session) {
    fields("id", session.id);
    fields("current", session.current);
    fields("signedInAt", session.signed_in_at);
    fields("lastSeenAt", session.last_seen_at);
    fields("device", session.device, json::Rule{.meaning = "browser and system; may be empty"});
    fields("assurance", session.assurance);
}
template <class Fields> void describe(Fields& fields, SessionList& list) { fields("items", list.items); }

} // namespace musubi::account
