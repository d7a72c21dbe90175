// For the tests of this module: a town with people, callers of every kind, and short ways to ask and to look.
#pragma once

#include "services/fhir_api/routes.h"

#include "core/audit/audit.h"
#include "core/identity/authenticator.h"
#include "core/identity/guardianship.h"
#include "core/records/records.h"
#include "lib/fhir/definitions.h"
#include "lib/fhir/document.h"
#include "lib/http/testing.h"
#include "testing/databases.h"

#include <fmt/core.h>
#include <set>

namespace musubi::fhir_api::town {

namespace r4 = ::musubi::fhir;

inline std::vector<db::Migrations> migrations() {
    return {audit::migrations(), residents::migrations(), identity::migrations(), records::migrations()};
}

/// Says who calls by a header of the test: "citizen <id>" or "staff".
class Callers final : public http::Authenticator {
  public:
    base::Task<base::Result<http::Principal>> authenticate(const http::Request& request, base::Instant) override {
        http::Principal principal;
        const std::string who(request.header("X-Test-Caller"));
        if (who.starts_with("citizen ")) {
            principal.kind = http::PrincipalKind::Citizen;
            principal.subject = who.substr(8);
            principal.assurance = http::Assurance::Passkey;
        } else if (who.starts_with("staff")) {
            principal.kind = http::PrincipalKind::Staff;
            principal.subject = "0199aaaa-4580-7a96-82b3-d9bfb7b17810";
            principal.permissions = {"records.read", "records.write", "records.erase"};
            if (who == "staff reader") principal.permissions = {"records.read"};
            if (who == "staff other") principal.permissions = {"people.read"};
        }
        co_return principal;
    }
};

struct Names final : audit::ActorDirectory {
    base::Task<audit::ActorName> name_of(db::ReadTx&, const http::Principal&) override {
        audit::ActorName name;
        name.name = "係員";
        co_return name;
    }
};

inline crypto::AeadKey page_key() {
    base::SeededRandom random(9);
    return crypto::AeadKey::generate(random);
}

struct Town {
    explicit Town(db::Database& to, uint64_t seed = 42)
        : database(to), random(seed), sink(random, names), router(to, clock) {
        http::RouterOptions options;
        options.access_log = http::AccessLog::Off;
        options.random = &random;
        router.configure(options);
        router.use(callers);
        router.use(sink);
        install(router, {to, random, sink, page_key(), "https://city.example"});
    }

    base::PersonId person(std::string name, std::string_view born = "1985-04-01") {
        identity::NewPerson wanted{.name = std::move(name), .birth_date = testing::date(born)};
        wanted.kana = "カナ";
        wanted.sex = identity::Sex::Female;
        wanted.address = "見本県見本市本町1-2-3";
        auto made = testing::write(
            database, [&](db::WriteTx& tx) { return identity::create_person(tx, random, wanted, clock.now()); });
        return made->id;
    }
    void guardian(const base::PersonId& parent, const base::PersonId& child) {
        const identity::Guardianship guardianship{parent, child, identity::GuardianshipBasis::Register, clock.now(),
                                                  testing::date("2038-05-05")};
        testing::write(database, [&](db::WriteTx& tx) { return identity::add_guardianship(tx, guardianship); });
    }

    http::testing::Client caller(std::string who) {
        http::testing::Client client(router);
        client.headers = {{"X-Test-Caller", std::move(who)}};
        return client;
    }
    http::testing::Client citizen(const base::PersonId& person) { return caller("citizen " + person.to_string()); }
    http::testing::Client staff(std::string who = "staff") {
        auto client = caller(std::move(who));
        client.headers.push_back({"X-Musubi-Purpose", "%E5%81%A5%E8%A8%BA%E3%81%AE%E6%BA%96%E5%82%99"});
        return client;
    }

    std::vector<audit::Entry> entries(const base::PersonId& person) {
        return testing::read(database,
                             [&](db::ReadTx& tx) { return audit::list_for_person(tx, person, std::nullopt); });
    }

    db::Database& database;
    base::FixedClock clock = testing::clock_at("2026-11-22T09:00:00+09:00");
    base::SeededRandom random;
    Names names;
    audit::Sink sink;
    Callers callers;
    http::Router router;
};

inline r4::Document parsed(const http::Response& response) {
    auto document = r4::Document::parse(response.body);
    if (!document) throw std::runtime_error("not a resource: " + response.body);
    return std::move(*document);
}

/// Of a resource in an answer.
inline std::string id_of(const http::Response& response) { return std::string(parsed(response).id()); }

/// "Type/id" of the entries of a Bundle, those of deleted versions from their address.
inline std::multiset<std::string> entries_of(const http::Response& response) {
    std::multiset<std::string> out;
    const auto bundle = parsed(response);
    for (const r4::Node entry : bundle.root().find("entry")) {
        const r4::Node resource = entry.find("resource");
        if (resource.find("resourceType").string() == "OperationOutcome") continue;
        if (resource) {
            out.insert(std::string(resource.find("resourceType").string()) + "/" +
                       std::string(resource.find("id").string()));
        } else if (entry.find("request")) {
            out.insert(std::string(entry.find("request").find("url").string()));
        }
    }
    return out;
}

inline std::string link_of(const http::Response& response, std::string_view relation) {
    const auto bundle = parsed(response);
    for (const r4::Node link : bundle.root().find("link")) {
        if (link.find("relation").string() != relation) continue;
        const std::string url(link.find("url").string());
        return url.substr(std::string_view("https://city.example").size());
    }
    return {};
}

inline http::Response send(http::testing::Client& client, http::Method method, std::string_view target,
                           std::string body, std::vector<http::Header> headers = {}) {
    auto request = client.request(method, target, std::move(body));
    for (auto& header : request.headers)
        if (header.name == "Content-Type") header.value = "application/fhir+json";
    request.headers.insert(request.headers.end(), headers.begin(), headers.end());
    return client.send(std::move(request));
}

/// A body weight. `more` are further members, beginning with a comma.
inline std::string weight(const base::PersonId& person, std::string_view value, std::string_view date = "2026-11-01",
                          std::string_view more = "") {
    return fmt::format(
        R"({{"resourceType":"Observation"{},"status":"final","category":[{{"coding":[{{"system":)"
        R"("http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}}]}}],)"
        R"("code":{{"coding":[{{"system":"http://loinc.org","code":"29463-7"}}],"text":"体重"}},)"
        R"("subject":{{"reference":"Patient/{}"}},"effectiveDateTime":"{}","valueQuantity":{{"value":{},"unit":"kg",)"
        R"("system":"http://unitsofmeasure.org","code":"kg"}}}})",
        more, person.to_string(), date, value);
}

} // namespace musubi::fhir_api::town
