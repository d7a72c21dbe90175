// The certification side, put together: for main and for tests.
#pragma once

#include "apps/jlis_server/settings.h"
#include "base/random.h"
#include "lib/db/database.h"

#include <memory>

namespace musubi::jlis_server {

/// All migrations of the certification side.
std::vector<db::Migrations> all_migrations();

class Program {
  public:
    /// Opens the database, migrates it, opens or makes the authorities. Errors of those.
    static base::Result<std::unique_ptr<Program>> open(Settings settings, base::Clock& clock, base::Random& random);
    /// The same over a database that is open and migrated; it must outlive the program.
    static base::Result<std::unique_ptr<Program>> open_over(db::Database& database, Settings settings,
                                                            base::Clock& clock, base::Random& random);

    http::Router& router() { return *m_router; }
    const ca::Authorities& authorities() const { return *m_authorities; }
    const Settings& settings() const { return m_settings; }

    /// Makes the lists that are out of date, now and whenever one becomes so. Runs until its loop stops.
    base::Task<> keep_lists_current();
    /// Signs the answers of the responder anew that people ask for. Runs until its loop stops.
    base::Task<> keep_answers_fresh();
    ocsp::Responder& responder() { return *m_responder; }

  private:
    Program(db::Database& database, Settings settings, base::Clock& clock)
        : m_settings(std::move(settings)), m_clock(clock), m_database(database) {}
    Settings m_settings;
    base::Clock& m_clock;
    std::unique_ptr<db::Database> m_owned;
    db::Database& m_database;
    std::unique_ptr<ca::Authorities> m_authorities;
    std::unique_ptr<ocsp::Responder> m_responder;
    std::unique_ptr<MachineKeys> m_keys;
    std::unique_ptr<http::Router> m_router;
};

} // namespace musubi::jlis_server
