#include "apps/city/settings.h"

#include "base/encoding.h"

#include <charconv>

namespace musubi::city {
namespace {

using namespace std::chrono_literals;
using base::Config;
using base::Need;

bool all_digits(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

bool is_local(std::string_view host) { return host == "localhost" || host == "127.0.0.1" || host == "::1"; }

std::string url_host(std::string_view url) {
    const size_t begin = url.find("://");
    if (begin == std::string_view::npos) return {};
    std::string_view rest = url.substr(begin + 3);
    rest = rest.substr(0, rest.find('/'));
    if (!rest.empty() && rest[0] == '[') return std::string(rest.substr(1, rest.find(']') - 1));
    return std::string(rest.substr(0, rest.find(':')));
}

/// "127.0.0.1:8080", "[::]:8443" or ":8080" for all addresses.
void read_address(Config& config, Listen& listen) {
    const std::string text = config.text("server.listen", "127.0.0.1:8080");
    const size_t colon = text.rfind(':');
    unsigned port = 0;
    const char* end = text.data() + text.size();
    const bool number = colon != std::string::npos && std::from_chars(text.data() + colon + 1, end, port).ptr == end &&
                        port > 0 && port < 65536;
    if (!number) {
        config.refuse("server.listen", "needs an address and a port, as in \"127.0.0.1:8080\"");
        return;
    }
    listen.address = text.substr(0, colon);
    if (listen.address.starts_with('[') && listen.address.ends_with(']'))
        listen.address = listen.address.substr(1, listen.address.size() - 2);
    if (listen.address.empty()) listen.address = "::";
    listen.port = static_cast<uint16_t>(port);
}

Listen read_listen(Config& config) {
    Listen listen;
    read_address(config, listen);
    listen.tls_certificate = config.has("server.tls_certificate") ? config.path("server.tls_certificate") : "";
    listen.tls_key = config.has("server.tls_key") ? config.path("server.tls_key") : "";
    if (listen.tls_certificate.empty() != listen.tls_key.empty())
        config.refuse("server.tls_key", "stands together with server.tls_certificate, or neither does");
    listen.loops = static_cast<size_t>(config.integer("server.loops", {.minimum = 0, .maximum = 256}, 0));
    for (const auto& text : config.texts("server.trusted_proxies")) {
        auto range = http::AddressRange::parse(text);
        if (range)
            listen.trusted_proxies.push_back(*range);
        else
            config.refuse("server.trusted_proxies", "\"" + text + "\" is not an address or a range (10.0.0.0/8)");
    }
    listen.head_timeout = config.duration("server.head_timeout", {.minimum = 1s, .maximum = 2min}, 10s);
    listen.body_timeout = config.duration("server.body_timeout", {.minimum = 1s, .maximum = 10min}, 60s);
    listen.idle_timeout = config.duration("server.idle_timeout", {.minimum = 1s, .maximum = 1h}, 75s);
    listen.request_timeout = config.duration("server.request_timeout", {.minimum = 1s, .maximum = 10min}, 50s);
    listen.stop_timeout = config.duration("server.stop_timeout", {.minimum = 0s, .maximum = 10min}, 20s);
    listen.max_connections =
        static_cast<size_t>(config.integer("server.max_connections", {.minimum = 10, .maximum = 1'000'000}, 20'000));
    listen.web_folder = config.has("server.web_folder") ? config.path("server.web_folder") : "";
    return listen;
}

Municipality read_municipality(Config& config) {
    Municipality city;
    city.code = config.text("municipality.code");
    if (!city.code.empty() && (!all_digits(city.code) || (city.code.size() != 5 && city.code.size() != 6)))
        config.refuse("municipality.code",
                      "needs the 5 digits of the 全国地方公共団体コード, or 6 with its check digit");
    city.prefecture = config.text("municipality.prefecture");
    city.name = config.text("municipality.name");
    city.name_english = config.text("municipality.name_english", city.name);
    city.telephone = config.text("municipality.telephone");
    city.hours = config.text("municipality.hours", "平日 8:30〜17:15");
    city.department = config.text("municipality.department", "市民課");
    city.postal_code = config.text("municipality.postal_code", "");
    city.address = config.text("municipality.address", "");
    return city;
}

DatabaseSettings read_database(Config& config) {
    enum class Kind { Sqlite, Postgres };
    const auto kind =
        config.choice<Kind>("database.engine", {{"sqlite", Kind::Sqlite}, {"postgres", Kind::Postgres}}, Kind::Sqlite);
    if (kind == Kind::Sqlite) {
        db::SqliteOptions options;
        options.path = config.path("database.path");
        options.busy_timeout = config.duration("database.busy_timeout", {.minimum = 100ms, .maximum = 1min}, 5s);
        return options;
    }
    db::PostgresOptions options;
    options.connection = std::string(config.secret("database.connection", Need::Required).reveal());
    options.statement_timeout = config.duration("database.statement_timeout", {.minimum = 1s, .maximum = 5min}, 10s);
    options.read_connections_per_loop =
        static_cast<size_t>(config.integer("database.read_connections", {.minimum = 1, .maximum = 16}, 1));
    options.write_connections_per_loop =
        static_cast<size_t>(config.integer("database.write_connections", {.minimum = 1, .maximum = 64}, 4));
    return options;
}

Certification read_certification(Config& config) {
    Certification out;
    out.url = config.text("certification.url");
    out.key = config.secret("certification.key", Need::Required);
    out.trust =
        config.choice<Certification::Trust>("certification.trust", {{"production", Certification::Trust::Production},
                                                                    {"test", Certification::Trust::Test}});
    const auto folder = [&](std::string_view key) {
        std::vector<std::string> files;
        for (const auto& file : config.texts(key)) files.push_back(config.resolve(file));
        return files;
    };
    out.signature_authorities = folder("certification.signature_authorities");
    out.user_authorities = folder("certification.user_authorities");
    if (out.signature_authorities.empty())
        config.refuse("certification.signature_authorities", "must name the files of the trusted authorities");
    if (out.user_authorities.empty())
        config.refuse("certification.user_authorities", "must name the files of the trusted authorities");
    out.timeout = config.duration("certification.timeout", {.minimum = 100ms, .maximum = 1min}, 5s);
    out.list_refresh = config.duration("certification.list_refresh", {.minimum = 10s, .maximum = 24h}, 1h);
    if (config.has("certification.list_folder")) out.list_folder = config.path("certification.list_folder");
    out.list_grace = config.duration("certification.list_grace", {.minimum = 0s, .maximum = 24h}, 0s);
    return out;
}

Mail read_mail(Config& config) {
    Mail out;
    out.host = config.text("mail.host");
    out.port = static_cast<uint16_t>(config.integer("mail.port", {.minimum = 1, .maximum = 65535}, 25));
    out.security = config.choice<mail::Security>(
        "mail.security",
        {{"none", mail::Security::None}, {"starttls", mail::Security::StartTls}, {"tls", mail::Security::Tls}},
        mail::Security::StartTls);
    out.user = config.text("mail.user", "");
    out.password = config.secret("mail.password", Need::Optional);
    out.from_address = config.text("mail.from_address");
    out.from_name = config.text("mail.from_name", "");
    out.reply_to = config.text("mail.reply_to", "");
    out.timeout = config.duration("mail.timeout", {.minimum = 1s, .maximum = 5min}, 20s);
    return out;
}

identity::SessionRules read_sessions(Config& config) {
    identity::SessionRules rules;
    rules.citizen_idle = config.duration("sessions.citizen_idle", {.minimum = 1min}, rules.citizen_idle);
    rules.citizen_lifetime = config.duration("sessions.citizen_lifetime", {.minimum = 1min}, rules.citizen_lifetime);
    rules.staff_idle = config.duration("sessions.staff_idle", {.minimum = 1min}, rules.staff_idle);
    rules.staff_lifetime = config.duration("sessions.staff_lifetime", {.minimum = 1min}, rules.staff_lifetime);
    return rules;
}

enrolment::EnrolmentRules read_enrolment(Config& config) {
    enrolment::EnrolmentRules rules;
    rules.link_lifetime = config.duration("registration.link_lifetime", {.minimum = 1min}, rules.link_lifetime);
    rules.work_lifetime = config.duration("registration.work_lifetime", {.minimum = 1h}, rules.work_lifetime);
    rules.waiting_lifetime = config.duration("registration.waiting_lifetime", {.minimum = 24h}, rules.waiting_lifetime);
    return rules;
}

Transparency read_transparency(Config& config) {
    Transparency out;
    for (const auto& text : config.texts("transparency.witnesses")) {
        const size_t space = text.find(' ');
        const auto key = tlog::parse_verifier_key(text.substr(space == std::string::npos ? text.size() : space + 1));
        if (!key || key->type != tlog::KeyType::Cosignature || !text.starts_with("http"))
            config.refuse("transparency.witnesses", "needs an address, a space and a cosigner's key: \"" + text + "\"");
        else
            out.witnesses.push_back({text.substr(0, space), *key});
    }
    for (const auto& text : config.texts("transparency.witness_for")) {
        const auto key = tlog::parse_verifier_key(text);
        if (!key || key->type != tlog::KeyType::Note)
            config.refuse("transparency.witness_for", "\"" + text + "\" is not a log's key");
        else
            out.witness_for.push_back(*key);
    }
    return out;
}

void refuse_what_real_people_must_not_meet(Config& config, const Settings& settings) {
    if (settings.environment == Environment::Demo) return;
    if (settings.certification.trust == Certification::Trust::Test)
        config.refuse("certification.trust", "the test trust store is for demo installations only");
    if (!settings.public_url.starts_with("https://")) config.refuse("server.public_url", "must begin with https://");
    if (settings.mail.security == mail::Security::None && !is_local(settings.mail.host))
        config.refuse("mail.security", "mail to another machine must be encrypted: \"starttls\" or \"tls\"");
    const std::string& address = settings.listen.address;
    if (settings.listen.tls_certificate.empty() && !is_local(address) && settings.listen.trusted_proxies.empty())
        config.refuse("server.listen", "plain HTTP on a public address needs server.trusted_proxies, or use TLS");
}

} // namespace

std::string Settings::public_host() const { return url_host(public_url); }

base::Result<Settings> load_settings(const std::string& path) {
    MUSUBI_TRY(auto config, Config::load(path));
    return read_settings(std::move(config));
}

base::Result<Settings> read_settings(Config config) {
    Settings settings{};
    settings.environment = config.choice<Environment>(
        "server.environment",
        {{"demo", Environment::Demo}, {"pilot", Environment::Pilot}, {"production", Environment::Production}});
    settings.public_url = config.text("server.public_url");
    while (settings.public_url.ends_with('/')) settings.public_url.pop_back();
    if (!settings.public_url.empty() && url_host(settings.public_url).empty())
        config.refuse("server.public_url", "needs an address people type, as in \"https://kenko.city.example.jp\"");
    settings.municipality = read_municipality(config);
    settings.listen = read_listen(config);
    settings.database = read_database(config);
    settings.migrate_at_start =
        config.flag("database.migrate_at_start", std::holds_alternative<db::SqliteOptions>(settings.database));
    settings.data_key = config.secret("server.data_key", Need::Required);
    if (!settings.data_key.empty() && !data_key(settings))
        config.refuse("server.data_key", "needs 32 random bytes as base64; musubi-admin keys makes them");
    settings.certification = read_certification(config);
    settings.mail = read_mail(config);
    settings.log.level = config.choice<log::Level>("log.level",
                                                   {{"debug", log::Level::Debug},
                                                    {"info", log::Level::Info},
                                                    {"warning", log::Level::Warning},
                                                    {"error", log::Level::Error}},
                                                   log::Level::Info);
    settings.log.file = config.has("log.file") ? config.path("log.file") : "";
    settings.transparency = read_transparency(config);
    settings.sessions = read_sessions(config);
    settings.enrolment = read_enrolment(config);
    settings.closing_grace = config.duration("account.closing_grace", {.minimum = 24h, .maximum = 24h * 365}, 24h * 30);
    settings.agent_addresses = config.texts("card.agent_addresses", {"ws://127.0.0.1:27180"});
    refuse_what_real_people_must_not_meet(config, settings);
    MUSUBI_CHECK(config.finish());
    return settings;
}

std::unique_ptr<db::Database> open_database(const Settings& settings) {
    if (const auto* sqlite = std::get_if<db::SqliteOptions>(&settings.database)) return db::open_sqlite(*sqlite);
    return db::open_postgres(std::get<db::PostgresOptions>(settings.database));
}

base::Result<crypto::AeadKey> data_key(const Settings& settings) {
    auto bytes = base::base64_decode(settings.data_key.reveal());
    if (!bytes) return base::invalid("config.data-key-malformed");
    return crypto::AeadKey::from_bytes(base::Secret(std::move(*bytes)));
}

} // namespace musubi::city
