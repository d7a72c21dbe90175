#include "lib/pki/profile.h"

#include "base/encoding.h"
#include "lib/pki/der.h"
#include "lib/pki/oid.h"

#include <array>
#include <stdexcept>

namespace musubi::pki {
namespace {

constexpr std::array kKeysOfToday = {KeyRule{crypto::KeyAlgorithm::Rsa, 2048, 65537}};
constexpr std::array kAlgorithmsOfToday = {crypto::SignatureAlgorithm::RsaPkcs1Sha256};

// Issued until the fifth birthday, or the sixth when renewed up to three months early.
constexpr int kMaxValidityDays = 6 * 366 + 92;

// The policy of user certificates of test cards is not published. Test signature certificates use the arc one below
// that of production (…1.0 for …1.1); the same step is assumed here.
constexpr std::array kProfiles = {
    CertificateProfile{CertificateKind::Signature, Realm::Production, "1.2.392.200149.8.5.1.1.20",
                       kDigitalSignature | kNonRepudiation, true, kKeysOfToday, kAlgorithmsOfToday, kMaxValidityDays},
    CertificateProfile{CertificateKind::UserAuthentication, Realm::Production, "1.2.392.200149.8.5.1.3.30",
                       kDigitalSignature, false, kKeysOfToday, kAlgorithmsOfToday, kMaxValidityDays},
    CertificateProfile{CertificateKind::Signature, Realm::Test, "1.2.392.200149.8.5.1.0.20",
                       kDigitalSignature | kNonRepudiation, true, kKeysOfToday, kAlgorithmsOfToday, kMaxValidityDays},
    CertificateProfile{CertificateKind::UserAuthentication, Realm::Test, "1.2.392.200149.8.5.1.2.30", kDigitalSignature,
                       false, kKeysOfToday, kAlgorithmsOfToday, kMaxValidityDays},
};

base::Error malformed(const char* why) { return base::invalid("certificate.attributes-malformed").because(why); }

/// otherName [0] IMPLICIT { type-id, value [0] EXPLICIT UTF8String }.
bool take_other_name(der::Reader& names, std::string_view& type, std::string_view& text) {
    der::Reader other_name;
    der::Reader value;
    return names.take(der::context_constructed(0), other_name) && other_name.take(der::kObjectIdentifier, type) &&
           other_name.take(der::context_constructed(0), value) && other_name.empty() &&
           value.take(der::kUtf8String, text) && value.empty();
}

size_t character_count(std::string_view utf8) {
    size_t count = 0;
    for (char c : utf8) count += (static_cast<uint8_t>(c) & 0xc0) != 0x80;
    return count;
}

/// One digit per character; an ideographic variation sequence may be counted as one character or two.
bool valid_substitutes(std::string_view map, std::string_view text) {
    return map.size() <= character_count(text) && map.find_first_not_of("01") == std::string_view::npos;
}

std::optional<base::CivilDate> parse_era_date(std::string_view text) {
    if (text.size() != 9 || text[0] < '0' || text[0] > '5') return std::nullopt;
    return base::CivilDate::parse_compact(text.substr(1));
}

std::string other_name(std::string_view type, std::string_view text) {
    return der::write(
        der::context_constructed(0),
        {der::object_identifier(type), der::write(der::context_constructed(0), der::write(der::kUtf8String, text))});
}

} // namespace

std::string_view to_string(CertificateKind kind) { return kind == CertificateKind::Signature ? "signature" : "user"; }
std::string_view to_string(Realm realm) { return realm == Realm::Production ? "production" : "test"; }

std::span<const CertificateProfile> certificate_profiles() { return kProfiles; }

const CertificateProfile& certificate_profile(CertificateKind kind, Realm realm) {
    for (const auto& profile : kProfiles)
        if (profile.kind == kind && profile.realm == realm) return profile;
    throw std::logic_error("certificate_profile");
}

base::Result<CertifiedAttributes> certified_attributes(std::string_view subject_alt_name) {
    der::Reader names;
    if (!der::well_formed(subject_alt_name) || !der::enter(subject_alt_name, der::kSequence, names))
        return malformed("not GeneralNames");
    struct Field {
        std::string_view type;
        std::optional<std::string_view> text;
    };
    std::array<Field, 6> fields = {Field{oid::kJpkiCommonName, {}}, Field{oid::kJpkiSubstituteOfCommonName, {}},
                                   Field{oid::kJpkiGender, {}},     Field{oid::kJpkiDateOfBirth, {}},
                                   Field{oid::kJpkiAddress, {}},    Field{oid::kJpkiSubstituteOfAddress, {}}};
    for (int count = 0; !names.empty(); ++count) {
        std::string_view type;
        std::string_view text;
        // Other entries may join (the reading of the name from 2026-05-26): they are skipped, in bounds.
        if (count == 16 || !take_other_name(names, type, text)) return malformed("entry");
        for (auto& field : fields) {
            if (field.type != type) continue;
            if (field.text) return malformed("entry stands twice");
            field.text = text;
        }
    }
    for (const auto& field : fields)
        if (!field.text) return malformed("entry missing");
    const auto birth_date = parse_era_date(*fields[3].text);
    if (!birth_date) return malformed("date of birth");
    const std::string_view sex = *fields[2].text;
    if (sex != "1" && sex != "2" && sex != "3") return malformed("gender");
    if (fields[0].text->empty() || fields[4].text->empty()) return malformed("empty");
    if (!valid_substitutes(*fields[1].text, *fields[0].text) || !valid_substitutes(*fields[5].text, *fields[4].text))
        return malformed("substitute map");
    using Sex = CertifiedAttributes::Sex;
    return CertifiedAttributes{std::string(*fields[0].text),
                               std::string(*fields[1].text),
                               std::string(*fields[4].text),
                               std::string(*fields[5].text),
                               *birth_date,
                               sex == "1"   ? Sex::Male
                               : sex == "2" ? Sex::Female
                                            : Sex::Unknown};
}

std::string write_certified_attributes(const CertifiedAttributes& attributes) {
    using Sex = CertifiedAttributes::Sex;
    const char* sex = attributes.sex == Sex::Male ? "1" : attributes.sex == Sex::Female ? "2" : "3";
    return der::sequence({other_name(oid::kJpkiCommonName, attributes.name),
                          other_name(oid::kJpkiDateOfBirth, era_date(attributes.birth_date)),
                          other_name(oid::kJpkiGender, sex), other_name(oid::kJpkiAddress, attributes.address),
                          other_name(oid::kJpkiSubstituteOfCommonName, attributes.name_substitutes),
                          other_name(oid::kJpkiSubstituteOfAddress, attributes.address_substitutes)});
}

std::string no_substitutes(std::string_view text) { return std::string(character_count(text), '0'); }

std::string era_date(base::CivilDate date) {
    struct Era {
        char digit;
        int year;
        unsigned month;
        unsigned day;
    };
    // First day of each era; Meiji is counted from the Gregorian reading of its first day.
    constexpr std::array eras = {Era{'5', 2019, 5, 1}, Era{'4', 1989, 1, 8}, Era{'3', 1926, 12, 25},
                                 Era{'2', 1912, 7, 30}, Era{'1', 1868, 1, 25}};
    for (const auto& era : eras)
        if (date >= *base::CivilDate::of(era.year, era.month, era.day)) return era.digit + date.to_compact_string();
    return "0" + date.to_compact_string();
}

} // namespace musubi::pki
