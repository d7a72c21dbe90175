// The latest four attributes through the HTTP interface, on both databases.
#include "apps/jlis_server/side_test.h"

namespace musubi::jlis_server {
namespace {

TEST_ON_BOTH(LatestAttributes, reach_the_service_after_a_move_as_far_as_the_citizen_consented) {
    BankSide side(database);
    EXPECT_EQ(side.text(side.ask(kBank), "code"), "attributes.no-consent");
    const auto given = side.consent(kBank, "bank", {"name", "address"});
    ASSERT_EQ(given.status, 201) << given.body;
    EXPECT_EQ(side.text(given, "expiresAt"), "2036-11-22T15:00:00.000Z") << "ten years from the day after, in Japan";
    EXPECT_EQ(side.text(side.ask(kBank), "changed"), "false");

    side.move();
    EXPECT_EQ(side.text(side.ask(kBank), "code"), "attributes.no-new-certificate");
    side.clock.advance(std::chrono::hours(24));
    const std::string renewed = side.issue("renewal");
    const auto answer = side.ask(kBank);
    EXPECT_EQ(side.text(answer, "changed"), "true");
    EXPECT_EQ(side.text(answer, "address"), "大阪府見本市北区４－５－６");
    EXPECT_EQ(side.text(answer, "name"), "見本　花子");
    EXPECT_EQ(side.text(answer, "birthDate"), "") << "not consented to";
    EXPECT_EQ(side.text(answer, "sex"), "");
    EXPECT_EQ(side.text(answer, "serial"), pki::parse_certificate(renewed)->serial.hex());

    const auto seen = side.send(http::Method::Get, kAuthority, "/v1/holders/h1/deliveries", "");
    EXPECT_NE(seen.body.find("見本銀行"), std::string::npos) << "the citizen sees the delivery";
    EXPECT_EQ(side.ask(kBank).status, 200);
    EXPECT_EQ(side.text(side.ask(kBank), "code"), "attributes.limit-reached") << "two a day are agreed";
    const auto service = side.send(http::Method::Get, kAuthority, "/v1/services/bank", "");
    EXPECT_NE(service.body.find(R"("fees":[{"month":"2026-11","answers":2,"yen":40}])"), std::string::npos)
        << service.body;
}

TEST_ON_BOTH(LatestAttributes, are_withheld_without_a_valid_signature_contract_or_consent) {
    BankSide side(database);
    EXPECT_EQ(side.text(side.consent(kShop, "shop", {"name"}), "code"), "attributes.no-contract");
    EXPECT_EQ(side.text(side.consent(kBank, "shop", {"name"}), "code"), "certificate.signature-invalid")
        << "a consent for another service";
    EXPECT_EQ(side.consent(kBank, "bank", {"name", "name"}).status, 400);
    EXPECT_EQ(side.consent(kBank, "bank", {"shoeSize"}).status, 400);
    const auto at = side.clock.now() - std::chrono::minutes(11);
    const auto body = [&](const std::string& certificate, const std::string& signature, base::Instant when) {
        return R"({"items":["name"],"at":")" + when.to_string() + R"(","certificate":")" +
               base::base64_encode(certificate) + R"(","signature":")" + signature + "\"}";
    };
    const auto code = [&](const std::string& json) {
        return side.text(side.post(kBank, "/v1/attributes/consents", json), "code");
    };
    EXPECT_EQ(code(body(side.certificate, side.signature(attributes::consent_statement("bank", 1, at)), at)),
              "attributes.statement-out-of-time");
    const auto now = side.clock.now();
    const std::string statement = attributes::consent_statement("bank", 1, now);
    EXPECT_EQ(code(body(side.certificate, side.signature(statement, 2), now)), "certificate.signature-invalid");
    EXPECT_EQ(code(body(side.user_certificate, side.signature(statement, 1), now)), "certificate.unknown")
        << "only the signature certificate consents";
    std::string altered = side.certificate;
    altered.back() = static_cast<char>(altered.back() ^ 1);
    EXPECT_EQ(code(body(altered, side.signature(statement), now)), "certificate.unknown");
    side.move();
    EXPECT_EQ(code(body(side.certificate, side.signature(statement), now)), "certificate.not-in-force");
}

TEST_ON_BOTH(LatestAttributes, stop_with_the_withdrawal_by_citizen_or_service_and_with_the_end_of_the_consent) {
    BankSide side(database);
    const auto first = side.consent(kBank, "bank", {"address"});
    ASSERT_EQ(first.status, 201);
    EXPECT_EQ(side.text(side.consent(kBank, "bank", {"address"}), "consentId"), side.text(first, "consentId"))
        << "the same statement again";
    const std::string by_service = R"({"consentId":")" + side.text(first, "consentId") + "\"}";
    EXPECT_EQ(side.text(side.post(kShop, "/v1/attributes/withdrawals", by_service), "code"), "attributes.no-consent")
        << "not its own";
    EXPECT_EQ(side.post(kBank, "/v1/attributes/withdrawals", by_service).status, 204);
    EXPECT_EQ(side.text(side.ask(kBank), "code"), "attributes.no-consent");
    EXPECT_EQ(side.text(side.consent(kBank, "bank", {"address"}), "code"), "attributes.consent-withdrawn")
        << "a statement is not used twice";

    side.clock.advance(std::chrono::seconds(1));
    ASSERT_EQ(side.consent(kBank, "bank", {"address"}).status, 201);
    const auto now = side.clock.now();
    // The citizen withdraws with the four-digit certificate, whoever carries the statement.
    const std::string withdrawal = R"({"service":"bank","at":")" + now.to_string() + R"(","certificate":")" +
                                   base::base64_encode(side.user_certificate) + R"(","signature":")" +
                                   side.signature(attributes::withdrawal_statement("bank", now), 1) + "\"}";
    EXPECT_EQ(side.post(kShop, "/v1/attributes/withdrawals", withdrawal).status, 204);
    EXPECT_EQ(side.text(side.ask(kBank), "code"), "attributes.no-consent");
    EXPECT_EQ(side.text(side.post(kShop, "/v1/attributes/withdrawals", withdrawal), "code"), "attributes.no-consent");
    const auto consents = side.send(http::Method::Get, kAuthority, "/v1/holders/h1/consents", "");
    EXPECT_NE(consents.body.find("withdrawnAt"), std::string::npos);

    side.clock.advance(std::chrono::seconds(1));
    ASSERT_EQ(side.consent(kBank, "bank", {"address"}).status, 201);
    EXPECT_EQ(side.text(side.ask(kBank), "changed"), "false");
    side.clock.set(*base::Instant::parse("2036-11-22T15:00:02Z"));
    EXPECT_EQ(side.text(side.ask(kBank), "code"), "attributes.no-consent") << "after ten years";
}

} // namespace
} // namespace musubi::jlis_server
