#include "apps/virtual_card/issuer.h"

#include "base/encoding.h"
#include "lib/card_art/card_art.h"
#include "lib/json/describe.h"
#include "lib/loopback/client.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace musubi::virtual_card {

namespace {

using json::Element;

constexpr int kAgeOfSignature = 15; // 公的個人認証法: no signature certificate for those under 15
constexpr int kAdult = 18;
constexpr std::string_view kFaceKeyId = "MUSUBI-DEMO-FACE";
constexpr std::string_view kFaceRootId = "MUSUBI-DEMO-ROOT";

std::string text_of(const Element& object, std::string_view name) {
    if (object.type() != Element::Type::Object) return {};
    const auto found = object.find(name);
    return found && found->type() == Element::Type::String ? std::string(found->string()) : std::string();
}

std::optional<int64_t> number_of(const Element& object, std::string_view name) {
    const auto found = object.find(name);
    return found && found->type() == Element::Type::Integer ? found->integer() : std::nullopt;
}

base::Error unreachable(std::string why) {
    return base::error(base::ErrorKind::Unavailable, "tray.certification-unreachable").because(std::move(why));
}

card::Sex sex_of(const std::string& text) {
    if (text == "male") return card::Sex::Male;
    if (text == "female") return card::Sex::Female;
    return card::Sex::Unknown;
}

// Always the same for one person, with the check digit of 行政手続における特定の個人を識別するための番号…命令第五条.
std::string synthetic_my_number(const std::string& holder_id) {
    const auto hash = crypto::sha256("my number of " + holder_id);
    std::string digits;
    for (int i = 0; i < 11; ++i) digits += static_cast<char>('0' + static_cast<uint8_t>(hash[i]) % 10);
    int sum = 0;
    for (int n = 1; n <= 11; ++n) sum += (digits[11 - n] - '0') * (n <= 6 ? n + 1 : n - 5);
    const int rest = sum % 11;
    return digits + static_cast<char>('0' + (rest <= 1 ? 0 : 11 - rest));
}

std::string digits_of(const std::string& text, size_t count) {
    const auto hash = crypto::sha256(text);
    std::string digits;
    for (size_t i = 0; i < count; ++i) digits += static_cast<char>('0' + static_cast<uint8_t>(hash[i]) % 10);
    return digits;
}

// Cards of adults live until the tenth birthday after issue, of others until the fifth (番号法施行規則).
base::CivilDate expiry_of(base::CivilDate birth_date, base::CivilDate today) {
    const int years = base::age_on(birth_date, today) >= kAdult ? 10 : 5;
    const int year = birth_date.year() + base::age_on(birth_date, today) + years;
    if (const auto birthday = base::CivilDate::of(year, birth_date.month(), birth_date.day())) return *birthday;
    return *base::CivilDate::of(year, 2, 28);
}

std::string as_member(std::string_view name, std::string_view value) {
    std::string out;
    json::append_string(out, name);
    out += ':';
    json::append_string(out, value);
    return out;
}

std::string issue_body(const card::CardKeys& keys, base::CivilDate expiry, const json::Raw& further) {
    auto body = "{" + as_member("userPublicKey", base::base64_encode(keys.user_authentication.public_key().spki()));
    if (keys.signature)
        body += "," + as_member("signaturePublicKey", base::base64_encode(keys.signature->public_key().spki()));
    const auto inner = std::string_view(further.text);
    if (inner.find("\"expiresOn\"") == std::string_view::npos) body += "," + as_member("expiresOn", expiry.to_string());
    const auto first = inner.find_first_not_of(" \t\r\n", inner.find('{') + 1);
    if (first != std::string_view::npos && inner[first] != '}')
        body += "," + std::string(inner.substr(first));
    else
        body += "}";
    return body;
}

base::Result<card::CardCertificates> certificates_of(const Element& answer) {
    const auto authorities = answer.find("authorityCertificates");
    if (!authorities) return unreachable("answer without authority certificates");
    card::CardCertificates out;
    const auto take = [](const Element& from, std::string_view name) {
        return base::base64_decode(text_of(from, name)).value_or("");
    };
    out.user_authentication = take(answer, "userCertificate");
    out.user_authentication_authority = take(*authorities, "user");
    out.signature_authority = take(*authorities, "signature");
    if (auto signature = take(answer, "signatureCertificate"); !signature.empty()) out.signature = std::move(signature);
    if (out.user_authentication.empty() || out.user_authentication_authority.empty() || out.signature_authority.empty())
        return unreachable("answer without certificates");
    return out;
}

base::Result<card::CardPictures> pictures_of(const card::CardHolder& holder) {
    card::CardPictures pictures;
    const auto hash = crypto::sha256(holder.name + holder.my_number);
    uint64_t seed = 0;
    for (int i = 0; i < 8; ++i) seed = seed << 8 | static_cast<uint8_t>(hash[i]);
    MUSUBI_TRY(pictures.photo, card_art::portrait(seed));
    MUSUBI_TRY(pictures.name, card_art::lettering(holder.name, 360, 40));
    MUSUBI_TRY(pictures.address, card_art::lettering(holder.address, 520, 40));
    MUSUBI_TRY(pictures.my_number, card_art::lettering(holder.my_number, 260, 40));
    MUSUBI_TRY(pictures.security_code, card_art::lettering(holder.security_code, 90, 36));
    return pictures;
}

card::TokenKind kind_of(const std::string& name) {
    if (name == "android") return card::TokenKind::Android;
    if (name == "iphone") return card::TokenKind::Iphone;
    return card::TokenKind::Card;
}

} // namespace

