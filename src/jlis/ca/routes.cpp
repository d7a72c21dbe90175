#include "jlis/ca/routes.h"

#include "base/encoding.h"
#include "jlis/registry/routes.h"
#include "lib/json/describe.h"

namespace musubi::ca {

struct AuthorityView {
    std::string authority;
    int64_t generation;
    std::string certificate;
    std::string fingerprint;
};
template <class Fields> void describe(Fields& fields, AuthorityView& view) {
    fields("authority", view.authority, json::Rule{.meaning = "signature or user"});
    fields("generation", view.generation);
    fields("certificate", view.certificate, json::Rule{.max_length = 24000, .format = "base64"});
    fields("fingerprint", view.fingerprint, json::Rule{.meaning = "SHA-256 of the DER, hexadecimal"});
}
struct AuthorityList {
    std::vector<AuthorityView> items;
};
template <class Fields> void describe(Fields& fields, AuthorityList& list) { fields("items", list.items); }

struct IssueBody {
    std::string user_public_key;
    std::optional<std::string> signature_public_key;
    std::optional<base::CivilDate> expires_on;
    std::optional<base::Instant> not_before;
    std::optional<base::Instant> not_after;
};
template <class Fields> void describe(Fields& fields, IssueBody& body) {
    const json::Rule key{.max_length = 2000, .format = "base64", .meaning = "SubjectPublicKeyInfo, DER"};
    fields("userPublicKey", body.user_public_key, key);
    fields("signaturePublicKey", body.signature_public_key, key);
    fields("expiresOn", body.expires_on, json::Rule{.meaning = "last day of the card"});
    fields("notBefore", body.not_before, json::Rule{.meaning = "only where backdating is allowed (demonstrations)"});
    fields("notAfter", body.not_after, json::Rule{.meaning = "only where backdating is allowed (demonstrations)"});
}
struct AuthorityCertificates {
    std::string signature;
    std::string user;
};
template <class Fields> void describe(Fields& fields, AuthorityCertificates& both) {
    const json::Rule rule{.max_length = 24000, .format = "base64"};
    fields("signature", both.signature, rule);
    fields("user", both.user, rule);
}
struct IssuedView {
    std::string card_id;
    std::optional<std::string> signature_certificate;
    std::string user_certificate;
    AuthorityCertificates authority_certificates;
};
template <class Fields> void describe(Fields& fields, IssuedView& view) {
    const json::Rule rule{.max_length = 24000, .format = "base64"};
    fields("cardId", view.card_id);
    fields("signatureCertificate", view.signature_certificate, rule);
    fields("userCertificate", view.user_certificate, rule);
    fields("authorityCertificates", view.authority_certificates);
}

namespace {

using http::Access;
using http::Call;
template <class T> using Answer = base::Task<base::Result<T>>;

AuthorityView view_of(const CertificationAuthority& authority, pki::CertificateKind kind) {
    return {std::string(pki::to_string(kind)), 1, base::base64_encode(authority.authority->der),
            authority.authority->fingerprint};
}

Answer<IssuedView> issue_for(Call& call, db::WriteTx& tx, const IssueBody& body, IssueRequest::Occasion occasion,
                             const Authorities& authorities, base::Random& random) {
    IssueRequest request{};
    request.holder_id = std::string(call.path_text("holder"));
    request.user_key = base::base64_decode(body.user_public_key).value_or("");
    if (body.signature_public_key) request.signature_key = base::base64_decode(*body.signature_public_key).value_or("");
    request.card_expires_on = body.expires_on;
    request.not_before = body.not_before;
    request.not_after = body.not_after;
    request.occasion = occasion;
    MUSUBI_CO_TRY(const auto issued,
                  co_await issue(tx, authorities, std::move(request), registry::change_by(call, random)));
    IssuedView out{};
    out.card_id = issued.card_id;
    if (issued.signature_certificate) out.signature_certificate = base::base64_encode(*issued.signature_certificate);
    out.user_certificate = base::base64_encode(issued.user_certificate);
    out.authority_certificates = {
        base::base64_encode(authorities.of(pki::CertificateKind::Signature).authority->der),
        base::base64_encode(authorities.of(pki::CertificateKind::UserAuthentication).authority->der)};
    call.set_status(201);
    co_return out;
}

} // namespace

void add_routes(http::Router& router, const Authorities& authorities, base::Random& random) {
    router.acts("GET", "/v1/authorities", "listAuthorities", Access::anyone(),
                [&authorities](Call&) -> Answer<AuthorityList> {
                    AuthorityList out;
                    for (const auto kind : {pki::CertificateKind::Signature, pki::CertificateKind::UserAuthentication})
                        out.items.push_back(view_of(authorities.of(kind), kind));
                    co_return out;
                });
    router.writes("POST", "/v1/holders/{holder}/cards", "issueCard", Access::machine("certificates.issue"),
                  [&authorities, &random](Call& call, db::WriteTx& tx, const IssueBody& body) -> Answer<IssuedView> {
                      return issue_for(call, tx, body, IssueRequest::Occasion::NewCard, authorities, random);
                  });
    router.writes("POST", "/v1/holders/{holder}/renewal", "renewCertificates", Access::machine("certificates.issue"),
                  [&authorities, &random](Call& call, db::WriteTx& tx, const IssueBody& body) -> Answer<IssuedView> {
                      return issue_for(call, tx, body, IssueRequest::Occasion::Renewal, authorities, random);
                  });
}

} // namespace musubi::ca
