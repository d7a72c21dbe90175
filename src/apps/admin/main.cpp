#include "apps/admin/commands.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <iostream>

namespace {

using namespace musubi;

int report(const base::Error& error) {
    std::cerr << "musubi-admin: " << (error.detail.empty() ? error.code : error.detail) << "\n";
    for (const auto& [name, value] : error.parameters) std::cerr << "  " << name << ": " << value << "\n";
    return 1;
}

struct Arguments {
    std::string config = "/etc/musubi/musubi-server.toml";
    std::string file;
    std::string account;
    admin::NewStaff staff;
    uint64_t seed = 20261122;
    size_t residents = 5000;
    std::string today;
    std::string folder;
    std::string log_key;
};

base::Status make_demo(const city::Settings& settings, const Arguments& arguments) {
    const auto today = arguments.today.empty() ? base::date_in_japan(base::system_clock().now())
                                               : base::CivilDate::parse(arguments.today);
    if (!today) return base::invalid("admin.date-malformed").because("--today needs YYYY-MM-DD");
    return admin::make_demo(settings, {.seed = arguments.seed,
                                       .residents = arguments.residents,
                                       .today = *today,
                                       .holders_file = arguments.folder + "/holders.jsonl",
                                       .cards_file = arguments.folder + "/wanted.json",
                                       .people_file = arguments.folder + "/people.json"});
}

using Action = std::function<base::Status(const city::Settings&)>;

} // namespace

int main(int count, char** values) {
    Arguments given;
    Action action;
    CLI::App app("The operator's tool of Musubi.", "musubi-admin");
    app.add_option("--config", given.config, "the server's configuration file")->capture_default_str();
    app.require_subcommand(1);

    app.add_subcommand("migrate", "bring the database's schema up to date")->callback([&] { action = admin::migrate; });
    app.add_subcommand("check", "check configuration, database and schema")->callback([&] { action = admin::check; });
    auto* backup = app.add_subcommand("backup", "copy the database while it is in use, and check the copy");
    backup->add_option("file", given.file, "a new file")->required();
    backup->callback([&] { action = [&](const auto& settings) { return admin::backup(settings, given.file); }; });
    auto* keys = app.add_subcommand("keys", "make a key file");
    keys->add_option("file", given.file, "a new file")->required();

    auto* log = app.add_subcommand("log", "the transparency log")->require_subcommand(1);
    log->add_subcommand("key", "the keys others check it with")->callback([&] { action = admin::log_key; });
    auto* verify = log->add_subcommand("verify", "check the whole stored log, or one downloaded file");
    verify->add_option("file", given.file, "a .tlog-proof or a history; needs --key and no configuration");
    verify->add_option("--key", given.log_key, "the log's key, as `musubi-admin log key` and /log/key show it");
    verify->add_option("--kept", given.folder,
                       "a file with a checkpoint somebody kept: the log must have grown out of it");
    verify->callback([&] { action = [&](const auto& settings) { return admin::verify_log(settings, given.folder); }; });

    auto* staff = app.add_subcommand("staff", "accounts of staff")->require_subcommand(1);
    auto* add = staff->add_subcommand("add", "a new account");
    add->add_option("account", given.staff.account, "what is typed at sign-in")->required();
    add->add_option("--name", given.staff.name, "the person's name")->required();
    add->add_option("--department", given.staff.organization, "the department")->required();
    add->add_option("--role", given.staff.roles, "one or more roles")->required();
    add->callback([&] { action = [&](const auto& settings) { return admin::add_staff(settings, given.staff); }; });
    auto* reset = staff->add_subcommand("reset", "new password, passkeys removed, sessions ended");
    reset->add_option("account", given.account)->required();
    reset->callback(
        [&] { action = [&](const auto& settings) { return admin::reset_staff(settings, given.account); }; });
    staff->add_subcommand("list", "all accounts")->callback([&] { action = admin::list_staff; });

    auto* demo = app.add_subcommand("demo", "the demo city")->require_subcommand(1);
    auto* make = demo->add_subcommand("make", "fill an empty installation with the demo city");
    make->add_option("--folder", given.folder, "where files for the other programs go")->required();
    make->add_option("--seed", given.seed)->capture_default_str();
    make->add_option("--residents", given.residents)->capture_default_str()->check(CLI::Range(1, 2'000'000));
    make->add_option("--today", given.today, "the day on which the city is made, YYYY-MM-DD; today unless said");
    make->callback([&] { action = [&](const auto& settings) { return make_demo(settings, given); }; });
    CLI11_PARSE(app, count, values);

    if (keys->parsed()) {
        const auto done = admin::make_key(given.file);
        return done ? 0 : report(done.error());
    }
    if (verify->parsed() && !given.file.empty()) {
        const auto done = admin::verify_file(given.file, given.log_key);
        return done ? 0 : report(done.error());
    }
    const auto settings = city::load_settings(given.config);
    if (!settings) return report(settings.error());
    try {
        const auto done = action(*settings);
        return done ? 0 : report(done.error());
    } catch (const std::exception& broken) {
        std::cerr << "musubi-admin: the database failed: " << broken.what() << "\n";
        return 1;
    }
}
