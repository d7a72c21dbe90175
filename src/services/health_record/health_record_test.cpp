// Through the routes, with real sessions, on both databases.
#include "services/health_record/routes.h"

#include "core/identity/authenticator.h"
#include "core/identity/guardianship.h"
#include "core/records/deliveries.h"
#include "core/records/fhir.h"
#include "lib/http/testing.h"
#include "testing/databases.h"

#include <gmock/gmock.h>

namespace musubi::health_record {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace fhir = records::fhir;

std::vector<db::Migrations> test_migrations() {
    return {audit::migrations(), residents::migrations(), identity::migrations(), records::migrations()};
}

/// A city with Hanako, her child Sakura, and Taro who is a stranger to both.
struct City {
    explicit City(db::Database& to)
        : database(to), sink(random, directory), dependencies{to, random, sink, "https://city.example"},
          authenticator(to, {}), router(to, clock), hanako(make("山田　花子", "1985-04-01", "hanako@example.jp")),
          sakura(make("山田　さくら", "2020-05-05", std::nullopt)),
          taro(make("佐藤　太郎", "1990-01-01", "taro@example.jp")) {
        router.use(authenticator);
        router.use(sink);
        install(router, dependencies);
        const identity::Guardianship guardianship{hanako, sakura, identity::GuardianshipBasis::Register, clock.now(),
                                                  identity::comes_of_age(testing::date("2020-05-05"))};
        testing::write(database, [&](db::WriteTx& tx) { return identity::add_guardianship(tx, guardianship); });
    }

    base::PersonId make(std::string name, std::string_view born, std::optional<std::string> email) {
        identity::NewPerson person{.name = std::move(name), .birth_date = testing::date(born)};
        person.kana = "カナ";
        person.sex = identity::Sex::Female;
        person.address = "見本県見本市本町1-2-3";
        person.email = std::move(email);
        auto made = testing::write(
            database, [&](db::WriteTx& tx) { return identity::create_person(tx, random, person, clock.now()); });
        return made->id;
    }

    http::testing::Client signed_in(const base::PersonId& person) {
        const identity::SessionRules rules;
        const auto session = testing::write(database, [&](db::WriteTx& tx) {
            return identity::start_session(tx, random, rules, person, http::Assurance::Passkey, "test", clock.now());
        });
        http::testing::Client client(router);
        client.cookies[std::string(identity::kSessionCookie)] = std::string(session.token.reveal());
        return client;
    }

    void put(const base::PersonId& person, const std::string& type, const std::string& id, std::string body) {
        auto stored = testing::write(database, [&](db::WriteTx& tx) {
            return records::put(tx, random, person, records::Draft{type, id, records::Origin::City, body}, clock.now());
        });
        ASSERT_TRUE(stored.ok()) << stored.error().detail;
    }

    std::vector<audit::Entry> entries(const base::PersonId& person) {
        return testing::read(database,
                             [&](db::ReadTx& tx) { return audit::list_for_person(tx, person, std::nullopt); });
    }

    std::string path(const base::PersonId& person, std::string_view rest) const {
        return "/api/v1/people/" + person.to_string() + "/" + std::string(rest);
    }

