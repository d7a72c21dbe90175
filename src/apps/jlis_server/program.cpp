#include "apps/jlis_server/program.h"

#include "base/log.h"
#include "jlis/attributes/attributes.h"
#include "jlis/attributes/routes.h"
#include "jlis/ca/routes.h"
#include "jlis/registry/routes.h"
#include "lib/event_loop/event_loop.h"
#include "lib/http/system_routes.h"

#include <algorithm>
#include <exception>

namespace musubi::jlis_server {

std::vector<db::Migrations> all_migrations() {
    return {registry::migrations(), crl::migrations(), attributes::migrations()};
}

base::Result<std::unique_ptr<Program>> Program::open(Settings settings, base::Clock& clock, base::Random& random) {
    std::unique_ptr<db::Database> database;
    if (!settings.sqlite.empty()) {
        db::SqliteOptions options;
        options.path = settings.sqlite;
        database = db::open_sqlite(options);
    } else {
        db::PostgresOptions options;
        options.connection = settings.postgres;
        database = db::open_postgres(options);
    }
    MUSUBI_CHECK(database->migrate(all_migrations()));
    MUSUBI_TRY(auto out, open_over(*database, std::move(settings), clock, random));
    out->m_owned = std::move(database);
    return out;
}

base::Result<std::unique_ptr<Program>> Program::open_over(db::Database& database, Settings settings, base::Clock& clock,
                                                          base::Random& random) {
    std::unique_ptr<Program> out(new Program(database, std::move(settings), clock));
    const Settings& all = out->m_settings;
    const auto when_missing =
        all.create_authorities ? ca::Authorities::WhenMissing::Create : ca::Authorities::WhenMissing::Fail;
    MUSUBI_TRY(auto authorities, ca::Authorities::open(all.authority, when_missing, clock.now()));
    out->m_authorities = std::make_unique<ca::Authorities>(std::move(authorities));
    out->m_responder = std::make_unique<ocsp::Responder>(database, *out->m_authorities, random, all.ocsp);
    out->m_keys = std::make_unique<MachineKeys>(all.clients);
    out->m_router = std::make_unique<http::Router>(database, clock);
    http::RouterOptions options;
    options.random = &random;
    out->m_router->configure(std::move(options));
    out->m_router->use(*out->m_keys);
    registry::add_routes(*out->m_router, random);
    ca::add_routes(*out->m_router, *out->m_authorities, random);
    attributes::add_routes(*out->m_router, random);
    crl::add_routes(*out->m_router, *out->m_authorities, all.lists);
    ocsp::add_routes(*out->m_router, *out->m_responder);
    http::SystemRoutesOptions system;
    system.title = "Musubi certification side";
    http::add_system_routes(*out->m_router, std::move(system));
    return out;
}

base::Task<> Program::keep_lists_current() {
    for (;;) {
        auto made = co_await crl::issue_lists(m_database, *m_authorities, crl::Which::OutOfDate, m_clock.now(),
                                              m_settings.lists);
        if (!made) log::error("lists.failed", {log::field("error", made.error())});
        if (made && *made > 0) log::info("lists.issued", {log::field("lists", *made)});
        co_await event_loop::sleep_for(
            std::clamp<base::Duration>(m_settings.lists.interval / 8, std::chrono::seconds(1), std::chrono::hours(1)));
    }
}

base::Task<> Program::keep_answers_fresh() {
    for (;;) {
        try {
            co_await m_responder->keep_fresh(m_clock.now());
        } catch (const std::exception& problem) { // the database is away: the next round tries again
            log::error("ocsp.record-away", {log::field("why", std::string_view(problem.what()))});
        }
        co_await event_loop::sleep_for(
            std::clamp<base::Duration>(m_settings.ocsp.refresh / 4, std::chrono::seconds(1), std::chrono::minutes(1)));
    }
}

} // namespace musubi::jlis_server
