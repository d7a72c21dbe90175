#include "base/encoding.h"
#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/task.h"
#include "base/time.h"
#include "base/time_bound.h"

#include <gtest/gtest.h>

#include <thread>

namespace musubi::base {
namespace {

// RFC 4648 section 10.
TEST(Encoding, base64_agrees_with_the_vectors_of_the_rfc) {
    EXPECT_EQ(base64_encode(""), "");
    EXPECT_EQ(base64_encode("f"), "Zg==");
    EXPECT_EQ(base64_encode("fo"), "Zm8=");
    EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
    EXPECT_EQ(base64_decode("Zm9vYg=="), "foob");
    EXPECT_EQ(base64url_decode("Zm9vYg"), "foob");
}

TEST(Encoding, base64_refuses_stray_bits_and_wrong_padding) {
    EXPECT_FALSE(base64_decode("Zh=="));
    EXPECT_FALSE(base64_decode("Zg="));
    EXPECT_FALSE(base64_decode("Zg== "));
    EXPECT_FALSE(base64url_decode("Z"));
    EXPECT_FALSE(base64url_decode("Zm+v"));
}

TEST(Encoding, utf8_refuses_overlong_forms_and_surrogates) {
    EXPECT_TRUE(valid_utf8("山田 𠮷"));
    EXPECT_FALSE(valid_utf8("\xC0\xAF"));
    EXPECT_FALSE(valid_utf8("\xED\xA0\x80"));
    EXPECT_FALSE(valid_utf8("\xF4\x90\x80\x80"));
    EXPECT_FALSE(valid_utf8("\xE5\xB1"));
}

TEST(Ids, are_ordered_by_the_time_they_were_made) {
    SeededRandom random(1);
    const auto earlier = PersonId::make(Instant::from_milliseconds(1'000), random);
    const auto later = PersonId::make(Instant::from_milliseconds(2'000), random);
    EXPECT_LT(earlier.to_string(), later.to_string());
    EXPECT_EQ(*PersonId::parse(earlier.to_string()), earlier);
}

TEST(Ids, have_one_spelling) {
    EXPECT_FALSE(PersonId::parse("01890A5D-AC96-774B-BCCE-B302099A8057"));
    EXPECT_TRUE(PersonId::parse("01890a5d-ac96-774b-bcce-b302099a8057"));
    EXPECT_FALSE(PersonId::parse("01890a5dac96774bbcceb302099a8057"));
}

TEST(Time, a_day_in_japan_begins_nine_hours_before_the_day_in_utc) {
    const auto date = *CivilDate::parse("2026-11-22");
    EXPECT_EQ(start_of_day_in_japan(date).to_string(), "2026-11-21T15:00:00.000Z");
    EXPECT_EQ(date_in_japan(*Instant::parse("2026-11-21T15:00:00Z")), date);
    EXPECT_EQ(date_in_japan(*Instant::parse("2026-11-21T14:59:59.999Z")), date.plus_days(-1));
    EXPECT_EQ(local_time_in_japan(*Instant::parse("2026-11-21T15:04:00Z")), "2026-11-22 00:04");
}

TEST(Time, refuses_days_that_do_not_exist) {
    EXPECT_FALSE(CivilDate::parse("2026-02-29"));
    EXPECT_TRUE(CivilDate::parse("2024-02-29"));
    EXPECT_FALSE(CivilDate::parse_compact("20261301"));
    EXPECT_FALSE(Instant::parse("2026-11-22T09:00:00"));
}

TEST(Time, someone_born_on_a_leap_day_turns_older_on_the_first_of_march) {
    const auto birth = *CivilDate::parse("2012-02-29");
    EXPECT_EQ(age_on(birth, *CivilDate::parse("2026-02-28")), 13);
    EXPECT_EQ(age_on(birth, *CivilDate::parse("2026-03-01")), 14);
}

TEST(Random, the_same_seed_gives_the_same_city) {
    SeededRandom one(42);
    SeededRandom two(42);
    EXPECT_EQ(one.bytes(100), two.bytes(100));
    for (int i = 0; i < 1000; ++i) EXPECT_LT(one.below(6), 6U);
}

TEST(Secret, compares_only_through_the_constant_time_function) {
    const Secret pin("1234");
    EXPECT_TRUE(equal_in_constant_time(pin.reveal(), "1234"));
    EXPECT_FALSE(equal_in_constant_time(pin.reveal(), "1235"));
    EXPECT_FALSE(equal_in_constant_time(pin.reveal(), "123"));
}

Task<int> add(int a, int b) { co_return a + b; }
Task<int> deep(int n) {
    int sum = 0;
    for (int i = 0; i < n; ++i) sum = co_await add(sum, i);
    co_return sum;
}
Task<Result<int>> refused() { co_return not_found("nothing.here"); }
Task<Result<int>> passes_on() {
    MUSUBI_CO_TRY(const int value, co_await refused());
    co_return value + 1;
}

TEST(Task, awaits_without_a_queue) { EXPECT_EQ(sync_wait(deep(1000)), 499'500); }

Task<int> itself(int value) { co_return value; }
Task<int64_t> sum_of(int count) {
    int64_t sum = 0;
    for (int i = 0; i < count; ++i) sum += co_await itself(i);
    co_return sum;
}

TEST(Task, a_long_loop_of_awaits_does_not_grow_the_stack) { EXPECT_EQ(sync_wait(sum_of(300'000)), 44'999'850'000); }

TEST(Task, passes_a_refusal_to_the_caller) {
    const auto result = sync_wait(passes_on());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "nothing.here");
}

TEST(Task, rethrows_what_the_coroutine_threw) {
    const auto failing = []() -> Task<int> {
        throw std::runtime_error("disk");
        co_return 0;
    };
    EXPECT_THROW(sync_wait(failing()), std::runtime_error);
}

struct ResumeFromThread {
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
        Executor* home = Executor::current();
        std::thread([home, handle] { home->post(handle); }).detach();
    }
    void await_resume() const {}
};
Task<bool> comes_home() {
    const auto before = std::this_thread::get_id();
    co_await ResumeFromThread{};
    co_return before == std::this_thread::get_id();
}
TEST(Task, continues_on_the_executor_it_came_from) { EXPECT_TRUE(sync_wait(comes_home())); }

Task<TimeBound*> bound_here() {
    ThisBound here;
    co_return co_await here;
}
Task<TimeBound*> bound_below() { co_return co_await bound_here(); }

TEST(TimeBound, is_handed_on_to_every_task_below) {
    TimeBound outer(std::chrono::hours(1));
    TimeBound inner(std::chrono::hours(1));
    EXPECT_EQ(sync_wait(bounded(bound_below(), outer)), &outer);
    const auto under_outer = [&outer]() -> Task<TimeBound*> {
        auto task = bounded(bound_below(), outer);
        co_return co_await task;
    };
    EXPECT_EQ(sync_wait(under_outer()), &outer);
    const auto under_both = [&outer, &inner]() -> Task<TimeBound*> {
        auto middle = [&inner]() -> Task<TimeBound*> {
            auto task = bounded(bound_below(), inner);
            co_return co_await task;
        };
        auto task = bounded(middle(), outer);
        co_return co_await task;
    };
    EXPECT_EQ(sync_wait(under_both()), &inner);
    EXPECT_EQ(sync_wait(bound_below()), nullptr);
}

TEST(TimeBound, is_over_when_its_time_is_or_when_it_is_given_up) {
    TimeBound past(std::chrono::seconds(-1));
    EXPECT_TRUE(past.over());
    EXPECT_THROW(past.check(), TookTooLong);
    TimeBound given_up(std::chrono::hours(1));
    EXPECT_FALSE(given_up.over());
    EXPECT_TRUE(given_up.give_up());
    EXPECT_TRUE(given_up.over());
    TimeBound::Commit commit(&given_up);
    EXPECT_THROW(commit.begin(), TookTooLong);
}

TEST(TimeBound, cannot_be_given_up_while_something_is_committed) {
    TimeBound bound(std::chrono::hours(1));
    {
        TimeBound::Commit commit(&bound);
        commit.begin();
        EXPECT_FALSE(bound.give_up());
        EXPECT_FALSE(bound.over());
    }
    EXPECT_TRUE(bound.give_up());
}

} // namespace
} // namespace musubi::base
