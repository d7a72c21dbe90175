#include "lib/card/jpki.h"

#include "lib/card/apdu.h"
#include "lib/card/errors.h"
#include "lib/card/files.h"

namespace musubi::card {

namespace {

constexpr uint8_t kPerformSecurityOperation = 0x2A;
constexpr uint8_t kProprietary = 0x80;
constexpr size_t kLabelSize = 32;
constexpr size_t kPresentSize = 3;
constexpr char kPresent = '\x8F';
constexpr uint32_t kWholeSignature = 256;

std::string_view without_padding(std::string_view label) {
    const auto end = label.find_last_not_of(' ');
    return end == std::string_view::npos ? std::string_view() : label.substr(0, end + 1);
}

base::Status require_not_blocked(Jpki& jpki, Credential which) {
    MUSUBI_TRY(const auto left, jpki.tries_left(which));
    if (left == 0) return pin_blocked(jpki.layout().credential(which).name);
    return base::success();
}

base::Result<Proof> prove(Jpki& jpki, Credential which, std::string_view digest, const base::Secret& pin) {
    MUSUBI_TRY(const auto outcome, jpki.verify(which, pin));
    MUSUBI_CHECK(require_accepted(outcome, jpki.layout().credential(which).name));
    Proof proof;
    MUSUBI_TRY(proof.signature, jpki.sign(which, digest));
    const auto file = which == Credential::Signature ? CertificateFile::Signature : CertificateFile::UserAuthentication;
    MUSUBI_TRY(proof.certificate, jpki.certificate(file));
    return proof;
}

} // namespace

std::string_view token_kind_name(TokenKind kind) {
    switch (kind) {
    case TokenKind::Card:
        return "card";
    case TokenKind::Android:
        return "android";
    case TokenKind::Iphone:
        return "iphone";
    case TokenKind::ResidentCard:
        return "resident-card";
    case TokenKind::Unknown:
        break;
    }
    return "unknown";
}

base::Result<Jpki> Jpki::open(Transport& transport, const Layout& layout) {
    MUSUBI_CHECK(select_application(transport, layout.jpki_application));
    return Jpki(transport, layout);
}

base::Result<TokenKind> Jpki::kind() {
    MUSUBI_TRY(const auto head, read_file(*m_transport, m_layout->token_information, kLabelSize));
    const auto label = without_padding(head);
    if (label == "JPKIAPICCTOKEN2") return TokenKind::Card;
    if (label == "JPKIAPGPSETOKEN") return TokenKind::Android;
    if (label == "JPKIAPIOSTOKEN") return TokenKind::Iphone;
    if (label == "JPKIAPICCTOKEN") return TokenKind::ResidentCard;
    return TokenKind::Unknown;
}

base::Result<CertificatesPresent> Jpki::certificates_present() {
    MUSUBI_TRY(const auto bytes, read_file(*m_transport, m_layout->certificates_present, kPresentSize));
    return CertificatesPresent{bytes[0] == kPresent, bytes[1] == kPresent};
}

base::Result<std::string> Jpki::certificate(CertificateFile which) {
    switch (which) {
    case CertificateFile::UserAuthentication:
        return read_object_file(*m_transport, m_layout->user_authentication.certificate);
    case CertificateFile::UserAuthenticationAuthority:
        return read_object_file(*m_transport, m_layout->user_authentication.authority_certificate);
    case CertificateFile::Signature:
        return read_object_file(*m_transport, m_layout->signature.certificate);
    case CertificateFile::SignatureAuthority:
        break;
    }
    return read_object_file(*m_transport, m_layout->signature.authority_certificate);
}

base::Result<unsigned> Jpki::tries_left(Credential which) {
    return card::tries_left(*m_transport, m_layout->credential(which).pin);
}

base::Result<PinOutcome> Jpki::verify(Credential which, const base::Secret& typed) {
    const auto& credential = m_layout->credential(which);
    MUSUBI_TRY(const auto secret, normalise_pin(credential.format, credential.name, typed));
    return verify_pin(*m_transport, credential.pin, secret);
}

base::Result<PinOutcome> Jpki::change_pin(Credential which, const base::Secret& current, const base::Secret& next) {
    const auto& credential = m_layout->credential(which);
    MUSUBI_TRY(const auto old_secret, normalise_pin(credential.format, credential.name, current));
    MUSUBI_TRY(const auto new_secret, normalise_pin(credential.format, credential.name, next));
    return card::change_pin(*m_transport, credential.pin, old_secret, new_secret);
}

base::Result<std::string> Jpki::sign(Credential which, std::string_view digest) {
    const auto& credential = m_layout->credential(which);
    if (digest.size() != crypto::digest_size(credential.hash)) return base::invalid("card.digest-malformed");
    MUSUBI_TRY(const bool found, select_file(*m_transport, credential.private_key));
    if (!found) return unexpected_status(kPerformSecurityOperation, sw::kFileNotFound);
    Command command{kProprietary, kPerformSecurityOperation, credential.signing_parameter, 0x80, {}, kWholeSignature};
    command.data = credential.input == SigningInput::DigestInfo ? crypto::digest_info(credential.hash, digest)
                                                                : std::string(digest);
    MUSUBI_TRY(auto response, exchange(*m_transport, command));
    if (!response.ok()) return unexpected_status(kPerformSecurityOperation, response.status);
    if (response.data.empty()) return communication("signature without bytes");
    return std::move(response.data);
}

base::Status Jpki::log_out() { return select_application(*m_transport, m_layout->jpki_application); }

base::Result<Proof> authenticate(Jpki& jpki, std::string_view digest, const base::Secret& pin) {
    const auto& user = jpki.layout().user_authentication;
    MUSUBI_CHECK(normalise_pin(user.format, user.name, pin));
    MUSUBI_CHECK(require_not_blocked(jpki, Credential::UserAuthentication));
    return prove(jpki, Credential::UserAuthentication, digest, pin);
}

base::Result<RegistrationProof> read_and_sign(Jpki& jpki, std::string_view digest, const base::Secret& pin,
                                              const base::Secret& signature_password) {
    const auto& layout = jpki.layout();
    MUSUBI_CHECK(normalise_pin(layout.user_authentication.format, layout.user_authentication.name, pin));
    MUSUBI_CHECK(normalise_pin(layout.signature.format, layout.signature.name, signature_password));
    MUSUBI_TRY(const auto present, jpki.certificates_present());
    if (!present.signature) return signature_certificate_missing();
    MUSUBI_CHECK(require_not_blocked(jpki, Credential::UserAuthentication));
    MUSUBI_CHECK(require_not_blocked(jpki, Credential::Signature));
    RegistrationProof proof;
    MUSUBI_TRY(proof.user_authentication, prove(jpki, Credential::UserAuthentication, digest, pin));
    MUSUBI_TRY(proof.signature, prove(jpki, Credential::Signature, digest, signature_password));
    return proof;
}

} // namespace musubi::card
