#include "services/health_record/patient.h"

#include "core/records/fhir.h"

namespace musubi::health_record {
namespace {

namespace fhir = records::fhir;

/// Registers write family and given name with one ideographic space between them; names without one stay whole.
fhir::HumanName human_name(const std::string& name, std::string_view representation) {
    constexpr std::string_view kSpace = "　";
    fhir::HumanName out;
    out.extension = {
        {"http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation", std::string(representation)}};
    out.text = name;
    if (const size_t at = name.find(kSpace); at != std::string::npos) {
        out.family = name.substr(0, at);
        out.given = std::vector<std::string>{name.substr(at + kSpace.size())};
    }
    return out;
}

} // namespace

records::Resource patient_of(const identity::Person& person) {
    fhir::Patient patient;
    patient.id = person.id.to_string();
    patient.meta = fhir::profile("JP_Patient");
    patient.identifier = {{"urn:ietf:rfc:3986", "urn:uuid:" + person.id.to_string()}};
    patient.name = {human_name(person.name, "IDE")};
    if (person.kana) patient.name.push_back(human_name(*person.kana, "SYL"));
    patient.gender = person.sex == identity::Sex::Male     ? "male"
                     : person.sex == identity::Sex::Female ? "female"
                                                           : "unknown";
    patient.birth_date = person.birth_date;
    patient.address = {{person.address}};
    records::Resource resource;
    resource.type = "Patient";
    resource.id = patient.id;
    resource.updated_at = person.certified_at;
    resource.body = json::write(patient);
    return resource;
}

} // namespace musubi::health_record
