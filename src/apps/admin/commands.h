// What musubi-admin can do. Each command prints what it did, for people; errors come back as values.
#pragma once

#include "apps/city/settings.h"
#include "base/result.h"
#include "base/time.h"

#include <optional>
#include <string>
#include <vector>

namespace musubi::admin {

base::Status migrate(const city::Settings& settings);
base::Status check(const city::Settings& settings);
base::Status backup(const city::Settings& settings, const std::string& path);

/// 32 random bytes as base64 in a new file that only its owner may read. "admin.file-exists".
base::Status make_key(const std::string& path);

/// Prints the log's public key and the witness's, as others configure them.
base::Status log_key(const city::Settings& settings);
/// Checks the whole stored log, and that it has grown out of the checkpoint in `kept` (empty: none).
/// "admin.log-broken".
base::Status verify_log(const city::Settings& settings, const std::string& kept);
/// Checks one downloaded proof or history without any installation: `key` is the log's. "admin.proof-wrong".
base::Status verify_file(const std::string& file, const std::string& key);

struct NewStaff {
    std::string account;
    std::string name;
    std::string organization;
    std::vector<std::string> roles;
    std::string password; // empty: one is made and printed
};
base::Status add_staff(const city::Settings& settings, const NewStaff& staff);
base::Status reset_staff(const city::Settings& settings, const std::string& account);
base::Status list_staff(const city::Settings& settings);

struct DemoCity {
    uint64_t seed;
    size_t residents;
    base::CivilDate today;
    std::string holders_file; // JSON lines for the certification side, one holder each
    std::string cards_file;   // wanted.json of the card tray
    std::string people_file;  // the named people, for ./run and the tests
};
/// Fills an empty database; "admin.not-empty" otherwise.
base::Status make_demo(const city::Settings& settings, const DemoCity& demo);

} // namespace musubi::admin
