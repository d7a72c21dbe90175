// For random people, guardianships and labels: no query of anybody answers with a row outside what they may see, and
// every plain search answers with all of it. What may be seen is worked out here from the same drawing, not asked.
#include "services/fhir_api/town_test.h"

namespace musubi::fhir_api {
namespace {

using namespace town;
using http::Method;

std::vector<db::Migrations> test_migrations() { return town::migrations(); }

struct Written {
    std::string name; // "Observation/…"
    size_t owner = 0;
    bool restricted = false;
};

struct Drawn {
    Town& town;
    std::vector<base::PersonId> people;
    std::vector<std::pair<size_t, size_t>> guardians; // parent, child
    std::vector<Written> written;
    std::string clinic;

    bool may_see(size_t citizen, size_t owner) const {
        if (citizen == owner) return true;
        return std::find(guardians.begin(), guardians.end(), std::pair(citizen, owner)) != guardians.end();
    }
    std::set<std::string> allowed(std::optional<size_t> citizen) const {
        std::set<std::string> out{clinic};
        for (const Written& one : written)
            if (citizen ? may_see(*citizen, one.owner) : !one.restricted) out.insert(one.name);
        for (size_t i = 0; i < people.size(); ++i)
            if (!citizen || may_see(*citizen, i)) out.insert("Patient/" + people[i].to_string());
        return out;
    }
};

Drawn draw(Town& town, base::SeededRandom& random) {
    Drawn drawn{town, {}, {}, {}, {}};
    for (int i = 0; i < 6; ++i) drawn.people.push_back(town.person("人　" + std::to_string(i), "2010-01-01"));
    for (int i = 0; i < 5; ++i) {
        const auto pair = std::pair(static_cast<size_t>(random.below(6)), static_cast<size_t>(random.below(6)));
        if (pair.first == pair.second) continue;
        drawn.guardians.push_back(pair);
        town.guardian(drawn.people[pair.first], drawn.people[pair.second]);
    }
    auto staff = town.staff();
    const auto clinic = send(staff, Method::Post, "/fhir/Organization",
                             R"({"resourceType":"Organization","name":"clinic","identifier":[{"value":"c"}]})");
    drawn.clinic = "Organization/" + id_of(clinic);
    for (size_t i = 0; i < drawn.people.size(); ++i) {
        auto client = town.citizen(drawn.people[i]);
        client.get("/fhir/Patient/" + drawn.people[i].to_string());
        for (int j = 0; j < 4; ++j) {
            Written one;
            one.owner = i;
            one.restricted = random.below(4) == 0;
            std::string more = R"(,"performer":[{"reference":")" + drawn.clinic + R"("}])";
            if (one.restricted)
                more += R"(,"meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality",)"
                        R"("code":"R"}]})";
            const std::string body = weight(drawn.people[i], std::to_string(50 + random.below(40)), "2026-11-01", more);
            const auto made = send(client, Method::Post, "/fhir/Observation", body);
            EXPECT_EQ(made.status, 201) << made.body;
            one.name = "Observation/" + id_of(made);
            if (random.below(5) == 0) client.remove("/fhir/" + one.name);
            drawn.written.push_back(std::move(one));
        }
    }
    return drawn;
}

std::vector<std::string> questions(const Drawn& drawn) {
    std::vector<std::string> out = {
        "/fhir/Observation",
        "/fhir/Observation?_sort=-value-quantity",
        "/fhir/Observation?_include=*",
        "/fhir/Observation?value-quantity=gt60",
        "/fhir/Observation?subject:Patient.birthdate=2010-01-01&_include=Observation:subject",
        "/fhir/Observation?performer:Organization.name=clinic",
        "/fhir/Observation?code:not=1-1",
        "/fhir/Observation?value-quantity:missing=false",
        "/fhir/Patient",
        "/fhir/Patient?birthdate=2010-01-01",
        "/fhir/Patient?_has:Observation:patient:code=29463-7",
        "/fhir/Patient?_has:Observation:subject:value-quantity=gt70&_revinclude=Observation:subject",
        "/fhir/Patient?_revinclude=Observation:subject&_include:iterate=Observation:performer",
        "/fhir/Organization?_revinclude=Observation:performer",
        "/fhir/Organization?_revinclude=Observation:performer&_include:iterate=Observation:subject",
        "/fhir/Organization?_has:Observation:performer:value-quantity=gt0",
        "/fhir/_history?_count=500",
        "/fhir/Observation/_history?_count=500",
        "/fhir/Patient/_history?_count=500",
    };
    for (const auto& person : drawn.people) {
        const std::string id = person.to_string();
        out.push_back("/fhir/Observation?patient=" + id);
        out.push_back("/fhir/Observation?subject=Patient/" + id + "&_include=Observation:subject");
        out.push_back("/fhir/Patient?_id=" + id + "&_revinclude=Observation:subject");
        out.push_back("/fhir/Patient?identifier=urn:uuid:" + id);
        out.push_back("/fhir/Patient/" + id);
        out.push_back("/fhir/Patient/" + id + "/_history");
        out.push_back("/fhir/Patient/" + id + "/$everything");
        out.push_back("/fhir/Patient/" + id + "/Observation");
        out.push_back("/fhir/Observation/$lastn?max=9&patient=" + id);
    }
    for (const Written& one : drawn.written) {
        out.push_back("/fhir/" + one.name);
        out.push_back("/fhir/" + one.name + "/_history");
        out.push_back("/fhir/" + one.name + "/_history/1");
        out.push_back("/fhir/Observation?_id=" + one.name.substr(one.name.find('/') + 1));
    }
    return out;
}

std::set<std::string> shown(const http::Response& response) {
    std::set<std::string> out;
    if (response.status != 200) return out;
    const auto resource = parsed(response);
    if (resource.type() == r4::ResourceType::Bundle) {
        const auto entries = entries_of(response);
        out.insert(entries.begin(), entries.end());
    } else {
        out.insert(std::string(r4::name_of(resource.type())) + "/" + std::string(resource.id()));
    }
    return out;
}

TEST_ON_BOTH(Authorisation, nobody_is_shown_what_is_not_theirs_by_any_question) {
    Town town(database, 7);
    base::SeededRandom random(7);
    const Drawn drawn = draw(town, random);
    const auto all = questions(drawn);
    for (size_t caller = 0; caller <= drawn.people.size(); ++caller) {
        const bool is_staff = caller == drawn.people.size();
        const auto allowed = drawn.allowed(is_staff ? std::nullopt : std::optional(caller));
        auto client = is_staff ? town.staff() : town.citizen(drawn.people[caller]);
        size_t answered = 0;
        for (const std::string& question : all) {
            const auto response = client.get(question);
            EXPECT_NE(response.status, 500) << question;
            for (const std::string& name : shown(response)) {
                ++answered;
                EXPECT_TRUE(allowed.contains(name)) << question << " shows " << name << " to " << caller;
            }
        }
        EXPECT_GT(answered, 20U) << "the questions are worth asking";
    }
}

TEST_ON_BOTH(Authorisation, totals_and_conditions_tell_nothing_about_others) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    const auto taro = town.person("佐藤　太郎");
    auto client = town.citizen(hanako);
    auto other = town.citizen(taro);
    const std::string marked = weight(taro, "80", "2026-11-01", R"(,"identifier":[{"value":"secret"}])");
    ASSERT_EQ(send(other, Method::Post, "/fhir/Observation", marked).status, 201);
    EXPECT_NE(client.get("/fhir/Observation?_summary=count").body.find(R"("total":0)"), std::string::npos);
    EXPECT_NE(client.get("/fhir/Observation?identifier=secret").body.find(R"("total":0)"), std::string::npos);
    const auto made = send(client, Method::Post, "/fhir/Observation",
                           weight(hanako, "60", "2026-11-01", R"(,"identifier":[{"value":"secret"}])"),
                           {{"If-None-Exist", "identifier=secret"}});
    EXPECT_EQ(made.status, 201) << "another person's resource is no match";
    EXPECT_EQ(client.remove("/fhir/Observation?identifier=secret").status, 204);
    EXPECT_EQ(entries_of(other.get("/fhir/Observation?identifier=secret")).size(), 1U);
}

TEST_ON_BOTH(Authorisation, a_guardianship_that_ended_shows_nothing_any_more) {
    Town town(database);
    const auto hanako = town.person("山田　花子");
    const auto sakura = town.person("山田　さくら", "2020-05-05");
    town.guardian(hanako, sakura);
    auto client = town.citizen(hanako);
    const auto made = send(client, Method::Post, "/fhir/Observation", weight(sakura, "12"));
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(client.get("/fhir/Observation/" + id_of(made)).status, 200);
    testing::write(database,
                   [&](db::WriteTx& tx) { return identity::end_guardianship(tx, hanako, sakura, town.clock.now()); });
    EXPECT_EQ(client.get("/fhir/Observation/" + id_of(made)).status, 404);
    EXPECT_EQ(entries_of(client.get("/fhir/Observation")).size(), 0U);
    EXPECT_EQ(send(client, Method::Post, "/fhir/Observation", weight(sakura, "13")).status, 422);
    EXPECT_EQ(entries_of(town.citizen(sakura).get("/fhir/Observation")).size(), 1U);
}

} // namespace
} // namespace musubi::fhir_api