    db::Database& database;
    base::FixedClock clock = testing::clock_at("2026-11-22T09:00:00+09:00");
    base::SeededRandom random{42};
    identity::StaffDirectory directory;
    audit::Sink sink;
    Dependencies dependencies;
    identity::SessionAuthenticator authenticator;
    http::Router router;
    base::PersonId hanako;
    base::PersonId sakura;
    base::PersonId taro;
};

json::Document parsed(const http::Response& response) {
    auto document = json::Document::parse(response.body);
    EXPECT_TRUE(document.ok()) << response.body;
    return std::move(*document);
}

std::string text_at(const http::Response& response, std::string_view name) {
    const auto document = json::Document::parse(response.body);
    if (!document) return "(not JSON)";
    const auto found = document->root().find(name);
    if (!found) return "(absent)";
    return found->type() == json::Element::Type::String ? std::string(found->string()) : std::string(found->raw());
}

size_t item_count(const http::Response& response) {
    const auto document = parsed(response);
    const auto items = document.root().find("items");
    return items ? items->items().size() : 999;
}

void add_checkup(City& city, const base::PersonId& person) {
    const std::string subject = person.to_string();
    fhir::Observation ldl;
    ldl.category = {fhir::concept_of(fhir::kCategory, "laboratory", "Laboratory")};
    ldl.code = fhir::concept_of(fhir::kJlac10, "3F077000002327101", "LDLコレステロール");
    ldl.subject = fhir::patient(subject);
    ldl.effective_date_time = "2026-06-01";
    ldl.value_quantity = fhir::quantity("131.0", "mg/dL", "mg/dL");
    ldl.reference_range = std::vector<fhir::Range>{{{}, fhir::quantity("119", "mg/dL", "mg/dL")}};
    city.put(person, "Observation", "ldl", json::write(ldl));
    fhir::Observation urine = ldl;
    urine.code = fhir::concept_of(fhir::kJlac10, "1A010000000191111", "尿蛋白");
    urine.value_quantity.reset();
    urine.reference_range.reset();
    urine.value_codeable_concept = fhir::concept_of("urn:oid:1.2.392.200119.6.2102", "1", "－");
    city.put(person, "Observation", "urine", json::write(urine));
    city.put(person, "Observation", "bp",
             json::write(fhir::blood_pressure(subject, "2026-06-01", "128", "79", std::nullopt)));
    fhir::DiagnosticReport report;
    report.category = {fhir::concept_of(fhir::kCheckupCategory, fhir::kCheckup, "健診")};
    report.code = fhir::concept_of(fhir::kCheckupKind, "specific-health", "特定健康診査");
    report.subject = fhir::patient(subject);
    report.effective_date_time = "2026-06-01";
    report.performer = {{{}, "保健センター"}, {{}, "見本市"}};
    report.result = {
        {"Observation/ldl", {}}, {"Observation/urine", {}}, {"Observation/bp", {}}, {"Observation/gone", {}}};
    city.put(person, "DiagnosticReport", "r1", json::write(report));
}

TEST_ON_BOTH(HealthRecord, a_checkup_is_shown_with_results_judgements_and_source) {
    City city(database);
    add_checkup(city, city.hanako);
    const auto answer = city.signed_in(city.hanako).get(city.path(city.hanako, "checkups"));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(R"("date":"2026-06-01","kind":"specific-health","kindName":"特定健康診査",)"
                                       R"("place":"保健センター","source":"city","sourceName":"見本市")"));
    EXPECT_THAT(answer.body, HasSubstr(R"("name":"LDLコレステロール","value":131.0,"unit":"mg/dL",)"
                                       R"("referenceHigh":119,"judgement":"above")"));
    EXPECT_THAT(answer.body, HasSubstr(R"("name":"尿蛋白","value":"－"})"));
    EXPECT_THAT(answer.body, HasSubstr(R"("code":"8480-6","name":"収縮期血圧","value":128,"unit":"mmHg"})"));
}

TEST_ON_BOTH(HealthRecord, a_measurement_is_entered_listed_removed_and_brought_back) {
    City city(database);
    auto client = city.signed_in(city.hanako);
    const std::string at = city.path(city.hanako, "vitals/weight");
    const auto entered = client.post(at, R"({"at":"2026-11-21T22:00:00Z","value":62.50,"note":"朝食前"})");
    ASSERT_EQ(entered.status, 201) << entered.body;
    EXPECT_THAT(entered.body, HasSubstr(R"("date":"2026-11-22","values":{"value":62.50},"unit":"kg","source":"self",)"
                                        R"("sourceName":"本人","note":"朝食前")"));
    const std::string item = at + "/" + text_at(entered, "id");
    EXPECT_EQ(item_count(client.get(at)), 1U);
    EXPECT_EQ(client.remove(item).status, 204);
    EXPECT_EQ(item_count(client.get(at)), 0U);
    EXPECT_EQ(client.remove(item).status, 204);
    city.clock.advance(std::chrono::seconds(1));
    const auto restored = client.post(item + "/restore", "");
    EXPECT_EQ(restored.status, 200) << restored.body;
    EXPECT_EQ(item_count(client.get(at)), 1U);
    const auto entries = city.entries(city.hanako);
    ASSERT_GE(entries.size(), 3U);
    EXPECT_EQ(entries.front().operation, "restoreVital");
}

