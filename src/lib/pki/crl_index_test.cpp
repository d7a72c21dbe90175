#include "lib/pki/crl_index.h"

#include "base/random.h"
#include "lib/pki/crl_writer.h"
#include "lib/pki/testing.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace musubi::pki {
namespace {

using testing::sample_partition;
using testing::SampleAuthority;

const base::Instant kNow = *base::Instant::parse("2026-11-22T09:00:00Z");
constexpr auto kKind = CertificateKind::UserAuthentication;

const SampleAuthority& authority() {
    static const SampleAuthority instance(kKind, Realm::Test, kNow, 0);
    return instance;
}
TrustStore store() {
    TrustStore out(Deployment::Test);
    EXPECT_TRUE(out.add(authority().authority().der, kKind, Realm::Test));
    return out;
}

class Folder {
  public:
    Folder() {
        char pattern[] = "/tmp/musubi-crl-XXXXXX";
        m_path = ::mkdtemp(pattern);
    }
    ~Folder() { std::filesystem::remove_all(m_path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::string& path() const { return m_path; }
    std::vector<std::string> files() const {
        std::vector<std::string> out;
        for (const auto& entry : std::filesystem::directory_iterator(m_path)) out.push_back(entry.path().string());
        return out;
    }

  private:
    std::string m_path;
};

Verdict<std::shared_ptr<const RevocationIndex>> ingest(const Folder& folder, std::string_view der, size_t piece = 4096,
                                                       size_t in_memory = 1 << 20) {
    static const TrustStore trusted = store();
    const auto opened = RevocationFolder::open(folder.path());
    auto list = opened->begin(trusted, in_memory);
    for (size_t at = 0; at < der.size(); at += piece)
        if (!list.feed(der.substr(at, piece))) break;
    return list.finish();
}

std::vector<RevokedCertificate> mixed_entries(size_t count) {
    base::SeededRandom random{7};
    constexpr std::array reasons = {RevocationReason::Unspecified, RevocationReason::AffiliationChanged,
                                    RevocationReason::CertificateHold, RevocationReason::PrivilegeWithdrawn};
    std::vector<RevokedCertificate> out;
    for (size_t i = 0; i < count; ++i) {
        const size_t bytes = 1 + i % 20;
        std::string magnitude = random.bytes(bytes);
        magnitude[0] = static_cast<char>(static_cast<uint8_t>(magnitude[0]) | 1);
        const auto serial = *SerialNumber::from_magnitude(magnitude);
        const bool known =
            std::any_of(out.begin(), out.end(), [&](const auto& entry) { return entry.serial == serial; });
        if (known) continue;
        out.push_back(
            {serial, kNow - std::chrono::seconds(1 + 977 * static_cast<int>(i)), reasons[i % reasons.size()]});
    }
    return out;
}

TEST(RevocationIndex, finds_serial_numbers_of_every_length_and_nothing_else) {
    const Folder folder;
    const auto entries = mixed_entries(3000);
    // Sixty-four entries in memory: the rest goes through runs on disk and is merged.
    const auto index = ingest(folder, authority().list(kNow, entries), 1000, 64);
    ASSERT_TRUE(index) << index.refusal().found;
    EXPECT_EQ((*index)->size(), entries.size());
    for (const auto& entry : entries) {
        const auto found = (*index)->find(entry.serial);
        ASSERT_TRUE(found) << entry.serial.hex();
        EXPECT_EQ(found->reason, entry.reason);
        EXPECT_EQ(found->revoked_at.seconds(), entry.revoked_at.seconds());
    }
    const auto list = RevocationList::load(authority().list(kNow, entries), authority().authority());
    ASSERT_TRUE(list);
    base::SeededRandom random{8};
    for (int i = 0; i < 20000; ++i) {
        std::string magnitude = random.bytes(1 + static_cast<size_t>(i) % 20);
        magnitude[0] = static_cast<char>(static_cast<uint8_t>(magnitude[0]) | 1);
        const auto serial = *SerialNumber::from_magnitude(magnitude);
        EXPECT_EQ((*index)->find(serial).has_value(), (*list)->find(serial).has_value()) << serial.hex();
    }
}

TEST(RevocationIndex, of_neighbouring_numbers_of_one_number_and_of_none_is_right) {
    const auto one = [](uint64_t serial) {
        return RevokedCertificate{SerialNumber::of(serial), kNow, RevocationReason::Superseded};
    };
    for (const auto& serials : std::vector<std::vector<uint64_t>>{
             {}, {1}, {UINT64_MAX}, {1, UINT64_MAX}, {255, 256, 257}, {0x7fffffffffffffff, 0x8000000000000000}}) {
        const Folder folder;
        std::vector<RevokedCertificate> entries;
        for (const uint64_t serial : serials) entries.push_back(one(serial));
        const auto index = ingest(folder, authority().list(kNow, entries));
        ASSERT_TRUE(index);
        EXPECT_EQ((*index)->size(), serials.size());
        for (const uint64_t serial : serials) {
            EXPECT_TRUE((*index)->find(SerialNumber::of(serial))) << serial;
            EXPECT_FALSE((*index)->find(SerialNumber::of(serial ^ 0x10))) << serial;
        }
        EXPECT_FALSE((*index)->find(SerialNumber::of(77777)));
        EXPECT_FALSE((*index)->find(*SerialNumber::parse("ff00000000000000000001")));
    }
    std::vector<RevokedCertificate> dense;
    for (uint64_t serial = 1000; serial < 6000; ++serial) dense.push_back(one(serial));
    const Folder folder;
    const auto index = ingest(folder, authority().list(kNow, dense));
    for (uint64_t serial = 900; serial < 6100; ++serial)
        EXPECT_EQ((*index)->find(SerialNumber::of(serial)).has_value(), serial >= 1000 && serial < 6000) << serial;
}

TEST(RevocationIndex, keeps_times_apart_by_more_than_fifteen_years) {
    const Folder folder;
    const auto old = *base::Instant::parse("1999-01-02T03:04:05Z");
    const auto index = ingest(folder, authority().list(kNow, {{SerialNumber::of(5), old, RevocationReason::Superseded},
                                                              {SerialNumber::of(6), kNow, {}}}));
    ASSERT_TRUE(index);
    EXPECT_EQ((*index)->find(SerialNumber::of(5))->revoked_at, old);
    EXPECT_EQ((*index)->find(SerialNumber::of(6))->revoked_at, kNow);
}

TEST(RevocationIndex, is_there_again_after_a_restart_and_refused_if_a_byte_changed) {
    const Folder folder;
    const auto entries = mixed_entries(200);
    ASSERT_TRUE(ingest(folder, authority().list(kNow, entries)));
    const auto trusted = store();
    auto again = RevocationFolder::open(folder.path())->load(trusted);
    ASSERT_EQ(again.lists.size(), 1U);
    EXPECT_EQ(again.lists[0]->distribution_point(), sample_partition(kKind));
    EXPECT_EQ(again.lists[0]->this_update(), kNow);
    EXPECT_EQ(again.lists[0]->number(), 1U);
    for (const auto& entry : entries) EXPECT_TRUE(again.lists[0]->find(entry.serial));
    EXPECT_TRUE(RevocationFolder::open(folder.path())->load(TrustStore(Deployment::Test)).lists.empty())
        << "an authority that is not trusted any more";

    const std::string file = folder.files().at(0);
    const auto size = std::filesystem::file_size(file);
    for (size_t at = 0; at < size; at += at < 4096 ? 97 : 13) {
        const Folder copy;
        const std::string path = copy.path() + "/" + std::filesystem::path(file).filename().string();
        std::filesystem::copy_file(file, path);
        std::fstream bytes(path, std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekg(static_cast<std::streamoff>(at));
        const char old = static_cast<char>(bytes.get());
        bytes.seekp(static_cast<std::streamoff>(at));
        bytes.put(static_cast<char>(old ^ 4));
        bytes.close();
        const auto opened = RevocationIndex::open(path);
        // Padding between sections says nothing and is not covered.
        if (opened) {
            EXPECT_EQ((*opened)->size(), entries.size());
            for (const auto& entry : entries) EXPECT_EQ((*opened)->find(entry.serial)->reason, entry.reason) << at;
        } else {
            EXPECT_EQ(opened.error().code, "crl.index-damaged") << at;
        }
    }
    std::filesystem::resize_file(file, size - 1);
    EXPECT_EQ(RevocationIndex::open(file).error().code, "crl.index-damaged");
    const auto content = RevocationFolder::open(folder.path())->load(trusted);
    EXPECT_TRUE(content.lists.empty());
    EXPECT_EQ(content.damaged.size(), 1U);
}

TEST(RevocationIndex, takes_only_lists_that_the_reader_of_whole_documents_takes) {
    const std::string good = authority().list(kNow, mixed_entries(12));
    for (const size_t piece : {size_t{1}, size_t{2}, size_t{7}, size_t{64}, good.size()}) {
        const Folder folder;
        EXPECT_TRUE(ingest(folder, good, piece)) << piece;
    }
    const Folder folder;
    for (size_t i = 0; i < good.size(); ++i) {
        std::string flipped = good;
        flipped[i] = static_cast<char>(flipped[i] ^ 1 << (i * 3 % 8));
        EXPECT_FALSE(ingest(folder, flipped, 100)) << i;
        EXPECT_FALSE(ingest(folder, good.substr(0, i), 100)) << i;
    }
    EXPECT_FALSE(ingest(folder, good + '\0'));
    EXPECT_TRUE(folder.files().empty()) << "nothing refused leaves a file";
    const RevokedCertificate twice{SerialNumber::of(5), kNow, RevocationReason::Superseded};
    const auto view = parse_revocation_list(good);
    ASSERT_TRUE(view);
    const SampleAuthority stranger(kKind, Realm::Test, kNow, 1);
    const auto refused = ingest(folder, stranger.list(kNow, {twice}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.refusal().check, Check::Issuer);
}

TEST(RevocationIndex, never_goes_back_to_an_older_list_and_keeps_the_one_before) {
    const Folder folder;
    const auto held = RevokedCertificate{SerialNumber::of(5), kNow, RevocationReason::CertificateHold};
    ASSERT_TRUE(ingest(folder, authority().list(kNow, {held}, 7)));
    EXPECT_FALSE(ingest(folder, authority().list(kNow, {}, 6)));
    EXPECT_FALSE(ingest(folder, authority().list(kNow - std::chrono::hours(1), {}, 8)));
    const auto next = ingest(folder, authority().list(kNow + std::chrono::hours(1), {}, 8));
    ASSERT_TRUE(next);
    EXPECT_EQ((*next)->number(), 8U);
    const auto before = RevocationFolder::open(folder.path())
                            ->previous(authority().authority().key_identifier, sample_partition(kKind));
    ASSERT_TRUE(before);
    EXPECT_EQ(before->number(), 7U);
    EXPECT_TRUE(before->find(SerialNumber::of(5)));
}

TEST(RevocationListWriter, writes_the_bytes_that_the_writer_of_whole_lists_writes) {
    auto entries = mixed_entries(5000);
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.serial < b.serial; });
    const RevocationListHead head{authority().authority().view, 3, kNow, kNow + std::chrono::hours(48),
                                  sample_partition(kKind)};
    const auto walk = [](const std::vector<RevokedCertificate>& of) -> EachRevoked {
        return [&of](const std::function<void(const RevokedCertificate&)>& take) {
            for (const auto& entry : of) take(entry);
        };
    };
    const auto write = [&](const EachRevoked& first, const EachRevoked& second) -> base::Result<std::string> {
        MUSUBI_TRY(const auto linted, lint(head, first));
        std::string out;
        MUSUBI_CHECK(write_signed(linted, second, authority().key(), [&](std::string_view piece) -> base::Status {
            out += piece;
            return base::success();
        }));
        return out;
    };
    const auto streamed = write(walk(entries), walk(entries));
    ASSERT_TRUE(streamed) << streamed.error().parameters.at(0).second;
    EXPECT_EQ(*streamed, authority().list(kNow, entries, 3));
    const std::vector<RevokedCertificate> none;
    EXPECT_EQ(*write(walk(none), walk(none)), authority().list(kNow, {}, 3));

    const auto rule = [&](std::vector<RevokedCertificate> first, std::vector<RevokedCertificate> second) {
        const auto outcome = write(walk(first), walk(second));
        return outcome ? std::string("signed") : outcome.error().parameters.at(0).second;
    };
    auto swapped = entries;
    std::swap(swapped[10], swapped[11]);
    auto doubled = entries;
    doubled[10] = doubled[11];
    auto late = entries;
    late[10].revoked_at = kNow + std::chrono::seconds(1);
    auto fewer = entries;
    fewer.pop_back();
    EXPECT_EQ(rule(swapped, swapped), "entries-unique-and-well-formed");
    EXPECT_EQ(rule(doubled, doubled), "entries-unique-and-well-formed");
    EXPECT_EQ(rule(late, late), "revoked-before-the-list");
    EXPECT_EQ(rule(entries, fewer), "entries-the-same-twice");
    EXPECT_EQ(rule(entries, late), "entries-the-same-twice");
}

TEST(RevocationLists, answer_past_the_end_of_a_list_only_within_the_stated_grace) {
    const Folder folder;
    RevocationListsOptions options;
    options.grace = std::chrono::hours(2);
    RevocationLists lists(options);
    const auto index = ingest(folder, authority().list(kNow, {{SerialNumber::of(5), kNow, {}}}));
    ASSERT_TRUE(index);
    ASSERT_TRUE(lists.put((*index)->authority_key_identifier(), *index));
    const std::string point = sample_partition(kKind);
    const auto ask = [&](uint64_t serial, base::Duration after) {
        const auto number = SerialNumber::of(serial);
        return lists.look_up({authority().authority(), number, point}, kNow + after);
    };
    using State = RevocationStatus::State;
    EXPECT_EQ(ask(6, std::chrono::hours(48)).state, State::Good);
    EXPECT_FALSE(ask(6, std::chrono::hours(48)).overdue);
    EXPECT_EQ(ask(6, std::chrono::hours(49)).state, State::Good);
    EXPECT_TRUE(ask(6, std::chrono::hours(49)).overdue);
    EXPECT_EQ(ask(5, std::chrono::hours(49)).state, State::Revoked);
    EXPECT_EQ(ask(6, std::chrono::hours(51)).state, State::Unknown);
    EXPECT_EQ(ask(6, std::chrono::hours(51)).why_unknown, "list-expired");
}

TEST(RevocationLists, are_read_without_a_wrong_answer_while_they_are_replaced) {
    const Folder folder;
    const auto trusted = store();
    RevocationLists lists;
    // Serial 1 is in every list, 2 in none, and 1000 + n in list n alone.
    const auto list = [](uint64_t number) {
        return authority().list(kNow,
                                {{SerialNumber::of(1), kNow, RevocationReason::Superseded},
                                 {SerialNumber::of(1000 + number), kNow, RevocationReason::Superseded}},
                                number);
    };
    const auto first = ingest(folder, list(1));
    ASSERT_TRUE(first && lists.put((*first)->authority_key_identifier(), *first));
    std::atomic<bool> stop = false;
    std::atomic<int> wrong = 0;
    std::atomic<int> asked = 0;
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i)
        readers.emplace_back([&] {
            const std::string point = sample_partition(kKind);
            const auto always = SerialNumber::of(1);
            const auto never = SerialNumber::of(2);
            while (!stop) {
                const auto revoked = lists.look_up({authority().authority(), always, point}, kNow);
                const auto good = lists.look_up({authority().authority(), never, point}, kNow);
                if (revoked.state != RevocationStatus::State::Revoked || good.state != RevocationStatus::State::Good)
                    ++wrong;
                ++asked;
            }
        });
    for (uint64_t number = 2; number < 40; ++number) {
        if (number % 2 == 0) {
            const auto next = ingest(folder, list(number));
            ASSERT_TRUE(next && lists.put((*next)->authority_key_identifier(), *next));
        } else {
            ASSERT_TRUE(lists.add(list(number), trusted));
        }
        const auto own = SerialNumber::of(1000 + number);
        EXPECT_EQ(lists.look_up({authority().authority(), own, sample_partition(kKind)}, kNow).state,
                  RevocationStatus::State::Revoked);
    }
    while (asked < 1000) std::this_thread::yield();
    stop = true;
    for (auto& reader : readers) reader.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(lists.size(), 1U);
}

TEST(RevocationFolder, holds_a_whole_list_wherever_a_crash_cuts_the_ingest) {
    const Folder folder;
    // List n holds the serial numbers 1 to 200 + n. The child takes in one after another until it is killed.
    std::vector<std::string> lists;
    std::vector<RevokedCertificate> entries;
    for (uint64_t serial = 1; serial <= 200; ++serial)
        entries.push_back({SerialNumber::of(serial), kNow, RevocationReason::Superseded});
    for (uint64_t number = 1; number <= 60; ++number) {
        entries.push_back({SerialNumber::of(200 + number), kNow, RevocationReason::Superseded});
        lists.push_back(authority().list(kNow, entries, number));
    }
    uint64_t reached = 0;
    for (int round = 0; round < 12; ++round) {
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            for (uint64_t number = reached + 1; number <= lists.size(); ++number)
                (void)ingest(folder, lists[number - 1], 64, 16);
            ::_exit(0);
        }
        ::usleep(static_cast<useconds_t>(1000 + 700 * round));
        ::kill(child, SIGKILL);
        ASSERT_EQ(::waitpid(child, nullptr, 0), child);
        const auto content = RevocationFolder::open(folder.path())->load(store());
        EXPECT_TRUE(content.damaged.empty());
        ASSERT_LE(content.lists.size(), 1U);
        for (const std::string& file : folder.files()) EXPECT_EQ(file.find(".new"), std::string::npos) << file;
        if (content.lists.empty()) continue;
        const auto& list = *content.lists[0];
        EXPECT_GE(*list.number(), reached) << "never back";
        reached = *list.number();
        EXPECT_EQ(list.size(), 200 + reached);
        EXPECT_TRUE(list.find(SerialNumber::of(200 + reached)));
        EXPECT_FALSE(list.find(SerialNumber::of(201 + reached)));
    }
}

TEST(RevocationDifference, names_what_became_of_registered_certificates) {
    const auto entry = [](uint64_t serial, RevocationReason reason) {
        return RevokedCertificate{SerialNumber::of(serial), kNow - std::chrono::hours(1), reason};
    };
    using Reason = RevocationReason;
    const auto list = [](std::vector<RevokedCertificate> entries) {
        return *RevocationList::load(authority().list(kNow, std::move(entries)), authority().authority());
    };
    const auto before = list({entry(1, Reason::Superseded), entry(2, Reason::CertificateHold),
                              entry(3, Reason::CertificateHold), entry(4, Reason::AffiliationChanged)});
    const auto after =
        list({entry(1, Reason::Superseded), entry(3, Reason::CessationOfOperation), entry(5, Reason::CertificateHold),
              entry(6, Reason::AffiliationChanged), entry(4, Reason::KeyCompromise), entry(99, Reason::Superseded)});
    std::vector<SerialNumber> registered;
    for (uint64_t serial = 1; serial <= 8; ++serial) registered.push_back(SerialNumber::of(serial));
    const auto changes = difference(before.get(), *after, registered);
    using Kind = RevocationChange::Kind;
    const std::vector<std::pair<size_t, Kind>> expected = {
        {1, Kind::Lifted}, {2, Kind::Revoked}, {3, Kind::Changed}, {4, Kind::Held}, {5, Kind::Revoked}};
    ASSERT_EQ(changes.size(), expected.size());
    for (size_t i = 0; i < changes.size(); ++i) {
        EXPECT_EQ(changes[i].which, expected[i].first);
        EXPECT_EQ(changes[i].kind, expected[i].second) << i;
    }
    EXPECT_EQ(difference(nullptr, *after, registered).size(), 5U) << "without yesterday everything listed is new";
}

} // namespace
} // namespace musubi::pki
