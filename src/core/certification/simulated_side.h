// A certification side in process, for tests of this and other modules: real certificates, lists and signatures made by
// lib/pki, answered over the same paths and bytes as the program at the other end.
#pragma once

#include "base/encoding.h"
#include "core/certification/wire.h"
#include "lib/card_challenge/card_challenge.h"
#include "lib/pki/testing.h"

#include <map>
#include <set>

namespace musubi::certification::simulated {

/// What lies on one card.
struct Card {
    uint64_t serial = 0; // of both certificates
    crypto::PrivateKey signature_key;
    crypto::PrivateKey user_key;
    std::string signature_certificate; // DER
    std::string user_certificate;

    /// As the card signs: PKCS#1 v1.5 over the DigestInfo of the challenge's digest.
    static std::string sign(const crypto::PrivateKey& key, std::string_view origin, card_challenge::Purpose purpose,
                            std::string_view nonce) {
        const std::string digest = card_challenge::challenge_digest(origin, purpose, nonce);
        return *key.sign_raw_pkcs1(crypto::digest_info(crypto::Hash::Sha256, digest));
    }
};

class FakeSide final : public Wire {
  public:
    explicit FakeSide(base::Clock& clock)
        : m_clock(clock), m_signature(pki::CertificateKind::Signature, pki::Realm::Test, clock.now(), 0),
          m_user(pki::CertificateKind::UserAuthentication, pki::Realm::Test, clock.now(), 1) {}

    bool down = false;
    int list_requests = 0;
    std::map<uint64_t, pki::RevocationReason> revoked_signature;
    std::map<uint64_t, pki::RevocationReason> revoked_user;
    std::map<uint64_t, uint64_t> user_predecessor;
    std::set<uint64_t> strangers; // signature certificates whose holder is not the one of the same user serial

    pki::TrustStore store() const {
        pki::TrustStore out(pki::Deployment::Test);
        (void)out.add(m_signature.authority().der, pki::CertificateKind::Signature, pki::Realm::Test);
        (void)out.add(m_user.authority().der, pki::CertificateKind::UserAuthentication, pki::Realm::Test);
        return out;
    }

    /// Both certificates for one person; keys 2 and 3 of the samples, or 4 and 5.
    Card issue(uint64_t serial, const pki::CertifiedAttributes& attributes, size_t first_key = 2) const {
        const auto& signature_key = pki::testing::sample_key(first_key);
        const auto& user_key = pki::testing::sample_key(first_key + 1);
        auto signature = m_signature.holder(serial, m_clock.now(), signature_key.public_key());
        signature.attributes = attributes;
        const auto user = m_user.holder(serial, m_clock.now(), user_key.public_key());
        return {serial, signature_key, user_key, m_signature.issue(signature), m_user.issue(user)};
    }

    base::Task<base::Result<Answer>> get(std::string path) override {
        if (down) co_return unreachable();
        Answer out{200, ""};
        if (path == "/v1/crl/signature/99001.crl") {
            ++list_requests;
            out.body = list(m_signature, revoked_signature);
        } else if (path == "/v1/crl/user/99001.crl") {
            ++list_requests;
            out.body = list(m_user, revoked_user);
        } else if (path.starts_with("/v1/certificates/user/")) {
            const auto serial = pki::SerialNumber::parse(path.substr(22));
            const auto before = user_predecessor.find(serial ? serial->number().value_or(0) : 0);
            out.body = before == user_predecessor.end() ? R"({"status":"good"})"
                                                        : R"({"status":"good","predecessor":")" +
                                                              pki::SerialNumber::of(before->second).hex() + R"("})";
        } else {
            out.status = 404;
        }
        co_return out;
    }

    base::Task<base::Result<Answer>> post(std::string path, std::string, std::string body) override {
        if (down) co_return unreachable();
        Answer out{200, ""};
        if (path == "/v1/holder-match") {
            bool same = true;
            for (const uint64_t stranger : strangers)
                if (body.find("\"signatureSerial\":\"" + pki::SerialNumber::of(stranger).hex()) != std::string::npos)
                    same = false;
            out.body = same ? R"({"same":true})" : R"({"same":false})";
        } else if (path == "/v1/ocsp/user" || path == "/v1/ocsp/signature") {
            const bool user = path == "/v1/ocsp/user";
            out.body = ocsp(user ? m_user : m_signature, user ? revoked_user : revoked_signature, body);
        } else {
            out.status = 404;
        }
        co_return out;
    }

  private:
    static base::Error unreachable() { return base::error(base::ErrorKind::Unavailable, "certification.unreachable"); }
    std::string list(const pki::testing::SampleAuthority& authority,
                     const std::map<uint64_t, pki::RevocationReason>& revoked) {
        std::vector<pki::RevokedCertificate> entries;
        for (const auto& [serial, reason] : revoked)
            entries.push_back({pki::SerialNumber::of(serial), m_clock.now() - std::chrono::hours(1), reason});
        return authority.list(m_clock.now(), entries, static_cast<uint64_t>(++m_list_number));
    }
    std::string ocsp(const pki::testing::SampleAuthority& authority,
                     const std::map<uint64_t, pki::RevocationReason>& revoked, std::string_view request) {
        const auto parsed = pki::parse_ocsp_request(request);
        if (!parsed) return pki::write_ocsp_failure(pki::OcspFailure::MalformedRequest);
        std::vector<pki::OcspAnswer> answers;
        for (const auto& id : parsed->certificates) {
            pki::RevocationStatus status;
            status.state = pki::RevocationStatus::State::Good;
            status.method = pki::RevocationStatus::Method::Ocsp;
            status.source_time = m_clock.now();
            status.valid_until = m_clock.now() + std::chrono::minutes(15);
            const auto found = revoked.find(id.serial.number().value_or(0));
            if (found != revoked.end()) {
                status.state = pki::RevocationStatus::State::Revoked;
                status.revoked_at = m_clock.now() - std::chrono::hours(1);
                status.reason = found->second;
            }
            answers.push_back({id, status});
        }
        const std::string key_hash = crypto::sha1(authority.authority().view.public_key_bytes);
        return pki::write_ocsp_response(answers, m_clock.now(), parsed->nonce, {authority.key(), "", key_hash});
    }

    base::Clock& m_clock;
    pki::testing::SampleAuthority m_signature;
    pki::testing::SampleAuthority m_user;
    int m_list_number = 0;
};

} // namespace musubi::certification::simulated
