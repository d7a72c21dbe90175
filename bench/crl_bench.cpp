// A nation's revocation list: ten million entries built and signed, taken in with the signature checked, looked up, and
// compared with yesterday's for half a million registered people. OpenSSL's own list beside it, in the same run, on a
// tenth of the entries (`MUSUBI_BENCH_FULL=1`: on all of them; it needs four gigabytes).
//
// Not a Google Benchmark: each step runs once and says how long it took, what it holds in memory and how large its file
// is.
#include "base/random.h"
#include "lib/pki/crl_index.h"
#include "lib/pki/crl_writer.h"
#include "lib/pki/testing.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <openssl/x509.h>
#include <unistd.h>

namespace {

using namespace musubi;
using pki::testing::SampleAuthority;

constexpr auto kKind = pki::CertificateKind::UserAuthentication;
const base::Instant kNow = *base::Instant::parse("2026-11-22T09:00:00Z");

const SampleAuthority& authority() {
    static const SampleAuthority instance(kKind, pki::Realm::Test, kNow, 0);
    return instance;
}
const pki::TrustStore& store() {
    static const pki::TrustStore instance = [] {
        pki::TrustStore out(pki::Deployment::Test);
        (void)out.add(authority().authority().der, kKind, pki::Realm::Test);
        return out;
    }();
    return instance;
}

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

double resident_megabytes(const char* field) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(field)) return std::strtod(line.c_str() + std::string_view(field).size(), nullptr) / 1000;
    return 0;
}

/// Processor time, user and system, so that other work on the machine does not count.
double processor_seconds() {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class Work> double seconds(Work&& work) {
    const double begin = processor_seconds();
    work();
    return processor_seconds() - begin;
}

/// Serial numbers in sequence with gaps, as an authority that counts gives them out: one in ten revoked.
pki::EachRevoked sequence(uint64_t count, uint64_t day) {
    return [count, day](const std::function<void(const pki::RevokedCertificate&)>& take) {
        pki::RevokedCertificate entry{{}, {}, pki::RevocationReason::Superseded};
        for (uint64_t i = 0; i < count; ++i) {
            const uint64_t mixed = (i + 1) * 0x9e3779b97f4a7c15U;
            entry.serial = pki::SerialNumber::of(20'000'000 + i * 10 + (mixed >> 32) % 9 + (i % 1000 < day ? 1 : 0));
            entry.revoked_at = kNow - std::chrono::seconds(1 + (mixed >> 40) % 100'000'000);
            static constexpr std::array reasons = {
                pki::RevocationReason::Superseded, pki::RevocationReason::AffiliationChanged,
                pki::RevocationReason::CessationOfOperation, pki::RevocationReason::CertificateHold};
            entry.reason = reasons[mixed % 16 < 12 ? mixed % 2 : mixed % 4];
            take(entry);
        }
    };
}

double build(uint64_t count, uint64_t day, const std::string& path) {
    return seconds([&] {
        const auto entries = sequence(count, day);
        const auto linted =
            lint(pki::RevocationListHead{authority().authority().view, day + 1, kNow + std::chrono::hours(day),
                                         kNow + std::chrono::hours(48 + day), pki::testing::sample_partition(kKind)},
                 entries);
        std::ofstream file(path, std::ios::binary);
        const auto written =
            write_signed(*linted, entries, authority().key(), [&](std::string_view piece) -> base::Status {
                file.write(piece.data(), static_cast<std::streamsize>(piece.size()));
                return base::success();
            });
        if (!written) fail(written.error().code + " " + written.error().detail);
    });
}

std::shared_ptr<const pki::RevocationIndex> ingest(const pki::RevocationFolder& folder, const std::string& path) {
    auto list = folder.begin(store());
    std::ifstream file(path, std::ios::binary);
    std::string piece(256 * 1024, '\0');
    while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0)
        if (!list.feed(std::string_view(piece).substr(0, static_cast<size_t>(file.gcount())))) std::abort();
    auto index = list.finish();
    if (!index) fail(index.refusal().expected + " " + index.refusal().found);
    return *index;
}

