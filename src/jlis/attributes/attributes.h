// Consent to the latest four attributes, and the answers given under it.
#pragma once

#include "base/time.h"
#include "jlis/registry/certificate.h"
#include "lib/db/database.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::attributes {

db::Migrations migrations();

/// The four attributes, as bits in the order in which a statement names them.
enum class Item { Name = 1, Address = 2, BirthDate = 4, Sex = 8 };
constexpr auto json_names(Item) {
    return std::array{std::pair{Item::Name, "name"}, std::pair{Item::Address, "address"},
                      std::pair{Item::BirthDate, "birthDate"}, std::pair{Item::Sex, "sex"}};
}
using Items = int64_t;
constexpr bool contains(Items items, Item item) { return (items & static_cast<Items>(item)) != 0; }
std::vector<std::string> item_names(Items items);
/// Nothing for an unknown name, a name that stands twice, or none at all.
std::optional<Items> items_named(const std::vector<std::string>& names);

/// What the citizen signs; each line ends with a line feed:
///     musubi-consent-v1 / service: ID / items: name,address / at: 2026-11-22T00:00:00.000Z
std::string consent_statement(std::string_view service, Items items, base::Instant at);
/// musubi-consent-withdrawal-v1 / service: ID / at: …
std::string withdrawal_statement(std::string_view service, base::Instant at);

struct Service {
    std::string id;
    std::string name;
    base::CivilDate contract_begin;
    base::CivilDate contract_end; // last day
    int64_t daily_limit = 0;
    int64_t price_yen = 20;
    static Service from(db::Reader& row);
};
base::Task<> save_service(db::WriteTx& tx, Service service);
base::Task<std::optional<Service>> find_service(db::ReadTx& tx, std::string id);

struct Fee {
    std::string month; // "2026-11"
    int64_t answers = 0;
    static Fee from(db::Reader& row) { return {.month = row, .answers = row}; }
};
base::Task<std::vector<Fee>> fees_of(db::ReadTx& tx, std::string service);

/// A statement, the signature over it and the certificate it was made with.
struct SignedStatement {
    std::string certificate; // DER
    std::string signature;
    base::Instant at;
};

struct Consent {
    std::string holder_id;
    std::string id;
    std::string service;
    Items items = 0;
    base::Instant given_at;
    base::Instant expires_at;
    std::optional<base::Instant> withdrawn_at;
    static Consent from(db::Reader& row);
};

/// Errors: "attributes.no-contract", "attributes.statement-out-of-time" (more than ten minutes from now),
/// "certificate.unknown" (not one of ours), "certificate.not-in-force", "certificate.signature-invalid". The same
/// statement again gives the same consent; one that was withdrawn cannot be used again
/// ("attributes.consent-withdrawn").
base::Task<base::Result<Consent>> give_consent(db::WriteTx& tx, std::string service, Items items,
                                               SignedStatement statement, registry::Change change);
/// With the signature or the user certificate. The same errors, and "attributes.no-consent".
base::Task<base::Result<Consent>> withdraw_by_holder(db::WriteTx& tx, std::string service, SignedStatement statement,
                                                     registry::Change change);
/// On the service's word (the customer told it so). "attributes.no-consent".
base::Task<base::Status> withdraw_by_service(db::WriteTx& tx, std::string service, std::string consent_id,
                                             base::Instant now);
base::Task<std::vector<Consent>> consents_of(db::ReadTx& tx, std::string holder_id);

struct LatestAttributes {
    bool changed = false; // false: the certificate asked about is the newest; nothing is delivered and nothing counted
    Items items = 0;
    std::optional<pki::CertifiedAttributes> attributes; // when changed; only `items` of it may be passed on
    int64_t serial = 0;                                 // of the new signature certificate
};
/// `serial` is that of the signature certificate the service knows. Errors: "attributes.no-contract",
/// "certificate.unknown", "attributes.no-consent", "attributes.no-new-certificate", "attributes.limit-reached".
base::Task<base::Result<LatestAttributes>> latest(db::WriteTx& tx, std::string service, int64_t serial,
                                                  registry::Change change);

struct Delivery {
    std::string id;
    std::string service;
    std::string service_name;
    base::Instant at;
    Items items = 0;
    static Delivery from(db::Reader& row);
};
/// Newest first, at most 200: for the citizen's own page.
base::Task<std::vector<Delivery>> deliveries_of(db::ReadTx& tx, std::string holder_id);

} // namespace musubi::attributes
