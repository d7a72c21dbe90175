// Private to jlis/registry: what its routes take and give.
#pragma once

#include "jlis/registry/certificate.h"
#include "jlis/registry/holder.h"
#include "lib/json/describe.h"

#include <optional>
#include <string>
#include <vector>

namespace musubi::registry {

struct HolderBody {
    std::string name;
    std::optional<std::string> name_substitutes;
    std::string kana;
    base::CivilDate birth_date;
    Sex sex;
    std::string address;
    std::optional<std::string> address_substitutes;
    std::string municipality;
};
template <class Fields> void describe(Fields& fields, HolderBody& body) {
    fields("name", body.name, json::Rule{.max_length = 100, .min_length = 1});
    fields("nameSubstitutes", body.name_substitutes,
           json::Rule{.max_length = 100, .meaning = "one digit per character of the name, 1 where it was replaced"});
    fields("kana", body.kana, json::Rule{.max_length = 100});
    fields("birthDate", body.birth_date);
    fields("sex", body.sex);
    fields("address", body.address, json::Rule{.max_length = 200, .min_length = 1});
    fields("addressSubstitutes", body.address_substitutes, json::Rule{.max_length = 200});
    fields("municipality", body.municipality, json::Rule{.max_length = 6, .min_length = 5});
}

struct HolderView {
    std::string holder_id;
    std::string name;
    std::string name_substitutes;
    std::string kana;
    base::CivilDate birth_date;
    Sex sex;
    std::string address;
    std::string address_substitutes;
    std::string municipality;
    HolderState state;
};
template <class Fields> void describe(Fields& fields, HolderView& view) {
    fields("holderId", view.holder_id);
    fields("name", view.name);
    fields("nameSubstitutes", view.name_substitutes);
    fields("kana", view.kana);
    fields("birthDate", view.birth_date);
    fields("sex", view.sex);
    fields("address", view.address);
    fields("addressSubstitutes", view.address_substitutes);
    fields("municipality", view.municipality);
    fields("state", view.state);
}

struct SearchBody {
    std::string text;
    std::optional<int64_t> limit;
};
template <class Fields> void describe(Fields& fields, SearchBody& body) {
    fields("text", body.text, json::Rule{.max_length = 100});
    fields("limit", body.limit, json::Rule{.minimum = 1, .maximum = 200});
}
struct HolderList {
    std::vector<HolderView> items;
};
template <class Fields> void describe(Fields& fields, HolderList& list) { fields("items", list.items); }

/// A change the register reports; new values stand for what changed.
struct ChangeBody {
    RegisterChange kind;
    std::optional<std::string> name;
    std::optional<std::string> name_substitutes;
    std::optional<std::string> kana;
    std::optional<std::string> address;
    std::optional<std::string> address_substitutes;
    std::optional<std::string> municipality;
};
template <class Fields> void describe(Fields& fields, ChangeBody& body) {
    fields("kind", body.kind);
    fields("name", body.name, json::Rule{.max_length = 100, .min_length = 1});
    fields("nameSubstitutes", body.name_substitutes, json::Rule{.max_length = 100});
    fields("kana", body.kana, json::Rule{.max_length = 100});
    fields("address", body.address, json::Rule{.max_length = 200, .min_length = 1});
    fields("addressSubstitutes", body.address_substitutes, json::Rule{.max_length = 200});
    fields("municipality", body.municipality, json::Rule{.max_length = 6, .min_length = 5});
}
struct Count {
    int64_t changed;
};
template <class Fields> void describe(Fields& fields, Count& count) {
    fields("changed", count.changed, json::Rule{.meaning = "certificates whose status changed"});
}

enum class ShownStatus { Good, Hold, Revoked, Expired };
constexpr auto json_names(ShownStatus) {
    return std::array{std::pair{ShownStatus::Good, "good"}, std::pair{ShownStatus::Hold, "hold"},
                      std::pair{ShownStatus::Revoked, "revoked"}, std::pair{ShownStatus::Expired, "expired"}};
}
struct CertificateView {
    ShownStatus status;
    std::optional<std::string> reason;
    std::optional<base::Instant> revoked_at;
    base::Instant not_before;
    base::Instant not_after;
    std::optional<std::string> predecessor;
    std::optional<std::string> successor;
};
template <class Fields> void describe(Fields& fields, CertificateView& view) {
    fields("status", view.status);
    fields("reason", view.reason, json::Rule{.meaning = "name of a CRLReason, RFC 5280 section 5.3.1"});
    fields("revokedAt", view.revoked_at);
    fields("notBefore", view.not_before);
    fields("notAfter", view.not_after);
    fields("predecessor", view.predecessor, json::Rule{.meaning = "serial number, hexadecimal"});
    fields("successor", view.successor);
}
struct RevocationBody {
    std::string reason;
};
template <class Fields> void describe(Fields& fields, RevocationBody& body) {
    fields("reason", body.reason, json::Rule{.max_length = 32});
}
struct MatchBody {
    std::string signature_serial;
    std::string user_serial;
};
template <class Fields> void describe(Fields& fields, MatchBody& body) {
    fields("signatureSerial", body.signature_serial, json::Rule{.max_length = 40});
    fields("userSerial", body.user_serial, json::Rule{.max_length = 40});
}
struct MatchAnswer {
    bool same;
};
template <class Fields> void describe(Fields& fields, MatchAnswer& answer) { fields("same", answer.same); }

} // namespace musubi::registry
