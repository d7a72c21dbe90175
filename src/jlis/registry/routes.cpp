#include "jlis/registry/routes.h"

#include "jlis/registry/views.h"

#include <array>
#include <cstdio>

namespace musubi::registry {
namespace {

using http::Access;
using http::Call;
template <class T> using Answer = base::Task<base::Result<T>>;

base::Error holder_unknown() { return base::not_found("holder.unknown"); }

HolderView view_of(const Holder& holder) {
    return {holder.id,  holder.name,    holder.name_substitutes,    holder.kana,         holder.birth_date,
            holder.sex, holder.address, holder.address_substitutes, holder.municipality, holder.state};
}

CertificateView view_of(const Certificate& certificate, base::Instant now) {
    CertificateView out{};
    switch (certificate.status) {
    case Status::Good:
        out.status = now > certificate.not_after ? ShownStatus::Expired : ShownStatus::Good;
        break;
    case Status::Hold:
        out.status = ShownStatus::Hold;
        break;
    case Status::Revoked:
        out.status = ShownStatus::Revoked;
        break;
    }
    if (!certificate.reason.empty()) out.reason = certificate.reason;
    out.revoked_at = certificate.revoked_at;
    out.not_before = certificate.not_before;
    out.not_after = certificate.not_after;
    if (certificate.predecessor) out.predecessor = serial_to_hex(*certificate.predecessor);
    if (certificate.successor) out.successor = serial_to_hex(*certificate.successor);
    return out;
}

bool digits_only(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

/// The attributes must be ones a certificate can carry: the same reader that will judge them later decides.
base::Status check_holder(const Holder& holder) {
    base::Error error = base::invalid("request.fields-invalid");
    if (!digits_only(holder.municipality)) error.fields.push_back({"/municipality", "malformed"});
    if (!pki::certified_attributes(pki::write_certified_attributes(holder.attributes())))
        error.fields.push_back({"/nameSubstitutes", "malformed"});
    if (!error.fields.empty()) return error;
    return base::success();
}

Holder holder_from(std::string id, const HolderBody& body) {
    return {.id = std::move(id),
            .name = body.name,
            .name_substitutes = body.name_substitutes.value_or(pki::no_substitutes(body.name)),
            .kana = body.kana,
            .birth_date = body.birth_date,
            .sex = body.sex,
            .address = body.address,
            .address_substitutes = body.address_substitutes.value_or(pki::no_substitutes(body.address)),
            .municipality = body.municipality,
            .state = HolderState::Resident};
}

void apply(const ChangeBody& body, Holder& holder) {
    if (body.name) {
        holder.name = *body.name;
        holder.name_substitutes = body.name_substitutes.value_or(pki::no_substitutes(*body.name));
    }
    if (body.kana) holder.kana = *body.kana;
    if (body.address) {
        holder.address = *body.address;
        holder.address_substitutes = body.address_substitutes.value_or(pki::no_substitutes(*body.address));
    }
    if (body.municipality) holder.municipality = *body.municipality;
    if (body.kind == RegisterChange::Death) holder.state = HolderState::Dead;
    if (body.kind == RegisterChange::Abroad) holder.state = HolderState::Abroad;
}

Answer<base::Unit> put_holder(Call& call, db::WriteTx& tx, const HolderBody& body, base::Random& random) {
    std::string id(call.path_text("holder"));
    if (!valid_holder_id(id)) co_return base::not_found("request.not-found");
    const Holder holder = holder_from(std::move(id), body);
    MUSUBI_CO_CHECK(check_holder(holder));
    if (co_await save_holder(tx, holder, call.now))
        co_await revoke_for_change(tx, holder.id, RegisterChange::Address, change_by(call, random));
    co_return base::Unit{};
}

Answer<Count> report_change(Call& call, db::WriteTx& tx, const ChangeBody& body, base::Random& random) {
    auto holder = co_await find_holder(tx, std::string(call.path_text("holder")));
    if (!holder) co_return holder_unknown();
    apply(body, *holder);
    MUSUBI_CO_CHECK(check_holder(*holder));
    co_await save_holder(tx, *holder, call.now);
    const int64_t changed = co_await revoke_for_change(tx, holder->id, body.kind, change_by(call, random));
    co_return Count{changed};
}

Answer<HolderView> get_holder(Call& call, db::ReadTx& tx) {
    const auto holder = co_await find_holder(tx, std::string(call.path_text("holder")));
    if (!holder) co_return holder_unknown();
    co_return view_of(*holder);
}

/// Looking for a person is a POST, so that names stay out of logs of addresses.
Answer<HolderList> search(Call&, db::ReadTx& tx, const SearchBody& body) {
    HolderList out;
    const auto holders = co_await search_holders(tx, body.text, body.limit.value_or(50));
    for (const auto& holder : holders) out.items.push_back(view_of(holder));
    co_return out;
}

Answer<CertificateView> get_certificate(Call& call, db::ReadTx& tx) {
    MUSUBI_CO_TRY(const auto authority, authority_named(call.path_text("authority")));
    MUSUBI_CO_TRY(const auto serial, serial_from_hex(call.path_text("serial")));
    const auto certificate = co_await find_certificate(tx, authority, serial);
    if (!certificate || certificate->holder_id.empty()) co_return base::not_found("certificate.unknown");
    co_return view_of(*certificate, call.now);
}

Answer<base::Unit> revoke_certificate(Call& call, db::WriteTx& tx, const RevocationBody& body, base::Random& random) {
    MUSUBI_CO_TRY(const auto authority, authority_named(call.path_text("authority")));
    MUSUBI_CO_TRY(const auto serial, serial_from_hex(call.path_text("serial")));
    const auto reason = pki::revocation_reason(body.reason);
    // A hold concerns the card as a whole and has its own route.
    if (!reason || *reason == pki::RevocationReason::CertificateHold) {
        base::Error error = base::invalid("request.fields-invalid");
        error.fields.push_back({"/reason", "malformed"});
        co_return error;
    }
    MUSUBI_CO_CHECK(co_await revoke(tx, authority, serial, *reason, change_by(call, random)));
    co_return base::Unit{};
}

Answer<MatchAnswer> match(Call&, db::ReadTx& tx, const MatchBody& body) {
    MUSUBI_CO_TRY(const auto signature_serial, serial_from_hex(body.signature_serial));
    MUSUBI_CO_TRY(const auto user_serial, serial_from_hex(body.user_serial));
    const auto signature = co_await find_certificate(tx, pki::CertificateKind::Signature, signature_serial);
    const auto user = co_await find_certificate(tx, pki::CertificateKind::UserAuthentication, user_serial);
    const bool same = signature && user && !signature->holder_id.empty() && signature->holder_id == user->holder_id;
    co_return MatchAnswer{same};
}

} // namespace

base::Result<pki::CertificateKind> authority_named(std::string_view text) {
    if (text == "signature") return pki::CertificateKind::Signature;
    if (text == "user") return pki::CertificateKind::UserAuthentication;
    return base::not_found("request.not-found");
}

base::Result<int64_t> serial_from_hex(std::string_view hex) {
    const auto serial = pki::SerialNumber::parse(hex);
    const auto number = serial ? serial->number() : std::nullopt;
    if (!number || *number > INT64_MAX) return base::not_found("certificate.unknown");
    return static_cast<int64_t>(*number);
}

std::string serial_to_hex(int64_t serial) { return pki::SerialNumber::of(static_cast<uint64_t>(serial)).hex(); }

std::string http_date(base::Instant at) {
    constexpr std::array days = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"}; // 1970-01-01 was a Thursday
    constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const int64_t day = at.seconds() / 86400;
    const int64_t rest = at.seconds() % 86400;
    const auto date = base::CivilDate::from_days(static_cast<int32_t>(day));
    char out[40];
    std::snprintf(out, sizeof out, "%s, %02u %s %04d %02d:%02d:%02d GMT", days[static_cast<size_t>(day % 7)],
                  date.day(), months[date.month() - 1], date.year(), static_cast<int>(rest / 3600),
                  static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
    return out;
}

Change change_by(const http::Call& call, base::Random& random) { return {call.now, call.principal.subject, random}; }

void add_routes(http::Router& router, base::Random& random) {
    router.writes("PUT", "/v1/holders/{holder}", "putHolder", Access::machine("holders.write"),
                  [&random](Call& call, db::WriteTx& tx, const HolderBody& body) -> Answer<base::Unit> {
                      return put_holder(call, tx, body, random);
                  });
    router.reads("POST", "/v1/holders/search", "searchHolders", Access::machine("holders.read"), &search);
    router.reads("GET", "/v1/holders/{holder}", "getHolder", Access::machine("holders.read"), &get_holder);
    router.writes("POST", "/v1/holders/{holder}/changes", "reportChange", Access::machine("holders.write"),
                  [&random](Call& call, db::WriteTx& tx, const ChangeBody& body) -> Answer<Count> {
                      return report_change(call, tx, body, random);
                  });
    router.writes("POST", "/v1/holders/{holder}/hold", "holdCertificates", Access::machine("certificates.revoke"),
                  [&random](Call& call, db::WriteTx& tx) -> Answer<Count> {
                      const std::string holder(call.path_text("holder"));
                      if (!co_await find_holder(tx, holder)) co_return holder_unknown();
                      const int64_t changed = co_await hold(tx, holder, change_by(call, random));
                      co_return Count{changed};
                  });
    router.writes("POST", "/v1/holders/{holder}/lift", "liftHold", Access::machine("certificates.revoke"),
                  [&random](Call& call, db::WriteTx& tx) -> Answer<Count> {
                      const std::string holder(call.path_text("holder"));
                      if (!co_await find_holder(tx, holder)) co_return holder_unknown();
                      const int64_t changed = co_await lift(tx, holder, change_by(call, random));
                      co_return Count{changed};
                  });
    router.reads("GET", "/v1/certificates/{authority}/{serial}", "getCertificate", Access::machine("certificates.read"),
                 &get_certificate);
    router.writes("POST", "/v1/certificates/{authority}/{serial}/revocation", "revokeCertificate",
                  Access::machine("certificates.revoke"),
                  [&random](Call& call, db::WriteTx& tx, const RevocationBody& body) -> Answer<base::Unit> {
                      return revoke_certificate(call, tx, body, random);
                  });
    router.reads("POST", "/v1/holder-match", "matchHolder", Access::machine("certificates.read"), &match);
}

} // namespace musubi::registry
