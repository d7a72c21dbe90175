#include "apps/city/services.h"

#include "base/encoding.h"
#include "core/certification/list_source.h"
#include "core/outbox/dead_letters.h"
#include "core/records/records.h"
#include "services/account/records_part.h"
#include "services/account/routes.h"
#include "services/card_registration/routes.h"
#include "services/company_registration/routes.h"
#include "services/family/export.h"
#include "services/family/routes.h"
#include "services/fhir_api/routes.h"
#include "services/growth/routes.h"
#include "services/health_record/routes.h"
#include "services/immunization/routes.h"
#include "services/letter_registration/routes.h"
#include "services/log_proofs/routes.h"
#include "services/notices/export.h"
#include "services/notices/routes.h"
#include "services/people_desk/routes.h"
#include "services/sign_in/routes.h"

namespace musubi::city {
namespace {

identity::Site site_of(const Settings& settings) {
    identity::Site site;
    site.public_url = settings.public_url;
    site.municipality_code = settings.municipality.code;
    site.name = settings.municipality.name;
    site.name_english = settings.municipality.name_english;
    site.telephone = settings.municipality.telephone;
    site.hours = settings.municipality.hours;
    site.demo = settings.environment == Environment::Demo;
    return site;
}

letter_registration::Sender letter_sender(const Municipality& city) {
    letter_registration::Sender sender;
    sender.city = city.name;
    sender.city_english = city.name_english;
    sender.department = city.department;
    sender.postal_code = city.postal_code;
    sender.address = city.address;
    sender.telephone = city.telephone;
    sender.hours = city.hours;
    return sender;
}

std::vector<people_desk::Waiting> waiting_work() {
    return {{"letters", "letters.manage", &letter_registration::waiting},
            {"companyRequests", "companies.manage", &company_registration::waiting},
            {"familyRequests", "family.confirm", &family::waiting},
            {"notices", "notices.write", &notices::waiting},
            {"deadLetters", std::string(outbox::kDeadLetterPermission), &outbox::dead_count}};
}

account::Parts account_parts(const Parts& parts) {
    // Without state of their own; a process is one installation.
    static family::Contributor family(base::system_clock());
    static account::RecordsPart records(parts.settings.public_url);
    static notices::Contributor notices;
    return {parts.database,
            parts.random,
            parts.pool,
            parts.outbox,
            parts.audit,
            parts.codes,
            {&records, &family, &notices},
            {[](db::WriteTx& tx, base::PersonId person) { return family::erase(tx, person); },
             [](db::WriteTx& tx, base::PersonId person) { return notices::erase_person(tx, person); }}};
}

notices::Dependencies notices_parts(const Parts& parts) {
    const Municipality& city = parts.settings.municipality;
    return {.database = parts.database,
            .random = parts.random,
            .pool = parts.pool,
            .audit = parts.audit,
            .outbox = parts.outbox,
            .public_url = parts.settings.public_url,
            .city = city.name,
            .city_english = city.name_english,
            .department = city.department,
            .address = city.address,
            .telephone = city.telephone};
}

/// The places where pages go on are sealed with a key that follows from the installation's.
crypto::AeadKey page_key(const Parts& parts) {
    const auto bytes = base::hex_decode(parts.codes.hash("fhir", "pages", "1"));
    return *crypto::AeadKey::from_bytes(base::Secret(*bytes));
}

account::Settings account_settings(const Settings& settings) {
    account::Settings out;
    out.site = site_of(settings);
    out.sessions = settings.sessions;
    out.closing_grace = settings.closing_grace;
    return out;
}

void install_ways_in(http::Router& router, const Parts& parts) {
    const Settings& settings = parts.settings;
    card_registration::Settings card;
    card.site = site_of(settings);
    card.enrolment = settings.enrolment;
    card.sessions = settings.sessions;
    card.closing_days =
        static_cast<int>(std::chrono::duration_cast<std::chrono::hours>(settings.closing_grace).count() / 24);
    card_registration::install(router,
                               {parts.database, parts.random, parts.pool, parts.outbox, parts.audit, parts.codes,
                                parts.verifier, parts.certification},
                               card);
    sign_in::Settings signing;
    signing.site = site_of(settings);
    signing.sessions = settings.sessions;
    sign_in::install(router,
                     {parts.database, parts.random, parts.pool, parts.outbox, parts.audit, parts.codes, parts.verifier,
                      parts.certification},
                     signing);
    letter_registration::install(router, {.database = parts.database,
                                          .random = parts.random,
                                          .audit = parts.audit,
                                          .outbox = parts.outbox,
                                          .pool = parts.pool,
                                          .code_key = parts.codes,
                                          .sessions = settings.sessions,
                                          .enrolment = settings.enrolment,
                                          .public_url = settings.public_url,
                                          .sender = letter_sender(settings.municipality)});
    company_registration::install(router, {.random = parts.random,
                                           .outbox = parts.outbox,
                                           .enrolment = settings.enrolment,
                                           .public_url = settings.public_url,
                                           .city = settings.municipality.name,
                                           .city_english = settings.municipality.name_english,
                                           .telephone = settings.municipality.telephone});
}

/// A topic has one consumer; this one hands the event to several. Each of them may see it again after a failure.
class AllOf final : public outbox::Consumer {
  public:
    explicit AllOf(std::vector<std::unique_ptr<outbox::Consumer>> consumers) : m_consumers(std::move(consumers)) {}
    base::Task<base::Status> deliver(const outbox::MessageId& id, const outbox::Event& event) override {
        for (const auto& consumer : m_consumers) MUSUBI_CO_CHECK(co_await consumer->deliver(id, event));
        co_return base::success();
    }