TEST_ON_BOTH(HealthRecord, impossible_values_are_refused_and_unlikely_ones_need_confirmation) {
    City city(database);
    auto client = city.signed_in(city.hanako);
    const std::string pressure = city.path(city.hanako, "vitals/blood-pressure");
    const auto unlikely = client.post(pressure, R"({"at":"2026-11-22","systolic":240,"diastolic":90})");
    EXPECT_EQ(unlikely.status, 400);
    EXPECT_EQ(text_at(unlikely, "code"), "vitals.unlikely");
    EXPECT_THAT(unlikely.body, HasSubstr(R"({"path":"/systolic","code":"unlikely"})"));
    EXPECT_EQ(client.post(pressure, R"({"at":"2026-11-22","systolic":240,"diastolic":90,"confirmed":true})").status,
              201);

    const struct {
        const char* body;
        const char* fault;
    } cases[] = {
        {R"({"at":"2026-11-22","systolic":900,"diastolic":90,"confirmed":true})", R"("/systolic","code":"impossible")"},
        {R"({"at":"2026-11-22","systolic":80,"diastolic":90})", R"("/diastolic","code":"order")"},
        {R"({"at":"2026-11-22","systolic":120})", R"("/diastolic","code":"missing")"},
        {R"({"at":"2026-11-22","systolic":120.5,"diastolic":80})", R"("/systolic","code":"malformed")"},
        {R"({"at":"2026-11-22","systolic":1e2,"diastolic":80})", R"("/systolic","code":"malformed")"},
        {R"({"at":"2026-11-22","systolic":120,"diastolic":80,"value":3})", R"("/value","code":"superfluous")"},
        {R"({"at":"2026-11-23","systolic":120,"diastolic":80})", R"("/at","code":"in-future")"},
        {R"({"at":"1985-03-31","systolic":120,"diastolic":80})", R"("/at","code":"before-birth")"},
        {R"({"at":"22.11.2026","systolic":120,"diastolic":80})", R"("/at","code":"malformed")"},
    };
    for (const auto& one : cases) {
        const auto answer = client.post(pressure, one.body);
        EXPECT_EQ(answer.status, 400) << one.body;
        EXPECT_EQ(text_at(answer, "code"), "vitals.invalid") << one.body;
        EXPECT_THAT(answer.body, HasSubstr(one.fault)) << one.body;
    }
    EXPECT_EQ(item_count(client.get(pressure)), 1U);
}

TEST_ON_BOTH(HealthRecord, a_stranger_finds_nobody_whatever_they_ask) {
    City city(database);
    add_checkup(city, city.hanako);
    auto stranger = city.signed_in(city.taro);
    for (const char* rest : {"summary", "checkups", "vaccinations", "vitals/weight", "seen", "resources/Observation"}) {
        const auto answer = stranger.get(city.path(city.hanako, rest));
        EXPECT_EQ(answer.status, 404) << rest;
        EXPECT_EQ(text_at(answer, "code"), "person.not-found") << rest;
        EXPECT_THAT(answer.body, Not(HasSubstr("花子")));
    }
    EXPECT_EQ(stranger.post(city.path(city.hanako, "vitals/weight"), R"({"at":"2026-11-22","value":60})").status, 404);
    EXPECT_EQ(stranger.get("/api/v1/people/not-an-id/summary").status, 404);
    http::testing::Client nobody(city.router);
    EXPECT_EQ(nobody.get(city.path(city.hanako, "summary")).status, 401);
}

TEST_ON_BOTH(HealthRecord, a_guardian_reads_the_childs_record_and_each_look_is_recorded) {
    City city(database);
    auto guardian = city.signed_in(city.hanako);
    const auto summary = guardian.get(city.path(city.sakura, "summary"));
    ASSERT_EQ(summary.status, 200) << summary.body;
    EXPECT_THAT(summary.body, HasSubstr(R"("relation":"child","mark":2)"));
    const auto entries = city.entries(city.sakura);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].operation, "readRecordSummary");
    EXPECT_EQ(entries[0].actor, city.hanako.to_string());
    const auto seen = guardian.get(city.path(city.sakura, "seen"));
    EXPECT_THAT(seen.body, HasSubstr(R"("who":"山田　花子","actor":"guardian")"));

    guardian.get(city.path(city.hanako, "summary"));
    EXPECT_TRUE(city.entries(city.hanako).empty()) << "looking at one's own record is not recorded";

    const auto entered = guardian.post(city.path(city.sakura, "vitals/height"), R"({"at":"2026-11-22","value":115.5})");
    EXPECT_THAT(entered.body, HasSubstr(R"("sourceName":"保護者")"));
}

TEST_ON_BOTH(HealthRecord, guardianship_ends_on_the_eighteenth_birthday) {
    City city(database);
    city.clock.set(testing::at("2038-05-04T23:59:00+09:00"));
    EXPECT_EQ(city.signed_in(city.hanako).get(city.path(city.sakura, "summary")).status, 200);
    city.clock.set(testing::at("2038-05-05T00:01:00+09:00"));
    EXPECT_EQ(city.signed_in(city.hanako).get(city.path(city.sakura, "summary")).status, 404);
}

