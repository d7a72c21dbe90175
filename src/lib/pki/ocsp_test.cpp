#include "lib/pki/ocsp.h"

#include "base/encoding.h"
#include "lib/pki/oid.h"
#include "lib/pki/testing.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace musubi::pki {
namespace {

using testing::sample_key;
using testing::SampleAuthority;

const base::Instant kNow = *base::Instant::parse("2026-11-22T09:00:00Z");
constexpr auto kKind = CertificateKind::UserAuthentication;
constexpr std::string_view kNonce = "0123456789abcdef";
const SerialNumber kSerial = SerialNumber::of(1000);

const SampleAuthority& authority() {
    static const SampleAuthority instance(kKind, Realm::Test, kNow, 0);
    return instance;
}

struct Delegate {
    crypto::PrivateKey key = crypto::PrivateKey::generate_ec();
    CertificateContents contents =
        responder_certificate({authority().authority().view, SerialNumber::of(77),
                               write_name({{NamePart::Kind::Country, "JP"}, {NamePart::Kind::CommonName, "responder"}}),
                               kNow - std::chrono::hours(1), kNow + std::chrono::hours(24), key.public_key().spki()});
    std::string key_hash = crypto::sha1(key.public_key().ec_point());
};

RevocationStatus good_now() {
    RevocationStatus status;
    status.state = RevocationStatus::State::Good;
    status.source_time = kNow;
    status.valid_until = kNow + std::chrono::minutes(15);
    return status;
}

OcspCertificateId id_of(const SerialNumber& serial, crypto::Hash hash = crypto::Hash::Sha1) {
    const auto& view = authority().authority().view;
    return {hash, crypto::digest(hash, view.subject), crypto::digest(hash, view.public_key_bytes), serial};
}

std::string answer(const Delegate& delegate, const RevocationStatus& status, std::string_view nonce = kNonce,
                   const SerialNumber& serial = kSerial) {
    return write_ocsp_response({{id_of(serial), status}}, kNow, nonce,
                               {delegate.key, authority().issue_unlinted(delegate.contents), delegate.key_hash});
}

std::string outcome(std::string_view der, base::Instant now = kNow, std::string_view nonce = kNonce,
                    const OcspClientOptions& options = {}) {
    const auto verdict = verify_ocsp_response(der, authority().authority(), kSerial, nonce, now, options);
    if (!verdict) return std::string(to_string(verdict.refusal().check));
    return verdict->state == RevocationStatus::State::Good      ? "good"
           : verdict->state == RevocationStatus::State::Revoked ? std::string(to_string(verdict->reason))
                                                                : "unknown";
}

TEST(OcspRequest, is_read_back_as_written) {
    const auto& view = authority().authority().view;
    const auto request = parse_ocsp_request(write_ocsp_request(view, kSerial, kNonce));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->nonce, kNonce);
    ASSERT_EQ(request->certificates.size(), 1U);
    EXPECT_EQ(request->certificates[0].serial, kSerial);
    EXPECT_TRUE(issued_by(request->certificates[0], view));
    EXPECT_EQ(parse_ocsp_request(write_ocsp_request(view, kSerial, ""))->nonce, "");
    EXPECT_FALSE(parse_ocsp_request("x"));
    EXPECT_FALSE(parse_ocsp_request(write_ocsp_request(view, kSerial, std::string(129, 'n'))));
}

TEST(OcspResponse, of_a_delegate_or_of_the_authority_itself_counts) {
    const Delegate delegate;
    EXPECT_EQ(outcome(answer(delegate, good_now())), "good");
    const std::string own_hash = crypto::sha1(authority().authority().view.public_key_bytes);
    EXPECT_EQ(
        outcome(write_ocsp_response({{id_of(kSerial), good_now()}}, kNow, kNonce, {authority().key(), "", own_hash})),
        "good");
    EXPECT_EQ(outcome(write_ocsp_response({{id_of(kSerial, crypto::Hash::Sha256), good_now()}}, kNow, kNonce,
                                          {authority().key(), "", own_hash})),
              "good");
    auto revoked = good_now();
    revoked.state = RevocationStatus::State::Revoked;
    revoked.reason = RevocationReason::AffiliationChanged;
    revoked.revoked_at = kNow - std::chrono::hours(1);
    EXPECT_EQ(outcome(answer(delegate, revoked)), "affiliationChanged");
    RevocationStatus unknown = good_now();
    unknown.state = RevocationStatus::State::Unknown;
    EXPECT_EQ(outcome(answer(delegate, unknown)), "unknown");
}

TEST(OcspResponse, about_something_else_or_from_another_time_is_refused) {
    const Delegate delegate;
    const std::string good = answer(delegate, good_now());
    EXPECT_EQ(outcome(good, kNow, "another nonce 16"), "nonce");
    EXPECT_EQ(outcome(answer(delegate, good_now(), "")), "nonce") << "a replayed answer without nonce";
    EXPECT_EQ(outcome(answer(delegate, good_now(), ""), kNow, kNonce, {OcspNonce::WhenPresent}), "good");
    EXPECT_EQ(outcome(answer(delegate, good_now(), kNonce, SerialNumber::of(1001))), "revocation-unknown");
    EXPECT_EQ(outcome(good, kNow + std::chrono::minutes(19)), "good");
    EXPECT_EQ(outcome(good, kNow + std::chrono::minutes(21)), "revocation-unknown");
    EXPECT_EQ(outcome(good, kNow - std::chrono::minutes(6)), "revocation-unknown");
    EXPECT_EQ(outcome(write_ocsp_failure(OcspFailure::TryLater)), "revocation-unknown");
    EXPECT_EQ(outcome(""), "form");
}

