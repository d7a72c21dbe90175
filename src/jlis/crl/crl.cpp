#include "jlis/crl/crl.h"

#include "base/encoding.h"
#include "jlis/registry/certificate.h"
#include "jlis/registry/routes.h"
#include "lib/json/describe.h"

#include <algorithm>

namespace musubi::crl {

struct IssuedLists {
    int64_t lists;
};
template <class Fields> void describe(Fields& fields, IssuedLists& issued) { fields("lists", issued.lists); }

namespace {

using http::Access;
using http::Call;
using pki::CertificateKind;
template <class T> using Answer = base::Task<base::Result<T>>;

constexpr db::Query kFind{"crl.find", "SELECT number, this_update, next_update, der FROM crl_list"
                                      " WHERE authority = $1 AND municipality = $2"};
constexpr db::Query kSave{"crl.save",
                          "INSERT INTO crl_list (authority, municipality, number, this_update, next_update, der)"
                          " VALUES ($1, $2, $3, $4, $5, $6)"
                          " ON CONFLICT (authority, municipality) DO UPDATE SET number = excluded.number,"
                          " this_update = excluded.this_update, next_update = excluded.next_update,"
                          " der = excluded.der"};

struct Kept {
    int64_t number;
    base::Instant this_update;
    base::Instant next_update;
    std::string der;
    static Kept from(db::Reader& row) { return {.number = row, .this_update = row, .next_update = row, .der = row}; }
};

bool out_of_date(const std::optional<Kept>& kept, base::Instant now, const Settings& settings) {
    return !kept || now - kept->this_update >= settings.interval || now >= kept->next_update;
}

base::Task<bool> has_holders(db::ReadTx& tx, std::string municipality) {
    const auto all = co_await registry::municipalities(tx);
    co_return std::binary_search(all.begin(), all.end(), municipality);
}

Answer<std::string> make_list(db::WriteTx& tx, const ca::Authorities& authorities, CertificateKind kind,
                              std::string municipality, base::Instant now, Settings settings) {
    const auto& authority = authorities.of(kind);
    const std::string name = "list/" + std::string(pki::to_string(kind)) + "/" + municipality;
    const int64_t number = co_await registry::next_number(tx, name);
    pki::RevocationListContents contents{authority.authority->view,
                                         static_cast<uint64_t>(number),
                                         now,
                                         now + settings.validity,
                                         authorities.partition(kind, municipality),
                                         {}};
    const auto revoked = co_await registry::revoked_certificates(tx, kind, municipality, now);
    for (const auto& certificate : revoked) {
        const auto reason = pki::revocation_reason(certificate.reason);
        contents.entries.push_back({pki::SerialNumber::of(static_cast<uint64_t>(certificate.serial)),
                                    certificate.revoked_at.value_or(now),
                                    reason.value_or(pki::RevocationReason::Unspecified)});
    }
    MUSUBI_CO_TRY(auto linted, pki::lint(contents));
    std::string der = pki::sign(std::move(linted), authority.key);
    co_await tx.run(kSave, pki::to_string(kind), municipality, number, now, contents.next_update,
                    base::base64_encode(der));
    co_return der;
}

Answer<http::Raw> serve(Call& call, db::Database& database, const ca::Authorities& authorities, Settings settings) {
    MUSUBI_CO_TRY(const auto kind, registry::authority_named(call.path_text("authority")));
    const std::string file(call.path_text("file"));
    constexpr std::string_view ending = ".crl";
    if (file.size() <= ending.size() || file.size() > 16 || !std::string_view(file).ends_with(ending))
        co_return base::not_found("request.not-found");
    MUSUBI_CO_TRY(auto der, co_await current_list(database, authorities, kind,
                                                  file.substr(0, file.size() - ending.size()), call.now, settings));
    http::Raw out;
    out.content_type = "application/pkix-crl"; // RFC 2585 section 4.2
    out.body = std::move(der);
    co_return out;
}

} // namespace

base::Task<base::Result<std::string>> issue_list(db::Database& database, const ca::Authorities& authorities,
                                                 CertificateKind kind, std::string municipality, base::Instant now,
                                                 Settings settings) {
    auto unit = [&](db::WriteTx& tx) { return make_list(tx, authorities, kind, municipality, now, settings); };
    co_return co_await database.write(unit);
}

base::Task<base::Result<std::string>> current_list(db::Database& database, const ca::Authorities& authorities,
                                                   CertificateKind kind, std::string municipality, base::Instant now,
                                                   Settings settings) {
    auto find = [&](db::ReadTx& tx) { return tx.one<Kept>(kFind, pki::to_string(kind), municipality); };
    const auto kept = co_await database.read(find);
    if (!out_of_date(kept, now, settings)) co_return base::base64_decode(kept->der).value_or("");
    auto known = [&](db::ReadTx& tx) { return has_holders(tx, municipality); };
    if (!kept && !co_await database.read(known)) co_return base::not_found("crl.unknown");
    co_return co_await issue_list(database, authorities, kind, municipality, now, settings);
}

base::Task<base::Result<int64_t>> issue_lists(db::Database& database, const ca::Authorities& authorities, Which which,
                                              base::Instant now, Settings settings) {
    auto all = [](db::ReadTx& tx) { return registry::municipalities(tx); };
    const auto municipalities = co_await database.read(all);
    int64_t count = 0;
    for (const auto kind : {CertificateKind::Signature, CertificateKind::UserAuthentication}) {
        for (const auto& municipality : municipalities) {
            auto find = [&](db::ReadTx& tx) { return tx.one<Kept>(kFind, pki::to_string(kind), municipality); };
            const auto kept = co_await database.read(find);
            if (which == Which::OutOfDate && !out_of_date(kept, now, settings)) continue;
            MUSUBI_CO_TRY([[maybe_unused]] const auto der,
                          co_await issue_list(database, authorities, kind, municipality, now, settings));
            ++count;
        }
    }
    co_return count;
}

void add_routes(http::Router& router, const ca::Authorities& authorities, Settings settings) {
    db::Database& database = router.database();
    router.acts("GET", "/v1/crl/{authority}/{file}", "getRevocationList",
                Access::anyone(http::Limit::per_address(600, std::chrono::minutes(1))),
                [&database, &authorities, settings](Call& call) -> Answer<http::Raw> {
                    return serve(call, database, authorities, settings);
                });
    router.acts("POST", "/v1/crl", "issueRevocationLists", Access::machine("lists.issue"),
                [&database, &authorities, settings](Call& call) -> Answer<IssuedLists> {
                    MUSUBI_CO_TRY(const auto count,
                                  co_await issue_lists(database, authorities, Which::All, call.now, settings));
                    co_return IssuedLists{count};
                });
}

} // namespace musubi::crl
