#include "services/fhir_api/town_test.h"

#include <gmock/gmock.h>

namespace musubi::fhir_api {
namespace {

using namespace town;
using http::Method;
using testing::HasSubstr;

std::vector<db::Migrations> test_migrations() { return town::migrations(); }

std::string entry(std::string_view full_url, std::string_view resource, std::string_view method, std::string_view url,
                  std::string_view more = "") {
    std::string out = "{";
    if (!full_url.empty()) out += fmt::format(R"("fullUrl":"{}",)", full_url);
    if (!resource.empty()) out += fmt::format(R"("resource":{},)", resource);
    return out + fmt::format(R"("request":{{"method":"{}","url":"{}"{}}}}})", method, url, more);
}

std::string bundle(std::string_view type, const std::vector<std::string>& entries) {
    std::string out = fmt::format(R"({{"resourceType":"Bundle","type":"{}","entry":[)", type);
    for (size_t i = 0; i < entries.size(); ++i) out += (i == 0 ? "" : ",") + entries[i];
    return out + "]}";
}

std::string observation(std::string_view subject, std::string_view more = "") {
    return fmt::format(R"({{"resourceType":"Observation"{},"status":"final","code":{{"text":"x"}},)"
                       R"("subject":{{"reference":"{}"}}}})",
                       more, subject);
}

constexpr std::string_view kPatient = R"({"resourceType":"Patient","identifier":[{"system":"urn:p","value":"1"}],)"
                                      R"("name":[{"family":"外部","given":["患者"]}]})";

std::vector<std::string> statuses(const http::Response& response) {
    std::vector<std::string> out;
    const auto answer = parsed(response);
    for (const r4::Node one : answer.root().find("entry"))
        out.emplace_back(one.find("response").find("status").string());
    return out;
}

TEST_ON_BOTH(Bundles, a_transaction_makes_its_own_references_good) {
    Town town(database);
    auto staff = town.staff();
    const auto answer =
        send(staff, Method::Post, "/fhir",
             bundle("transaction",
                    {entry("urn:uuid:00000000-0000-4000-8000-000000000002",
                           observation("urn:uuid:00000000-0000-4000-8000-000000000001"), "POST", "Observation"),
                     entry("urn:uuid:00000000-0000-4000-8000-000000000001", kPatient, "POST", "Patient")}));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(statuses(answer), (std::vector<std::string>{"201", "201"}));
    const auto found = staff.get("/fhir/Patient?identifier=urn:p%7C1&_revinclude=Observation:subject");
    EXPECT_EQ(entries_of(found).size(), 2U) << found.body;
    const auto again =
        send(staff, Method::Post, "/fhir",
             bundle("transaction", {entry("", observation("Patient?identifier=urn:p|1"), "POST", "Observation"),
                                    entry("", kPatient, "POST", "Patient", R"(,"ifNoneExist":"identifier=urn:p|1")")}));
    ASSERT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(statuses(again), (std::vector<std::string>{"201", "200"}));
    EXPECT_EQ(entries_of(staff.get("/fhir/Observation?subject:Patient.identifier=urn:p%7C1")).size(), 2U);
}

TEST_ON_BOTH(Bundles, a_transaction_is_whole_or_nothing_and_a_batch_each_for_itself) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);
    const std::string subject = "Patient/" + hanako.to_string();
    const std::vector<std::string> entries = {entry("", observation(subject), "POST", "Observation"),
                                              entry("", observation("Patient/nobody"), "POST", "Observation")};
    const auto refused = send(client, Method::Post, "/fhir", bundle("transaction", entries));
    EXPECT_EQ(refused.status, 422) << refused.body;
    EXPECT_THAT(refused.body, HasSubstr("Bundle.entry[1]"));
    EXPECT_EQ(entries_of(client.get("/fhir/Observation")).size(), 0U);
    const auto batch = send(client, Method::Post, "/fhir", bundle("batch", entries));
    EXPECT_EQ(batch.status, 200);
    EXPECT_EQ(statuses(batch), (std::vector<std::string>{"201", "422"}));
    EXPECT_EQ(entries_of(client.get("/fhir/Observation")).size(), 1U);
}

TEST_ON_BOTH(Bundles, the_same_resource_twice_in_a_transaction_is_refused) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);
    const std::string one = observation("Patient/" + hanako.to_string(), R"(,"id":"a")");
    const auto refused =
        send(client, Method::Post, "/fhir",
             bundle("transaction", {entry("", one, "PUT", "Observation/a"), entry("", one, "PUT", "Observation/a")}));
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(client.get("/fhir/Observation/a").status, 404);
}

TEST_ON_BOTH(Bundles, deletions_come_before_creations_and_readings_last) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);
    const std::string subject = "Patient/" + hanako.to_string();
    const std::string identified = observation(subject, R"(,"identifier":[{"value":"n"}])");
    ASSERT_EQ(send(client, Method::Put, "/fhir/Observation/old",
                   observation(subject, R"(,"id":"old","identifier":[{"value":"n"}])"))
                  .status,
              201);
    const auto answer =
        send(client, Method::Post, "/fhir",
             bundle("transaction", {entry("", "", "GET", "Observation?identifier=n"),
                                    entry("", identified, "POST", "Observation", R"(,"ifNoneExist":"identifier=n")"),
                                    entry("", "", "DELETE", "Observation/old")}));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(statuses(answer), (std::vector<std::string>{"200", "201", "204"}));
    EXPECT_EQ(client.get("/fhir/Observation/old").status, 410);
    EXPECT_EQ(entries_of(client.get("/fhir/Observation?identifier=n")).size(), 1U);
}

} // namespace
} // namespace musubi::fhir_api
