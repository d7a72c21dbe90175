#include "apps/server/installation.h"
#include "lib/http/testing.h"
#include "testing/databases.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace musubi::server {
namespace {

class Described : public ::testing::Test {
  protected:
    void SetUp() override {
        auto made = describing_installation(m_folder.path(), MUSUBI_VERSION);
        ASSERT_TRUE(made) << made.error().code << made.error().detail;
        m_installation = std::move(*made);
    }
    testing::TemporaryFolder m_folder;
    std::unique_ptr<Installation> m_installation;
};

/// Operations that answer people and programs nobody knows. Adding one here is a decision: say why beside it.
const std::set<std::string> kPublic = {
    // the operator's probes and the description of the interface
    "getApiDescription", "getHealth", "getMetrics", "getReadiness",
    // the transparency log is for everybody, and holds nothing but commitments; a witness checks what it is sent
    "cosignCheckpoint", "readLogCheckpoint", "readLogKey", "readLogTile",
    // what a FHIR client asks before anything else
    "readFhirCapabilities",
    // before somebody is somebody: begun by mail, carried by an unguessable token
    "agreeToTerms", "askForLetter", "askThroughCompany", "chooseRegistrationWay", "completeRegistration",
    "confirmAttributes", "enterLetterCode", "getRegistration", "getTerms", "makeRegistrationChallenge", "registerCard",
    "registerContact", "resendRegistrationPasscode", "resumeRegistration", "startRegistration",
    // signing in and out, and asking whether one is
    "getSession", "loginStaff", "loginStaffWithPasskey", "loginWithCard", "loginWithPasscode", "loginWithPasskey",
    "loginWithPassword", "logout", "makeCardLogin", "makePasskeyLogin", "setUpStaffPasskey"};

TEST_F(Described, every_route_that_answers_strangers_stands_on_the_public_list) {
    std::set<std::string> found;
    for (const auto& route : m_installation->router().routes()) {
        const auto& kinds = route.access.kinds;
        ASSERT_FALSE(kinds.empty()) << route.operation;
        if (std::find(kinds.begin(), kinds.end(), http::PrincipalKind::Anonymous) == kinds.end()) continue;
        found.insert(route.operation);
        EXPECT_TRUE(kPublic.contains(route.operation)) << route.path << " (" << route.operation << ")";
    }
    for (const auto& name : kPublic) EXPECT_TRUE(found.contains(name)) << name << " is listed and does not exist";
}

/// A path with every parameter filled in.
std::string sample_path(std::string path) {
    for (size_t open = path.find('{'); open != std::string::npos; open = path.find('{'))
        path.replace(open, path.find('}') - open + 1, "019b74ec-4580-7a96-82b3-d9bfb7b17810");
    return path;
}

TEST_F(Described, every_other_route_answers_strangers_with_401_before_it_looks_at_anything) {
    http::testing::Client client(m_installation->router());
    for (const auto& route : m_installation->router().routes()) {
        if (kPublic.contains(route.operation)) continue;
        const bool with_body = route.method != http::Method::Get && route.method != http::Method::Delete;
        auto request = client.request(route.method, sample_path(route.path), with_body ? "{}" : "");
        for (auto& header : request.headers)
            if (header.name == "Content-Type") header.value = route.body_limit.content_type;
        EXPECT_EQ(client.send(std::move(request)).status, 401) << route.path << " (" << route.operation << ")";
    }
}

TEST_F(Described, the_committed_description_is_that_of_the_routes) {
    std::stringstream committed;
    committed << std::ifstream("doc/api/openapi.json").rdbuf();
    EXPECT_EQ(committed.str(), m_installation->openapi()) << "the routes have changed: run ./dev openapi";
}

TEST(Trust, a_production_server_does_not_start_with_test_authorities) {
    city::Settings settings{};
    settings.environment = city::Environment::Production;
    settings.certification.trust = city::Certification::Trust::Test;
    settings.certification.signature_authorities = {"src/apps/server/testdata/test-signature-authority.pem"};
    settings.certification.user_authorities = {"src/apps/server/testdata/test-user-authority.pem"};
    const auto refused = load_trust(settings);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "trust.test-authority-in-production");
    // Nor when the file is named as one of the real ones: the authority's own name gives it away.
    settings.certification.trust = city::Certification::Trust::Production;
    EXPECT_EQ(load_trust(settings).error().code, "trust.test-authority-in-production");
    settings.environment = city::Environment::Demo;
    settings.certification.trust = city::Certification::Trust::Test;
    EXPECT_TRUE(load_trust(settings));
}

} // namespace
} // namespace musubi::server
