// The certification side through its HTTP interface, on both databases, judged by lib/pki and by the openssl program.
#include "apps/jlis_server/program.h"
#include "base/encoding.h"
#include "lib/http/testing.h"
#include "lib/json/describe.h"
#include "lib/json/json.h"
#include "lib/pki/crl.h"
#include "lib/pki/ocsp.h"
#include "lib/pki/verifier.h"
#include "testing/databases.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace musubi::jlis_server {
namespace {

using pki::CertificateKind;

std::vector<db::Migrations> test_migrations() { return all_migrations(); }

constexpr const char* kKey = "0123456789abcdef0123456789";
constexpr const char* kReader = "reader-reader-reader-reader";

const crypto::PrivateKey& key(size_t index) {
    static std::array<std::optional<crypto::PrivateKey>, 4> keys;
    if (!keys.at(index)) keys.at(index) = crypto::PrivateKey::generate_rsa();
    return *keys.at(index);
}
std::string key_text(size_t index) { return base::base64_encode(key(index).public_key().spki()); }

/// Authorities cost half a second of key making: each test works on a copy of one pair.
void copy_authorities(const std::string& folder, bool allow_backdating) {
    static testing::TemporaryFolder kept;
    const std::string from = kept.path() + (allow_backdating ? "/backdating" : "/strict");
    ca::AuthoritySettings settings;
    settings.folder = from;
    settings.allow_backdating = allow_backdating;
    EXPECT_TRUE(ca::Authorities::open(settings, ca::Authorities::WhenMissing::Create, testing::clock_at().now()));
    std::filesystem::copy(from, folder, std::filesystem::copy_options::recursive);
}

/// One running certification side with a client that may do everything.
struct Side {
    explicit Side(db::Database& database, bool allow_backdating = false) {
        Settings settings;
        settings.authority.folder = folder.path() + "/authority";
        settings.authority.public_uri = "http://127.0.0.1:8090";
        settings.authority.allow_backdating = allow_backdating;
        copy_authorities(settings.authority.folder, allow_backdating);
        settings.clients = {{"all",
                             base::Secret(kKey),
                             {"holders.read", "holders.write", "certificates.read", "certificates.issue",
                              "certificates.revoke", "lists.issue"}},
                            {"reader", base::Secret(kReader), {"certificates.read"}}};
        auto opened = Program::open_over(database, std::move(settings), clock, random);
        EXPECT_TRUE(opened) << opened.error().code << opened.error().detail;
        program = std::move(*opened);
        client.emplace(program->router());
        client->headers = {{"Authorization", std::string("Bearer ") + kKey}};
    }

    std::string text(const http::Response& response, std::string_view name) {
        auto document = json::Document::parse(response.body);
        if (!document) return "(no JSON) " + response.body;
        const auto found = document->root().find(name);
        return found ? std::string(found->type() == json::Element::Type::String ? found->string() : found->raw())
                     : std::string();
    }
    std::string bytes(const http::Response& response, std::string_view name) {
        return base::base64_decode(text(response, name)).value_or("");
    }

