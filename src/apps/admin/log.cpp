#include "apps/admin/commands.h"
#include "apps/city/log_keys.h"
#include "apps/city/services.h"
#include "core/audit/log_verify.h"

#include <fstream>
#include <iostream>
#include <sstream>

namespace musubi::admin {
namespace {

base::Result<std::string> read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    if (!in) return base::invalid("admin.file-unreadable").because(path + " cannot be read");
    return text.str();
}

base::Error wrong(const std::string& file, const base::Error& error) {
    return base::invalid("admin.proof-wrong").because(file + ": NOT proven (" + error.code + ")");
}

base::Status verify_history(const std::string& file, const std::string& text, const tlog::VerifierKey& key) {
    const auto verified = audit::verify_history(text, key);
    if (!verified) return wrong(file, verified.error());
    std::cout << "Proven: " << verified->series << " has exactly " << verified->entries.size()
              << " entries among the first " << verified->covered << " of " << key.name << ", as stated on "
              << base::local_time_in_japan(verified->stated_at) << ".\n";
    for (const auto& entry : verified->entries)
        std::cout << base::local_time_in_japan(entry.logged_at) << "  " << entry.entry.value_or("(erased)") << "\n";
    return base::success();
}

} // namespace

base::Status log_key(const city::Settings& settings) {
    MUSUBI_TRY(const auto signer, city::log_signer(settings));
    MUSUBI_TRY(const auto cosigning, city::cosigning(settings));
    std::cout << "log      " << signer.verifier().to_string() << "\n"
              << "witness  " << cosigning.signer.verifier().to_string() << "\n";
    return base::success();
}

base::Status verify_log(const city::Settings& settings, const std::string& kept) {
    MUSUBI_TRY(const auto signer, city::log_signer(settings));
    std::optional<tlog::Note> note;
    if (!kept.empty()) {
        MUSUBI_TRY(const std::string text, read_file(kept));
        MUSUBI_TRY(note, tlog::parse_note(text));
    }
    auto database = city::open_database(settings);
    MUSUBI_CHECK(database->check_migrations(city::all_migrations()));
    const auto report =
        event_loop::run(database->read([&](db::ReadTx& tx) { return audit::verify_log(tx, signer.verifier(), note); }));
    std::cout << report.size << " leaves, " << report.entries << " entries (" << report.erased << " erased) in "
              << report.series << " series, " << report.checkpoints << " checkpoints, " << report.pending
              << " entries waiting.\n";
    for (const std::string& problem : report.problems) std::cout << "  " << problem << "\n";
    if (report.more_problems) std::cout << "  and more\n";
    if (!report.problems.empty()) return base::invalid("admin.log-broken").because("the log does NOT verify");
    std::cout << "The log verifies.\n";
    return base::success();
}

base::Status verify_file(const std::string& file, const std::string& key_text) {
    const auto key = tlog::parse_verifier_key(key_text);
    if (!key) return base::invalid("admin.key-malformed").because("--key needs the log's key, as /log/key shows it");
    MUSUBI_TRY(const std::string text, read_file(file));
    if (text.starts_with('{')) return verify_history(file, text, *key);
    const auto entry = audit::verify_entry_proof(text, *key);
    if (!entry) return wrong(file, entry.error());
    std::cout << "Proven: entry " << entry->index << " of " << entry->size << " of " << key->name << ", logged "
              << base::local_time_in_japan(entry->logged_at) << ":\n"
              << entry->text << "\n";
    return base::success();
}

} // namespace musubi::admin
