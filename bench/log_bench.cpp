// The transparency log: entries appended durably (each in a transaction of its own, 64 callers at a time), entries
// integrated, and the proof of one among a million. SQLite in the current folder.
#include "core/audit/log.h"
#include "lib/event_loop/event_loop.h"

#include <benchmark/benchmark.h>

#include <filesystem>

namespace {

using namespace musubi;

struct Town {
    std::string folder = std::filesystem::temp_directory_path() / "musubi-log-bench";
    std::unique_ptr<db::Database> database;
    base::SeededRandom random{1};
    base::Instant now = base::Instant::from_milliseconds(1'795'305'600'000);
    std::unique_ptr<audit::Log> log;

    Town() {
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
        db::SqliteOptions options;
        options.path = folder + "/log.db";
        database = db::open_sqlite(options);
        if (!database->migrate({audit::migrations()})) std::abort();
        const base::Secret seed(std::string(32, 'l'));
        log = std::make_unique<audit::Log>(
            *database, random,
            tlog::Signer("bench/log", tlog::KeyType::Note, *crypto::Ed25519PrivateKey::from_seed(seed)));
    }
    ~Town() {
        log.reset();
        database.reset();
        std::filesystem::remove_all(folder);
    }
    audit::NewEntry entry() {
        audit::NewEntry made;
        made.person = base::PersonId::make(now, random);
        made.actor_kind = audit::ActorKind::Staff;
        made.actor = "019b74ec-4580-7a96-82b3-d9bfb7b17810";
        made.actor_name = "見本　職員";
        made.organization = "保健センター";
        made.role = "保健師";
        made.operation = "viewPerson";
        made.purpose = "問い合わせ対応";
        made.object = "checkups";
        made.request_id = "0bade59cc82457599397a295";
        return made;
    }
    base::Task<> append_one() {
        const audit::NewEntry made = entry();
        co_await database->write(
            [&](db::WriteTx& tx) -> base::Task<> { co_await audit::record(tx, random, made, now); });
    }
    /// Many in one transaction, to fill the log before something else is measured.
    void fill(int count) {
        for (int done = 0; done < count; done += 10'000) {
            event_loop::run(database->write([&](db::WriteTx& tx) -> base::Task<> {
                for (int i = 0; i < 10'000; ++i) co_await audit::record(tx, random, entry(), now);
            }));
            while (event_loop::run(log->sequence(now, 16'384)) > 0) {
            }
        }
    }
};

base::Task<> caller(Town& town, int count) {
    for (int i = 0; i < count; ++i) co_await town.append_one();
}

void append_durably(benchmark::State& state) {
    Town town;
    constexpr int kCallers = 256;
    constexpr int kEach = 40;
    for (auto _ : state) {
        event_loop::run([](Town& to) -> base::Task<> {
            int running = kCallers;
            for (int i = 0; i < kCallers; ++i)
                event_loop::spawn([](Town& t, int& left) -> base::Task<> {
                    co_await caller(t, kEach);
                    --left;
                }(to, running));
            while (running > 0) co_await event_loop::sleep_for(std::chrono::milliseconds(1));
        }(town));
    }
    state.SetItemsProcessed(state.iterations() * kCallers * kEach);
}
BENCHMARK(append_durably)->Unit(benchmark::kMillisecond)->UseRealTime();

void integrate(benchmark::State& state) {
    Town town;
    int64_t total = 0;
    for (auto _ : state) {
        state.PauseTiming();
        event_loop::run(town.database->write([&](db::WriteTx& tx) -> base::Task<> {
            for (int i = 0; i < 8192; ++i) co_await audit::record(tx, town.random, town.entry(), town.now);
        }));
        state.ResumeTiming();
        while (const int some = event_loop::run(town.log->sequence(town.now))) total += some;
    }
    state.SetItemsProcessed(total);
}
BENCHMARK(integrate)->Unit(benchmark::kMillisecond)->UseRealTime();

void prove_among(benchmark::State& state) {
    Town town;
    town.fill(static_cast<int>(state.range(0)) - 1);
    const base::PersonId person = base::PersonId::make(town.now, town.random);
    audit::NewEntry entry = town.entry();
    entry.person = person;
    const auto id = event_loop::run(
        town.database->write([&](db::WriteTx& tx) { return audit::record(tx, town.random, entry, town.now); }));
    while (event_loop::run(town.log->sequence(town.now)) > 0) {
    }
    size_t size = 0;
    for (auto _ : state) {
        const auto proof =
            event_loop::run(town.database->read([&](db::ReadTx& tx) { return audit::entry_proof(tx, person, id); }));
        size = proof->size();
    }
    state.counters["bytes"] = static_cast<double>(size);
    const auto started = std::chrono::steady_clock::now();
    event_loop::run(town.log->make_index(town.now));
    state.counters["index_s"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}
BENCHMARK(prove_among)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond)->UseRealTime();

} // namespace

BENCHMARK_MAIN();