    int put(const std::string& id, const std::string& birth_date = "1980-02-17",
            const std::string& address = "東京都見本市中央１－２－３") {
        return client
            ->put("/v1/holders/" + id, R"({"name":"見本　花子","kana":"ミホン　ハナコ","birthDate":")" + birth_date +
                                           R"(","sex":"female","address":")" + address + R"(","municipality":"99001"})")
            .status;
    }
    http::Response issue(const std::string& id, const std::string& further = "", const std::string& what = "cards") {
        return client->post("/v1/holders/" + id + "/" + what, R"({"userPublicKey":")" + key_text(0) +
                                                                  R"(","signaturePublicKey":")" + key_text(1) + "\"" +
                                                                  further + "}");
    }
    std::string serial(const std::string& der) { return pki::parse_certificate(der)->serial.hex(); }
    http::Response state(const char* authority, const std::string& der) {
        return client->get("/v1/certificates/" + std::string(authority) + "/" + serial(der));
    }

    pki::TrustStore store() {
        pki::TrustStore out(pki::Deployment::Test);
        for (const auto kind : {CertificateKind::Signature, CertificateKind::UserAuthentication})
            EXPECT_TRUE(out.add(program->authorities().of(kind).authority->der, kind, pki::Realm::Test));
        return out;
    }
    std::string list(const char* authority) {
        return client->get("/v1/crl/" + std::string(authority) + "/99001.crl").body;
    }
    http::Response ask(const char* authority, std::string request) {
        auto made = client->request(http::Method::Post, "/v1/ocsp/" + std::string(authority), std::move(request));
        for (auto& header : made.headers)
            if (header.name == "Content-Type") header.value = "application/ocsp-request";
        return client->send(std::move(made));
    }
    /// What a verifier says that asks the responder, and one that reads the lists: they must agree.
    std::string judged(const std::string& der, CertificateKind kind) {
        pki::OcspSource responder(
            [&](const pki::Authority& issuer, std::string request) -> base::Task<base::Result<std::string>> {
                co_return ask(std::string(pki::to_string(issuer.kind)).c_str(), std::move(request)).body;
            },
            random);
        pki::RevocationLists lists;
        for (const char* authority : {"signature", "user"}) {
            const auto added = lists.add(list(authority), store());
            EXPECT_TRUE(added) << added.refusal().error().detail;
        }
        pki::Verifier with_lists(store(), lists);
        pki::Verifier with_responder(store(), responder);
        std::vector<std::string> outcomes;
        for (auto* verifier : {&with_lists, &with_responder}) {
            const auto verdict = base::sync_wait(verifier->verify(der, kind, clock.now()));
            outcomes.push_back(verdict ? "good"
                               : verdict.refusal().reason.empty()
                                   ? std::string(pki::to_string(verdict.refusal().check)) + verdict.refusal().found
                                   : verdict.refusal().reason);
        }
        EXPECT_EQ(outcomes[0], outcomes[1]) << "lists and responder differ";
        return outcomes[0];
    }
    void lists_now() { EXPECT_EQ(client->post("/v1/crl", "").status, 200); }

    testing::TemporaryFolder folder;
    base::FixedClock clock = testing::clock_at();
    base::SeededRandom random{7};
    std::unique_ptr<Program> program;
    std::optional<http::testing::Client> client;
};

TEST_ON_BOTH(CertificationSide, issues_both_certificates_of_a_card_and_answers_for_them) {
    Side side(database);
    EXPECT_EQ(side.put("h1"), 204);
    const auto issued = side.issue("h1");
    ASSERT_EQ(issued.status, 201) << issued.body;
    const std::string user = side.bytes(issued, "userCertificate");
    const std::string signature = side.bytes(issued, "signatureCertificate");
    EXPECT_EQ(side.judged(user, CertificateKind::UserAuthentication), "good");
    EXPECT_EQ(side.judged(signature, CertificateKind::Signature), "good");
    const auto view = pki::parse_certificate(user);
    EXPECT_EQ(view->not_after.to_string(), "2031-02-17T14:59:59.000Z");
    const auto state = side.state("user", user);
    EXPECT_EQ(side.text(state, "status"), "good");
    EXPECT_EQ(side.text(state, "notAfter"), "2031-02-17T14:59:59.000Z");
    EXPECT_EQ(side.client->get("/v1/certificates/user/7fffffff").status, 404);
    EXPECT_EQ(side.client->get("/v1/certificates/other/01").status, 404);
    const auto match = side.client->post("/v1/holder-match", R"({"signatureSerial":")" + side.serial(signature) +
                                                                 R"(","userSerial":")" + side.serial(user) + "\"}");
    EXPECT_EQ(side.text(match, "same"), "true") << match.body;
}

TEST_ON_BOTH(CertificationSide, serial_numbers_follow_one_another) {
    Side side(database);
    std::vector<uint64_t> serials;
    for (const char* id : {"a", "b", "c"}) {
        side.put(id);
        serials.push_back(*pki::parse_certificate(side.bytes(side.issue(id), "userCertificate"))->serial.number());
    }
    EXPECT_EQ(serials, (std::vector<uint64_t>{2, 3, 4}));
}

