#include "jlis/ca/authorities.h"

#include "base/encoding.h"
#include "lib/pki/name.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace musubi::ca {
namespace {

using Kind = pki::NamePart::Kind;

struct Names {
    std::string_view file;
    std::string_view unit;
    std::string_view unit_japanese;
};
Names names_of(pki::CertificateKind kind) {
    if (kind == pki::CertificateKind::Signature)
        return {"signature", "Musubi certificates for digital signature", "結び認証サービス署名用"};
    return {"user", "Musubi certificates for user authentication", "結び認証サービス利用者証明用"};
}

std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Written beside its place with its final mode, made durable, then moved: never half a key, never readable by others.
bool write_file(const std::string& path, std::string_view content, mode_t mode) {
    const std::string draft = path + ".new";
    const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (file < 0) return false;
    size_t done = 0;
    while (done < content.size()) {
        const ssize_t written = ::write(file, content.data() + done, content.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break;
        done += static_cast<size_t>(written);
    }
    const bool whole = done == content.size() && ::fsync(file) == 0;
    ::close(file);
    return whole && ::rename(draft.c_str(), path.c_str()) == 0;
}

std::string pem_of(std::string_view der) {
    const std::string text = base::base64_encode(der);
    std::string out = "-----BEGIN CERTIFICATE-----\n";
    for (size_t at = 0; at < text.size(); at += 64) out += text.substr(at, 64) + "\n";
    return out + "-----END CERTIFICATE-----\n";
}

base::Error unusable(const std::string& file, std::string why) {
    return base::error(base::ErrorKind::Internal, "ca.unusable").with("file", file).because(std::move(why));
}

base::Result<CertificationAuthority> load(const std::string& base_path, pki::CertificateKind kind) {
    auto key = crypto::PrivateKey::from_pem(read_file(base_path + ".key"));
    if (!key) return unusable(base_path + ".key", "private key");
    std::string pem = read_file(base_path + ".pem");
    auto certificates = pki::certificates_from_file(pem);
    if (!certificates) return unusable(base_path + ".pem", certificates.error().detail);
    pki::TrustStore store(pki::Deployment::Test);
    if (auto added = store.add(certificates->front(), kind, pki::Realm::Test); !added)
        return unusable(base_path + ".pem", added.error().code);
    if (store.authorities()[0]->key.spki() != key->public_key().spki())
        return unusable(base_path + ".key", "belongs to another certificate");
    return CertificationAuthority{store.authorities()[0], std::move(*key), std::move(pem)};
}

/// Ten years, from the beginning of a day in Japan to the end of one.
base::Status create(const std::string& base_path, pki::CertificateKind kind, const AuthoritySettings& settings,
                    base::Instant now) {
    const auto names = names_of(kind);
    const auto today = base::date_in_japan(now);
    const auto begin = settings.allow_backdating ? today.plus_days(-6 * 366) : today;
    const auto key = crypto::PrivateKey::generate_rsa();
    const pki::AuthorityTemplate wanted{pki::write_name({{Kind::Country, "JP"},
                                                         {Kind::Organization, settings.organization},
                                                         {Kind::OrganizationalUnit, std::string(names.unit)}}),
                                        pki::write_name({{Kind::Country, "JP"},
                                                         {Kind::Organization, "結び認証サービス"},
                                                         {Kind::OrganizationalUnit, std::string(names.unit_japanese)}}),
                                        pki::SerialNumber::of(1), base::start_of_day_in_japan(begin),
                                        base::start_of_day_in_japan(today.plus_days(3653)) - std::chrono::seconds(1)};
    MUSUBI_TRY(auto linted, pki::lint(pki::authority_certificate(wanted, key.public_key()),
                                      pki::CertificateRole::Authority, pki::Realm::Test, nullptr));
    const std::string der = pki::sign(std::move(linted), key);
    if (!write_file(base_path + ".key", key.pem().reveal(), 0600)) return unusable(base_path + ".key", "not writable");
    if (!write_file(base_path + ".pem", pem_of(der), 0644)) return unusable(base_path + ".pem", "not writable");
    return base::success();
}

base::Result<CertificationAuthority> open_one(const AuthoritySettings& settings, pki::CertificateKind kind,
                                              Authorities::WhenMissing when_missing, base::Instant now) {
    const std::string base_path = settings.folder + "/" + std::string(names_of(kind).file);
    // The certificate is written last: without it the pair was never finished, and nothing was signed with the key.
    if (!std::filesystem::exists(base_path + ".pem")) {
        if (when_missing == Authorities::WhenMissing::Fail)
            return base::error(base::ErrorKind::Internal, "ca.missing").with("file", base_path + ".pem");
        MUSUBI_CHECK(create(base_path, kind, settings, now));
    }
    return load(base_path, kind);
}

} // namespace

base::Result<Authorities> Authorities::open(AuthoritySettings settings, WhenMissing when_missing, base::Instant now) {
    std::error_code ignored;
    if (when_missing == WhenMissing::Create && std::filesystem::create_directories(settings.folder, ignored))
        ::chmod(settings.folder.c_str(), 0700);
    MUSUBI_TRY(auto signature, open_one(settings, pki::CertificateKind::Signature, when_missing, now));
    MUSUBI_TRY(auto user, open_one(settings, pki::CertificateKind::UserAuthentication, when_missing, now));
    return Authorities(std::move(settings), std::move(signature), std::move(user));
}

std::string Authorities::partition(pki::CertificateKind kind, const std::string& municipality) const {
    return pki::write_name({{Kind::Country, "JP"},
                            {Kind::Organization, m_settings.organization},
                            {Kind::OrganizationalUnit, std::string(names_of(kind).unit)},
                            {Kind::OrganizationalUnit, "CRL Distribution Points"},
                            {Kind::OrganizationalUnit, municipality.substr(0, 2)},
                            {Kind::CommonName, municipality}});
}

std::string Authorities::ocsp_uri(pki::CertificateKind kind) const {
    if (m_settings.public_uri.empty()) return {};
    return m_settings.public_uri + "/v1/ocsp/" + std::string(pki::to_string(kind));
}

} // namespace musubi::ca
