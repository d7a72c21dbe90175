#include "jlis/attributes/routes.h"

#include "base/encoding.h"
#include "jlis/attributes/attributes.h"
#include "jlis/registry/routes.h"
#include "lib/json/describe.h"

namespace musubi::attributes {

struct ServiceBody {
    std::string name;
    base::CivilDate contract_begin;
    base::CivilDate contract_end;
    int64_t daily_limit;
    std::optional<int64_t> price_yen;
};
template <class Fields> void describe(Fields& fields, ServiceBody& body) {
    fields("name", body.name, json::Rule{.max_length = 100, .min_length = 1});
    fields("contractBegin", body.contract_begin);
    fields("contractEnd", body.contract_end, json::Rule{.meaning = "last day"});
    fields("dailyLimit", body.daily_limit, json::Rule{.minimum = 0, .maximum = 1'000'000'000});
    fields("priceYen", body.price_yen, json::Rule{.minimum = 0, .maximum = 10'000, .meaning = "for each answer"});
}
struct FeeView {
    std::string month;
    int64_t answers;
    int64_t yen;
};
template <class Fields> void describe(Fields& fields, FeeView& view) {
    fields("month", view.month);
    fields("answers", view.answers);
    fields("yen", view.yen);
}
struct ServiceView {
    std::string name;
    base::CivilDate contract_begin;
    base::CivilDate contract_end;
    int64_t daily_limit;
    int64_t price_yen;
    std::vector<FeeView> fees;
};
template <class Fields> void describe(Fields& fields, ServiceView& view) {
    fields("name", view.name);
    fields("contractBegin", view.contract_begin);
    fields("contractEnd", view.contract_end);
    fields("dailyLimit", view.daily_limit);
    fields("priceYen", view.price_yen);
    fields("fees", view.fees);
}

struct ConsentBody {
    std::vector<std::string> items;
    base::Instant at;
    std::string certificate;
    std::string signature;
};
template <class Fields> void describe(Fields& fields, ConsentBody& body) {
    fields("items", body.items,
           json::Rule{.max_length = 16, .max_items = 4, .meaning = "name, address, birthDate, sex"});
    fields("at", body.at, json::Rule{.meaning = "as in the statement the citizen signed"});
    fields("certificate", body.certificate, json::Rule{.max_length = 24000, .format = "base64"});
    fields("signature", body.signature, json::Rule{.max_length = 2000, .format = "base64"});
}
struct WithdrawalBody {
    std::optional<std::string> consent_id; // by the service, for its customer
    std::optional<std::string> service;    // by the citizen's own signature
    std::optional<base::Instant> at;
    std::optional<std::string> certificate;
    std::optional<std::string> signature;
};
template <class Fields> void describe(Fields& fields, WithdrawalBody& body) {
    fields("consentId", body.consent_id, json::Rule{.max_length = 64});
    fields("service", body.service, json::Rule{.max_length = 64});
    fields("at", body.at);
    fields("certificate", body.certificate, json::Rule{.max_length = 24000, .format = "base64"});
    fields("signature", body.signature, json::Rule{.max_length = 2000, .format = "base64"});
}
struct ConsentView {
    std::string consent_id;
    std::string service;
    std::vector<std::string> items;
    base::Instant given_at;
    base::Instant expires_at;
    std::optional<base::Instant> withdrawn_at;
};
template <class Fields> void describe(Fields& fields, ConsentView& view) {
    fields("consentId", view.consent_id);
    fields("service", view.service);
    fields("items", view.items);
    fields("givenAt", view.given_at);
    fields("expiresAt", view.expires_at);
    fields("withdrawnAt", view.withdrawn_at);
}
struct ConsentList {
    std::vector<ConsentView> items;
};
template <class Fields> void describe(Fields& fields, ConsentList& list) { fields("items", list.items); }

struct LatestBody {
    std::string serial;
};
template <class Fields> void describe(Fields& fields, LatestBody& body) {
    fields("serial", body.serial,
           json::Rule{.max_length = 40, .meaning = "of the signature certificate the service knows, hexadecimal"});
}
struct LatestView {
    bool changed;
    std::string serial;
    std::optional<std::string> name;
    std::optional<std::string> address;
    std::optional<base::CivilDate> birth_date;
    std::optional<registry::Sex> sex;
};
template <class Fields> void describe(Fields& fields, LatestView& view) {
    fields("changed", view.changed);
    fields("serial", view.serial, json::Rule{.meaning = "of the newest signature certificate"});
    fields("name", view.name);
    fields("address", view.address);
    fields("birthDate", view.birth_date);
    fields("sex", view.sex);
}

struct DeliveryView {
    std::string service;
    std::string service_name;
    base::Instant at;
    std::vector<std::string> items;
};
template <class Fields> void describe(Fields& fields, DeliveryView& view) {
    fields("service", view.service);
    fields("serviceName", view.service_name);
    fields("at", view.at);
    fields("items", view.items);
}
struct DeliveryList {
    std::vector<DeliveryView> items;
};
template <class Fields> void describe(Fields& fields, DeliveryList& list) { fields("items", list.items); }

namespace {

using http::Access;
using http::Call;
template <class T> using Answer = base::Task<base::Result<T>>;

base::Error malformed(const char* path) {
    base::Error error = base::invalid("request.fields-invalid");
    error.fields.push_back({path, "malformed"});
    return error;
}

ConsentView view_of(const Consent& consent) {
    return {consent.id,       consent.service,    item_names(consent.items),
            consent.given_at, consent.expires_at, consent.withdrawn_at};
}

SignedStatement statement_of(const std::string& certificate, const std::string& signature, base::Instant at) {
    SignedStatement out;
    out.certificate = base::base64_decode(certificate).value_or("");
    out.signature = base::base64_decode(signature).value_or("");
    out.at = at;
    return out;
}

Answer<base::Unit> put_service(Call& call, db::WriteTx& tx, const ServiceBody& body) {
    const std::string id(call.path_text("service"));
    if (!registry::valid_holder_id(id)) co_return base::not_found("request.not-found");
    if (body.contract_end < body.contract_begin) co_return malformed("/contractEnd");
    Service service{
        id, body.name, body.contract_begin, body.contract_end, body.daily_limit, body.price_yen.value_or(20)};
    co_await save_service(tx, std::move(service));
    co_return base::Unit{};
}

Answer<ServiceView> get_service(Call& call, db::ReadTx& tx) {
    const std::string id(call.path_text("service"));
    const auto service = co_await find_service(tx, id);
    if (!service) co_return base::not_found("request.not-found");
    ServiceView out{service->name,        service->contract_begin, service->contract_end,
                    service->daily_limit, service->price_yen,      {}};
    const auto fees = co_await fees_of(tx, id);
    for (const auto& fee : fees) out.fees.push_back({fee.month, fee.answers, fee.answers * service->price_yen});
    co_return out;
}

Answer<ConsentView> consent(Call& call, db::WriteTx& tx, const ConsentBody& body, base::Random& random) {
    const auto items = items_named(body.items);
    if (!items) co_return malformed("/items");
    auto statement = statement_of(body.certificate, body.signature, body.at);
    MUSUBI_CO_TRY(const Consent given, co_await give_consent(tx, call.principal.subject, *items, std::move(statement),
                                                             registry::change_by(call, random)));
    call.set_status(201);
    co_return view_of(given);
}

Answer<base::Unit> withdraw(Call& call, db::WriteTx& tx, const WithdrawalBody& body, base::Random& random) {
    if (body.consent_id) {
        MUSUBI_CO_CHECK(co_await withdraw_by_service(tx, call.principal.subject, *body.consent_id, call.now));
        co_return base::Unit{};
    }
    if (!body.service || !body.at || !body.certificate || !body.signature) co_return malformed("/consentId");
    auto statement = statement_of(*body.certificate, *body.signature, *body.at);
    MUSUBI_CO_TRY(
        [[maybe_unused]] const Consent withdrawn,
        co_await withdraw_by_holder(tx, *body.service, std::move(statement), registry::change_by(call, random)));
    co_return base::Unit{};
}

Answer<LatestView> ask(Call& call, db::WriteTx& tx, const LatestBody& body, base::Random& random) {
    MUSUBI_CO_TRY(const auto serial, registry::serial_from_hex(body.serial));
    MUSUBI_CO_TRY(const LatestAttributes found,
                  co_await latest(tx, call.principal.subject, serial, registry::change_by(call, random)));
    LatestView out{};
    out.changed = found.changed;
    out.serial = registry::serial_to_hex(found.serial);
    if (!found.attributes) co_return out;
    const auto& attributes = *found.attributes;
    if (contains(found.items, Item::Name)) out.name = attributes.name;
    if (contains(found.items, Item::Address)) out.address = attributes.address;
    if (contains(found.items, Item::BirthDate)) out.birth_date = attributes.birth_date;
    using Sex = pki::CertifiedAttributes::Sex;
    if (contains(found.items, Item::Sex))
        out.sex = attributes.sex == Sex::Male     ? registry::Sex::Male
                  : attributes.sex == Sex::Female ? registry::Sex::Female
                                                  : registry::Sex::Unknown;
    co_return out;
}

Answer<ConsentList> list_consents(Call& call, db::ReadTx& tx) {
    const auto consents = co_await consents_of(tx, std::string(call.path_text("holder")));
    ConsentList out;
    for (const auto& given : consents) out.items.push_back(view_of(given));
    co_return out;
}

Answer<DeliveryList> list_deliveries(Call& call, db::ReadTx& tx) {
    const auto deliveries = co_await deliveries_of(tx, std::string(call.path_text("holder")));
    DeliveryList out;
    for (const auto& delivery : deliveries)
        out.items.push_back({delivery.service, delivery.service_name, delivery.at, item_names(delivery.items)});
    co_return out;
}

} // namespace

void add_routes(http::Router& router, base::Random& random) {
    router.writes("PUT", "/v1/services/{service}", "putService", Access::machine("services.write"), &put_service);
    router.reads("GET", "/v1/services/{service}", "getService", Access::machine("services.write"), &get_service);
    router.writes("POST", "/v1/attributes/consents", "giveConsent", Access::machine("attributes.ask"),
                  [&random](Call& call, db::WriteTx& tx, const ConsentBody& body) -> Answer<ConsentView> {
                      return consent(call, tx, body, random);
                  });
    router.writes("POST", "/v1/attributes/withdrawals", "withdrawConsent", Access::machine("attributes.ask"),
                  [&random](Call& call, db::WriteTx& tx, const WithdrawalBody& body) -> Answer<base::Unit> {
                      return withdraw(call, tx, body, random);
                  });
    router.writes("POST", "/v1/attributes/latest", "askLatestAttributes", Access::machine("attributes.ask"),
                  [&random](Call& call, db::WriteTx& tx, const LatestBody& body) -> Answer<LatestView> {
                      return ask(call, tx, body, random);
                  });
    router.reads("GET", "/v1/holders/{holder}/consents", "listConsents", Access::machine("holders.read"),
                 &list_consents);
    router.reads("GET", "/v1/holders/{holder}/deliveries", "listDeliveries", Access::machine("holders.read"),
                 &list_deliveries);
}

} // namespace musubi::attributes