TEST_ON_BOTH(CertificationSide, gives_children_under_fifteen_the_user_certificate_only) {
    Side side(database);
    side.put("child", "2011-11-23");
    const auto refused = side.issue("child");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(side.text(refused, "code"), "certificate.under-fifteen");
    const auto issued = side.client->post("/v1/holders/child/cards", R"({"userPublicKey":")" + key_text(0) + "\"}");
    ASSERT_EQ(issued.status, 201) << issued.body;
    EXPECT_EQ(side.text(issued, "signatureCertificate"), "");
    EXPECT_EQ(side.judged(side.bytes(issued, "userCertificate"), CertificateKind::UserAuthentication), "good");
    side.put("youth", "2011-11-22");
    EXPECT_EQ(side.issue("youth").status, 201) << "fifteen today";
}

TEST_ON_BOTH(CertificationSide, renews_and_links_the_old_with_the_new) {
    Side side(database);
    side.put("h1");
    const auto first = side.issue("h1");
    const std::string old_user = side.bytes(first, "userCertificate");
    EXPECT_EQ(side.text(side.issue("h2"), "code"), "holder.unknown");
    side.put("h3");
    EXPECT_EQ(side.text(side.issue("h3", "", "renewal"), "code"), "certificate.nothing-to-renew");
    side.clock.set(testing::at("2030-12-01T09:00:00+09:00")); // within three months of the end
    const auto second = side.issue("h1", "", "renewal");
    ASSERT_EQ(second.status, 201) << second.body;
    EXPECT_EQ(side.text(second, "cardId"), side.text(first, "cardId"));
    const std::string new_user = side.bytes(second, "userCertificate");
    EXPECT_EQ(pki::parse_certificate(new_user)->not_after.to_string(), "2036-02-17T14:59:59.000Z");
    EXPECT_EQ(side.text(side.state("user", old_user), "successor"), side.serial(new_user));
    EXPECT_EQ(side.text(side.state("user", old_user), "reason"), "superseded");
    EXPECT_EQ(side.text(side.state("user", new_user), "predecessor"), side.serial(old_user));
    EXPECT_EQ(side.judged(old_user, CertificateKind::UserAuthentication), "superseded");
    EXPECT_EQ(side.judged(new_user, CertificateKind::UserAuthentication), "good");
}

TEST_ON_BOTH(CertificationSide, moving_ends_the_signature_certificate_and_death_both) {
    Side side(database);
    side.put("h1");
    const auto issued = side.issue("h1");
    const std::string user = side.bytes(issued, "userCertificate");
    const std::string signature = side.bytes(issued, "signatureCertificate");
    EXPECT_EQ(side.judged(signature, CertificateKind::Signature), "good");
    const auto moved = side.client->post("/v1/holders/h1/changes", R"({"kind":"address","address":"大阪府見本町１"})");
    EXPECT_EQ(side.text(moved, "changed"), "1") << moved.body;
    side.lists_now();
    EXPECT_EQ(side.judged(signature, CertificateKind::Signature), "affiliationChanged");
    EXPECT_EQ(side.judged(user, CertificateKind::UserAuthentication), "good");
    EXPECT_EQ(side.text(side.client->get("/v1/holders/h1"), "address"), "大阪府見本町１");
    EXPECT_EQ(side.text(side.client->post("/v1/holders/h1/changes", R"({"kind":"death"})"), "changed"), "1");
    side.lists_now();
    EXPECT_EQ(side.judged(user, CertificateKind::UserAuthentication), "cessationOfOperation");
    EXPECT_EQ(side.text(side.issue("h1"), "code"), "holder.not-resident");
}

