#include "services/fhir_api/patients.h"

#include "core/records/patient.h"

namespace musubi::fhir_api {
namespace {

base::Task<std::vector<identity::Person>> behind(db::ReadTx& tx, const Context& context,
                                                 const std::optional<std::string>& named) {
    std::vector<identity::Person> out;
    for (const records::Owner& owner : context.scope.owners) {
        const auto person = owner.person();
        if (!person) continue;
        auto registered = co_await identity::find_person(tx, *person);
        if (!registered) continue;
        const bool kept = co_await records::is_patient_kept(tx, *registered);
        if (!kept) out.push_back(std::move(*registered));
    }
    if (!named || context.scope.reach == records::Scope::Reach::Listed) co_return out;
    if (const auto person = base::PersonId::parse(*named)) {
        auto registered = co_await identity::find_person(tx, *person);
        if (!registered) co_return out;
        const bool kept = co_await records::is_patient_kept(tx, *registered);
        if (!kept) out.push_back(std::move(*registered));
    }
    co_return out;
}

} // namespace

base::Task<base::Status> keep_patients(Context& context, std::optional<std::string> named) {
    const auto look = [&](db::ReadTx& tx) -> base::Task<base::Result<std::vector<identity::Person>>> {
        MUSUBI_CO_CHECK(co_await admit(tx, context, May::Read));
        auto persons = co_await behind(tx, context, named);
        co_return persons;
    };
    MUSUBI_CO_TRY(const auto persons, co_await context.to.database.read(look));
    if (persons.empty()) co_return base::success();
    const auto keep = [&](db::WriteTx& tx) -> base::Task<base::Status> {
        for (const identity::Person& person : persons)
            MUSUBI_CO_CHECK(co_await records::keep_patient(tx, context.to.random, person, context.call.now));
        co_return base::success();
    };
    auto kept = co_await context.to.database.write(keep);
    co_return kept;
}

} // namespace musubi::fhir_api
