#include "services/fhir_api/town_test.h"

#include <gmock/gmock.h>

namespace musubi::fhir_api {
namespace {

using namespace town;
using http::Method;
using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;

std::vector<db::Migrations> test_migrations() { return town::migrations(); }

std::string identifier(std::string_view value) {
    return fmt::format(R"(,"identifier":[{{"system":"urn:test","value":"{}"}}])", value);
}

TEST_ON_BOTH(Interactions, a_resource_lives_from_creation_to_deletion_with_all_its_versions) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);

    const auto made = send(client, Method::Post, "/fhir/Observation", weight(hanako, "60.50"));
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.content_type, "application/fhir+json");
    EXPECT_EQ(made.header("ETag"), "W/\"1\"");
    EXPECT_EQ(made.header("Last-Modified"), "Sun, 22 Nov 2026 00:00:00 GMT");
    const std::string id = id_of(made);
    EXPECT_EQ(made.header("Location"), "https://city.example/fhir/Observation/" + id + "/_history/1");
    EXPECT_THAT(made.body, HasSubstr(R"("value":60.50)"));

    const std::string path = "/fhir/Observation/" + id;
    EXPECT_EQ(client.get(path).body, made.body);
    const std::string changed = weight(hanako, "61", "2026-11-01", ",\"id\":\"" + id + "\"");
    EXPECT_EQ(send(client, Method::Put, path, changed, {{"If-Match", "W/\"7\""}}).status, 412);
    EXPECT_EQ(send(client, Method::Put, path, changed, {{"If-Match", "W/\"1\""}}).status, 200);
    EXPECT_EQ(client.get(path + "/_history/1").body, made.body);
    EXPECT_THAT(client.get(path + "/_history/2").body, HasSubstr(R"("value":61,)"));
    EXPECT_EQ(client.get(path + "/_history/3").status, 404);

    EXPECT_EQ(client.remove(path).status, 204);
    EXPECT_EQ(client.remove(path).status, 204) << "deleting twice is no mistake";
    EXPECT_EQ(client.get(path).status, 410);
    const auto history = client.get(path + "/_history");
    EXPECT_EQ(entries_of(history).size(), 3U);
    EXPECT_THAT(history.body, HasSubstr(R"("method":"DELETE")"));
    EXPECT_EQ(send(client, Method::Put, path, changed).status, 201) << "revived";
    EXPECT_EQ(client.get(path).header("ETag"), "W/\"4\"");
}

TEST_ON_BOTH(Interactions, a_read_is_not_repeated_for_who_has_it) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);
    const auto made = send(client, Method::Post, "/fhir/Observation", weight(hanako, "60"));
    const std::string path = "/fhir/Observation/" + id_of(made);
    EXPECT_EQ(send(client, Method::Get, path, "", {{"If-None-Match", "W/\"1\""}}).status, 304);
    EXPECT_EQ(send(client, Method::Get, path, "", {{"If-None-Match", "W/\"2\""}}).status, 200);
    EXPECT_EQ(send(client, Method::Get, path, "", {{"If-Modified-Since", "Sun, 22 Nov 2026 00:00:00 GMT"}}).status,
              304);
    EXPECT_EQ(send(client, Method::Get, path, "", {{"If-Modified-Since", "Sat, 21 Nov 2026 00:00:00 GMT"}}).status,
              200);
}

TEST_ON_BOTH(Interactions, conditional_creates_make_one_resource) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);
    const std::string body = weight(hanako, "60", "2026-11-01", identifier("a"));
    const std::vector<http::Header> once = {{"If-None-Exist", "identifier=urn:test|a"}};
    const auto first = send(client, Method::Post, "/fhir/Observation", body, once);
    ASSERT_EQ(first.status, 201) << first.body;
    const auto second = send(client, Method::Post, "/fhir/Observation", body, once);
    EXPECT_EQ(second.status, 200);
    EXPECT_EQ(id_of(second), id_of(first));
    EXPECT_EQ(client.remove("/fhir/Observation/" + id_of(first)).status, 204);
    EXPECT_EQ(send(client, Method::Post, "/fhir/Observation", body, once).status, 201) << "the first is gone";
    EXPECT_EQ(send(client, Method::Post, "/fhir/Observation", body).status, 201);
    EXPECT_EQ(send(client, Method::Post, "/fhir/Observation", body, once).status, 412) << "two meet it";
    EXPECT_EQ(send(client, Method::Post, "/fhir/Observation", body, {{"If-None-Exist", "colour=red"}}).status, 400);
    EXPECT_EQ(send(client, Method::Put, "/fhir/Observation?identifier=urn:test|b",
                   weight(hanako, "62", "2026-11-02", identifier("b")))
                  .status,
              201);
    EXPECT_EQ(send(client, Method::Put, "/fhir/Observation?identifier=urn:test|b",
                   weight(hanako, "63", "2026-11-02", identifier("b")))
                  .status,
              200);
    EXPECT_EQ(client.remove("/fhir/Observation?identifier=urn:test|b").status, 204);
    EXPECT_EQ(client.get("/fhir/Observation?identifier=urn:test|b&_summary=count").body.find(R"("total":0)") !=
                  std::string::npos,
              true);
}

