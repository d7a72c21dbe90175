// What the API shows of a registration; every registration service answers with it.
#pragma once

#include "core/enrolment/enrolment.h"
#include "lib/json/describe.h"

namespace musubi::enrolment {

struct AttributesView {
    std::string name;
    bool name_has_substitutes = false;
    std::string address;
    base::CivilDate birth_date;
    residents::Sex sex = residents::Sex::Unknown;
};

struct RegistrationView {
    std::string id;
    Step step = Step::Terms;
    std::string email;
    std::string language;
    std::optional<std::string> terms_version;
    std::optional<Way> way;
    std::optional<AttributesView> attributes;
    std::optional<std::string> telephone;
    base::Instant expires_at;
    std::optional<std::string> person_id;
};

RegistrationView view(const Registration& registration);

template <class Fields> void describe(Fields& fields, AttributesView& attributes) {
    fields("name", attributes.name);
    fields("nameHasSubstitutes", attributes.name_has_substitutes,
           json::Rule{.meaning = "true when the card shows a stand-in for a character outside its character set"});
    fields("address", attributes.address);
    fields("birthDate", attributes.birth_date);
    fields("sex", attributes.sex);
}

template <class Fields> void describe(Fields& fields, RegistrationView& registration) {
    fields("id", registration.id);
    fields("step", registration.step);
    fields("email", registration.email);
    fields("language", registration.language);
    fields("termsVersion", registration.terms_version);
    fields("way", registration.way);
    fields("attributes", registration.attributes);
    fields("telephone", registration.telephone);
    fields("expiresAt", registration.expires_at);
    fields("personId", registration.person_id);
}

} // namespace musubi::enrolment
