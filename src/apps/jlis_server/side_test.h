// Test-only: a certification side with a bank under contract and a holder who has a card.
#pragma once

#include "apps/jlis_server/program.h"
#include "base/encoding.h"
#include "jlis/attributes/attributes.h"
#include "lib/http/testing.h"
#include "lib/json/json.h"
#include "testing/databases.h"

#include <gtest/gtest.h>

namespace musubi::jlis_server {
inline std::vector<db::Migrations> test_migrations() { return all_migrations(); }

inline const crypto::PrivateKey& key(size_t index) {
    static const std::array keys = {crypto::PrivateKey::generate_rsa(), crypto::PrivateKey::generate_rsa(),
                                    crypto::PrivateKey::generate_rsa()};
    return keys.at(index);
}
inline std::string key_text(size_t index) { return base::base64_encode(key(index).public_key().spki()); }

inline constexpr const char* kAuthority = "authority-authority-authority";
inline constexpr const char* kBank = "bank-bank-bank-bank-bank";
inline constexpr const char* kShop = "shop-shop-shop-shop-shop";

/// A certification side with a bank under contract and a holder who has a card.
struct BankSide {
    explicit BankSide(db::Database& database) {
        Settings settings;
        settings.authority.folder = folder.path() + "/authority";
        settings.create_authorities = true;
        settings.clients = {
            {"authority",
             base::Secret(kAuthority),
             {"holders.read", "holders.write", "certificates.issue", "certificates.revoke", "services.write"}},
            {"bank", base::Secret(kBank), {"attributes.ask"}},
            {"shop", base::Secret(kShop), {"attributes.ask"}}};
        auto opened = Program::open_over(database, std::move(settings), clock, random);
        EXPECT_TRUE(opened) << opened.error().detail;
        program = std::move(*opened);
        client.emplace(program->router());
        EXPECT_EQ(put(kAuthority, "/v1/services/bank",
                      R"({"name":"見本銀行","contractBegin":"2026-04-01","contractEnd":"2040-03-31","dailyLimit":2})")
                      .status,
                  204);
        put(kAuthority, "/v1/holders/h1",
            R"({"name":"見本　花子","kana":"ミホン　ハナコ","birthDate":"1980-02-17","sex":"female",)"
            R"("address":"東京都見本市中央１－２－３","municipality":"99001"})");
        certificate = issue("cards");
    }
    http::Response send(http::Method method, const char* who, const std::string& path, std::string body) {
        auto request = client->request(method, path, std::move(body));
        request.headers.push_back({"Authorization", std::string("Bearer ") + who});
        return client->send(std::move(request));
    }
    http::Response put(const char* who, const std::string& path, std::string body) {
        return send(http::Method::Put, who, path, std::move(body));
    }
    http::Response post(const char* who, const std::string& path, std::string body) {
        return send(http::Method::Post, who, path, std::move(body));
    }
    static std::string text(const http::Response& response, std::string_view name) {
        const auto document = json::Document::parse(response.body);
        if (!document) return "(no JSON) " + response.body;
        const auto found = document->root().find(name);
        return found ? std::string(found->type() == json::Element::Type::String ? found->string() : found->raw()) : "";
    }
    /// The new signature certificate; the key is that of index 0 in any case.
    std::string issue(const std::string& occasion) {
        const auto made =
            post(kAuthority, "/v1/holders/h1/" + occasion,
                 R"({"userPublicKey":")" + key_text(1) + R"(","signaturePublicKey":")" + key_text(0) + "\"}");
        EXPECT_EQ(made.status, 201) << made.body;
        user_certificate = base::base64_decode(text(made, "userCertificate")).value_or("");
        return base::base64_decode(text(made, "signatureCertificate")).value_or("");
    }
    void move() {
        EXPECT_EQ(
            post(kAuthority, "/v1/holders/h1/changes", R"({"kind":"address","address":"大阪府見本市北区４－５－６"})")
                .status,
            200);
    }
    std::string signature(const std::string& statement, size_t with = 0) const {
        return base::base64_encode(key(with).sign(crypto::SignatureAlgorithm::RsaPkcs1Sha256, statement));
    }
    http::Response consent(const char* who, const std::string& service, const std::vector<std::string>& items) {
        const auto at = clock.now();
        const auto bits = attributes::items_named(items).value_or(0);
        std::string names;
        for (const auto& item : items) names += (names.empty() ? "\"" : ",\"") + item + "\"";
        return post(who, "/v1/attributes/consents",
                    R"({"items":[)" + names + R"(],"at":")" + at.to_string() + R"(","certificate":")" +
                        base::base64_encode(certificate) + R"(","signature":")" +
                        signature(attributes::consent_statement(service, bits, at)) + "\"}");
    }
    http::Response ask(const char* who) {
        return post(who, "/v1/attributes/latest",
                    R"({"serial":")" + pki::parse_certificate(certificate)->serial.hex() + "\"}");
    }

    testing::TemporaryFolder folder;
    base::FixedClock clock = testing::clock_at();
    base::SeededRandom random{5};
    std::unique_ptr<Program> program;
    std::optional<http::testing::Client> client;
    std::string certificate;
    std::string user_certificate;
};

} // namespace musubi::jlis_server
