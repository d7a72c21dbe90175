#include "jlis/ocsp/ocsp.h"

#include "base/encoding.h"
#include "base/log.h"
#include "jlis/registry/certificate.h"
#include "jlis/registry/routes.h"
#include "lib/crypto/digest.h"
#include "lib/pki/name.h"

#include <algorithm>
#include <exception>

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
    Response answer = co_await responder.answer(kind, std::move(request), call.now);
    http::Raw out;
    out.content_type = "application/ocsp-response";
    if (answer.shared_until && call.request.method == http::Method::Get) {
        // RFC 5019 section 6.2. A cache keeps it only as long as this responder itself would.
        const std::string tag = '"' + base::hex_encode(crypto::sha1(answer.der)) + '"';
        const int64_t seconds = std::max<int64_t>(0, (*answer.shared_until - call.now).count() / 1000);
        out.headers = {
            {"Last-Modified", registry::http_date(answer.this_update)},
            {"Expires", registry::http_date(*answer.shared_until)},
            {"ETag", tag},
            {"Cache-Control", "max-age=" + std::to_string(seconds) + ", public, no-transform, must-revalidate"}};
        if (call.request.header("If-None-Match") == tag) {
            out.status = 304;
            co_return out;
        }
    }
    out.body = std::move(answer.der);
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

base::Task<base::Result<Response>> Responder::try_answer(CertificateKind kind, pki::OcspRequest request,
                                                         base::Instant now) {
    MUSUBI_CO_TRY(const auto signer, co_await delegate(kind, now));
    auto unit = [&](db::ReadTx& tx) { return look_up(tx, kind, request); };
    auto answers = co_await m_database.read(unit);
    for (auto& answer : answers) {
        answer.status.source_time = now;
        answer.status.valid_until = now + m_settings.validity;
    }
    Response out;
    out.der =
        pki::write_ocsp_response(answers, now, request.nonce, {signer->key, signer->certificate, signer->key_hash});
    out.this_update = now;
    co_return out;
}

base::Task<base::Result<std::shared_ptr<const ReadyAnswer>>> Responder::make_ready(Question question,
                                                                                   base::Instant now) {
    pki::OcspRequest request;
    request.certificates.push_back(question.id);
    MUSUBI_CO_TRY(Response made, co_await try_answer(question.kind, std::move(request), now));
    auto ready = std::make_shared<ReadyAnswer>();
    ready->der = std::move(made.der);
    ready->this_update = now;
    ready->next_update = now + m_settings.validity;
    std::shared_ptr<const ReadyAnswer> out = std::move(ready);
    m_ready.put(question, out, now);
    co_return out;
}

base::Task<Response> Responder::answer(CertificateKind kind, std::string bytes, base::Instant now) {
    const auto failed = [](pki::OcspFailure failure) {
        Response out;
        out.der = pki::write_ocsp_failure(failure);
        return out;
    };
    const auto given = [this](const ReadyAnswer& ready) {
        Response out;
        out.der = ready.der;
        out.this_update = ready.this_update;
        out.shared_until = ready.this_update + m_settings.refresh;
        return out;
    };
    const auto request = pki::parse_ocsp_request(bytes);
    if (!request) co_return failed(pki::OcspFailure::MalformedRequest);
    for (const auto& id : request->certificates)
        if (!pki::issued_by(id, m_authorities.of(kind).authority->view))
            co_return failed(pki::OcspFailure::Unauthorized);
    const bool sharable = request->nonce.empty() && request->certificates.size() == 1; // RFC 5019 section 2.1.1
    std::shared_ptr<const ReadyAnswer> ready;
    Question question{kind, request->certificates.front()};
    if (sharable) ready = m_ready.find(question.key());
    if (ready && now - ready->this_update < m_settings.refresh) co_return given(*ready);
    std::optional<base::Error> why;
    try {
        if (sharable) {
            const auto made = co_await make_ready(question, now);
            if (made) co_return given(**made);
            why = made.error();
        } else {
            auto made = co_await try_answer(kind, *request, now);
            if (made) co_return std::move(*made);
            why = made.error();
        }
    } catch (const std::exception& problem) { // the database is away
        log::error("ocsp.record-away", {log::field("why", std::string_view(problem.what()))});
    }
    if (why) {
        log::error("ocsp.internal", {log::field("error", *why)});
        co_return failed(pki::OcspFailure::InternalError);
    }
    if (ready && now < ready->next_update) co_return given(*ready);
    co_return failed(pki::OcspFailure::TryLater);
}

base::Task<int64_t> Responder::keep_fresh(base::Instant now) {
    int64_t count = 0;
    auto questions = m_ready.worth_renewing(now, m_settings.refresh / 2);
    for (Question& question : questions) {
        const auto made = co_await make_ready(std::move(question), now);
        if (!made) break;
        ++count;
    }
    co_return count;
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
