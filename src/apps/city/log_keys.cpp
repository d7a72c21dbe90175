#include "apps/city/log_keys.h"

namespace musubi::city {
namespace {

base::Result<tlog::Signer> derived(const Settings& settings, std::string_view purpose, std::string name,
                                   tlog::KeyType type) {
    MUSUBI_TRY(const crypto::AeadKey key, data_key(settings));
    const base::Secret seed(crypto::hkdf_sha256(key.reveal(), "", purpose, 32));
    MUSUBI_TRY(auto own, crypto::Ed25519PrivateKey::from_seed(seed));
    return tlog::Signer(std::move(name), type, std::move(own));
}

} // namespace

base::Result<tlog::Signer> log_signer(const Settings& settings) {
    return derived(settings, "musubi transparency log 1", settings.public_host() + "/log", tlog::KeyType::Note);
}

base::Result<audit::Cosigning> cosigning(const Settings& settings) {
    MUSUBI_TRY(auto signer, derived(settings, "musubi transparency witness 1", settings.public_host() + "/witness",
                                    tlog::KeyType::Cosignature));
    return audit::Cosigning{std::move(signer), settings.transparency.witness_for};
}

} // namespace musubi::city