TEST_ON_BOTH(Interactions, of_conditional_creates_at_the_same_time_one_wins) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);
    std::multiset<int> statuses;
    std::vector<base::Task<>> tasks;
    std::vector<http::Request> requests;
    for (int i = 0; i < 6; ++i) {
        auto request = client.request(Method::Post, "/fhir/Observation",
                                      weight(hanako, std::to_string(60 + i), "2026-11-01", identifier("race")));
        for (auto& header : request.headers)
            if (header.name == "Content-Type") header.value = "application/fhir+json";
        request.headers.push_back({"If-None-Exist", "identifier=urn:test|race"});
        requests.push_back(std::move(request));
    }
    const auto one = [&](http::Request request) -> base::Task<> {
        const auto response = co_await town.router.handle(std::move(request));
        statuses.insert(response.status);
    };
    for (auto& request : requests) tasks.push_back(one(std::move(request)));
    for (const auto& thrown : testing::run_all(std::move(tasks))) EXPECT_EQ(thrown, nullptr);
    EXPECT_EQ(statuses.count(201), 1U);
    EXPECT_EQ(statuses.count(200), 5U);
    EXPECT_EQ(entries_of(client.get("/fhir/Observation?identifier=urn:test|race")).size(), 1U);
}

TEST_ON_BOTH(Interactions, ids_may_be_the_clients_and_are_one_resource_on_the_whole_server) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    const auto taro = town.person("佐藤　太郎");
    auto client = town.citizen(hanako);
    auto stranger = town.citizen(taro);
    const std::string body = weight(hanako, "60", "2026-11-01", R"(,"id":"mine")");
    EXPECT_EQ(send(client, Method::Put, "/fhir/Observation/other", body).status, 400);
    EXPECT_EQ(send(client, Method::Put, "/fhir/Observation/mine", body, {{"If-Match", "W/\"1\""}}).status, 412);
    EXPECT_EQ(send(client, Method::Put, "/fhir/Observation/mine", body, {{"If-None-Match", "*"}}).status, 201);
    EXPECT_EQ(send(client, Method::Put, "/fhir/Observation/mine", body, {{"If-None-Match", "*"}}).status, 412);
    EXPECT_EQ(client.get("/fhir/Observation/mine").status, 200);
    EXPECT_EQ(stranger.get("/fhir/Observation/mine").status, 404);
    const auto taken =
        send(stranger, Method::Put, "/fhir/Observation/mine", weight(taro, "70", "2026-11-01", R"(,"id":"mine")"));
    EXPECT_EQ(taken.status, 409);
}

TEST_ON_BOTH(Interactions, refusals_are_operation_outcomes_from_the_first_byte_on) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);
    auto nobody = town.caller("");
    const auto expect = [](const http::Response& response, int status, std::string_view code) {
        EXPECT_EQ(response.status, status) << response.body;
        EXPECT_EQ(response.content_type, "application/fhir+json");
        EXPECT_THAT(response.body, StartsWith(R"({"resourceType":"OperationOutcome")"));
        EXPECT_THAT(response.body, HasSubstr(code));
    };
    expect(nobody.get("/fhir/Observation"), 401, "auth.sign-in-required");
    expect(client.get("/fhir/Observation/none"), 404, "fhir.not-found");
    expect(client.get("/fhir/Unicorn/1"), 404, "fhir.type-unknown");
    expect(client.get("/fhir/Observation/1/2/3/4"), 404, "request.not-found");
    expect(send(client, Method::Delete, "/fhir", ""), 405, "request.method-not-allowed");
    expect(send(client, Method::Post, "/fhir/Observation", "{"), 400, "fhir.malformed");
    expect(send(client, Method::Post, "/fhir/Observation", R"({"resourceType":"Patient"})"), 400, "fhir.type-mismatch");
    expect(send(client, Method::Get, "/fhir/Observation", "", {{"Accept", "application/fhir+xml"}}), 406,
           "fhir.not-acceptable");
    expect(client.get("/fhir/Observation?_format=xml"), 406, "fhir.not-acceptable");
    expect(send(client, Method::Get, "/fhir/Observation?colour=red", "", {{"Prefer", "handling=strict"}}), 400,
           "fhir.search-unknown-parameter");
    const auto lenient = client.get("/fhir/Observation?colour=red");
    EXPECT_EQ(lenient.status, 200);
    EXPECT_THAT(lenient.body, HasSubstr("colour"));
    auto as_text = client.request(Method::Post, "/fhir/Observation", "{}");
    for (auto& header : as_text.headers)
        if (header.name == "Content-Type") header.value = "text/plain";
    expect(client.send(as_text), 415, "request.content-type-unsupported");
    const auto metadata = nobody.get("/fhir/metadata");
    EXPECT_EQ(metadata.status, 200);
    EXPECT_EQ(parsed(metadata).type(), r4::ResourceType::CapabilityStatement);
}

