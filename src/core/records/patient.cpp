#include "core/records/patient.h"

#include "core/records/fhir.h"

namespace musubi::records {
namespace {

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

Resource patient_of(const identity::Person& person) {
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
    Resource resource;
    resource.owner = person.id;
    resource.type = "Patient";
    resource.id = patient.id;
    resource.updated_at = person.certified_at;
    resource.body = json::write(patient);
    return resource;
}

base::Task<base::Result<bool>> keep_patient(db::WriteTx& tx, base::Random& random, const identity::Person& person,
                                            base::Instant now) {
    const bool kept = co_await is_patient_kept(tx, person);
    if (kept) co_return false;
    MUSUBI_CO_TRY(const Prepared prepared, prepare(patient_of(person).body));
    Placing placing;
    placing.owner = person.id;
    placing.id = person.id.to_string();
    MUSUBI_CO_CHECK(co_await put(tx, random, std::move(placing), prepared, now));
    co_return true;
}

base::Task<bool> is_patient_kept(db::ReadTx& tx, const identity::Person& person) {
    const std::string id = person.id.to_string();
    const auto stored = co_await get(tx, person.id, "Patient", id);
    if (!stored || stored->deleted) co_return false;
    const auto prepared = prepare(patient_of(person).body);
    if (!prepared) co_return false;
    co_return compose(*prepared, id, stored->version, stored->updated_at) == stored->body;
}

} // namespace musubi::records
