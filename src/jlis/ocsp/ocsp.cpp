#include "jlis/ocsp/ocsp.h"

#include "base/encoding.h"
#include "base/log.h"
#include "jlis/registry/certificate.h"
#include "jlis/registry/routes.h"
#include "lib/crypto/digest.h"
#include "lib/pki/name.h"

namespace musubi::ocsp {
namespace {

using http::Access;
using http::Call;
using pki::CertificateKind;
using Kind = pki::NamePart::Kind;

constexpr auto kDelegateLife = std::chrono::hours(24 * 30);
constexpr auto kDelegateUse = std::chrono::hours(24 * 20);

pki::RevocationStatus status_of(const std::optional<registry::Certificate>& certificate) {
    pki::RevocationStatus out;
    if (!certificate) return out; // unknown
    if (certificate->status == registry::Status::Good) {
        out.state = pki::RevocationStatus::State::Good;
        return out;
    }
    out.state = pki::RevocationStatus::State::Revoked;
    out.revoked_at = certificate->revoked_at.value_or(base::Instant());
    out.reason = pki::revocation_reason(certificate->reason).value_or(pki::RevocationReason::Unspecified);
    return out;
}

base::Task<std::vector<pki::OcspAnswer>> look_up(db::ReadTx& tx, CertificateKind kind,
                                                 const pki::OcspRequest& request) {
    std::vector<pki::OcspAnswer> out;
    for (const auto& id : request.certificates) {
        const auto number = id.serial.number();
        std::optional<registry::Certificate> certificate;
        if (number && *number <= INT64_MAX)
            certificate = co_await registry::find_certificate(tx, kind, static_cast<int64_t>(*number));
        out.push_back({id, status_of(certificate)});
    }
    co_return out;
}

/// Appendix A.1: the request in the path is base64; some programs send the form for addresses.
std::optional<std::string> request_in_path(std::string_view text) {
    if (text.size() > pki::kMaxOcspMessageSize) return std::nullopt;
    if (auto bytes = base::base64_decode(text)) return bytes;
    return base::base64url_decode(text);
}

base::Task<base::Result<http::Raw>> respond(Call& call, Responder& responder, std::string request) {
    MUSUBI_CO_TRY(const auto kind, registry::authority_named(call.path_text("authority")));
    http::Raw out;
    out.content_type = "application/ocsp-response";
    out.body = co_await responder.answer(kind, std::move(request), call.now);
    co_return out;
}

} // namespace

base::Task<base::Result<std::shared_ptr<const Responder::Delegate>>>
Responder::make_delegate(db::WriteTx& tx, CertificateKind kind, base::Instant now) {
    const auto& authority = m_authorities.of(kind);
    const int64_t serial = 1 + co_await registry::next_number(tx, "serial/" + std::string(pki::to_string(kind)));
    auto made = std::make_shared<Delegate>(Delegate{crypto::PrivateKey::generate_ec(), {}, {}, now + kDelegateUse});
    const std::string subject = pki::write_name({{Kind::Country, "JP"},
                                                 {Kind::Organization, m_authorities.settings().organization},
                                                 {Kind::CommonName, "OCSP responder " + std::to_string(serial)}});
    // The clock of whoever asks may be a little behind.
    const base::Instant begin = now - std::chrono::minutes(5);
    const pki::ResponderTemplate wanted{authority.authority->view,
                                        pki::SerialNumber::of(static_cast<uint64_t>(serial)),
                                        subject,
                                        std::max(begin, authority.authority->view.not_before),
                                        now + kDelegateLife,
                                        made->key.public_key().spki()};
    MUSUBI_CO_TRY(auto linted, pki::lint(pki::responder_certificate(wanted), pki::CertificateRole::OcspResponder,
                                         m_authorities.realm(), &authority.authority->view));
    made->certificate = pki::sign(std::move(linted), authority.key);
    made->key_hash = crypto::sha1(made->key.public_key().ec_point());
    registry::Certificate record{};
    record.authority = kind;
    record.serial = serial;
    record.not_before = wanted.not_before;
    record.not_after = wanted.not_after;
    record.der = made->certificate;
    const registry::Change change{now, "responder", m_random};
    co_await registry::add_certificate(tx, record, change);
    co_return std::shared_ptr<const Delegate>(std::move(made));
}

base::Task<base::Result<std::shared_ptr<const Responder::Delegate>>> Responder::delegate(CertificateKind kind,
                                                                                         base::Instant now) {
    const size_t place = kind == CertificateKind::Signature ? 0 : 1;
    {
        std::lock_guard lock(m_mutex);
        const auto& known = m_delegates[place];
        if (known && now < known->renew_after) co_return known;
    }
    // Two callers may both make one at the same time: both are good, the later one stays.
    auto unit = [&](db::WriteTx& tx) { return make_delegate(tx, kind, now); };
    MUSUBI_CO_TRY(const auto made, co_await m_database.write(unit));
    std::lock_guard lock(m_mutex);
    m_delegates[place] = made;
    co_return made;
}

base::Task<base::Result<std::string>> Responder::try_answer(CertificateKind kind, std::string request,
                                                            base::Instant now) {
    const auto parsed = pki::parse_ocsp_request(request);
    if (!parsed) co_return pki::write_ocsp_failure(pki::OcspFailure::MalformedRequest);
    const auto& issuer = m_authorities.of(kind).authority->view;
    for (const auto& id : parsed->certificates)
        if (!pki::issued_by(id, issuer)) co_return pki::write_ocsp_failure(pki::OcspFailure::Unauthorized);
    MUSUBI_CO_TRY(const auto signer, co_await delegate(kind, now));
    auto unit = [&](db::ReadTx& tx) { return look_up(tx, kind, *parsed); };
    auto answers = co_await m_database.read(unit);
    for (auto& answer : answers) {
        answer.status.source_time = now;
        answer.status.valid_until = now + m_settings.validity;
    }
    co_return pki::write_ocsp_response(answers, now, parsed->nonce,
                                       {signer->key, signer->certificate, signer->key_hash});
}

base::Task<std::string> Responder::answer(CertificateKind kind, std::string request, base::Instant now) {
    auto result = co_await try_answer(kind, std::move(request), now);
    if (result) co_return std::move(*result);
    log::error("ocsp.internal", {log::field("error", result.error())});
    co_return pki::write_ocsp_failure(pki::OcspFailure::InternalError);
}

void add_routes(http::Router& router, Responder& responder) {
    const auto access = [] { return Access::anyone(http::Limit::per_address(6000, std::chrono::minutes(1))); };
    router.acts(
        "POST", "/v1/ocsp/{authority}", "askStatus", access(),
        [&responder](Call& call) -> base::Task<base::Result<http::Raw>> {
            return respond(call, responder, call.request.body);
        },
        http::BodyLimit{pki::kMaxOcspMessageSize, "application/ocsp-request"});
    router.acts("GET", "/v1/ocsp/{authority}/{request...}", "askStatusByAddress", access(),
                [&responder](Call& call) -> base::Task<base::Result<http::Raw>> {
                    return respond(call, responder, request_in_path(call.path_text("request")).value_or(std::string()));
                });
}

} // namespace musubi::ocsp
