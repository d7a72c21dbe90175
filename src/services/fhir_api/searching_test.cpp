#include "services/fhir_api/town_test.h"

#include <gmock/gmock.h>

namespace musubi::fhir_api {
namespace {

using namespace town;
using http::Method;
using testing::HasSubstr;
using testing::Not;

std::vector<db::Migrations> test_migrations() { return town::migrations(); }

std::vector<std::string> walk(http::testing::Client& client, std::string target, size_t most = 50) {
    std::vector<std::string> out;
    for (size_t pages = 0; !target.empty() && pages < most; ++pages) {
        const auto response = client.get(target);
        EXPECT_EQ(response.status, 200) << response.body;
        const auto bundle = parsed(response);
        for (const r4::Node entry : bundle.root().find("entry"))
            out.emplace_back(entry.find("resource").find("id").string());
        target = link_of(response, "next");
    }
    return out;
}

TEST_ON_BOTH(Searching, a_record_is_searched_by_code_date_value_and_sorted) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);
    std::map<std::string, std::string> ids; // by date
    for (const std::string day : {"2026-01-05", "2026-03-05", "2026-02-05"})
        ids[day] = id_of(send(client, Method::Post, "/fhir/Observation", weight(hanako, "6" + day.substr(6, 1), day)));
    const auto ask = [&](std::string_view query) { return walk(client, "/fhir/Observation?" + std::string(query)); };
    using List = std::vector<std::string>;
    EXPECT_EQ(ask("code=29463-7&_sort=date"), (List{ids["2026-01-05"], ids["2026-02-05"], ids["2026-03-05"]}));
    EXPECT_EQ(ask("code=http://loinc.org|29463-7&_sort=-date&_count=1"),
              (List{ids["2026-03-05"], ids["2026-02-05"], ids["2026-01-05"]}));
    EXPECT_EQ(ask("code=http://loinc.org|8302-2"), List{});
    EXPECT_EQ(ask("date=ge2026-02-01&date=lt2026-03-01"), List{ids["2026-02-05"]});
    EXPECT_EQ(ask("value-quantity=gt61.5%7Chttp://unitsofmeasure.org%7Ckg&_sort=date"),
              (List{ids["2026-02-05"], ids["2026-03-05"]}));
    EXPECT_EQ(ask("_id=" + ids["2026-01-05"] + ",none"), List{ids["2026-01-05"]});
    EXPECT_EQ(ask("_lastUpdated=2026-11-22").size(), 3U);
    EXPECT_EQ(ask("_lastUpdated=lt2026-11-22").size(), 0U);
    EXPECT_EQ(ask("patient=" + hanako.to_string()).size(), 3U);
    EXPECT_EQ(ask("subject=Patient/" + hanako.to_string()).size(), 3U);
    EXPECT_EQ(ask("subject=https://city.example/fhir/Patient/" + hanako.to_string()).size(), 3U);
    EXPECT_EQ(walk(client, "/fhir/Patient/" + hanako.to_string() + "/Observation?date=2026-02-05"),
              List{ids["2026-02-05"]});
    auto form = client.request(Method::Post, "/fhir/Observation/_search", "date=2026-02-05");
    for (auto& header : form.headers)
        if (header.name == "Content-Type") header.value = "application/x-www-form-urlencoded";
    EXPECT_EQ(entries_of(client.send(form)).size(), 1U);
    const auto count = client.get("/fhir/Observation?_summary=count");
    EXPECT_THAT(count.body, HasSubstr(R"("total":3)"));
    EXPECT_EQ(entries_of(count).size(), 0U);
}

