#include "lib/pki/name.h"

#include "lib/pki/der.h"
#include "lib/pki/oid.h"

#include <array>

namespace musubi::pki {
namespace {

struct Attribute {
    NamePart::Kind kind;
    std::string_view oid;
    std::string_view label;
};
constexpr std::array kAttributes = {
    Attribute{NamePart::Kind::Country, oid::kCountry, "C"},
    Attribute{NamePart::Kind::Organization, oid::kOrganization, "O"},
    Attribute{NamePart::Kind::OrganizationalUnit, oid::kOrganizationalUnit, "OU"},
    Attribute{NamePart::Kind::Locality, oid::kLocality, "L"},
    Attribute{NamePart::Kind::CommonName, oid::kCommonName, "CN"},
};

std::string_view oid_of(NamePart::Kind kind) {
    for (const auto& attribute : kAttributes)
        if (attribute.kind == kind) return attribute.oid;
    return {};
}

std::string label_of(std::string_view oid) {
    for (const auto& attribute : kAttributes)
        if (attribute.oid == oid) return std::string(attribute.label);
    return oid_text(oid);
}

} // namespace

std::string write_name(const std::vector<NamePart>& parts) {
    std::string out;
    for (const auto& part : parts) {
        const auto tag = part.kind == NamePart::Kind::Country ? der::kPrintableString : der::kUtf8String;
        out += der::write(der::kSet,
                          der::sequence({der::object_identifier(oid_of(part.kind)), der::write(tag, part.value)}));
    }
    return der::write(der::kSequence, out);
}

std::string name_text(std::string_view name) {
    der::Reader parts;
    if (!der::enter(name, der::kSequence, parts)) return "?";
    std::string out;
    while (!parts.empty()) {
        der::Reader set;
        der::Reader attribute;
        std::string_view type;
        der::Element value;
        if (!parts.take(der::kSet, set) || !set.take(der::kSequence, attribute) ||
            !attribute.take(der::kObjectIdentifier, type) || !attribute.take_any(value))
            return "?";
        if (!out.empty()) out += ", ";
        out += label_of(type) + "=" + std::string(value.content);
    }
    return out;
}

bool well_formed_name(std::string_view name) {
    der::Reader parts;
    if (!der::well_formed(name) || !der::enter(name, der::kSequence, parts)) return false;
    while (!parts.empty()) {
        der::Reader set;
        if (!parts.take(der::kSet, set) || set.empty()) return false;
        while (!set.empty()) {
            der::Reader attribute;
            std::string_view type;
            der::Element value;
            if (!set.take(der::kSequence, attribute) || !attribute.take(der::kObjectIdentifier, type) ||
                !attribute.take_any(value) || !attribute.empty())
                return false;
            if (value.tag != der::kUtf8String && value.tag != der::kPrintableString && value.tag != der::kIa5String)
                return false;
        }
    }
    return true;
}

bool well_formed_general_names(std::string_view content) {
    der::Reader names(content);
    if (names.empty()) return false;
    while (!names.empty()) {
        der::Element name;
        if (!names.take_any(name)) return false;
        der::Reader inside(name.content);
        der::Element part;
        switch (name.tag) {
        case der::context_constructed(0): // otherName
            if (!inside.take(der::kObjectIdentifier, part) || !inside.take(der::context_constructed(0), part) ||
                !inside.empty())
                return false;
            break;
        case der::context(1):
        case der::context(2):
        case der::context(6): // mail, DNS name, address: IA5String
            for (char c : name.content)
                if (static_cast<uint8_t>(c) >= 0x80) return false;
            break;
        case der::context_constructed(4):
            if (!inside.take(der::kSequence, part) || !inside.empty() || !well_formed_name(part.whole)) return false;
            break;
        case der::context(7):
        case der::context(8):
            break;
        default:
            return false;
        }
    }
    return true;
}

std::string write_directory_name(std::string_view name) { return der::write(der::context_constructed(4), name); }

std::optional<std::string_view> only_directory_name(std::string_view general_names_content) {
    der::Reader names(general_names_content);
    der::Reader directory;
    der::Element name;
    if (!names.take(der::context_constructed(4), directory) || !names.empty()) return std::nullopt;
    if (!directory.take(der::kSequence, name) || !directory.empty()) return std::nullopt;
    return name.whole;
}

} // namespace musubi::pki