  private:
    std::vector<std::unique_ptr<outbox::Consumer>> m_consumers;
};

} // namespace

std::vector<db::Migrations> all_migrations() {
    return {
        jobs::migrations(),
        audit::migrations(),
        outbox::migrations(),
        residents::migrations(),
        certification::migrations(),
        identity::migrations(),
        enrolment::migrations(),
        records::migrations(),
        letter_registration::migrations(),
        company_registration::migrations(),
        family::migrations(),
        notices::migrations(),
        immunization::migrations(),
        growth::migrations(),
        // new services above this line
    };
}

void install_services(http::Router& router, const Parts& parts) {
    const Settings& settings = parts.settings;
    install_ways_in(router, parts);
    health_record::install(router, {parts.database, parts.random, parts.audit, settings.public_url});
    fhir_api::install(router, {parts.database, parts.random, parts.audit, page_key(parts), settings.public_url});
    family::install(router, {.random = parts.random,
                             .outbox = parts.outbox,
                             .rules = *family::read_rules(),
                             .public_url = settings.public_url,
                             .city = settings.municipality.name,
                             .city_english = settings.municipality.name_english,
                             .telephone = settings.municipality.telephone});
    account::install(router, account_parts(parts), account_settings(settings));
    log_proofs::install(router, parts.log);
    outbox::install_dead_letters(router);
    notices::install(router, notices_parts(parts));
    people_desk::install(router, {parts.database, parts.random, parts.audit, parts.pool, waiting_work()});
    growth::install(router, {parts.database, parts.audit});
    immunization::install(router, {parts.database, parts.random, parts.audit});
    // new services above this line
}

std::vector<std::span<const base::Message>> mail_texts() {
    return {card_registration::mail_texts(),
            sign_in::mail_texts(),
            letter_registration::mail_texts(),
            company_registration::mail_texts(),
            family::mail_texts(),
            account::mail_texts(),
            notices::mail_texts()};
}

namespace {

/// Rows that an earlier release wrote get the search values of this one, a few at a time so that nobody waits.
base::Task<base::Status> reindex_records(db::Database& database, std::string own_base) {
    constexpr int64_t kAtOnce = 200;
    std::optional<records::ReindexedTo> position = records::ReindexedTo{};
    while (position) {
        const records::ReindexedTo from = *position;
        const auto unit = [&](db::WriteTx& tx) { return records::reindex(tx, own_base, from, kAtOnce); };
        position = co_await database.write(unit);
    }
    co_return base::success();
}

} // namespace

std::vector<std::unique_ptr<outbox::Consumer>> subscribe_services(outbox::Worker& worker, db::Database& database) {
    std::vector<std::unique_ptr<outbox::Consumer>> kept;
    std::vector<std::unique_ptr<outbox::Consumer>> erasers;
    erasers.push_back(std::make_unique<health_record::Eraser>(database));
    erasers.push_back(std::make_unique<immunization::Eraser>(database));
    erasers.push_back(std::make_unique<growth::Eraser>(database));
    kept.push_back(std::make_unique<AllOf>(std::move(erasers)));
    worker.subscribe("identity.person-erased", *kept.back());
    return kept;
}

std::vector<jobs::Job> service_jobs(const Parts& parts) {
    db::Database& database = parts.database;
    jobs::Job letters;
    letters.name = "letter_registration.clean";
    letters.every = std::chrono::hours(24);
    letters.run = [&database](base::Instant now) -> base::Task<base::Status> {
        co_await database.write(
            [&](db::WriteTx& tx) -> base::Task<> { co_await letter_registration::clean_requests(tx, now); });
        co_return base::success();
    };
    jobs::Job reindex;
    reindex.name = "records.reindex";
    reindex.every = std::chrono::hours(24);
    reindex.run = [&database, base = parts.settings.public_url + "/fhir"](base::Instant) {
        return reindex_records(database, base);
    };
    std::vector<jobs::Job> jobs = account::periodic_jobs(account_parts(parts), account_settings(parts.settings));
    jobs.push_back(std::move(letters));
    jobs.push_back(notices::sending_job(notices_parts(parts)));
    jobs.push_back(std::move(reindex));
    return jobs;
}

} // namespace musubi::city
