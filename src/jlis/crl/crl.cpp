#include "jlis/crl/crl.h"

#include "base/encoding.h"
#include "jlis/registry/certificate.h"
#include "jlis/registry/routes.h"
#include "lib/crypto/digest.h"
#include "lib/json/describe.h"
#include "lib/pki/crl_writer.h"

#include <algorithm>
#include <charconv>

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
    const pki::RevocationListHead head{authority.authority->view,
                                       static_cast<uint64_t>(number),
                                       now,
                                       now + settings.validity,
                                       authorities.partition(kind, municipality),
                                       pki::default_signature_algorithm(authority.key.algorithm())};
    const auto revoked = co_await registry::revoked_certificates(tx, kind, municipality, now);
    const pki::EachRevoked each = [&revoked](const std::function<void(const pki::RevokedCertificate&)>& take) {
        for (const auto& certificate : revoked) {
            const auto reason = pki::revocation_reason(certificate.reason);
            take({pki::SerialNumber::of(static_cast<uint64_t>(certificate.serial)), certificate.revoked_at,
                  reason.value_or(pki::RevocationReason::Unspecified)});
        }
    };
    MUSUBI_CO_TRY(const auto linted, pki::lint(head, each));
    std::string der;
    const auto append = [&der](std::string_view piece) -> base::Status {
        der += piece;
        return base::success();
    };
    MUSUBI_CO_CHECK(pki::write_signed(linted, each, authority.key, append));
    co_await tx.run(kSave, pki::to_string(kind), municipality, number, now, head.next_update, base::base64_encode(der));
    co_return der;
}

struct Span {
    size_t first = 0;
    size_t last = 0; // included
};

/// One range of "bytes=": first-last, first- or -count (RFC 9110 section 14.1.2). Nothing for other forms, which are
/// answered with the whole; `outside` if no byte of the list is in it.
std::optional<Span> single_range(std::string_view text, size_t size, bool& outside) {
    constexpr std::string_view unit = "bytes=";
    if (!text.starts_with(unit)) return std::nullopt;
    text.remove_prefix(unit.size());
    const size_t dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto number = [](std::string_view digits) -> std::optional<size_t> {
        size_t value = 0;
        const auto end = digits.data() + digits.size();
        const auto read = std::from_chars(digits.data(), end, value);
        if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
        return value;
    };
    const auto first = number(text.substr(0, dash));
    const auto last = number(text.substr(dash + 1));
    if ((!first && dash != 0) || (!last && dash + 1 != text.size()) || (!first && !last)) return std::nullopt;
    if (first && last && *last < *first) return std::nullopt;
    outside = first ? *first >= size : *last == 0;
    if (outside) return std::nullopt;
    if (!first) return Span{*last >= size ? 0 : size - *last, size - 1};
    return Span{*first, last ? std::min(*last, size - 1) : size - 1};
}

/// The list, or the part asked for, or nothing when the client has it already.
http::Raw in_range(const http::Request& request, std::string der) {
    const std::string tag = '"' + base::hex_encode(crypto::sha256(der)).substr(0, 32) + '"';
    http::Raw out;
    out.content_type = "application/pkix-crl"; // RFC 2585 section 4.2
    out.headers = {{"ETag", tag}, {"Accept-Ranges", "bytes"}, {"Cache-Control", "no-cache"}};
    if (request.header("If-None-Match") == tag) {
        out.status = 304;
        return out;
    }
    const std::string_view condition = request.header("If-Range");
    bool outside = false;
    const auto span = condition.empty() || condition == tag ? single_range(request.header("Range"), der.size(), outside)
                                                            : std::nullopt;
    if (outside) {
        out.status = 416;
        out.headers.push_back({"Content-Range", "bytes */" + std::to_string(der.size())});
        return out;
    }
    if (span) {
        out.status = 206;
        out.headers.push_back({"Content-Range", "bytes " + std::to_string(span->first) + "-" +
                                                    std::to_string(span->last) + "/" + std::to_string(der.size())});
        der = der.substr(span->first, span->last - span->first + 1);
    }
    out.body = std::move(der);
    return out;
}

Answer<http::Raw> serve(Call& call, db::Database& database, const ca::Authorities& authorities, Settings settings) {
    MUSUBI_CO_TRY(const auto kind, registry::authority_named(call.path_text("authority")));
    const std::string file(call.path_text("file"));
    constexpr std::string_view ending = ".crl";
    if (file.size() <= ending.size() || file.size() > 16 || !std::string_view(file).ends_with(ending))
        co_return base::not_found("request.not-found");
    MUSUBI_CO_TRY(auto der, co_await current_list(database, authorities, kind,
                                                  file.substr(0, file.size() - ending.size()), call.now, settings));
    co_return in_range(call.request, std::move(der));
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