TEST_ON_BOTH(HealthRecord, what_the_city_measured_cannot_be_removed_by_the_citizen) {
    City city(database);
    city.put(city.hanako, "Observation", "w1",
             json::write(fhir::body_weight(city.hanako.to_string(), "2026-06-01", "60.1")));
    auto client = city.signed_in(city.hanako);
    const auto refused = client.remove(city.path(city.hanako, "vitals/weight/w1"));
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(text_at(refused, "code"), "vitals.not-own");
    EXPECT_EQ(client.remove(city.path(city.hanako, "vitals/steps/w1")).status, 404);
    EXPECT_EQ(client.remove(city.path(city.hanako, "vitals/weight/w2")).status, 404);
    EXPECT_EQ(item_count(client.get(city.path(city.hanako, "vitals/weight"))), 1U);
}

http::Response import(City& city, const std::string& csv, const std::string& query = "") {
    auto client = city.signed_in(city.hanako);
    auto request = client.request(http::Method::Post, city.path(city.hanako, "vitals/import") + query, csv);
    for (auto& header : request.headers)
        if (header.name == "Content-Type") header.value = "text/csv";
    return client.send(request);
}

TEST_ON_BOTH(HealthRecord, a_csv_file_is_imported_once_however_often_it_is_sent) {
    City city(database);
    const std::string csv = "日付,時刻,種類,値,最高血圧,最低血圧,脈拍\r\n"
                            "2026/11/20,7:05,血圧,,121,78,66\r\n"
                            "2026年11月20日,,歩数,\"8,120\",,,\r\n"
                            "2026-11-21,07:00,体重,６２．５,,,\r\n"
                            "2026-11-21,07:00,体重,62.50,,,\r\n";
    const auto first = import(city, csv);
    ASSERT_EQ(first.status, 200) << first.body;
    EXPECT_EQ(first.body, R"({"accepted":3,"skipped":1,"errorCount":0,"errors":[]})");
    EXPECT_EQ(import(city, csv).body, R"({"accepted":0,"skipped":4,"errorCount":0,"errors":[]})");
    const auto steps = city.signed_in(city.hanako).get(city.path(city.hanako, "vitals/steps"));
    EXPECT_THAT(steps.body, HasSubstr(R"("value":8120)"));
}

TEST_ON_BOTH(HealthRecord, a_file_with_bad_rows_saves_nothing_unless_asked_to) {
    City city(database);
    const std::string csv = "date,time,kind,value\n"
                            "2026-11-20,,weight,62.5\n"
                            "2026-02-30,,weight,62.5\n"
                            "2026-11-20,25:00,weight,62.5\n"
                            "2026-11-20,,temperature,36.5\n"
                            "2026-11-20,,weight,\n"
                            "2026-11-20,,weight,999\n"
                            "2026-11-20,,weight,200\n"
                            "2027-01-01,,weight,60\n";
    const auto refused = import(city, csv);
    ASSERT_EQ(refused.status, 200) << refused.body;
    EXPECT_EQ(refused.body, R"({"accepted":0,"skipped":0,"errorCount":7,"errors":[)"
                            R"({"row":3,"column":"date","code":"date-malformed"},)"
                            R"({"row":4,"column":"time","code":"time-malformed"},)"
                            R"({"row":5,"column":"kind","code":"kind-unknown"},)"
                            R"({"row":6,"column":"value","code":"missing"},)"
                            R"({"row":7,"column":"value","code":"impossible"},)"
                            R"({"row":8,"column":"value","code":"unlikely"},)"
                            R"({"row":9,"column":"date","code":"in-future"}]})");
    auto client = city.signed_in(city.hanako);
    EXPECT_EQ(item_count(client.get(city.path(city.hanako, "vitals/weight"))), 0U);
    EXPECT_THAT(import(city, csv, "?partial=true&confirmed=true").body, HasSubstr(R"("accepted":2)"));
    EXPECT_EQ(item_count(client.get(city.path(city.hanako, "vitals/weight"))), 2U);
    const auto not_csv = import(city, "date,kind\n\"broken");
    EXPECT_EQ(not_csv.status, 400);
    EXPECT_EQ(text_at(not_csv, "code"), "csv.quote-unclosed");
}