TEST(OcspResponse, with_any_flipped_bit_is_refused) {
    const Delegate delegate;
    const std::string good = answer(delegate, good_now());
    for (size_t i = 0; i < good.size(); ++i) {
        std::string flipped = good;
        flipped[i] = static_cast<char>(flipped[i] ^ 1 << (i * 5 % 8));
        const std::string found = outcome(flipped);
        EXPECT_TRUE(found != "good" && found != "unknown") << i << " " << found;
    }
}

TEST(OcspResponse, of_someone_the_authority_did_not_delegate_is_refused) {
    const auto changed = [](auto change) {
        Delegate delegate;
        change(delegate.contents);
        return outcome(answer(delegate, good_now()));
    };
    const auto drop = [](CertificateContents& it, std::string_view oid) {
        std::erase_if(it.extensions, [&](const auto& extension) { return extension.oid == oid; });
    };
    EXPECT_EQ(changed([](auto&) {}), "good");
    EXPECT_EQ(changed([&](auto& it) { drop(it, oid::kExtendedKeyUsage); }), "issuer-signature");
    EXPECT_EQ(changed([&](auto& it) { drop(it, oid::kOcspNoCheck); }), "issuer-signature");
    EXPECT_EQ(changed([&](auto& it) { drop(it, oid::kKeyUsage); }), "issuer-signature");
    EXPECT_EQ(changed([](auto& it) { it.not_after = kNow - std::chrono::seconds(1); }), "issuer-signature");
    EXPECT_EQ(changed([](auto& it) { it.not_before = kNow + std::chrono::seconds(1); }), "issuer-signature");
    EXPECT_EQ(changed([](auto& it) {
                  it.extensions.push_back(
                      {std::string(oid::kBasicConstraints), true, der::sequence({der::write_boolean(true)})});
              }),
              "issuer-signature");
    // A holder's certificate, whose key its holder controls.
    Delegate holder;
    holder.contents = holder_certificate(authority().holder(5, kNow, holder.key.public_key()));
    EXPECT_EQ(outcome(answer(holder, good_now())), "issuer-signature");
}

TEST(OcspSource, fails_closed) {
    base::SeededRandom random(3);
    const Delegate delegate;
    const CertificateIdentity identity{authority().authority(), kSerial, ""};
    std::string mode;
    OcspSource source(
        [&](const Authority&, std::string request) -> base::Task<base::Result<std::string>> {
            if (mode == "down") co_return base::error(base::ErrorKind::Unavailable, "network.unreachable");
            const auto parsed = parse_ocsp_request(request);
            if (mode == "replay") co_return answer(delegate, good_now(), std::string(32, 'r'));
            co_return answer(delegate, good_now(), parsed->nonce);
        },
        random);
    EXPECT_EQ(base::sync_wait(source.status(identity, kNow)).state, RevocationStatus::State::Good);
    mode = "down";
    EXPECT_EQ(base::sync_wait(source.status(identity, kNow)).why_unknown, "network.unreachable");
    mode = "replay";
    EXPECT_EQ(base::sync_wait(source.status(identity, kNow)).state, RevocationStatus::State::Unknown);
}

// The openssl program as an independent authority: its responder's answer is judged here, its question read here.
TEST(OcspResponse, made_by_the_openssl_program_is_accepted) {
    const auto folder = std::filesystem::temp_directory_path() / ("musubi-ocsp-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    const auto write = [&](const char* name, std::string_view bytes) {
        std::ofstream(folder / name, std::ios::binary) << bytes;
    };
    const auto read = [&](const char* name) {
        std::ifstream in(folder / name, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    const auto openssl = [&](const std::string& arguments) {
        return std::system(("cd " + folder.string() + " && openssl " + arguments + " >out 2>&1").c_str()) == 0;
    };
    const auto now = base::system_clock().now();
    const auto holder = authority().holder(1000, now - std::chrono::hours(1), sample_key(3).public_key());
    write("ca.der", authority().authority().der);
    write("ca.key", authority().key().pem().reveal());
    write("user.der", authority().issue_unlinted(holder_certificate(holder)));
    write("index", "R\t360101000000Z\t260101000000Z,keyCompromise\t03E8\tunknown\t/C=JP\n");
    ASSERT_TRUE(openssl("x509 -inform DER -in ca.der -out ca.pem") &&
                openssl("x509 -inform DER -in user.der -out user.pem"));
    ASSERT_TRUE(openssl("ocsp -issuer ca.pem -cert user.pem -reqout question")) << read("out");
    const auto question = parse_ocsp_request(read("question"));
    ASSERT_TRUE(question);
    ASSERT_TRUE(openssl("ocsp -index index -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin question -respout answer "
                        "-ndays 1"))
        << read("out");
    const auto verdict = verify_ocsp_response(read("answer"), authority().authority(), kSerial, question->nonce, now);
    ASSERT_TRUE(verdict) << verdict.refusal().error().detail;
    EXPECT_EQ(verdict->state, RevocationStatus::State::Revoked);
    EXPECT_EQ(verdict->reason, RevocationReason::KeyCompromise);
    std::filesystem::remove_all(folder);
}

} // namespace
} // namespace musubi::pki
