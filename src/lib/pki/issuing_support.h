// Private to lib/pki: what the sources behind issuing.h share.
#pragma once

#include "lib/pki/issuing.h"

#include <string>
#include <string_view>
#include <vector>

namespace musubi::pki {

/// The subjectPublicKey bits of a SubjectPublicKeyInfo: what key identifiers hash.
std::string spki_key_bits(std::string_view spki);
std::string write_extensions(const std::vector<ExtensionContents>& extensions);
/// tbs, algorithm and signature as one SEQUENCE; signs, then verifies what it signed.
std::string assemble_signed(std::string_view tbs, crypto::SignatureAlgorithm algorithm, const crypto::PrivateKey& key);

} // namespace musubi::pki
