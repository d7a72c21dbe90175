// What the staff's desk takes and shows.
#pragma once

#include "core/audit/audit.h"
#include "core/identity/person.h"
#include "core/identity/staff.h"
#include "lib/json/json.h"

#include <map>

namespace musubi::people_desk {

struct SearchBody {
    std::optional<std::string> name;
    std::optional<std::string> kana;
    std::optional<base::CivilDate> birth_date;
    std::optional<std::string> address;
    std::string purpose;
};
struct PurposeBody {
    std::string purpose;
};
struct FoundView {
    std::string id;
    std::string name;
    std::optional<std::string> kana;
    base::CivilDate birth_date;
    std::string address;
};
struct FoundList {
    std::vector<FoundView> items;
};
struct RelatedView {
    std::string id;
    std::string name;
};
struct PersonView {
    std::string id;
    std::string name;
    std::optional<std::string> kana;
    base::CivilDate birth_date;
    identity::Sex sex = identity::Sex::Unknown;
    std::string address;
    identity::Source source = identity::Source::Card;
    base::Instant certified_at;
    std::optional<std::string> email;
    std::optional<std::string> telephone;
    std::string language;
    base::Instant created_at;
    std::optional<base::Instant> closed_at;
    std::vector<RelatedView> children;
    std::vector<RelatedView> guardians;
};

struct EntryView {
    std::string id;
    base::Instant at;
    audit::ActorKind actor = audit::ActorKind::System;
    std::string who; // a member of staff or a machine; a citizen's id, as the record itself holds no names
    std::string organization;
    std::string role;
    std::string operation;
    std::string purpose;
    std::string what;
    std::optional<std::string> person;
};
struct EntryList {
    std::vector<EntryView> items;
    std::optional<std::string> next;
};

struct AccountView {
    std::string id;
    std::string account;
    std::string name;
    std::string department;
    std::vector<std::string> roles;
    bool active = true;
    bool password_change_due = false;
};
struct AccountList {
    std::vector<AccountView> items;
};
struct NewAccountBody {
    std::string account;
    std::string name;
    std::string department;
    std::vector<std::string> roles;
};
struct ChangeAccountBody {
    std::optional<std::vector<std::string>> roles;
    std::optional<bool> active;
};
/// The password is shown this once.
struct FirstPassword {
    AccountView account;
    std::string password;
};
struct RoleView {
    std::string id;
    std::string name;
    std::vector<std::string> permissions;
};
struct RoleList {
    std::vector<RoleView> items;
};

inline constexpr json::Rule kPurpose{
    .max_length = 200, .min_length = 2, .meaning = "Why; the person concerned is shown it."};

template <class Fields> void describe(Fields& fields, SearchBody& body) {
    fields("name", body.name, json::Rule{.max_length = 80});
    fields("kana", body.kana, json::Rule{.max_length = 80});
    fields("birthDate", body.birth_date);
    fields("address", body.address, json::Rule{.max_length = 200});
    fields("purpose", body.purpose, kPurpose);
}
template <class Fields> void describe(Fields& fields, PurposeBody& body) { fields("purpose", body.purpose, kPurpose); }
template <class Fields> void describe(Fields& fields, FoundView& found) {
    fields("id", found.id);
    fields("name", found.name);
    fields("kana", found.kana);
    fields("birthDate", found.birth_date);
    fields("address", found.address);
}
template <class Fields> void describe(Fields& fields, FoundList& list) { fields("items", list.items); }
template <class Fields> void describe(Fields& fields, RelatedView& related) {
    fields("id", related.id);
    fields("name", related.name);
}
template <class Fields> void describe(Fields& fields, PersonView& person) {
    fields("id", person.id);
    fields("name", person.name);
    fields("kana", person.kana);
    fields("birthDate", person.birth_date);
    fields("sex", person.sex);
    fields("address", person.address);
    fields("source", person.source);
    fields("certifiedAt", person.certified_at);
    fields("email", person.email);
    fields("telephone", person.telephone);
    fields("language", person.language);
    fields("createdAt", person.created_at);
    fields("closedAt", person.closed_at);
    fields("children", person.children);
    fields("guardians", person.guardians);
}
template <class Fields> void describe(Fields& fields, EntryView& entry) {
    fields("id", entry.id);
    fields("at", entry.at);
    fields("actor", entry.actor);
    fields("who", entry.who);
    fields("organization", entry.organization);
    fields("role", entry.role);
    fields("operation", entry.operation);
    fields("purpose", entry.purpose);
    fields("what", entry.what);
    fields("person", entry.person);
}
template <class Fields> void describe(Fields& fields, EntryList& list) {
    fields("items", list.items);
    fields("next", list.next);
}
template <class Fields> void describe(Fields& fields, AccountView& account) {
    fields("id", account.id);
    fields("account", account.account);
    fields("name", account.name);
    fields("department", account.department);
    fields("roles", account.roles);
    fields("active", account.active);
    fields("passwordChangeDue", account.password_change_due);
}
template <class Fields> void describe(Fields& fields, AccountList& list) { fields("items", list.items); }
template <class Fields> void describe(Fields& fields, NewAccountBody& body) {
    fields("account", body.account, json::Rule{.max_length = 40, .min_length = 2});
    fields("name", body.name, json::Rule{.max_length = 80, .min_length = 1});
    fields("department", body.department, json::Rule{.max_length = 80, .min_length = 1});
    fields("roles", body.roles, json::Rule{.max_length = 40, .max_items = 20});
}
template <class Fields> void describe(Fields& fields, ChangeAccountBody& body) {
    fields("roles", body.roles, json::Rule{.max_length = 40, .max_items = 20});
    fields("active", body.active);
}
template <class Fields> void describe(Fields& fields, FirstPassword& answer) {
    fields("account", answer.account);
    fields("password", answer.password, json::Rule{.meaning = "Shown once; to be changed at the first sign-in."});
}
template <class Fields> void describe(Fields& fields, RoleView& role) {
    fields("id", role.id);
    fields("name", role.name);
    fields("permissions", role.permissions);
}
template <class Fields> void describe(Fields& fields, RoleList& list) { fields("items", list.items); }

} // namespace musubi::people_desk