base::Result<std::string> Issuer::call(std::string method, std::string target, std::string body) const {
    if (!configured()) return unreachable("not configured");
    loopback::Call request;
    request.method = std::move(method);
    request.host = m_settings.host;
    request.port = m_settings.port;
    request.target = std::move(target);
    if (!m_settings.key.empty())
        request.headers.emplace_back("Authorization", "Bearer " + std::string(m_settings.key.reveal()));
    if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.body = std::move(body);
    auto answer = loopback::fetch(request);
    if (!answer) return unreachable(answer.error().detail);
    if (answer->status == 404) return base::not_found("tray.holder-unknown");
    if (answer->status / 100 == 4) {
        const auto problem = json::Document::parse(answer->body);
        return base::conflict("tray.issue-refused").because(problem ? text_of(problem->root(), "code") : "");
    }
    if (answer->status / 100 != 2) return unreachable("status " + std::to_string(answer->status));
    return std::move(answer->body);
}

base::Result<std::vector<FoundHolder>> Issuer::search(const std::string& text) const {
    MUSUBI_TRY(const auto body, call("POST", "/v1/holders/search", "{" + as_member("text", text) + ",\"limit\":50}"));
    MUSUBI_TRY(const auto document, json::Document::parse(body));
    const auto root = document.root();
    const auto items = root.type() == Element::Type::Object ? root.find("items") : std::nullopt;
    if (!items || items->type() != Element::Type::Array) return unreachable("search answer malformed");
    std::vector<FoundHolder> out;
    for (const auto& item : items->items()) {
        auto id = text_of(item, "holderId");
        if (id.empty()) id = text_of(item, "id");
        out.push_back({std::move(id), text_of(item, "name"), text_of(item, "kana"), text_of(item, "birthDate"),
                       text_of(item, "address")});
    }
    return out;
}

// The issuer of the 券面 records is the card factory's, so this demo factory has one key of its own.
base::Result<card::FaceIssuer> Issuer::face_issuer() const {
    const auto path = m_folder + "/face-issuer.pem";
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    auto key = crypto::PrivateKey::from_pem(text.str());
    if (!key) {
        key = crypto::PrivateKey::generate_rsa();
        std::ofstream out(path, std::ios::binary | std::ios::trunc);
        std::error_code ignored;
        std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
                                     ignored);
        out << key->pem().reveal();
        if (!out.flush()) return base::internal("face-issuer.pem not written");
    }
    return card::FaceIssuer::make(*key, kFaceKeyId, *key, kFaceRootId);
}