TEST_ON_BOTH(Searching, pages_follow_each_other_without_gap_or_repetition_while_the_record_grows) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);
    std::set<std::string> before;
    for (int i = 0; i < 23; ++i)
        before.insert(id_of(send(client, Method::Post, "/fhir/Observation", weight(hanako, std::to_string(50 + i)))));
    std::vector<std::string> seen;
    std::string target = "/fhir/Observation?_count=5";
    while (!target.empty()) {
        const auto response = client.get(target);
        const auto bundle = parsed(response);
        for (const r4::Node entry : bundle.root().find("entry"))
            seen.emplace_back(entry.find("resource").find("id").string());
        target = link_of(response, "next");
        town.clock.advance(std::chrono::seconds(1));
        send(client, Method::Post, "/fhir/Observation", weight(hanako, "99"));
    }
    const std::set<std::string> unique(seen.begin(), seen.end());
    EXPECT_EQ(unique.size(), seen.size());
    for (const std::string& id : before) EXPECT_TRUE(unique.contains(id));
    const std::string next = link_of(client.get("/fhir/Observation?_count=5"), "next");
    const auto taro = town.person("佐藤　太郎");
    auto stranger = town.citizen(taro);
    EXPECT_EQ(stranger.get(next).status, 410) << "a place opens for its own caller only";
    EXPECT_EQ(client.get(next + "x").status, 410);
    EXPECT_EQ(client.get("/fhir/Observation?_count=6" + next.substr(next.find("&_page"))).status, 410);
}

TEST_ON_BOTH(Searching, patients_are_found_as_japanese_names_are_written) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);
    const std::string id = hanako.to_string();
    const auto own = client.get("/fhir/Patient/" + id);
    ASSERT_EQ(own.status, 200) << own.body;
    EXPECT_THAT(own.body, HasSubstr("山田"));
    auto staff = town.staff();
    using List = std::vector<std::string>;
    EXPECT_EQ(walk(staff, "/fhir/Patient?name=%E5%B1%B1%E7%94%B0%E8%8A%B1%E5%AD%90"), List{id}) << "山田花子";
    EXPECT_EQ(walk(staff, "/fhir/Patient?family=%E5%B1%B1%E7%94%B0&birthdate=1985-04-01"), List{id});
    EXPECT_EQ(walk(staff, "/fhir/Patient?birthdate=1985-04"), List{id});
    EXPECT_EQ(walk(staff, "/fhir/Patient?birthdate=1986"), List{});
    EXPECT_EQ(walk(staff, "/fhir/Patient?identifier=urn:ietf:rfc:3986|urn:uuid:" + id), List{id});
    EXPECT_EQ(walk(staff, "/fhir/Patient?identifier=urn:uuid:" + id), List{id});
}

TEST_ON_BOTH(Searching, chains_has_and_includes_go_through_references) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    const auto taro = town.person("佐藤　太郎");
    auto client = town.citizen(hanako);
    auto other = town.citizen(taro);
    auto staff = town.staff();
    client.get("/fhir/Patient/" + hanako.to_string());
    other.get("/fhir/Patient/" + taro.to_string());
    const auto place = send(staff, Method::Post, "/fhir/Organization",
                            R"({"resourceType":"Organization","name":"見本クリニック","identifier":[{"value":"13"}]})");
    ASSERT_EQ(place.status, 201) << place.body;
    const std::string clinic = "Organization/" + id_of(place);
    const auto with = [&](const base::PersonId& person, std::string_view value) {
        const std::string body =
            weight(person, value, "2026-11-01", R"(,"performer":[{"reference":")" + clinic + R"("}])");
        return "Observation/" + id_of(send(staff, Method::Post, "/fhir/Observation", body));
    };
    const std::string of_hanako = with(hanako, "60");
    const std::string of_taro = with(taro, "80");
    using Set = std::multiset<std::string>;
    const std::string name = "%E8%A6%8B%E6%9C%AC"; // 見本
    EXPECT_EQ(entries_of(client.get("/fhir/Observation?performer:Organization.name=" + name)), Set{of_hanako});
    EXPECT_EQ(entries_of(staff.get("/fhir/Observation?performer:Organization.name=" + name)),
              (Set{of_hanako, of_taro}));
    EXPECT_EQ(entries_of(staff.get("/fhir/Observation?subject:Patient.name=%E4%BD%90%E8%97%A4")), Set{of_taro});
    EXPECT_EQ(entries_of(client.get("/fhir/Observation?subject:Patient.name=%E4%BD%90%E8%97%A4")), Set{});
    EXPECT_EQ(entries_of(staff.get("/fhir/Patient?_has:Observation:patient:value-quantity=gt70")),
              Set{"Patient/" + taro.to_string()});
    EXPECT_EQ(entries_of(client.get("/fhir/Patient?_has:Observation:patient:value-quantity=gt70")), Set{});
    EXPECT_EQ(entries_of(client.get("/fhir/Observation?_include=Observation:performer&_include=Observation:subject")),
              (Set{of_hanako, clinic, "Patient/" + hanako.to_string()}));
    EXPECT_EQ(entries_of(client.get("/fhir/Patient?_revinclude=Observation:subject")),
              (Set{of_hanako, "Patient/" + hanako.to_string()}));
    EXPECT_EQ(entries_of(client.get("/fhir/Organization?_revinclude=Observation:performer")), (Set{of_hanako, clinic}));
    EXPECT_EQ(entries_of(staff.get("/fhir/Organization?identifier=13&_revinclude=Observation:performer")),
              (Set{of_hanako, of_taro, clinic}));
    EXPECT_EQ(
        entries_of(client.get("/fhir/Patient?_revinclude=Observation:subject&_include:iterate=Observation:performer")),
        (Set{of_hanako, "Patient/" + hanako.to_string(), clinic}));
}