TEST_ON_BOTH(HealthRecord, vitals_are_listed_between_days_both_included) {
    City city(database);
    auto client = city.signed_in(city.hanako);
    const std::string at = city.path(city.hanako, "vitals/weight");
    for (const char* day : {"2026-11-01", "2026-11-10", "2026-11-20"})
        client.post(at, std::string(R"({"at":")") + day + R"(","value":60})");
    EXPECT_EQ(item_count(client.get(at + "?from=2026-11-10&to=2026-11-20")), 2U);
    EXPECT_EQ(item_count(client.get(at + "?to=2026-11-09")), 1U);
    EXPECT_EQ(client.get(at + "?from=yesterday").status, 400);
    EXPECT_EQ(client.get(city.path(city.hanako, "vitals/mood")).status, 404);
}

TEST_ON_BOTH(HealthRecord, the_summary_gathers_the_newest_of_each) {
    City city(database);
    add_checkup(city, city.hanako);
    auto client = city.signed_in(city.hanako);
    client.post(city.path(city.hanako, "vitals/blood-pressure"),
                R"({"at":"2026-11-22","systolic":118,"diastolic":76})");
    client.post(city.path(city.hanako, "vitals/steps"), R"({"at":"2026-11-21","value":9999})");
    client.post(city.path(city.hanako, "vitals/steps"), R"({"at":"2026-11-22","value":4321})");
    const auto summary = client.get(city.path(city.hanako, "summary"));
    ASSERT_EQ(summary.status, 200) << summary.body;
    EXPECT_THAT(summary.body, HasSubstr(R"("stepsToday":4321)"));
    EXPECT_THAT(summary.body, HasSubstr(R"("latestBloodPressure":{)"));
    EXPECT_THAT(summary.body, HasSubstr(R"("systolic":118)"));
    EXPECT_THAT(summary.body, HasSubstr(R"("counts":{"checkups":1,"vaccinations":0,"bloodPressure":2,"weight":0,)"
                                        R"("height":0,"steps":2})"));
}

TEST_ON_BOTH(HealthRecord, resources_come_as_fhir_with_their_text) {
    City city(database);
    add_checkup(city, city.hanako);
    auto client = city.signed_in(city.hanako);
    const auto bundle = client.get(city.path(city.hanako, "resources/Observation"));
    EXPECT_THAT(bundle.content_type, HasSubstr("application/fhir+json"));
    EXPECT_THAT(bundle.body, HasSubstr(R"("type":"searchset","total":3)"));
    EXPECT_THAT(bundle.body, HasSubstr(R"("value":131.0)"));
    const auto patient = client.get(city.path(city.hanako, "resources/Patient"));
    EXPECT_THAT(patient.body, HasSubstr(R"("family":"山田","given":["花子"])"));
    EXPECT_EQ(client.get(city.path(city.hanako, "resources/Consent")).status, 404);
}

TEST_ON_BOTH(HealthRecord, vaccinations_show_lot_maker_and_dose) {
    City city(database);
    fhir::Immunization shot;
    shot.vaccine_code = fhir::concept_of(fhir::kVaccine, "MR", "麻しん風しん混合");
    shot.patient = fhir::patient(city.hanako.to_string());
    shot.occurrence_date_time = "2022-06-01";
    shot.lot_number = "A123B";
    shot.manufacturer = fhir::Reference{{}, "見本製薬"};
    shot.location = fhir::Reference{{}, "みなと小児科"};
    shot.performer = std::vector<fhir::Performer>{{fhir::Reference{{}, "見本市"}}};
    shot.protocol_applied = std::vector<fhir::Dose>{{2}};
    city.put(city.hanako, "Immunization", "v1", json::write(shot));
    const auto answer = city.signed_in(city.hanako).get(city.path(city.hanako, "vaccinations"));
    EXPECT_EQ(answer.body,
              R"({"items":[{"id":"v1","date":"2022-06-01","vaccine":"MR","vaccineName":"麻しん風しん混合",)"
              R"("dose":2,"lot":"A123B","maker":"見本製薬","place":"みなと小児科","source":"city",)"
              R"("sourceName":"見本市"}]})");
}

TEST_ON_BOTH(HealthRecord, an_erased_person_leaves_no_record) {
    City city(database);
    add_checkup(city, city.hanako);
    Eraser eraser(database);
    const auto id = *outbox::MessageId::parse("01930000-0000-7000-8000-000000000009");
    const outbox::Event event{"identity.person-erased", R"({"person":")" + city.hanako.to_string() + R"("})", "k"};
    EXPECT_TRUE(testing::run(eraser.deliver(id, event)).ok());
    EXPECT_TRUE(testing::run(eraser.deliver(id, event)).ok());
    const auto left =
        testing::read(database, [&](db::ReadTx& tx) { return records::list(tx, city.hanako, "Observation"); });
    EXPECT_TRUE(left.empty());
    EXPECT_FALSE(testing::run(eraser.deliver(id, outbox::Event{"identity.person-erased", "{}", "k"})).ok());
}

} // namespace
} // namespace musubi::health_record
