#include "lib/db/unit.h"

#include "base/log.h"
#include "lib/db/value.h"

#include <cstdio>
#include <cstdlib>

namespace musubi::db {
namespace {
thread_local bool t_inside = false;
}

InsideUnit::InsideUnit() { t_inside = true; }
InsideUnit::~InsideUnit() { t_inside = false; }

void InsideUnit::refuse() {
    if (t_inside) throw DatabaseError("a unit of work asked the database for another unit; use the transaction it has");
}

void unit_waits_for_something_else() {
    log::error("unit-of-work-waits", {log::field("what", "a unit of work waits for something else than the database")});
    std::fputs("musubi: a unit of work waits for something else than the transaction it was given "
               "(see lib/db/database.h)\n",
               stderr);
    std::abort();
}

} // namespace musubi::db
