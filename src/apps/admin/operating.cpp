#include "apps/admin/commands.h"

#include "apps/city/services.h"
#include "base/encoding.h"
#include "base/random.h"
#include "base/units.h"

#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <unistd.h>

namespace musubi::admin {
namespace {

std::string database_name(const city::Settings& settings) {
    if (const auto* sqlite = std::get_if<db::SqliteOptions>(&settings.database)) return sqlite->path;
    return "PostgreSQL";
}

} // namespace

base::Status migrate(const city::Settings& settings) {
    auto database = city::open_database(settings);
    MUSUBI_CHECK(database->migrate(city::all_migrations()));
    std::cout << "The schema of " << database_name(settings) << " is up to date.\n";
    return base::success();
}

base::Status check(const city::Settings& settings) {
    std::cout << "Configuration: good.\n";
    auto database = city::open_database(settings);
    MUSUBI_CHECK(database->check_migrations(city::all_migrations()));
    std::cout << "Database " << database_name(settings) << ": reachable, its schema fits this program.\n";
    return base::success();
}

base::Status backup(const city::Settings& settings, const std::string& path) {
    if (std::filesystem::exists(path))
        return base::conflict("admin.file-exists").because(path + " is there already; name a new file");
    auto database = city::open_database(settings);
    MUSUBI_CHECK(database->backup(path));
    // The copy is only a backup if a program can live on it.
    auto copy = db::open_sqlite({.path = path});
    MUSUBI_CHECK(copy->check_migrations(city::all_migrations()));
    copy.reset();
    for (const auto* leftover : {"-wal", "-shm"}) std::filesystem::remove(path + leftover);
    std::cout << "Copied to " << path << " (" << base::size_to_text(std::filesystem::file_size(path))
              << ") and checked.\n";
    return base::success();
}

base::Status make_key(const std::string& path) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        if (errno == EEXIST)
            return base::conflict("admin.file-exists").because(path + " is there already and was left alone");
        return base::invalid("admin.file-not-written").because(path + " cannot be written");
    }
    const std::string text = base::base64_encode(base::system_random().bytes(32)) + "\n";
    const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
    close(file);
    if (!written) return base::invalid("admin.file-not-written").because(path + " cannot be written");
    std::cout << "Wrote a new key to " << path << ". Keep a copy apart from the database's.\n";
    return base::success();
}

} // namespace musubi::admin
