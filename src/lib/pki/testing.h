// Sample authorities for tests of this and other modules: complete, but with keys that live as long as the process.
#pragma once

#include "lib/pki/der.h"
#include "lib/pki/issuing.h"
#include "lib/pki/name.h"
#include "lib/pki/verifier.h"

#include <array>
#include <stdexcept>

namespace musubi::pki::testing {

/// RSA keys cost 100 ms each; tests that need "a key" share a few.
inline const crypto::PrivateKey& sample_key(size_t index) {
    static std::array<std::optional<crypto::PrivateKey>, 8> keys;
    auto& key = keys.at(index);
    if (!key) key = crypto::PrivateKey::generate_rsa();
    return *key;
}

inline CertifiedAttributes sample_attributes() {
    return {"見本　花子",
            "00000",
            "東京都見本市中央１－２－３",
            "0000000000000",
            *base::CivilDate::of(1980, 2, 17),
            CertifiedAttributes::Sex::Female};
}

inline std::string sample_partition(CertificateKind kind, std::string_view municipality = "99001") {
    using Kind = NamePart::Kind;
    return write_name({{Kind::Country, "JP"},
                       {Kind::Organization, "MUSUBI-TEST"},
                       {Kind::OrganizationalUnit, std::string(to_string(kind))},
                       {Kind::OrganizationalUnit, "CRL Distribution Points"},
                       {Kind::CommonName, std::string(municipality)}});
}

/// One generation of one authority with its key.
class SampleAuthority {
  public:
    SampleAuthority(CertificateKind kind, Realm realm, base::Instant now, size_t key_index)
        : m_key(sample_key(key_index)) {
        using Kind = NamePart::Kind;
        const std::string unit =
            kind == CertificateKind::Signature ? "for digital signature" : "for user authentication";
        const auto begin = base::start_of_day_in_japan(base::date_in_japan(now).plus_days(-400));
        const auto end =
            base::start_of_day_in_japan(base::date_in_japan(now).plus_days(3650)) - std::chrono::seconds(1);
        const AuthorityTemplate wanted{
            write_name({{Kind::Country, "JP"},
                        {Kind::Organization, realm == Realm::Test ? "MUSUBI-TEST" : "MUSUBI-SAMPLE"},
                        {Kind::OrganizationalUnit, unit}}),
            write_name({{Kind::Country, "JP"}, {Kind::Organization, "見本認証局"}}), SerialNumber::of(key_index + 1),
            begin, end};
        auto linted =
            lint(authority_certificate(wanted, m_key.public_key()), CertificateRole::Authority, realm, nullptr);
        if (!linted)
            throw std::logic_error("sample authority does not lint: " + linted.error().parameters.at(0).second);
        TrustStore store(Deployment::Test);
        if (!store.add(sign(std::move(*linted), m_key), kind, realm)) throw std::logic_error("sample authority");
        m_authority = store.authorities()[0];
    }

    const Authority& authority() const { return *m_authority; }
    const crypto::PrivateKey& key() const { return m_key; }

    /// A template for a person's certificate that passes every check at `now`.
    HolderTemplate holder(uint64_t serial, base::Instant now, const crypto::PublicKey& key) const {
        using Kind = NamePart::Kind;
        HolderTemplate out{m_authority->kind,
                           m_authority->realm,
                           m_authority->view,
                           SerialNumber::of(serial),
                           {},
                           now,
                           base::start_of_day_in_japan(base::date_in_japan(now).plus_days(1800)) -
                               std::chrono::seconds(1),
                           key.spki(),
                           std::nullopt,
                           sample_partition(m_authority->kind),
                           "http://musubi.example/cps",
                           ""};
        out.subject = write_name({{Kind::Country, "JP"}, {Kind::CommonName, "2026112209000000001AAAAAAAAA"}});
        if (m_authority->kind == CertificateKind::Signature) out.attributes = sample_attributes();
        return out;
    }

    std::string issue(const HolderTemplate& holder) const {
        const auto role =
            holder.kind == CertificateKind::Signature ? CertificateRole::SignatureHolder : CertificateRole::UserHolder;
        auto linted = lint(holder_certificate(holder), role, holder.realm, &m_authority->view);
        if (!linted) throw std::logic_error("sample does not lint: " + linted.error().parameters.at(0).second);
        return sign(std::move(*linted), m_key);
    }

    /// Signs whatever it is given: for certificates that must be refused.
    std::string issue_unlinted(const CertificateContents& contents) const {
        const std::string tbs = write_tbs_certificate(contents);
        return der::sequence(
            {tbs, write_signature_algorithm(contents.algorithm), der::bit_string(m_key.sign(contents.algorithm, tbs))});
    }

    std::string list(base::Instant now, std::vector<RevokedCertificate> entries = {}, uint64_t number = 1,
                     std::string_view municipality = "99001") const {
        auto linted =
            lint(RevocationListContents{m_authority->view, number, now, now + std::chrono::hours(48),
                                        sample_partition(m_authority->kind, municipality), std::move(entries)});
        if (!linted) throw std::logic_error("sample list does not lint");
        return sign(std::move(*linted), m_key);
    }

  private:
    crypto::PrivateKey m_key;
    AuthorityPointer m_authority;
};

/// Answers what a test tells it.
class FixedRevocation final : public RevocationSource {
  public:
    RevocationStatus answer;
    FixedRevocation() { answer.state = RevocationStatus::State::Good; }
    base::Task<RevocationStatus> status(CertificateIdentity, base::Instant now) override {
        RevocationStatus out = answer;
        out.source_time = now;
        co_return out;
    }
};

} // namespace musubi::pki::testing
