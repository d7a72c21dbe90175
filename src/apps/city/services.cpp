#include "apps/city/services.h"

#include "core/audit/audit.h"
#include "core/enrolment/enrolment.h"
#include "core/identity/person.h"
#include "core/jobs/jobs.h"
#include "core/outbox/outbox.h"
#include "core/records/records.h"
#include "core/residents/residents.h"

namespace musubi::city {

std::vector<db::Migrations> all_migrations() {
    return {
        jobs::migrations(),     audit::migrations(),     outbox::migrations(),  residents::migrations(),
        identity::migrations(), enrolment::migrations(), records::migrations(),
    };
}

} // namespace musubi::city