TEST_ON_BOTH(Searching, among_everybody_staff_walk_through_all_pages_to_the_end) {
    Town town(database);
    std::set<std::string> made;
    for (int i = 0; i < 7; ++i) {
        const auto person = town.person("人" + std::to_string(i));
        auto client = town.citizen(person);
        for (int j = 0; j < 5; ++j)
            made.insert(id_of(send(client, Method::Post, "/fhir/Observation", weight(person, std::to_string(50 + j)))));
    }
    auto staff = town.staff();
    const auto seen = walk(staff, "/fhir/Observation?_count=4&status=final");
    EXPECT_EQ(seen.size(), 35U);
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()), made);
    EXPECT_EQ(walk(staff, "/fhir/Observation?_count=4&value-quantity=52").size(), 7U);
    EXPECT_THAT(staff.get("/fhir/Observation?_total=accurate&_count=1").body, HasSubstr(R"("total":35)"));
    const auto sorted = walk(staff, "/fhir/Observation?_sort=value-quantity&_count=6");
    EXPECT_EQ(sorted.size(), 35U);
    EXPECT_EQ(entries_of(staff.get("/fhir/Observation/_history?_count=100")).size(), 35U);
    size_t versions = 0;
    for (std::string target = "/fhir/Observation/_history?_count=4"; !target.empty();) {
        const auto page = staff.get(target);
        versions += entries_of(page).size();
        target = link_of(page, "next");
    }
    EXPECT_EQ(versions, 35U);
}

TEST_ON_BOTH(Searching, everything_is_the_whole_compartment_in_pages_or_at_once) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    const auto taro = town.person("佐藤　太郎");
    auto client = town.citizen(hanako);
    for (int i = 0; i < 12; ++i)
        send(client, Method::Post, "/fhir/Observation", weight(hanako, std::to_string(50 + i)));
    const std::string path = "/fhir/Patient/" + hanako.to_string() + "/$everything";
    const auto all = entries_of(client.get(path));
    EXPECT_EQ(all.size(), 13U);
    std::multiset<std::string> paged;
    for (std::string target = path + "?_count=5"; !target.empty();) {
        const auto page = client.get(target);
        ASSERT_EQ(page.status, 200) << page.body;
        paged.merge(entries_of(page));
        target = link_of(page, "next");
    }
    EXPECT_EQ(paged, all);
    EXPECT_EQ(entries_of(client.get(path + "?_type=Patient")).size(), 1U);
    EXPECT_EQ(client.get("/fhir/Patient/" + taro.to_string() + "/$everything").status, 404);
    const auto last = client.get("/fhir/Observation/$lastn?patient=" + hanako.to_string() + "&max=2");
    EXPECT_EQ(entries_of(last).size(), 2U) << last.body;
}

TEST_ON_BOTH(Searching, short_forms_say_that_they_are_short) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);
    send(client, Method::Post, "/fhir/Observation", weight(hanako, "60"));
    const auto shortened = client.get("/fhir/Observation?_elements=status");
    EXPECT_THAT(shortened.body, HasSubstr("SUBSETTED"));
    EXPECT_THAT(shortened.body, Not(HasSubstr("valueQuantity")));
}

} // namespace
} // namespace musubi::fhir_api