TEST_ON_BOTH(CertificationSide, the_registers_copy_itself_ends_a_signature_certificate_that_became_untrue) {
    Side side(database);
    side.put("h1");
    const std::string signature = side.bytes(side.issue("h1"), "signatureCertificate");
    EXPECT_EQ(side.put("h1"), 204);
    EXPECT_EQ(side.text(side.state("signature", signature), "status"), "good") << "the same again changes nothing";
    EXPECT_EQ(side.put("h1", "1980-02-17", "京都府見本町５"), 204);
    EXPECT_EQ(side.text(side.state("signature", signature), "reason"), "affiliationChanged");
}

TEST_ON_BOTH(CertificationSide, holds_a_lost_card_and_lifts_the_hold_but_never_a_revocation) {
    Side side(database);
    side.put("h1");
    const auto issued = side.issue("h1");
    const std::string user = side.bytes(issued, "userCertificate");
    EXPECT_EQ(side.text(side.client->post("/v1/holders/h1/hold", ""), "changed"), "2");
    EXPECT_EQ(side.text(side.state("user", user), "status"), "hold");
    side.lists_now();
    EXPECT_EQ(side.judged(user, CertificateKind::UserAuthentication), "certificateHold");
    EXPECT_EQ(side.text(side.client->post("/v1/holders/h1/lift", ""), "changed"), "2");
    side.lists_now();
    EXPECT_EQ(side.judged(user, CertificateKind::UserAuthentication), "good");
    const std::string path = "/v1/certificates/user/" + side.serial(user) + "/revocation";
    EXPECT_EQ(side.client->post(path, R"({"reason":"certificateHold"})").status, 400);
    EXPECT_EQ(side.client->post(path, R"({"reason":"keyCompromise"})").status, 204);
    EXPECT_EQ(side.text(side.client->post(path, R"({"reason":"superseded"})"), "code"), "certificate.already-revoked");
    EXPECT_EQ(side.text(side.client->post("/v1/holders/h1/lift", ""), "changed"), "0");
    side.lists_now();
    EXPECT_EQ(side.judged(user, CertificateKind::UserAuthentication), "keyCompromise");
}

TEST_ON_BOTH(CertificationSide, keeps_a_list_for_its_day_and_numbers_the_next) {
    Side side(database);
    side.put("h1");
    const std::string first = side.list("user");
    EXPECT_EQ(side.list("user"), first);
    side.clock.advance(std::chrono::hours(25));
    const std::string second = side.list("user");
    EXPECT_NE(second, first);
    EXPECT_EQ(pki::parse_revocation_list(first)->number, 1U);
    EXPECT_EQ(pki::parse_revocation_list(second)->number, 2U);
    EXPECT_EQ(side.client->get("/v1/crl/user/12345.crl").status, 404);
    EXPECT_EQ(side.client->get("/v1/crl/user/99001").status, 404);
}

TEST_ON_BOTH(CertificationSide, makes_expired_cards_only_where_backdating_is_allowed) {
    const std::string period = R"(,"notBefore":"2021-03-01T00:00:00Z","notAfter":"2026-02-17T00:00:00Z")";
    Side strict(database);
    strict.put("h1");
    EXPECT_EQ(strict.text(strict.issue("h1", period), "code"), "certificate.backdating-not-allowed");
    Side demonstration(database, true);
    demonstration.put("h9");
    const auto issued = demonstration.issue("h9", period);
    ASSERT_EQ(issued.status, 201) << issued.body;
    const std::string user = demonstration.bytes(issued, "userCertificate");
    EXPECT_EQ(demonstration.text(demonstration.state("user", user), "status"), "expired");
    const auto verdict = demonstration.judged(user, CertificateKind::UserAuthentication);
    EXPECT_EQ(verdict.substr(0, 7), "expired") << verdict;
}

