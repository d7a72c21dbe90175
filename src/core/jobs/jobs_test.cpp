#include "core/jobs/jobs.h"

#include "testing/databases.h"

#include <gtest/gtest.h>

namespace musubi::jobs {
namespace {

std::vector<db::Migrations> test_migrations() { return {jobs::migrations()}; }

base::Task<base::Status> counted(int& count) {
    ++count;
    co_return base::success();
}
base::Task<base::Status> failing() { co_return base::error(base::ErrorKind::Unavailable, "test.down"); }
base::Task<base::Status> throwing() {
    throw std::runtime_error("broken");
    co_return base::success();
}

TEST_ON_BOTH(Jobs, run_once_per_interval_on_one_of_several_nodes) {
    base::SeededRandom random(3);
    auto clock = testing::clock_at();
    Runner first(database, clock, random);
    Runner second(database, clock, random);
    int runs = 0;
    for (Runner* node : {&first, &second}) {
        Job job;
        job.name = "test.count";
        job.every = std::chrono::minutes(10);
        job.run = [&runs](base::Instant) { return counted(runs); };
        node->add(job);
    }
    EXPECT_EQ(testing::run(first.run_due()), 1);
    EXPECT_EQ(testing::run(second.run_due()), 0);
    clock.advance(std::chrono::minutes(9));
    EXPECT_EQ(testing::run(second.run_due()), 0);
    clock.advance(std::chrono::minutes(1));
    EXPECT_EQ(testing::run(second.run_due()), 1);
    EXPECT_EQ(testing::run(first.run_due()), 0);
    EXPECT_EQ(runs, 2);
}

TEST_ON_BOTH(Jobs, a_job_whose_node_died_is_taken_over_when_the_lease_ends) {
    base::SeededRandom random(3);
    auto clock = testing::clock_at();
    constexpr db::Query dead{"test.dead", "INSERT INTO jobs_lease (name, node, held_until, due_at)"
                                          " VALUES ('test.count', 'gone', $1, $2)"};
    testing::write(database, [&](db::WriteTx& tx) -> base::Task<> {
        co_await tx.run(dead, clock.now() + std::chrono::minutes(5), clock.now());
    });
    Runner runner(database, clock, random);
    int runs = 0;
    Job job;
    job.name = "test.count";
    job.every = std::chrono::minutes(10);
    job.run = [&runs](base::Instant) { return counted(runs); };
    runner.add(job);
    EXPECT_EQ(testing::run(runner.run_due()), 0);
    clock.advance(std::chrono::minutes(5));
    EXPECT_EQ(testing::run(runner.run_due()), 1);
}

TEST_ON_BOTH(Jobs, a_failing_job_is_reported_and_does_not_stop_the_others) {
    base::SeededRandom random(3);
    auto clock = testing::clock_at();
    Runner runner(database, clock, random);
    std::vector<std::string> failures;
    runner.on_failure = [&](const std::string& job, const std::string& why) { failures.push_back(job + ": " + why); };
    int runs = 0;
    Job job;
    job.every = std::chrono::minutes(1);
    job.name = "test.failing";
    job.run = [](base::Instant) { return failing(); };
    runner.add(job);
    job.name = "test.throwing";
    job.run = [](base::Instant) { return throwing(); };
    runner.add(job);
    job.name = "test.count";
    job.run = [&runs](base::Instant) { return counted(runs); };
    runner.add(job);
    EXPECT_EQ(testing::run(runner.run_due()), 3);
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(failures, (std::vector<std::string>{"test.failing: test.down", "test.throwing: broken"}));
    clock.advance(std::chrono::minutes(1));
    EXPECT_EQ(testing::run(runner.run_due()), 3);
}

} // namespace
} // namespace musubi::jobs
