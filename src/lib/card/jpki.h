// The JPKI application (公的個人認証AP): two certificates, two keys, two secrets.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "lib/card/layout.h"
#include "lib/card/pin.h"
#include "lib/card/transport.h"

#include <string>
#include <string_view>

namespace musubi::card {

/// Read from the label of the token information, never guessed from the ATR: some readers make it up.
enum class TokenKind { Card, Android, Iphone, ResidentCard /* 住民基本台帳カード */, Unknown };
std::string_view token_kind_name(TokenKind kind); // "card", "android", "iphone", "resident-card", "unknown"

struct CertificatesPresent {
    bool signature = false;
    bool user_authentication = false;
};

enum class CertificateFile { UserAuthentication, UserAuthenticationAuthority, Signature, SignatureAuthority };

/// The selected JPKI application of one card. Valid as long as the transport and as long as nothing else is selected.
class Jpki {
  public:
    /// "card.not-a-my-number-card" if the card does not know the application.
    static base::Result<Jpki> open(Transport& transport, const Layout& layout = layout_2016());

    const Layout& layout() const { return *m_layout; }

    base::Result<TokenKind> kind();
    base::Result<CertificatesPresent> certificates_present();

    /// DER. The signature certificate needs the signature password to be proven first; on a phone the user certificate
    /// needs its PIN.
    base::Result<std::string> certificate(CertificateFile which);

    /// Costs nothing. 0 means blocked.
    base::Result<unsigned> tries_left(Credential which);
    /// Normalises what was typed (pin.h) before sending it.
    base::Result<PinOutcome> verify(Credential which, const base::Secret& typed);
    base::Result<PinOutcome> change_pin(Credential which, const base::Secret& current, const base::Secret& next);

    /// Signs a digest of the layout's hash (32 bytes, SHA-256) after its secret was proven: RSASSA-PKCS1-v1_5.
    base::Result<std::string> sign(Credential which, std::string_view digest);

    /// Forgets what was proven, by selecting the application again.
    base::Status log_out();

  private:
    Jpki(Transport& transport, const Layout& layout) : m_transport(&transport), m_layout(&layout) {}
    Transport* m_transport;
    const Layout* m_layout;
};

struct Proof {
    std::string certificate; // DER
    std::string signature;   // over the digest that was asked for
};

/// The user certificate signs: everyday sign-in. Stops before asking for a try when the secret is malformed or blocked.
base::Result<Proof> authenticate(Jpki& jpki, std::string_view digest, const base::Secret& pin);

struct RegistrationProof {
    Proof user_authentication;
    Proof signature;
};

/// Both certificates sign one digest. Call it inside one connection to the card: that both answers come from the same
/// card is what ties the user certificate (which names nobody) to the person named in the signature certificate.
/// Nothing is tried when either secret is malformed or blocked, or when the signature certificate is missing.
base::Result<RegistrationProof> read_and_sign(Jpki& jpki, std::string_view digest, const base::Secret& pin,
                                              const base::Secret& signature_password);

} // namespace musubi::card
