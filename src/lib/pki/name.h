// Distinguished names and general names (RFC 5280 sections 4.1.2.4 and 4.2.1.6). Names are compared as DER bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::pki {

struct NamePart {
    enum class Kind { Country, Organization, OrganizationalUnit, Locality, CommonName } kind;
    std::string value; // UTF-8
    friend bool operator==(const NamePart&, const NamePart&) = default;
};

/// Each part is a relative distinguished name of its own, in the order given. Country is a PrintableString, everything
/// else a UTF8String, as the certificates of the Japanese infrastructure have it.
std::string write_name(const std::vector<NamePart>& parts);

/// "C=JP, O=…, OU=…", for evidence and logs about authorities; "?" if malformed. Never for names of citizens.
std::string name_text(std::string_view name);

/// RDNSequence with non-empty sets of type and string, in DER. An empty sequence passes.
bool well_formed_name(std::string_view name);
/// The content of GeneralNames: at least one, each of a kind RFC 5280 section 4.2.1.6 knows.
bool well_formed_general_names(std::string_view content);

/// GeneralName directoryName [4] around a Name.
std::string write_directory_name(std::string_view name);
/// GeneralNames: exactly one directoryName; its Name.
std::optional<std::string_view> only_directory_name(std::string_view general_names_content);

} // namespace musubi::pki