TEST_ON_BOTH(CertificationSide, refuses_unsuitable_keys_and_strangers) {
    Side side(database);
    side.put("h1");
    const auto with = [&](const std::string& user_key) {
        return side.text(side.client->post("/v1/holders/h1/cards", R"({"userPublicKey":")" + user_key + "\"}"), "code");
    };
    EXPECT_EQ(with(base::base64_encode(crypto::PrivateKey::generate_ec().public_key().spki())), "key.unsuitable");
    EXPECT_EQ(with(base::base64_encode(crypto::PrivateKey::generate_rsa(3072).public_key().spki())), "key.unsuitable");
    EXPECT_EQ(with("AAAA"), "key.unsuitable");
    EXPECT_EQ(
        side.text(side.client->post("/v1/holders/h1/cards", R"({"userPublicKey":")" + key_text(0) +
                                                                R"(","signaturePublicKey":")" + key_text(0) + "\"}"),
                  "code"),
        "key.reused");
    side.client->headers = {};
    EXPECT_EQ(side.issue("h1").status, 401);
    EXPECT_EQ(side.client->get("/v1/holders/h1").status, 401);
    EXPECT_EQ(side.client->get("/v1/authorities").status, 200);
    side.client->headers = {{"Authorization", "Bearer wrong"}};
    EXPECT_EQ(side.client->get("/v1/holders/h1").status, 401);
    side.client->headers = {{"Authorization", std::string("Bearer ") + kReader}};
    EXPECT_EQ(side.client->get("/v1/holders/h1").status, 403) << "a known program without this permission";
    EXPECT_EQ(side.issue("h1").status, 403);
}

TEST_ON_BOTH(CertificationSide, finds_holders_by_part_of_their_name) {
    Side side(database);
    side.put("h1");
    side.put("h2");
    const auto found = side.client->post("/v1/holders/search", R"({"text":"花子","limit":1})");
    EXPECT_NE(found.body.find(R"("holderId":"h1")"), std::string::npos) << found.body;
    EXPECT_EQ(found.body.find(R"("holderId":"h2")"), std::string::npos);
    EXPECT_EQ(side.client->post("/v1/holders/search", R"({"text":"%"})").status, 200);
    EXPECT_EQ(side.client->get("/v1/holders/a%27b").status, 404);
    EXPECT_EQ(side.client->put("/v1/holders/h_3", "{}").status / 100, 4);
}

TEST_ON_BOTH(CertificationSide, answers_broken_questions_with_the_failures_of_the_standard) {
    Side side(database);
    side.put("h1");
    const std::string user = side.bytes(side.issue("h1"), "userCertificate");
    const auto& issuer = side.program->authorities().of(CertificateKind::UserAuthentication).authority->view;
    const auto failure = [&](const char* authority, std::string request) {
        const auto response = side.ask(authority, std::move(request));
        EXPECT_EQ(response.status, 200);
        return base::hex_encode(response.body);
    };
    EXPECT_EQ(failure("user", "nonsense"), "30030a0101") << "malformedRequest";
    const auto serial = pki::parse_certificate(user)->serial;
    EXPECT_EQ(failure("signature", pki::write_ocsp_request(issuer, serial, "")), "30030a0106") << "unauthorized";
    const std::string question = pki::write_ocsp_request(issuer, pki::SerialNumber::of(999999), "0123456789abcdef");
    const auto unknown = side.ask("user", question);
    const auto& authority = *side.program->authorities().of(CertificateKind::UserAuthentication).authority;
    const auto verdict = pki::verify_ocsp_response(unknown.body, authority, pki::SerialNumber::of(999999),
                                                   "0123456789abcdef", side.clock.now());
    ASSERT_TRUE(verdict) << verdict.refusal().error().detail;
    EXPECT_EQ(verdict->state, pki::RevocationStatus::State::Unknown);
    const auto by_address = side.client->get("/v1/ocsp/user/" + base::base64url_encode(question));
    EXPECT_EQ(by_address.status, 200);
    EXPECT_GT(by_address.body.size(), 500U);
}

/// Writes what the openssl program needs and runs it.
struct OpenSsl {
    testing::TemporaryFolder folder;
    std::string output;
    void write(const std::string& name, std::string_view bytes) {
        std::ofstream(folder.path() + "/" + name, std::ios::binary) << bytes;
    }
    bool run(const std::string& arguments) {
        const int status = std::system(("cd " + folder.path() + " && openssl " + arguments + " >output 2>&1").c_str());
        std::ifstream in(folder.path() + "/output");
        output.assign(std::istreambuf_iterator<char>(in), {});
        return status == 0;
    }
};