TEST_ON_BOTH(Interactions, each_keeps_the_original_and_nobody_writes_about_strangers) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    const auto taro = town.person("佐藤　太郎");
    auto client = town.citizen(hanako);
    auto staff = town.staff();
    EXPECT_EQ(send(client, Method::Post, "/fhir/Observation", weight(taro, "60")).status, 422);
    EXPECT_EQ(send(client, Method::Post, "/fhir/Organization", R"({"resourceType":"Organization","name":"x"})").status,
              403);
    const auto official = send(staff, Method::Post, "/fhir/Observation", weight(hanako, "60"));
    ASSERT_EQ(official.status, 201) << official.body;
    const std::string path = "/fhir/Observation/" + id_of(official);
    EXPECT_EQ(client.get(path).status, 200);
    EXPECT_EQ(client.remove(path).status, 403);
    EXPECT_EQ(send(client, Method::Put, path, weight(hanako, "50", "2026-11-01", ",\"id\":\"" + id_of(official) + "\""))
                  .status,
              403);
    const auto own = send(client, Method::Post, "/fhir/Observation", weight(hanako, "61"));
    EXPECT_EQ(staff.remove("/fhir/Observation/" + id_of(own)).status, 403);
}

TEST_ON_BOTH(Interactions, staff_need_a_permission_and_a_purpose_and_the_person_reads_both) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);
    const auto made = send(client, Method::Post, "/fhir/Observation", weight(hanako, "60"));
    const std::string path = "/fhir/Observation/" + id_of(made);
    EXPECT_EQ(town.staff("staff other").get(path).status, 403);
    EXPECT_EQ(town.caller("staff").get(path).status, 403) << "no purpose";
    auto reader = town.staff("staff reader");
    EXPECT_EQ(reader.get(path).status, 200);
    EXPECT_EQ(send(reader, Method::Post, "/fhir/Observation", weight(hanako, "60")).status, 403);
    const auto entries = town.entries(hanako);
    ASSERT_EQ(entries.size(), 2U) << "the creation and one look";
    EXPECT_EQ(entries[0].operation, "readFhirResource");
    EXPECT_EQ(entries[0].purpose, "健診の準備");
    EXPECT_EQ(entries[0].object, "Observation/" + id_of(made));
    EXPECT_EQ(client.get(path).status, 200);
    EXPECT_EQ(town.entries(hanako).size(), 2U) << "a look at one's own record leaves nothing";
}

TEST_ON_BOTH(Interactions, a_patch_changes_what_it_names_and_keeps_the_text_of_the_rest) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);
    const auto made = send(client, Method::Post, "/fhir/Observation", weight(hanako, "60.50"));
    const std::string path = "/fhir/Observation/" + id_of(made);
    const auto patched = send(client, Method::Patch, path, R"([{"op":"replace","path":"/status","value":"amended"}])");
    EXPECT_EQ(patched.status, 200) << patched.body;
    EXPECT_THAT(patched.body, HasSubstr(R"("status":"amended")"));
    EXPECT_THAT(patched.body, HasSubstr(R"("value":60.50)"));
    const auto wrong = send(client, Method::Patch, path, R"([{"op":"replace","path":"/nothing/here","value":1}])");
    EXPECT_EQ(wrong.status, 422);
    EXPECT_EQ(
        send(client, Method::Patch, path, R"([{"op":"remove","path":"/status"}])", {{"If-Match", "W/\"1\""}}).status,
        412);
}

TEST_ON_BOTH(Interactions, what_a_resource_says_wrongly_is_told_by_place) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);
    const auto refused = send(client, Method::Post, "/fhir/Observation",
                              R"({"resourceType":"Observation","status":"nonsense","subject":{"reference":"Patient/)" +
                                  hanako.to_string() + R"("}})");
    EXPECT_EQ(refused.status, 422);
    EXPECT_THAT(refused.body, HasSubstr("Observation.status"));
    const auto judged = send(client, Method::Post, "/fhir/Observation/$validate", weight(hanako, "60"));
    EXPECT_EQ(judged.status, 200);
    EXPECT_EQ(judged.body.find(R"("severity":"error")"), std::string::npos) << judged.body;
}

} // namespace
} // namespace musubi::fhir_api
