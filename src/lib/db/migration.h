// Numbered migrations of one module, compiled in from its migrations/ folder.
#pragma once

#include <string>
#include <vector>

namespace musubi::db {

struct MigrationFile {
    std::string name; // "0001_create_notice.sql", or with ".sqlite.sql" / ".postgres.sql" where engines differ
    std::string sql;
};

struct Migrations {
    std::string module; // "services/notices"
    std::vector<MigrationFile> files;
};

} // namespace musubi::db
