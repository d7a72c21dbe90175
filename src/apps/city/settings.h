// The configuration of a municipality's installation, read from one file by the server and the operator's tool.
// deploy/musubi-server.toml documents every entry.
#pragma once

#include "base/config.h"
#include "base/log.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "core/audit/witness.h"
#include "core/enrolment/enrolment.h"
#include "core/identity/session.h"
#include "lib/crypto/aead.h"
#include "lib/db/database.h"
#include "lib/http/address.h"
#include "lib/mail/smtp.h"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace musubi::city {

/// Demo and test installations may load the test trust store; a pilot works with real people and the real authority.
enum class Environment { Demo, Pilot, Production };

struct Municipality {
    std::string code;       // 全国地方公共団体コード, 5 or 6 digits
    std::string prefecture; // 見本県
    std::string name;       // 見本市
    std::string name_english;
    std::string telephone;
    std::string hours;
    std::string department; // sender of letters
    std::string postal_code;
    std::string address;
};

struct Listen {
    std::string address;
    uint16_t port = 0;
    std::string tls_certificate; // empty: plain HTTP, behind a proxy on this machine or for the demo
    std::string tls_key;
    size_t loops = 0; // 0: one per core
    std::vector<http::AddressRange> trusted_proxies;
    base::Duration head_timeout;
    base::Duration body_timeout;
    base::Duration idle_timeout;
    base::Duration request_timeout;
    base::Duration stop_timeout; // how long a stop waits for what is in flight
    size_t max_connections = 0;
    std::string web_folder; // empty: the pages compiled into the program
};

using DatabaseSettings = std::variant<db::SqliteOptions, db::PostgresOptions>;

/// How the server reaches the certification authority's side, and whom it trusts.
struct Certification {
    std::string url;
    base::Secret key;
    enum class Trust { Production, Test } trust = Trust::Production;
    std::vector<std::string> signature_authorities; // PEM or DER files
    std::vector<std::string> user_authorities;
    base::Duration timeout;
    base::Duration list_refresh; // revocation lists are fetched this often
    std::string list_folder;     // where they lie as indexes
    base::Duration list_grace;   // how long after its end a list still answers
};

struct Mail {
    std::string host;
    uint16_t port = 25;
    mail::Security security = mail::Security::StartTls;
    std::string user;
    base::Secret password;
    std::string from_name;
    std::string from_address;
    std::string reply_to;
    base::Duration timeout;
};

struct Log {
    log::Level level;
    std::string file;
};

/// The log of all accesses (core/audit): who cosigns it, and whose logs this installation cosigns.
struct Transparency {
    std::vector<audit::Witness> witnesses;
    std::vector<tlog::VerifierKey> witness_for;
};

struct Settings {
    Environment environment;
    std::string public_url; // without a final slash; passkeys are bound to its host
    Municipality municipality;
    Listen listen;
    DatabaseSettings database;
    bool migrate_at_start = true;
    base::Secret data_key; // 32 bytes as base64: seals what lies in the outbox and in cookies
    Certification certification;
    Mail mail;
    Log log;
    Transparency transparency;
    identity::SessionRules sessions;
    enrolment::EnrolmentRules enrolment;
    base::Duration closing_grace;             // between closing an account and erasing it
    std::vector<std::string> agent_addresses; // where pages may look for the card agent

    std::string public_host() const; // "kenko.city.example.jp", without port
};

/// "config.*" with everything that is wrong in `detail`. A production or pilot configuration is refused when it names
/// the test trust store, plain http as its public address, or an SMTP server without encryption on another machine.
base::Result<Settings> load_settings(const std::string& path);
base::Result<Settings> read_settings(base::Config config);

/// Not migrated.
std::unique_ptr<db::Database> open_database(const Settings& settings);
base::Result<crypto::AeadKey> data_key(const Settings& settings);

} // namespace musubi::city
