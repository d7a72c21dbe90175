#include "jlis/ca/issuing.h"

#include "lib/pki/name.h"

#include <algorithm>
#include <cstdio>

namespace musubi::ca {
namespace {

using pki::CertificateKind;
using Kind = pki::NamePart::Kind;

constexpr int kAdult = 18; // 民法 4 条
constexpr int kBirthdays = 5;
constexpr auto kEarlyRenewal = std::chrono::hours(24 * 92); // three months before the end, one birthday more

base::CivilDate birthday_after(base::CivilDate birth_date, base::CivilDate today, int count) {
    const auto in_year = [&](int year) {
        const auto day = base::CivilDate::of(year, birth_date.month(), birth_date.day());
        return day ? *day : *base::CivilDate::of(year, 2, 28);
    };
    const int first = in_year(today.year()) > today ? today.year() : today.year() + 1;
    return in_year(first + count - 1);
}

base::Instant end_of_day(base::CivilDate date) {
    return base::start_of_day_in_japan(date.plus_days(1)) - std::chrono::seconds(1);
}

base::Result<crypto::PublicKey> suitable_key(std::string_view spki, const char* name) {
    auto key = crypto::PublicKey::from_spki(spki);
    const bool fits = key && key->algorithm() == crypto::KeyAlgorithm::Rsa && key->bits() == 2048 &&
                      key->exponent() == std::string_view("\x01\x00\x01", 3);
    if (!fits) return base::invalid("key.unsuitable").with("key", name);
    return key;
}

/// One of the two certificates while it is being made.
struct Order {
    const Authorities& authorities;
    const registry::Holder& holder;
    const registry::Change& change;
    CertificateKind kind;
    crypto::PublicKey key;
    base::Instant not_before;
    base::Instant not_after;
    std::string card_id;
};

/// The subject is a number of the request: time, sequence and place, never a name.
std::string subject_of(const Order& order, int64_t serial) {
    const auto day = base::date_in_japan(order.change.at);
    const int64_t of_day = (order.change.at - base::start_of_day_in_japan(day)).count() / 1000;
    char text[40];
    std::snprintf(text, sizeof text, "%s%02d%02d%02d%05d%.5s0001", day.to_compact_string().c_str(),
                  static_cast<int>(of_day / 3600), static_cast<int>(of_day / 60 % 60), static_cast<int>(of_day % 60),
                  static_cast<int>(serial % 100000), order.holder.municipality.c_str());
    std::vector<pki::NamePart> parts = {{Kind::Country, "JP"}};
    if (order.kind == CertificateKind::Signature) {
        parts.push_back({Kind::Locality, order.holder.municipality.substr(0, 2)});
        parts.push_back({Kind::Locality, order.holder.municipality});
    }
    parts.push_back({Kind::CommonName, text});
    return pki::write_name(parts);
}

base::Task<base::Result<registry::Certificate>> make_certificate(db::WriteTx& tx, const Order& order) {
    const auto& authority = order.authorities.of(order.kind);
    // Serial 1 is the authority's own.
    const int64_t serial = 1 + co_await registry::next_number(tx, "serial/" + std::string(pki::to_string(order.kind)));
    const bool signature = order.kind == CertificateKind::Signature;
    const pki::HolderTemplate wanted{order.kind,
                                     order.authorities.realm(),
                                     authority.authority->view,
                                     pki::SerialNumber::of(static_cast<uint64_t>(serial)),
                                     subject_of(order, serial),
                                     order.not_before,
                                     order.not_after,
                                     order.key.spki(),
                                     signature ? std::optional(order.holder.attributes()) : std::nullopt,
                                     order.authorities.partition(order.kind, order.holder.municipality),
                                     order.authorities.settings().practice_statement_uri,
                                     order.authorities.ocsp_uri(order.kind)};
    const auto role = signature ? pki::CertificateRole::SignatureHolder : pki::CertificateRole::UserHolder;
    MUSUBI_CO_TRY(auto linted, pki::lint(pki::holder_certificate(wanted), role, order.authorities.realm(),
                                         &authority.authority->view));
    registry::Certificate out{};
    out.authority = order.kind;
    out.serial = serial;
    out.holder_id = order.holder.id;
    out.card_id = order.card_id;
    out.municipality = order.holder.municipality;
    out.not_before = order.not_before;
    out.not_after = order.not_after;
    out.der = pki::sign(std::move(linted), authority.key);
    co_return out;
}

/// Records the new certificate and ends those of the same authority that it replaces.
base::Task<> put_in_place(db::WriteTx& tx, registry::Certificate made, registry::Change change) {
    const auto replaced = co_await registry::certificates_in_force(tx, made.holder_id, made.authority);
    if (!replaced.empty()) made.predecessor = replaced.back().serial;
    co_await registry::add_certificate(tx, made, change);
    for (const auto& old : replaced) co_await registry::supersede(tx, old, made.serial, change);
}

struct Period {
    base::Instant begin;
    base::Instant end;
};

/// The period of the user certificate; the signature certificate never outlives it.
base::Result<Period> period_of(const Authorities& authorities, const IssueRequest& request,
                               const registry::Holder& holder, base::CivilDate card_expires_on, bool early_renewal,
                               base::Instant now) {
    if (request.not_before || request.not_after) {
        if (!authorities.settings().allow_backdating) return base::forbidden("certificate.backdating-not-allowed");
        const base::Instant begin = request.not_before.value_or(now);
        const base::Instant end =
            end_of_day(request.not_after ? base::date_in_japan(*request.not_after) : card_expires_on);
        const auto& view = authorities.of(CertificateKind::UserAuthentication).authority->view;
        const int longest =
            pki::certificate_profile(CertificateKind::UserAuthentication, authorities.realm()).max_validity_days;
        if (begin >= end || begin < view.not_before || end > view.not_after ||
            end - begin > std::chrono::hours(24 * longest))
            return base::invalid("certificate.period-invalid");
        return Period{begin, end};
    }
    const auto today = base::date_in_japan(now);
    const auto birthday = end_of_birthday(holder.birth_date, today, kBirthdays + (early_renewal ? 1 : 0));
    const Period period{now, std::min(birthday, end_of_day(card_expires_on))};
    if (period.end <= period.begin) return base::invalid("certificate.period-invalid");
    return period;
}

} // namespace

base::Instant end_of_birthday(base::CivilDate birth_date, base::CivilDate today, int count) {
    return end_of_day(birthday_after(birth_date, today, count));
}

base::CivilDate card_expiry(base::CivilDate birth_date, base::CivilDate today) {
    return birthday_after(birth_date, today, base::age_on(birth_date, today) >= kAdult ? 10 : 5);
}

base::Task<base::Result<Issued>> issue(db::WriteTx& tx, const Authorities& authorities, IssueRequest request,
                                       registry::Change change) {
    const auto holder = co_await registry::find_holder(tx, request.holder_id);
    if (!holder) co_return base::not_found("holder.unknown");
    if (holder->state != registry::HolderState::Resident) co_return base::conflict("holder.not-resident");
    MUSUBI_CO_TRY(const auto user_key, suitable_key(request.user_key, "userPublicKey"));
    const auto today = base::date_in_japan(change.at);
    std::optional<crypto::PublicKey> signature_key;
    if (request.signature_key) {
        if (base::age_on(holder->birth_date, today) < kAgeOfSignature)
            co_return base::forbidden("certificate.under-fifteen");
        MUSUBI_CO_TRY(signature_key, suitable_key(*request.signature_key, "signaturePublicKey"));
        if (signature_key->modulus() == user_key.modulus()) co_return base::invalid("key.reused");
    }

    const auto in_force = co_await registry::certificates_in_force(tx, holder->id, CertificateKind::UserAuthentication);
    const bool renewal = request.occasion == IssueRequest::Occasion::Renewal;
    if (renewal && in_force.empty()) co_return base::conflict("certificate.nothing-to-renew");
    const bool early =
        renewal && in_force.back().not_after > change.at && in_force.back().not_after - change.at <= kEarlyRenewal;

    struct CardTag {};
    registry::Card card{holder->id, base::Id<CardTag>::make(change.at, change.random).to_string(), change.at,
                        request.card_expires_on.value_or(card_expiry(holder->birth_date, today))};
    if (renewal) {
        const auto known = co_await registry::find_card(tx, holder->id, in_force.back().card_id);
        if (!known) co_return base::conflict("certificate.nothing-to-renew");
        card = *known;
    } else {
        co_await registry::add_card(tx, card);
    }
    MUSUBI_CO_TRY(const auto period, period_of(authorities, request, *holder, card.expires_on, early, change.at));

    Order order{authorities, *holder,      change,     CertificateKind::UserAuthentication,
                user_key,    period.begin, period.end, card.id};
    MUSUBI_CO_TRY(auto user, co_await make_certificate(tx, order));
    co_await put_in_place(tx, user, change);
    Issued out{card.id, user.der, std::nullopt};
    if (signature_key) {
        order.kind = CertificateKind::Signature;
        order.key = *signature_key;
        MUSUBI_CO_TRY(auto signature, co_await make_certificate(tx, order));
        co_await put_in_place(tx, signature, change);
        out.signature_certificate = signature.der;
    }
    co_return out;
}

} // namespace musubi::ca
