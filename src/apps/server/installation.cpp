#include "apps/server/installation.h"

#include "apps/city/log_keys.h"
#include "core/audit/log_routes.h"
#include "core/certification/ocsp.h"
#include "lib/crypto/digest.h"
#include "lib/http/system_routes.h"

#include <thread>

namespace musubi::server {
namespace {

constexpr std::string_view kTitle = "Musubi";

/// Keys for different purposes out of the one the operator keeps (RFC 5869), so that none can stand in for another.
base::Secret derive(const crypto::AeadKey& key, std::string_view purpose) {
    return base::Secret(crypto::hkdf_sha256(key.reveal(), "", purpose, 32));
}

certification::ListOptions list_options(const city::Settings& settings) {
    certification::ListOptions options;
    options.refresh = settings.certification.list_refresh;
    options.folder = settings.certification.list_folder;
    options.grace = settings.certification.list_grace;
    options.partitions.push_back(settings.municipality.code.substr(0, 5)); // lists are named without the check digit
    return options;
}

http_client::Options certification_client_options(const city::Settings& settings) {
    http_client::Options options;
    options.timeout = settings.certification.timeout;
    options.max_answer = size_t{1} << 30; // a revocation list of the whole country's size
    return options;
}

} // namespace

base::Result<pki::TrustStore> load_trust(const city::Settings& settings) {
    const bool demo = settings.environment == city::Environment::Demo;
    pki::TrustStoreFiles files;
    const bool test = settings.certification.trust == city::Certification::Trust::Test;
    (test ? files.test_signature : files.signature) = settings.certification.signature_authorities;
    (test ? files.test_user_authentication : files.user_authentication) = settings.certification.user_authorities;
    return pki::TrustStore::load(files, demo ? pki::Deployment::Test : pki::Deployment::Production);
}

Installation::Installation(city::Settings settings, std::string version)
    : m_settings(std::move(settings)), m_version(std::move(version)) {}

Installation::~Installation() = default;

base::Result<std::unique_ptr<Installation>> Installation::create(city::Settings settings, pki::TrustStore trust,
                                                                 std::string version) {
    std::unique_ptr<Installation> made(new Installation(std::move(settings), std::move(version)));
    MUSUBI_CHECK(made->open(std::move(trust)));
    MUSUBI_CHECK(made->build_router());
    MUSUBI_CHECK(made->serve_pages());
    return made;
}

base::Status Installation::open(pki::TrustStore trust) {
    base::Random& random = base::system_random();
    MUSUBI_TRY(const crypto::AeadKey key, city::data_key(m_settings));
    MUSUBI_TRY(auto outbox_key, crypto::AeadKey::from_bytes(derive(key, "musubi outbox 1")));
    m_database = city::open_database(m_settings);
    MUSUBI_CHECK(m_settings.migrate_at_start ? m_database->migrate(city::all_migrations())
                                             : m_database->check_migrations(city::all_migrations()));
    m_pool = std::make_unique<event_loop::BlockingPool>(std::max(2U, std::thread::hardware_concurrency()));
    m_outbox = std::make_unique<outbox::Outbox>(std::move(outbox_key), random);
    m_codes = std::make_unique<identity::CodeKey>(derive(key, "musubi one-time codes 1"));
    m_audit = std::make_unique<audit::Sink>(random, m_directory);
    MUSUBI_TRY(auto log_signer, city::log_signer(m_settings));
    m_log = std::make_unique<audit::Log>(*m_database, random, std::move(log_signer));
    m_witness_http = std::make_unique<http_client::Client>(*m_pool);
    m_authenticator = std::make_unique<identity::SessionAuthenticator>(*m_database, m_settings.sessions);
    m_http = std::make_unique<http_client::Client>(*m_pool, certification_client_options(m_settings));
    m_wire =
        std::make_unique<certification::HttpWire>(*m_http, m_settings.certification.url, m_settings.certification.key);
    m_certification = std::make_unique<certification::Client>(*m_wire);
    m_lists = std::make_unique<certification::ListSource>(*m_database, *m_wire, trust, list_options(m_settings));
    MUSUBI_CHECK(m_lists->open_folder());
    m_ocsp = std::make_unique<pki::OcspSource>(certification::ocsp_source(*m_wire, random));
    m_revocation =
        std::make_unique<pki::RevocationChain>(std::vector<pki::RevocationSource*>{m_lists.get(), m_ocsp.get()});
    m_verifier = std::make_unique<pki::Verifier>(std::move(trust), *m_revocation);
    return base::success();
}

city::Parts Installation::parts() {
    return {m_settings, *m_database, base::system_random(), *m_pool,         *m_outbox, *m_audit,
            *m_log,     *m_codes,    *m_verifier,           *m_certification};
}

base::Status Installation::build_router() {
    m_router = std::make_unique<http::Router>(*m_database, base::system_clock());
    http::RouterOptions options;
    options.public_origin = m_settings.public_url;
    options.connect_to = m_settings.agent_addresses;
    m_router->configure(std::move(options));
    m_router->use(*m_authenticator);
    m_router->use(*m_audit);
    city::install_services(*m_router, parts());
    MUSUBI_TRY(auto cosigning, city::cosigning(m_settings));
    audit::install_log(*m_router, *m_log, std::move(cosigning));
    http::SystemRoutesOptions system;
    system.title = kTitle;
    system.version = m_version;
    system.accepting = [this] { return m_accepting.load(); };
    http::add_system_routes(*m_router, std::move(system));
    return base::success();
}

base::Status Installation::serve_pages() {
    http::WebBundle bundle;
    if (m_settings.listen.web_folder.empty()) {
        bundle = http::embedded_web();
    } else {
        MUSUBI_TRY(bundle, http::read_web_folder(m_settings.listen.web_folder));
    }
    m_pages = std::make_unique<http::WebPages>(std::move(bundle));
    m_router->set_fallback([this](const http::Request& request) { return m_pages->find(request); });
    return base::success();
}

namespace {

constexpr std::string_view kNowhere = R"toml(
[server]
environment = "demo"
public_url = "http://localhost:8080"
data_key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
[municipality]
code = "990019"
prefecture = "見本県"
name = "見本市"
telephone = "00-0000-0000"
[database]
path = "description.db"
[certification]
url = "http://localhost:8090"
key = "none"
trust = "test"
signature_authorities = ["none"]
user_authorities = ["none"]
[mail]
host = "localhost"
security = "none"
from_address = "none@localhost"
)toml";

} // namespace

base::Result<std::unique_ptr<Installation>> describing_installation(const std::string& folder,
                                                                    const std::string& version) {
    MUSUBI_TRY(auto config, base::Config::parse(kNowhere, "description", folder));
    MUSUBI_TRY(auto settings, city::read_settings(std::move(config)));
    return Installation::create(std::move(settings), pki::TrustStore(pki::Deployment::Test), version);
}

base::Result<std::string> describe_interface(const std::string& folder, const std::string& version) {
    MUSUBI_TRY(const auto installation, describing_installation(folder, version));
    return installation->openapi();
}

std::string Installation::openapi() const { return m_router->openapi(kTitle, m_version); }

} // namespace musubi::server