void openssl_once(const std::string& path, uint64_t count) {
    const double before = resident_megabytes("VmRSS:");
    X509_CRL* list = nullptr;
    std::string der;
    const double parse = seconds([&] {
        std::ifstream file(path, std::ios::binary);
        der.assign(std::istreambuf_iterator<char>(file), {});
        const auto* at = reinterpret_cast<const unsigned char*>(der.data());
        list = d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size()));
    });
    const auto root = authority().authority().der;
    const auto* at = reinterpret_cast<const unsigned char*>(root.data());
    X509* issuer = d2i_X509(nullptr, &at, static_cast<long>(root.size()));
    const double check = seconds([&] {
        if (X509_CRL_verify(list, X509_get0_pubkey(issuer)) != 1) std::abort();
    });
    ASN1_INTEGER* serial = ASN1_INTEGER_new();
    X509_REVOKED* found = nullptr;
    ASN1_INTEGER_set_uint64(serial, 20'000'005);
    const double first = seconds([&] { X509_CRL_get0_by_serial(list, &found, serial); });
    constexpr int kLookUps = 200'000;
    const double look_up = seconds([&] {
        for (int i = 0; i < kLookUps; ++i) {
            ASN1_INTEGER_set_uint64(serial, 20'000'000 + static_cast<uint64_t>(i) * 7919 % (count * 10));
            X509_CRL_get0_by_serial(list, &found, serial);
        }
    });
    std::printf("OpenSSL, %llu entries: read %.2f s, signature %.2f s, first look-up (sorts) %.2f s, then %.2f us each,"
                " %.0f MB more resident\n",
                static_cast<unsigned long long>(count), parse, check, first, look_up / kLookUps * 1e6,
                resident_megabytes("VmRSS:") - before);
    ASN1_INTEGER_free(serial);
    X509_free(issuer);
    X509_CRL_free(list);
}

} // namespace

int main() {
    const uint64_t count = 10'000'000;
    char pattern[] = "/var/tmp/musubi-crl-bench-XXXXXX";
    const std::string folder_path = ::mkdtemp(pattern);
    const auto list_path = [&](int day) { return folder_path + "/list-" + std::to_string(day) + ".crl"; };
    const double built = build(count, 0, list_path(0));
    (void)build(count, 1, list_path(1));
    std::printf("built and signed: %.2f s, %.0f MB\n", built,
                static_cast<double>(std::filesystem::file_size(list_path(0))) / 1e6);
    const auto folder = pki::RevocationFolder::open(folder_path);
    const double rss = resident_megabytes("VmRSS:");
    std::shared_ptr<const pki::RevocationIndex> yesterday;
    const double taken = seconds([&] { yesterday = ingest(*folder, list_path(0)); });
    std::printf("checked and ingested: %.2f s; file %.1f MB, %.1f MB more resident, highest %.0f MB\n", taken,
                static_cast<double>(yesterday->file_size()) / 1e6, resident_megabytes("VmRSS:") - rss,
                resident_megabytes("VmHWM:"));
    const auto today = ingest(*folder, list_path(1));
    std::shared_ptr<const pki::RevocationIndex> again;
    const double opened = seconds([&] { again = folder->load(store()).lists.at(0); });
    std::printf("opened after a restart, every digest checked: %.3f s\n", opened);

    pki::RevocationLists lists;
    (void)lists.put(again->authority_key_identifier(), again);
    const std::string point = pki::testing::sample_partition(kKind);
    std::vector<pki::SerialNumber> asked;
    base::SeededRandom random{3};
    for (int i = 0; i < 1'000'000; ++i) {
        uint64_t mixed = (static_cast<uint64_t>(i) + 77) * 0x9e3779b97f4a7c15U;
        asked.push_back(pki::SerialNumber::of(20'000'000 + (mixed >> 20) % (count * 10)));
    }
    size_t revoked = 0;
    const double looked = seconds([&] {
        for (const auto& serial : asked)
            revoked += lists.look_up({authority().authority(), serial, point}, kNow + std::chrono::hours(2)).state ==
                       pki::RevocationStatus::State::Revoked;
    });
    std::printf("look-up at random, list found and period checked: %.3f us (%zu of a million revoked)\n", looked,
                revoked);

    std::vector<pki::SerialNumber> registered(asked.begin(), asked.begin() + 500'000);
    std::sort(registered.begin(), registered.end());
    size_t changes = 0;
    const double compared = seconds([&] { changes = difference(yesterday.get(), *today, registered).size(); });
    std::printf("difference for 500,000 registered people: %.0f ms (%zu changes)\n", compared * 1000, changes);

    const char* full = std::getenv("MUSUBI_BENCH_FULL");
    const uint64_t theirs = full != nullptr ? count : count / 10;
    (void)build(theirs, 2, list_path(2));
    openssl_once(list_path(2), theirs);
    std::filesystem::remove_all(folder_path);
    return 0;
}