TEST_ON_BOTH(CertificationSide, the_openssl_program_accepts_certificates_lists_and_answers) {
    Side side(database);
    side.clock.set(base::system_clock().now()); // openssl ocsp knows only the real time
    side.put("h1");
    side.put("h2");
    const std::string good = side.bytes(side.issue("h1"), "userCertificate");
    const std::string gone = side.bytes(side.issue("h2"), "userCertificate");
    side.client->post("/v1/certificates/user/" + side.serial(gone) + "/revocation", R"({"reason":"keyCompromise"})");
    OpenSsl openssl;
    openssl.write("ca.pem", side.program->authorities().of(CertificateKind::UserAuthentication).pem);
    openssl.write("good.der", good);
    openssl.write("gone.der", gone);
    openssl.write("list.der", side.list("user"));
    ASSERT_TRUE(openssl.run("crl -inform DER -in list.der -out list.pem")) << openssl.output;
    EXPECT_TRUE(openssl.run("crl -in list.pem -CAfile ca.pem -noout -verify")) << openssl.output;
    for (const char* name : {"good", "gone"})
        ASSERT_TRUE(openssl.run(std::string("x509 -inform DER -in ") + name + ".der -out " + name + ".pem"));
    const std::string verify = "verify -x509_strict -crl_check -CRLfile list.pem -CAfile ca.pem ";
    EXPECT_TRUE(openssl.run(verify + "good.pem")) << openssl.output;
    EXPECT_FALSE(openssl.run(verify + "gone.pem"));
    EXPECT_NE(openssl.output.find("certificate revoked"), std::string::npos) << openssl.output;

    ASSERT_TRUE(openssl.run("ocsp -issuer ca.pem -cert good.pem -cert gone.pem -reqout question"));
    std::ifstream in(openssl.folder.path() + "/question", std::ios::binary);
    openssl.write("answer", side.ask("user", {std::istreambuf_iterator<char>(in), {}}).body);
    EXPECT_TRUE(openssl.run("ocsp -issuer ca.pem -CAfile ca.pem -no_nonce -cert good.pem -cert gone.pem "
                            "-respin answer"))
        << openssl.output;
    for (const char* line : {"Response verify OK", "good.pem: good", "gone.pem: revoked", "Reason: keyCompromise"})
        EXPECT_NE(openssl.output.find(line), std::string::npos) << line << "\n" << openssl.output;
}

TEST(Settings, name_every_mistake) {
    auto config = base::Config::parse(R"(
[server]
port = 8090
[database]
sqlite = "a"
postgres = "b"
[authority]
folder = "x"
organization = "JPKI"
[lists]
interval = "48h"
validity = "24h"
[[client]]
name = "c"
key = "short"
permissions = ["everything"]
)");
    ASSERT_TRUE(config);
    const auto settings = read_settings(std::move(*config));
    ASSERT_FALSE(settings);
    for (const char* part : {"database", "organization", "lists.validity", "key", "everything"})
        EXPECT_NE(settings.error().detail.find(part), std::string::npos) << part << "\n" << settings.error().detail;
}

TEST(Settings, the_file_we_ship_is_read) {
    std::ifstream in("deploy/musubi-jlis.toml");
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    ASSERT_FALSE(text.empty());
    testing::TemporaryFolder folder;
    for (const char* name : {"municipality", "register-office", "card-factory"})
        std::ofstream(folder.path() + "/" + name + ".key") << "0123456789abcdef-of-" << name << "\n";
    auto config = base::Config::parse(text, "example", folder.path());
    ASSERT_TRUE(config);
    const auto settings = read_settings(std::move(*config));
    ASSERT_TRUE(settings) << settings.error().detail;
    EXPECT_EQ(settings->clients.size(), 3U);
}

} // namespace
} // namespace musubi::jlis_server
