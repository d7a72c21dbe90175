// How answers about certificates and lists are served, on both databases.
#include "apps/jlis_server/side_test.h"
#include "lib/pki/ocsp.h"

namespace musubi::jlis_server {
namespace {

using pki::CertificateKind;

TEST_ON_BOTH(CertificationSide, gives_ready_answers_again_until_they_are_old_and_says_how_long) {
    BankSide side(database);
    const std::string user = side.user_certificate;
    const auto& authority = *side.program->authorities().of(CertificateKind::UserAuthentication).authority;
    const auto serial = pki::parse_certificate(user)->serial;
    const std::string path =
        "/v1/ocsp/user/" + base::base64url_encode(pki::write_ocsp_request(authority.view, serial, ""));
    const auto state = [&](const http::Response& response) {
        pki::OcspClientOptions options;
        options.nonce = pki::OcspNonce::WhenPresent;
        const auto verdict = pki::verify_ocsp_response(response.body, authority, serial, "", side.clock.now(), options);
        EXPECT_TRUE(verdict);
        return verdict ? verdict->state : pki::RevocationStatus::State::Unknown;
    };
    using State = pki::RevocationStatus::State;
    const auto first = side.client->get(path);
    EXPECT_EQ(state(first), State::Good);
    EXPECT_EQ(first.header("Cache-Control"), "max-age=60, public, no-transform, must-revalidate");
    EXPECT_EQ(first.header("Last-Modified"), "Sun, 22 Nov 2026 00:00:00 GMT");
    side.clock.advance(std::chrono::seconds(20));
    const auto again = side.client->get(path);
    EXPECT_EQ(again.body, first.body) << "the same bytes";
    EXPECT_EQ(again.header("Cache-Control"), "max-age=40, public, no-transform, must-revalidate");
    auto conditional = side.client->request(http::Method::Get, path, "");
    conditional.headers.push_back({"If-None-Match", std::string(first.header("ETag"))});
    EXPECT_EQ(side.client->send(std::move(conditional)).status, 304);

    // Revoked now: a question with a nonce learns it at once, the others when the ready answer is old.
    side.post(kAuthority, "/v1/certificates/user/" + serial.hex() + "/revocation", R"({"reason":"keyCompromise"})");
    const std::string nonce = "0123456789abcdef";
    auto question = side.client->request(http::Method::Post, "/v1/ocsp/user",
                                         pki::write_ocsp_request(authority.view, serial, nonce));
    for (auto& header : question.headers)
        if (header.name == "Content-Type") header.value = "application/ocsp-request";
    const auto live = side.client->send(std::move(question));
    EXPECT_EQ(pki::verify_ocsp_response(live.body, authority, serial, nonce, side.clock.now())->state, State::Revoked);
    EXPECT_EQ(live.header("Cache-Control").find("public"), std::string_view::npos);
    EXPECT_EQ(state(side.client->get(path)), State::Good);
    side.clock.advance(std::chrono::seconds(15));
    EXPECT_EQ(base::sync_wait(side.program->responder().keep_fresh(side.clock.now())), 1) << "in the background";
    EXPECT_EQ(state(side.client->get(path)), State::Revoked);
    side.clock.advance(std::chrono::minutes(2));
    EXPECT_EQ(base::sync_wait(side.program->responder().keep_fresh(side.clock.now())), 1);
    side.clock.advance(std::chrono::minutes(2));
    EXPECT_EQ(base::sync_wait(side.program->responder().keep_fresh(side.clock.now())), 0) << "nobody asked any more";
    EXPECT_EQ(side.program->responder().ready(), 0U);
}

TEST_ON_BOTH(CertificationSide, serves_a_list_in_parts_and_not_at_all_to_those_who_have_it) {
    BankSide side(database);
    const auto ask = [&](std::string name, std::string value) {
        auto request = side.client->request(http::Method::Get, "/v1/crl/user/99001.crl", "");
        if (!name.empty()) request.headers.push_back({std::move(name), std::move(value)});
        return side.client->send(std::move(request));
    };
    const auto whole = ask("", "");
    ASSERT_EQ(whole.status, 200);
    const std::string tag(whole.header("ETag"));
    EXPECT_EQ(ask("If-None-Match", tag).status, 304);
    EXPECT_EQ(ask("If-None-Match", "\"other\"").status, 200);
    const auto size = whole.body.size();
    const std::string of = "/" + std::to_string(size);
    const auto head = ask("Range", "bytes=0-99");
    EXPECT_EQ(head.status, 206);
    EXPECT_EQ(head.header("Content-Range"), "bytes 0-99" + of);
    const auto tail = ask("Range", "bytes=100-");
    EXPECT_EQ(head.body + tail.body, whole.body);
    EXPECT_EQ(ask("Range", "bytes=-10").body, whole.body.substr(size - 10));
    EXPECT_EQ(ask("Range", "bytes=100-999999").body, whole.body.substr(100));
    EXPECT_EQ(ask("Range", "bytes=999999-").status, 416);
    for (const char* odd : {"bytes=", "bytes=5", "bytes=9-3", "bytes=0-1,4-5", "lines=1-2", "bytes=-", "bytes=a-b"})
        EXPECT_EQ(ask("Range", odd).body, whole.body) << odd;
    side.clock.advance(std::chrono::hours(25));
    auto stale = side.client->request(http::Method::Get, "/v1/crl/user/99001.crl", "");
    stale.headers.push_back({"Range", "bytes=0-99"});
    stale.headers.push_back({"If-Range", tag});
    EXPECT_EQ(side.client->send(std::move(stale)).status, 200) << "the parts of two lists never mix";
}

} // namespace
} // namespace musubi::jlis_server
