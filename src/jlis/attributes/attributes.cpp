#include "jlis/attributes/attributes.h"

#include "base/encoding.h"
#include "base/ids.h"
#include "lib/crypto/keys.h"
#include "lib/pki/certificate.h"
#include "lib/pki/oid.h"

namespace musubi::attributes {
namespace {

constexpr db::Query kSaveService{
    "attributes.save_service",
    "INSERT INTO attributes_service (id, name, contract_begin, contract_end, daily_limit, price_yen)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
    " contract_begin = excluded.contract_begin, contract_end = excluded.contract_end,"
    " daily_limit = excluded.daily_limit, price_yen = excluded.price_yen"};
constexpr db::Query kFindService{"attributes.find_service",
                                 "SELECT id, name, contract_begin, contract_end, daily_limit, price_yen"
                                 " FROM attributes_service WHERE id = $1"};
constexpr db::Query kFees{"attributes.fees", "SELECT period, answers FROM attributes_fee"
                                             " WHERE service = $1 AND length(period) = 7 ORDER BY period"};
constexpr db::Query kCount{"attributes.count",
                           "INSERT INTO attributes_fee (service, period, answers) VALUES ($1, $2, 1)"
                           " ON CONFLICT (service, period) DO UPDATE SET"
                           " answers = attributes_fee.answers + 1 RETURNING answers"};
#define MUSUBI_CONSENT_FIELDS "holder_id, id, service, items, given_at, expires_at, withdrawn_at"
constexpr db::Query kSameStatement{"attributes.same_statement",
                                   "SELECT " MUSUBI_CONSENT_FIELDS " FROM attributes_consent"
                                   " WHERE holder_id = $1 AND service = $2 AND statement = $3"};
constexpr db::Query kInForce{"attributes.consent_in_force",
                             "SELECT " MUSUBI_CONSENT_FIELDS " FROM attributes_consent"
                             " WHERE holder_id = $1 AND service = $2 AND withdrawn_at IS NULL"};
constexpr db::Query kOfService{"attributes.consent_of_service",
                               "SELECT " MUSUBI_CONSENT_FIELDS " FROM attributes_consent"
                               " WHERE id = $1 AND service = $2 AND withdrawn_at IS NULL"};
constexpr db::Query kOfHolder{"attributes.consents_of", "SELECT " MUSUBI_CONSENT_FIELDS " FROM attributes_consent"
                                                        " WHERE holder_id = $1 ORDER BY id DESC LIMIT 200"};
constexpr db::Query kAdd{
    "attributes.add_consent",
    "INSERT INTO attributes_consent (holder_id, id, service, items, serial, statement, certificate,"
    " signature, given_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
constexpr db::Query kWithdraw{"attributes.withdraw", "UPDATE attributes_consent SET withdrawn_at = $3"
                                                     " WHERE holder_id = $1 AND id = $2 AND withdrawn_at IS NULL"};
constexpr db::Query kDeliver{"attributes.deliver",
                             "INSERT INTO attributes_delivery (holder_id, id, service, consent_id, at, items,"
                             " old_serial, new_serial) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
constexpr db::Query kDeliveries{"attributes.deliveries_of",
                                "SELECT d.id, d.service, s.name, d.at, d.items FROM attributes_delivery d"
                                " JOIN attributes_service s ON s.id = d.service"
                                " WHERE d.holder_id = $1 ORDER BY d.id DESC LIMIT 200"};

constexpr base::Duration kStatementTime = std::chrono::minutes(10);
constexpr int kYears = 10;

using ConsentId = base::Id<struct ConsentTag>;
using DeliveryId = base::Id<struct DeliveryTag>;

base::Error no_consent() { return base::forbidden("attributes.no-consent"); }

/// Ten years from the day after, in Japan. A 29 February without a counterpart ends with the 28th.
base::Instant end_of_consent(base::Instant given) {
    const auto first = base::date_in_japan(given).plus_days(1);
    const auto end = base::CivilDate::of(first.year() + kYears, first.month(), first.day());
    return base::start_of_day_in_japan(end ? *end : *base::CivilDate::of(first.year() + kYears, 3, 1));
}

base::Task<base::Result<Service>> service_under_contract(db::ReadTx& tx, std::string id, base::Instant now) {
    const auto service = co_await find_service(tx, std::move(id));
    const auto today = base::date_in_japan(now);
    if (!service || today < service->contract_begin || today > service->contract_end)
        co_return base::forbidden("attributes.no-contract");
    co_return *service;
}

struct Kinds {
    bool signature = true;
    bool user = false;
};

/// The record of a certificate we issued, that is in force, and whose key made the signature over `text`.
base::Task<base::Result<registry::Certificate>> signer_of(db::ReadTx& tx, SignedStatement statement, std::string text,
                                                          Kinds kinds, base::Instant now) {
    const auto apart = statement.at > now ? statement.at - now : now - statement.at;
    if (apart > kStatementTime) co_return base::invalid("attributes.statement-out-of-time");
    const auto view = pki::parse_certificate(statement.certificate);
    const auto number = view ? view->serial.number() : std::nullopt;
    std::optional<registry::Certificate> known;
    for (const auto kind : {pki::CertificateKind::Signature, pki::CertificateKind::UserAuthentication}) {
        const bool wanted = kind == pki::CertificateKind::Signature ? kinds.signature : kinds.user;
        if (!wanted || !number || *number > INT64_MAX) continue;
        auto found = co_await registry::find_certificate(tx, kind, static_cast<int64_t>(*number));
        // Byte for byte the one in the record: nothing else about it needs to be proved.
        if (found && found->der == statement.certificate && !found->holder_id.empty()) known = std::move(found);
    }
    if (!known) co_return base::not_found("certificate.unknown");
    if (known->status != registry::Status::Good || now < known->not_before || now > known->not_after)
        co_return base::conflict("certificate.not-in-force");
    const auto key = pki::certificate_key(*view);
    if (!key || !key->verify(pki::default_signature_algorithm(key->algorithm()), text, statement.signature))
        co_return base::error(base::ErrorKind::Unauthenticated, "certificate.signature-invalid");
    co_return std::move(*known);
}

std::string month_of(base::CivilDate date) { return date.to_string().substr(0, 7); }

} // namespace

std::vector<std::string> item_names(Items items) {
    std::vector<std::string> out;
    for (const auto& [item, name] : json_names(Item{}))
        if (contains(items, item)) out.emplace_back(name);
    return out;
}

std::optional<Items> items_named(const std::vector<std::string>& names) {
    Items out = 0;
    for (const auto& wanted : names) {
        Items bit = 0;
        for (const auto& [item, name] : json_names(Item{}))
            if (wanted == name) bit = static_cast<Items>(item);
        if (bit == 0 || (out & bit) != 0) return std::nullopt;
        out |= bit;
    }
    return out == 0 ? std::nullopt : std::optional(out);
}

std::string consent_statement(std::string_view service, Items items, base::Instant at) {
    std::string out = "musubi-consent-v1\nservice: ";
    out.append(service).append("\nitems: ");
    bool first = true;
    for (const auto& name : item_names(items)) {
        if (!first) out += ',';
        out += name;
        first = false;
    }
    return out.append("\nat: ").append(at.to_string()).append("\n");
}

std::string withdrawal_statement(std::string_view service, base::Instant at) {
    std::string out = "musubi-consent-withdrawal-v1\nservice: ";
    return out.append(service).append("\nat: ").append(at.to_string()).append("\n");
}

Service Service::from(db::Reader& row) {
    return {.id = row, .name = row, .contract_begin = row, .contract_end = row, .daily_limit = row, .price_yen = row};
}

Consent Consent::from(db::Reader& row) {
    return {.holder_id = row,
            .id = row,
            .service = row,
            .items = row,
            .given_at = row,
            .expires_at = row,
            .withdrawn_at = row.get<std::optional<base::Instant>>()};
}

Delivery Delivery::from(db::Reader& row) {
    return {.id = row, .service = row, .service_name = row, .at = row, .items = row};
}

base::Task<> save_service(db::WriteTx& tx, Service service) {
    co_await tx.run(kSaveService, service.id, service.name, service.contract_begin, service.contract_end,
                    service.daily_limit, service.price_yen);
}

base::Task<std::optional<Service>> find_service(db::ReadTx& tx, std::string id) {
    co_return co_await tx.one<Service>(kFindService, std::move(id));
}

base::Task<std::vector<Fee>> fees_of(db::ReadTx& tx, std::string service) {
    co_return co_await tx.all<Fee>(kFees, std::move(service));
}

base::Task<base::Result<Consent>> give_consent(db::WriteTx& tx, std::string service, Items items,
                                               SignedStatement statement, registry::Change change) {
    MUSUBI_CO_TRY([[maybe_unused]] const Service contract, co_await service_under_contract(tx, service, change.at));
    const std::string text = consent_statement(service, items, statement.at);
    const Kinds kinds{};
    MUSUBI_CO_TRY(const registry::Certificate signer, co_await signer_of(tx, statement, text, kinds, change.at));
    const auto same = co_await tx.one<Consent>(kSameStatement, signer.holder_id, service, text);
    if (same && same->withdrawn_at) co_return base::conflict("attributes.consent-withdrawn");
    if (same) co_return *same;
    const auto replaced = co_await tx.one<Consent>(kInForce, signer.holder_id, service);
    if (replaced) co_await tx.run(kWithdraw, replaced->holder_id, replaced->id, change.at);
    Consent out;
    out.holder_id = signer.holder_id;
    out.id = ConsentId::make(change.at, change.random).to_string();
    out.service = service;
    out.items = items;
    out.given_at = change.at;
    out.expires_at = end_of_consent(change.at);
    const std::string certificate = base::base64_encode(statement.certificate);
    const std::string signature = base::base64_encode(statement.signature);
    co_await tx.run(kAdd, out.holder_id, out.id, out.service, out.items, signer.serial, text, certificate, signature,
                    out.given_at, out.expires_at);
    co_return out;
}

base::Task<base::Result<Consent>> withdraw_by_holder(db::WriteTx& tx, std::string service, SignedStatement statement,
                                                     registry::Change change) {
    const std::string text = withdrawal_statement(service, statement.at);
    Kinds kinds;
    kinds.user = true;
    MUSUBI_CO_TRY(const registry::Certificate signer, co_await signer_of(tx, statement, text, kinds, change.at));
    auto consent = co_await tx.one<Consent>(kInForce, signer.holder_id, service);
    if (!consent) co_return no_consent();
    co_await tx.run(kWithdraw, consent->holder_id, consent->id, change.at);
    consent->withdrawn_at = change.at;
    co_return *consent;
}

base::Task<base::Status> withdraw_by_service(db::WriteTx& tx, std::string service, std::string consent_id,
                                             base::Instant now) {
    const auto consent = co_await tx.one<Consent>(kOfService, std::move(consent_id), std::move(service));
    if (!consent) co_return no_consent();
    co_await tx.run(kWithdraw, consent->holder_id, consent->id, now);
    co_return base::success();
}

base::Task<std::vector<Consent>> consents_of(db::ReadTx& tx, std::string holder_id) {
    co_return co_await tx.all<Consent>(kOfHolder, std::move(holder_id));
}

base::Task<base::Result<LatestAttributes>> latest(db::WriteTx& tx, std::string service, int64_t serial,
                                                  registry::Change change) {
    MUSUBI_CO_TRY(const Service contract, co_await service_under_contract(tx, service, change.at));
    const auto known = co_await registry::find_certificate(tx, pki::CertificateKind::Signature, serial);
    if (!known || known->holder_id.empty()) co_return base::not_found("certificate.unknown");
    const auto consent = co_await tx.one<Consent>(kInForce, known->holder_id, service);
    if (!consent || change.at >= consent->expires_at) co_return no_consent();
    const auto all = co_await registry::certificates_in_force(tx, known->holder_id, pki::CertificateKind::Signature);
    const registry::Certificate* newest = nullptr;
    for (const auto& certificate : all)
        if (certificate.status == registry::Status::Good && change.at <= certificate.not_after) newest = &certificate;
    LatestAttributes out;
    if (newest == nullptr) co_return base::conflict("attributes.no-new-certificate");
    out.serial = newest->serial;
    if (newest->serial == serial) co_return out;
    const auto view = pki::parse_certificate(newest->der);
    const auto* names = view ? view->find(pki::oid::kSubjectAltName) : nullptr;
    if (names == nullptr) co_return base::internal("a signature certificate without attributes");
    MUSUBI_CO_TRY(out.attributes, pki::certified_attributes(names->value));
    const auto today = base::date_in_japan(change.at);
    const auto of_day = co_await tx.change<int64_t>(kCount, service, today.to_string());
    if (*of_day > contract.daily_limit)
        co_return base::error(base::ErrorKind::TooMany, "attributes.limit-reached"); // the count is rolled back with it
    co_await tx.change<int64_t>(kCount, service, month_of(today));
    out.changed = true;
    out.items = consent->items;
    co_await tx.run(kDeliver, consent->holder_id, DeliveryId::make(change.at, change.random), service, consent->id,
                    change.at, consent->items, serial, out.serial);
    co_return out;
}

base::Task<std::vector<Delivery>> deliveries_of(db::ReadTx& tx, std::string holder_id) {
    co_return co_await tx.all<Delivery>(kDeliveries, std::move(holder_id));
}

} // namespace musubi::attributes
