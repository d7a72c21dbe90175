// The record store as a whole: how large resources lie on disk, how fast they are put, read and searched. A town of
// synthetic residents (core/synthetic) is written first; MUSUBI_BENCH_PEOPLE says how many (500). SQLite in a temporary
// folder, or PostgreSQL when MUSUBI_TEST_POSTGRES names one (tools/with_postgres). One thread asks, so the figures are
// of one core and its database.
#include "base/random.h"
#include "core/records/records.h"
#include "core/records/search.h"
#include "core/synthetic/health.h"
#include "lib/db/database.h"
#include "lib/event_loop/event_loop.h"
#include "lib/fhir/query.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using namespace musubi;

namespace {

using Clock = std::chrono::steady_clock;

struct Town {
    std::vector<base::PersonId> people;
    std::vector<std::pair<base::PersonId, std::string>> observations;
    size_t resources = 0;
    size_t bytes = 0;
};

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

template <class Unit> auto write(db::Database& database, Unit unit) {
    return event_loop::run(database.write(std::move(unit)));
}
template <class Unit> auto read(db::Database& database, Unit unit) {
    return event_loop::run(database.read(std::move(unit)));
}

Town fill(db::Database& database, size_t people, base::SeededRandom& random, base::Instant now) {
    Town town;
    const synthetic::Setting setting{*base::CivilDate::of(2026, 11, 22)};
    double preparing = 0;
    double putting = 0;
    for (size_t i = 0; i < people; ++i) {
        const base::PersonId person = base::PersonId::make(now, random);
        town.people.push_back(person);
        synthetic::Subject subject{person.to_string(),
                                   *base::CivilDate::of(1940 + static_cast<int>(i * 13 % 84), 1 + i % 12, 1 + i % 28)};
        auto drafts = synthetic::city_record(7, subject, setting);
        auto home = synthetic::home_record(7, subject, setting);
        std::move(home.begin(), home.end(), std::back_inserter(drafts));
        auto start = Clock::now();
        std::vector<records::Prepared> prepared;
        for (const records::Draft& draft : drafts) {
            town.bytes += draft.body.size();
            prepared.push_back(*records::prepare(draft.body));
        }
        preparing += seconds_since(start);
        start = Clock::now();
        const auto unit = [&](db::WriteTx& tx) -> base::Task<base::Status> {
            for (const records::Prepared& one : prepared) {
                records::Placing placing;
                placing.owner = person;
                auto stored = co_await records::put(tx, random, std::move(placing), one, now);
                if (!stored) co_return stored.error();
                if (stored->type == "Observation") town.observations.emplace_back(person, stored->id);
            }
            co_return base::success();
        };
        if (!write(database, unit)) std::abort();
        putting += seconds_since(start);
        town.resources += prepared.size();
    }
    const auto count = static_cast<double>(town.resources);
    std::printf("%zu resources of %zu people, %.0f bytes of JSON each\n", town.resources, people,
                static_cast<double>(town.bytes) / count);
    std::printf("prepare (parse, index, compress)   %9.0f /s\n", count / preparing);
    std::printf("put, one person in a transaction   %9.0f /s\n", count / putting);
    return town;
}

template <class Work> void measure(const char* name, Work work) {
    const auto start = Clock::now();
    size_t done = 0;
    while (seconds_since(start) < 2) {
        for (int i = 0; i < 20; ++i) work(done++);
    }
    std::printf("%-34s %9.0f /s\n", name, static_cast<double>(done) / seconds_since(start));
}

void ask(db::Database& database, const Town& town, base::SeededRandom& random, base::Instant now) {
    measure("read", [&](size_t) {
        const auto& [person, id] = town.observations[random.below(town.observations.size())];
        read(database, [&](db::ReadTx& tx) { return records::get(tx, person, "Observation", id); });
    });
    fhir::QueryOptions options;
    options.now = now;
    const auto search = [&](const char* name, const fhir::QueryPairs& pairs) {
        const auto query = fhir::parse_query(fhir::ResourceType::Observation, pairs, options);
        if (!query) std::abort();
        measure(name, [&](size_t) {
            records::SearchRequest request;
            request.scope.owners = {records::Owner(town.people[random.below(town.people.size())])};
            request.query = &*query;
            read(database, [&](db::ReadTx& tx) { return records::search(tx, request); });
        });
    };
    search("search: code, latest 50", {{"code", "http://loinc.org|85354-9"}, {"_sort", "-date"}});
    search("search: code and dates", {{"code", "http://loinc.org|29463-7"}, {"date", "ge2026-10-01"}});
    measure("create, durable, one by one", [&](size_t i) {
        const base::PersonId person = town.people[i % town.people.size()];
        const std::string body = R"({"resourceType":"Observation","status":"final","code":{"coding":[{"system":)"
                                 R"("http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/)" +
                                 person.to_string() + R"("},"effectiveDateTime":"2026-11-22"})";
        const auto prepared = records::prepare(body);
        records::Placing placing;
        placing.owner = person;
        write(database, [&](db::WriteTx& tx) { return records::put(tx, random, placing, *prepared, now); });
    });
}

} // namespace

int main() {
    const char* wanted = std::getenv("MUSUBI_BENCH_PEOPLE");
    const size_t people = wanted ? std::strtoul(wanted, nullptr, 10) : 500;
    const char* postgres = std::getenv("MUSUBI_TEST_POSTGRES");
    const std::filesystem::path folder = std::filesystem::temp_directory_path() / "musubi-records-bench";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    std::unique_ptr<db::Database> database;
    if (postgres) {
        db::PostgresOptions options;
        options.connection = postgres;
        database = db::open_postgres(options);
    } else {
        db::SqliteOptions options;
        options.path = folder / "records.db";
        database = db::open_sqlite(options);
    }
    if (const auto status = database->migrate({records::migrations()}); !status) {
        std::printf("cannot migrate: %s\n", status.error().detail.c_str());
        return 1;
    }
    base::SeededRandom random(1);
    const base::Instant now = base::Instant::from_milliseconds(1'795'300'000'000);
    const Town town = fill(*database, people, random, now);
    if (!postgres) {
        database->backup(folder / "copy.db");
        const auto size = static_cast<double>(std::filesystem::file_size(folder / "copy.db"));
        std::printf("on disk, with all indexes           %8.0f bytes each\n",
                    size / static_cast<double>(town.resources));
    }
    ask(*database, town, random, now);
    database.reset();
    std::filesystem::remove_all(folder);
}
