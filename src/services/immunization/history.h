// Private to services/immunization: what a person received, out of the FHIR resources of the record.
#pragma once

#include "core/identity/person.h"
#include "core/records/records.h"
#include "services/immunization/engine.h"

namespace musubi::immunization {

struct Received {
    std::string id;           // of the Immunization
    std::string date;         // as recorded; perhaps only a month
    std::string name;         // what the record calls it
    std::optional<int> given; // index in History::given; absent when vaccine or day cannot be told
    std::string product;      // name of the product; empty when not told
    std::string place, lot, source_name;
    records::Origin origin = records::Origin::City;
};

struct History {
    std::vector<Given> given;
    std::vector<Received> received; // newest first, as the record lists them
};

/// Immunizations that took place. Vaccines are told by Musubi's codes or CVX, products by CVX or by their names.
base::Task<History> history_of(db::ReadTx& tx, const Rules& rules, base::PersonId person);

/// With the due date of a pregnancy (LOINC 11778-8) not more than 42 weeks away, and the long illness entered.
base::Task<Person> subject_for(db::ReadTx& tx, identity::Person person, CivilDate today);

} // namespace musubi::immunization
