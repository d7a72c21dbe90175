#include "lib/pki/trust_store.h"

#include "base/encoding.h"
#include "lib/crypto/digest.h"
#include "lib/pki/name.h"
#include "lib/pki/oid.h"

#include <fstream>
#include <iterator>

namespace musubi::pki {
namespace {

base::Error not_an_authority(const char* why) { return base::invalid("trust.not-an-authority").because(why); }

/// Test hierarchies carry "-TEST" in their organisation; this catches one that was put into the wrong list.
bool names_a_test(const CertificateView& view) { return name_text(view.subject).find("-TEST") != std::string::npos; }

base::Status check_authority(const CertificateView& view, const crypto::PublicKey& key) {
    if (view.issuer != view.subject) return not_an_authority("not self-issued");
    const auto* constraints = view.find(oid::kBasicConstraints);
    if (constraints == nullptr || !constraints->critical) return not_an_authority("basicConstraints");
    const auto basic = basic_constraints(constraints->value);
    if (!basic || !basic->authority) return not_an_authority("basicConstraints");
    const auto* usage = view.find(oid::kKeyUsage);
    const auto bits = usage != nullptr ? key_usage_bits(usage->value) : std::nullopt;
    if (!bits || !usage->critical || *bits != (kKeyCertSign | kCrlSign)) return not_an_authority("keyUsage");
    for (const auto& extension : view.extensions())
        if (extension.critical && extension.oid != oid::kKeyUsage && extension.oid != oid::kBasicConstraints)
            return not_an_authority("unknown critical extension");
    const auto algorithm = signature_algorithm_of(view.signature_algorithm);
    if (!algorithm || !key.verify(*algorithm, view.tbs, view.signature)) return not_an_authority("own signature");
    return base::success();
}

} // namespace

base::Status TrustStore::add(std::string_view der, CertificateKind kind, Realm realm) {
    if (m_deployment == Deployment::Production && realm == Realm::Test)
        return base::forbidden("trust.test-authority-in-production");
    std::string copy(der);
    MUSUBI_TRY(const auto probe, parse_certificate(copy));
    if (m_deployment == Deployment::Production && names_a_test(probe))
        return base::forbidden("trust.test-authority-in-production").because(name_text(probe.subject));
    auto key = certificate_key(probe);
    if (!key) return not_an_authority("key");
    MUSUBI_CHECK(check_authority(probe, *key));
    const auto* identifier = probe.find(oid::kSubjectKeyIdentifier);
    const auto key_identifier = identifier != nullptr ? subject_key_identifier(identifier->value) : std::nullopt;
    if (!key_identifier) return not_an_authority("subjectKeyIdentifier");

    auto authority = std::make_shared<Authority>(std::move(copy), CertificateView{}, std::move(*key));
    authority->view = *parse_certificate(authority->der);
    authority->kind = kind;
    authority->realm = realm;
    authority->key_identifier =
        std::string(*subject_key_identifier(authority->view.find(oid::kSubjectKeyIdentifier)->value));
    authority->fingerprint = base::hex_encode(crypto::sha256(authority->der));
    for (const auto& known : m_authorities) {
        if (known->der != authority->der) continue;
        if (known->kind == kind && known->realm == realm) return base::success();
        return not_an_authority("the same certificate in two stores");
    }
    m_authorities.push_back(std::move(authority));
    return base::success();
}

base::Result<TrustStore> TrustStore::load(const TrustStoreFiles& files, Deployment deployment) {
    TrustStore store(deployment);
    struct Group {
        const std::vector<std::string>& paths;
        CertificateKind kind;
        Realm realm;
    };
    for (const auto& group :
         {Group{files.signature, CertificateKind::Signature, Realm::Production},
          Group{files.user_authentication, CertificateKind::UserAuthentication, Realm::Production},
          Group{files.test_signature, CertificateKind::Signature, Realm::Test},
          Group{files.test_user_authentication, CertificateKind::UserAuthentication, Realm::Test}}) {
        for (const auto& path : group.paths) {
            std::ifstream in(path, std::ios::binary);
            const std::string content((std::istreambuf_iterator<char>(in)), {});
            if (!in || content.empty()) return base::invalid("trust.file-unreadable").with("file", path);
            MUSUBI_TRY(const auto certificates, certificates_from_file(content));
            for (const auto& der : certificates) MUSUBI_CHECK(store.add(der, group.kind, group.realm));
        }
    }
    if (store.m_authorities.empty()) return base::invalid("trust.no-authority");
    return store;
}

} // namespace musubi::pki
