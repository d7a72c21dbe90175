#include "core/certification/client.h"

#include "base/encoding.h"
#include "lib/json/json.h"

namespace musubi::certification {
namespace {

base::Error malformed(std::string why) {
    return base::error(base::ErrorKind::Unavailable, "certification.answer-malformed").because(std::move(why));
}

base::Result<json::Document> document_of(const Answer& answer) {
    if (answer.status != 200) return malformed("status " + std::to_string(answer.status));
    auto document = json::Document::parse(answer.body);
    if (!document || document->root().type() != json::Element::Type::Object) return malformed("not a JSON object");
    return document;
}

std::optional<std::string> text_of(const json::Element& object, std::string_view name) {
    const auto found = object.find(name);
    if (!found || found->type() != json::Element::Type::String) return std::nullopt;
    return std::string(found->string());
}

} // namespace

base::Task<base::Result<bool>> Client::same_holder(const pki::SerialNumber& signature, const pki::SerialNumber& user) {
    const std::string body = R"({"signatureSerial":")" + signature.hex() + R"(","userSerial":")" + user.hex() + R"("})";
    MUSUBI_CO_TRY(const Answer answer, co_await m_wire.post("/v1/holder-match", "application/json", body));
    MUSUBI_CO_TRY(const auto document, document_of(answer));
    const auto same = document.root().find("same");
    if (!same || same->type() != json::Element::Type::Bool) co_return malformed("holder-match without same");
    co_return same->boolean();
}

base::Task<base::Result<std::optional<pki::SerialNumber>>> Client::predecessor(pki::CertificateKind kind,
                                                                               const pki::SerialNumber& serial) {
    const std::string path = "/v1/certificates/" + std::string(pki::to_string(kind)) + "/" + serial.hex();
    MUSUBI_CO_TRY(const Answer answer, co_await m_wire.get(path));
    std::optional<pki::SerialNumber> none;
    if (answer.status == 404) co_return none;
    MUSUBI_CO_TRY(const auto document, document_of(answer));
    const auto found = document.root().find("predecessor");
    if (!found || found->type() == json::Element::Type::Null) co_return none;
    if (found->type() != json::Element::Type::String) co_return malformed("predecessor is not a serial number");
    auto parsed = pki::SerialNumber::parse(found->string());
    if (!parsed) co_return malformed("predecessor is not a serial number");
    co_return parsed;
}

base::Task<base::Result<Client::LatestAnswer>> Client::latest_attributes(const pki::SerialNumber& signature) {
    const std::string body = R"({"serial":")" + signature.hex() + R"("})";
    MUSUBI_CO_TRY(const Answer answer, co_await m_wire.post("/v1/attributes/latest", "application/json", body));
    LatestAnswer out;
    if (answer.status != 200) {
        const auto problem = json::Document::parse(answer.body);
        const std::string code = problem && problem->root().type() == json::Element::Type::Object
                                     ? text_of(problem->root(), "code").value_or("")
                                     : std::string();
        if (code == "attributes.no-consent") {
            out.outcome = LatestOutcome::NoConsent;
        } else if (code != "attributes.no-new-certificate") {
            co_return malformed("latest attributes: status " + std::to_string(answer.status) + " " + code);
        }
        co_return out;
    }
    MUSUBI_CO_TRY(const auto document, document_of(answer));
    const auto changed = document.root().find("changed");
    const auto serial = pki::SerialNumber::parse(text_of(document.root(), "serial").value_or(""));
    if (!changed || changed->type() != json::Element::Type::Bool || !serial)
        co_return malformed("latest attributes without changed or serial");
    out.outcome = changed->boolean() ? LatestOutcome::Changed : LatestOutcome::Unchanged;
    if (!changed->boolean()) co_return out;
    LatestAttributes attributes;
    attributes.serial = *serial;
    attributes.name = text_of(document.root(), "name");
    attributes.address = text_of(document.root(), "address");
    attributes.sex = text_of(document.root(), "sex");
    if (const auto birth_date = text_of(document.root(), "birthDate")) {
        attributes.birth_date = base::CivilDate::parse(*birth_date);
        if (!attributes.birth_date) co_return malformed("latest attributes: birthDate");
    }
    out.attributes = std::move(attributes);
    co_return out;
}

base::Task<base::Result<std::vector<Client::OfferedAuthority>>> Client::authorities() {
    MUSUBI_CO_TRY(const Answer answer, co_await m_wire.get("/v1/authorities"));
    MUSUBI_CO_TRY(const auto document, document_of(answer));
    const auto items = document.root().find("items");
    if (!items || items->type() != json::Element::Type::Array) co_return malformed("authorities without items");
    std::vector<OfferedAuthority> out;
    for (const json::Element& item : items->items()) {
        if (item.type() != json::Element::Type::Object) co_return malformed("authority is not an object");
        const auto kind = item.find("authority");
        const auto certificate = item.find("certificate");
        if (!kind || kind->type() != json::Element::Type::String || !certificate ||
            certificate->type() != json::Element::Type::String)
            co_return malformed("authority lacks a member");
        auto der = base::base64_decode(certificate->string());
        if (!der) co_return malformed("authority certificate is not base64");
        const bool user = kind->string() == "user";
        if (!user && kind->string() != "signature") co_return malformed("authority of an unknown kind");
        out.push_back(
            {user ? pki::CertificateKind::UserAuthentication : pki::CertificateKind::Signature, std::move(*der)});
    }
    co_return out;
}

} // namespace musubi::certification
