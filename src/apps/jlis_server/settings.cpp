#include "apps/jlis_server/settings.h"

#include <algorithm>
#include <array>

namespace musubi::jlis_server {
namespace {

constexpr std::array<std::string_view, 8> kPermissions = {
    "holders.read",        "holders.write", "certificates.read", "certificates.issue",
    "certificates.revoke", "lists.issue",   "services.write",    "attributes.ask"};
constexpr size_t kShortestKey = 20;

MachineKey read_client(base::Config& entry) {
    MachineKey out;
    out.name = entry.text("name");
    out.key = entry.secret("key", base::Need::Required);
    out.permissions = entry.texts("permissions");
    if (!out.key.empty() && out.key.reveal().size() < kShortestKey)
        entry.refuse("key", "must have at least 20 characters");
    for (const auto& permission : out.permissions)
        if (std::find(kPermissions.begin(), kPermissions.end(), permission) == kPermissions.end())
            entry.refuse("permissions", "unknown: " + permission);
    return out;
}

} // namespace

base::Result<Settings> read_settings(base::Config config) {
    using namespace std::chrono_literals;
    Settings out;
    out.server.address = config.text("server.address", "127.0.0.1");
    out.server.port = static_cast<uint16_t>(config.integer("server.port", {0, 65535}));
    out.server.loops = static_cast<size_t>(config.integer("server.loops", {0, 256}, 0));
    out.authority.public_uri = config.text("server.public_uri", "");
    if (config.has("database.sqlite")) out.sqlite = config.path("database.sqlite");
    if (config.has("database.postgres")) out.postgres = config.text("database.postgres");
    if (out.sqlite.empty() == out.postgres.empty()) config.refuse("database", "name either sqlite or postgres");
    out.authority.folder = config.path("authority.folder");
    out.create_authorities = config.flag("authority.create", false);
    out.authority.organization = config.text("authority.organization", "MUSUBI-TEST");
    // Certificates made here carry the policies of test cards; the name must say the same.
    if (out.authority.organization.find("-TEST") == std::string::npos)
        config.refuse("authority.organization", "must contain \"-TEST\"");
    out.authority.practice_statement_uri = config.text("authority.practice_statement", "");
    out.authority.allow_backdating = config.flag("demonstration.allow_backdating", false);
    out.lists.interval = config.duration("lists.interval", {1s, 24h * 7}, base::Duration(24h));
    out.lists.validity = config.duration("lists.validity", {1min, 24h * 14}, base::Duration(48h));
    if (out.lists.validity <= out.lists.interval)
        config.refuse("lists.validity", "must be longer than lists.interval, or no list is valid when the next is due");
    out.ocsp.validity = config.duration("ocsp.validity", {10s, 24h}, base::Duration(15min));
    out.ocsp.refresh = config.duration("ocsp.refresh", {1s, 12h}, base::Duration(1min));
    out.ocsp.ready_answers = static_cast<size_t>(config.integer("ocsp.ready_answers", {0, 10'000'000}, 65536));
    if (out.ocsp.refresh > out.ocsp.validity)
        config.refuse("ocsp.refresh", "must not be longer than ocsp.validity, or answers given out have ended");
    for (auto& entry : config.tables("client")) out.clients.push_back(read_client(entry));
    MUSUBI_CHECK(config.finish());
    return out;
}

} // namespace musubi::jlis_server
