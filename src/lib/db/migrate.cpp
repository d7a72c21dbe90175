#include "lib/db/migrate.h"

#include "base/encoding.h"
#include "lib/crypto/digest.h"

#include <algorithm>
#include <map>
#include <set>

namespace musubi::db {
namespace {

constexpr const char* kCreateTable = "CREATE TABLE IF NOT EXISTS db_migration ("
                                     " module TEXT NOT NULL, name TEXT NOT NULL,"
                                     " checksum TEXT NOT NULL, applied_at BIGINT NOT NULL,"
                                     " PRIMARY KEY (module, name))";

/// One step for the engine at hand. `name` has no ending: it is the same for the variants of one step.
struct Step {
    std::string name;
    const std::string* sql;
    std::string checksum() const { return base::hex_encode(crypto::sha256(*sql)); } // as sha256sum prints it
};

base::Error refusal(std::string code, const std::string& module, const std::string& name) {
    return base::conflict(std::move(code))
        .with("module", module)
        .with("migration", name)
        .because(module + "/migrations/" + name);
}

bool take_ending(std::string& name, std::string_view ending) {
    if (!name.ends_with(ending)) return false;
    name.resize(name.size() - ending.size());
    return true;
}

base::Result<std::vector<Step>> steps_of(const Migrations& module, Engine engine) {
    std::vector<Step> steps;
    std::set<std::string> sqlite;
    std::set<std::string> postgres;
    for (const auto& file : module.files) {
        std::string name = file.name;
        if (take_ending(name, ".sqlite.sql")) {
            sqlite.insert(name);
            if (engine == Engine::Sqlite) steps.push_back({name, &file.sql});
        } else if (take_ending(name, ".postgres.sql")) {
            postgres.insert(name);
            if (engine == Engine::Postgres) steps.push_back({name, &file.sql});
        } else if (take_ending(name, ".sql")) {
            steps.push_back({name, &file.sql});
        } else {
            return refusal("db.migration-incomplete", module.module, file.name);
        }
    }
    for (const auto& name : sqlite) {
        if (!postgres.contains(name)) return refusal("db.migration-incomplete", module.module, name);
    }
    for (const auto& name : postgres) {
        if (!sqlite.contains(name)) return refusal("db.migration-incomplete", module.module, name);
    }
    std::sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) { return a.name < b.name; });
    for (size_t i = 1; i < steps.size(); ++i) {
        const auto number = [](const std::string& name) { return name.substr(0, name.find('_')); };
        if (number(steps[i].name) == number(steps[i - 1].name)) {
            return refusal("db.migration-out-of-order", module.module, steps[i].name);
        }
    }
    return steps;
}

using Applied = std::map<std::string, std::string>; // name to checksum

Applied applied_to(MigrationSession& session, const std::string& module) {
    Applied applied;
    if (!session.has_table()) return applied;
    const auto rows = session.query("SELECT name, checksum FROM db_migration WHERE module = $1", {module});
    for (const auto& row : rows) {
        Reader reader(row);
        auto name = reader.get<std::string>();
        applied[std::move(name)] = reader.get<std::string>();
    }
    return applied;
}

/// The steps that are not applied yet, when what is applied is a beginning of what the program knows.
base::Result<std::vector<Step>> missing_of(MigrationSession& session, const Migrations& module, Engine engine) {
    MUSUBI_TRY(const auto steps, steps_of(module, engine));
    auto applied = applied_to(session, module.module);
    std::vector<Step> missing;
    for (const auto& step : steps) {
        const auto found = applied.find(step.name);
        if (found == applied.end()) {
            missing.push_back(step);
            continue;
        }
        if (found->second != step.checksum()) return refusal("db.migration-changed", module.module, step.name);
        if (!missing.empty()) return refusal("db.migration-out-of-order", module.module, missing.front().name);
        applied.erase(found);
    }
    if (!applied.empty()) return refusal("db.migration-unknown", module.module, applied.begin()->first);
    return missing;
}

} // namespace

base::Result<int> run_migrations(MigrationSession& session, Engine engine, const std::vector<Migrations>& modules,
                                 WhenMissing when_missing) {
    int count = 0;
    for (const auto& module : modules) {
        MUSUBI_TRY(const auto missing, missing_of(session, module, engine));
        for (const auto& step : missing) {
            if (when_missing == WhenMissing::Refuse) {
                return refusal("db.migration-missing", module.module, step.name);
            }
            if (!session.has_table()) session.execute(kCreateTable);
            try {
                session.execute(*step.sql);
            } catch (const DatabaseError& error) {
                throw DatabaseError(module.module + "/migrations/" + step.name + ": " + error.what());
            }
            session.query("INSERT INTO db_migration (module, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
                          {module.module, step.name, step.checksum(), base::system_clock().now().milliseconds()});
            ++count;
        }
    }
    return count;
}

} // namespace musubi::db