base::Result<std::pair<About, card::CardImage>> Issuer::issue(const WantedCard& wanted) const {
    MUSUBI_TRY(const auto holder_text, call("GET", "/v1/holders/" + wanted.holder_id, ""));
    MUSUBI_TRY(const auto holder_document, json::Document::parse(holder_text));
    const auto element = holder_document.root();
    const auto birth_date = base::CivilDate::parse(text_of(element, "birthDate"));
    if (!birth_date) return unreachable("holder without a birth date");
    const auto today = base::date_in_japan(m_clock->now());
    const auto expiry = expiry_of(*birth_date, today);
    const auto keys = card::CardKeys::generate(base::age_on(*birth_date, today) >= kAgeOfSignature);
    MUSUBI_TRY(const auto answer_text,
               call("POST", "/v1/holders/" + wanted.holder_id + "/cards", issue_body(keys, expiry, wanted.issue)));
    MUSUBI_TRY(const auto answer, json::Document::parse(answer_text));
    MUSUBI_TRY(const auto certificates, certificates_of(answer.root()));

    auto municipality = text_of(element, "municipality").substr(0, 5);
    municipality.resize(5, '0');
    const card::CardHolder holder{.name = text_of(element, "name"),
                                  .address = text_of(element, "address"),
                                  .birth_date = *birth_date,
                                  .sex = sex_of(text_of(element, "sex")),
                                  .my_number = synthetic_my_number(wanted.holder_id),
                                  .municipality_code = municipality,
                                  .expiry = expiry,
                                  .security_code = digits_of("security code " + wanted.holder_id, 4),
                                  .serial_number = digits_of("serial " + wanted.holder_id + wanted.id, 15)};
    MUSUBI_TRY(const auto pictures, pictures_of(holder));
    MUSUBI_TRY(const auto issuer, face_issuer());
    const card::CardSecrets secrets{wanted.user_pin, wanted.signature_password, wanted.text_pin, wanted.user_pin};
    auto image = card::make_card_image(holder, pictures, secrets, keys, certificates, issuer, kind_of(wanted.kind));
    const auto set_tries = [&](uint16_t pin, int64_t tries) {
        const auto found = image.secrets.find({card::Application::Jpki, pin});
        if (found != image.secrets.end())
            found->second.tries_left = static_cast<unsigned>(std::clamp<int64_t>(tries, 0, 15));
    };
    set_tries(0x0018, wanted.user_tries);
    set_tries(0x001B, wanted.signature_tries);
    const bool signs = keys.signature && certificates.signature;
    About about{.id = wanted.id,
                .holder_id = wanted.holder_id,
                .name = holder.name,
                .kana = text_of(element, "kana"),
                .birth_date = birth_date->to_string(),
                .kind = wanted.kind,
                .note = wanted.note,
                .note_english = wanted.note_english,
                .user_pin = wanted.user_pin,
                .signature_password = signs ? wanted.signature_password : "",
                .text_pin = wanted.text_pin,
                .number_b = card::number_b(holder)};
    return std::pair{std::move(about), std::move(image)};
}

base::Result<std::vector<WantedCard>> load_wanted(const std::string& folder) {
    std::ifstream file(folder + "/wanted.json", std::ios::binary);
    if (!file) return std::vector<WantedCard>();
    std::ostringstream text;
    text << file.rdbuf();
    const auto malformed = [](std::string why) {
        return base::invalid("tray.wanted-malformed").because(std::move(why));
    };
    // Absent members keep their defaults.
    const auto content = text.str();
    auto document = json::Document::parse(content);
    if (!document) return malformed(document.error().code);
    const auto root = document->root();
    const auto cards = root.type() == Element::Type::Object ? root.find("cards") : std::nullopt;
    if (!cards || cards->type() != Element::Type::Array) return malformed("cards");
    std::vector<WantedCard> out;
    for (const auto& element : cards->items()) {
        if (element.type() != Element::Type::Object) return malformed("card");
        WantedCard wanted{text_of(element, "id"), text_of(element, "holderId")};
        if (!Drawer::valid_id(wanted.id) || !Drawer::valid_id(wanted.holder_id)) return malformed("id or holderId");
        wanted.name = text_of(element, "name");
        wanted.kana = text_of(element, "kana");
        wanted.birth_date = text_of(element, "birthDate");
        wanted.note = text_of(element, "note");
        wanted.note_english = text_of(element, "noteEnglish");
        const auto replace = [&](std::string& value, std::string_view name) {
            if (auto given = text_of(element, name); !given.empty()) value = std::move(given);
        };
        replace(wanted.kind, "kind");
        replace(wanted.user_pin, "userPin");
        replace(wanted.signature_password, "signaturePassword");
        replace(wanted.text_pin, "textPin");
        wanted.user_tries = number_of(element, "userTries").value_or(wanted.user_tries);
        wanted.signature_tries = number_of(element, "signatureTries").value_or(wanted.signature_tries);
        if (const auto issue = element.find("issue"); issue && issue->type() == Element::Type::Object)
            wanted.issue.text = std::string(issue->raw());
        out.push_back(std::move(wanted));
    }
    return out;
}

} // namespace musubi::virtual_card
