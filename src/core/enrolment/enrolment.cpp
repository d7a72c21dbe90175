#include "core/enrolment/enrolment.h"

#include "base/encoding.h"
#include "core/enrolment/registration_view.h"
#include "core/records/deliveries.h"
#include "lib/crypto/digest.h"
#include "lib/db/enum_column.h"

#include <algorithm>

namespace musubi::enrolment {
namespace {

constexpr db::Query kInsert{"enrolment.begin",
                            "INSERT INTO enrolment_registration (id, step, email, language, created_at, expires_at)"
                            " VALUES ($1, 'terms', $2, $3, $4, $5)"};

#define MUSUBI_REGISTRATION_FIELDS                                                                                     \
    "id, step, email, language, terms_version, way, name, name_has_substitutes, kana, address, birth_date, sex,"       \
    " resident_id, signature_issuer, signature_serial, signature_not_before, signature_not_after, user_issuer,"        \
    " user_serial, user_not_before, user_not_after, telephone, password_hash, created_at, expires_at, person_id"

constexpr db::Query kFind{"enrolment.find",
                          "SELECT " MUSUBI_REGISTRATION_FIELDS " FROM enrolment_registration WHERE id = $1"};
constexpr db::Query kSave{
    "enrolment.save",
    "UPDATE enrolment_registration SET step = $2, email = $3, language = $4, terms_version = $5, way = $6, name = $7,"
    " name_has_substitutes = $8, kana = $9, address = $10, birth_date = $11, sex = $12, resident_id = $13,"
    " signature_issuer = $14, signature_serial = $15, signature_not_before = $16, signature_not_after = $17,"
    " user_issuer = $18, user_serial = $19, user_not_before = $20, user_not_after = $21, telephone = $22,"
    " password_hash = $23, expires_at = $24 WHERE id = $1 AND person_id IS NULL"};
constexpr db::Query kDone{"enrolment.done", "UPDATE enrolment_registration SET step = 'done', person_id = $2,"
                                            " password_hash = NULL, expires_at = $3"
                                            " WHERE id = $1 AND person_id IS NULL"};
constexpr db::Query kExtend{"enrolment.extend", "UPDATE enrolment_registration SET expires_at = $2"
                                                " WHERE id = $1 AND expires_at < $2"};

constexpr db::Query kAddToken{"enrolment.add_token",
                              "INSERT INTO enrolment_token (token_hash, registration_id, expires_at)"
                              " VALUES ($1, $2, $3)"};
constexpr db::Query kFindToken{"enrolment.find_token", "SELECT registration_id, expires_at FROM enrolment_token"
                                                       " WHERE token_hash = $1"};
constexpr db::Query kKeepToken{"enrolment.keep_token", "UPDATE enrolment_token SET expires_at = $2"
                                                       " WHERE token_hash = $1 AND expires_at < $2"};
constexpr db::Query kCleanTokens{"enrolment.clean_tokens",
                                 "DELETE FROM enrolment_token WHERE registration_id IN"
                                 " (SELECT id FROM enrolment_registration WHERE expires_at <= $1)"};
constexpr db::Query kClean{"enrolment.clean", "DELETE FROM enrolment_registration WHERE expires_at <= $1"};

constexpr db::Query kEraseTokens{"enrolment.erase_tokens",
                                 "DELETE FROM enrolment_token WHERE registration_id IN"
                                 " (SELECT id FROM enrolment_registration WHERE person_id = $1)"};
constexpr db::Query kErase{"enrolment.erase", "DELETE FROM enrolment_registration WHERE person_id = $1"};

// A link that was opened stays valid as long as the registration does: its own end no longer counts.
constexpr base::Duration kOpenedTokenLifetime = std::chrono::hours(24 * 366);
// A finished or expired registration is kept a little, so that an old link gets its proper answer.
constexpr base::Duration kKeptAfterEnd = std::chrono::hours(24 * 30);

struct TokenRow {
    RegistrationId registration;
    base::Instant expires_at;
    static TokenRow from(db::Reader& row) { return {.registration = row, .expires_at = row}; }
};

std::string hash_of(std::string_view token) { return base::hex_encode(crypto::sha256(token)); }

base::Error link_unknown() { return base::not_found("registration.link-unknown"); }
base::Error link_expired() { return base::error(base::ErrorKind::Gone, "registration.link-expired"); }
base::Error already_completed() { return base::conflict("registration.already-completed"); }

std::optional<identity::Certificate> read_certificate(db::Reader& row, identity::CertificateType type) {
    const auto issuer = row.get<std::optional<std::string>>();
    const auto serial = row.get<std::optional<std::string>>();
    const auto not_before = row.get<std::optional<base::Instant>>();
    const auto not_after = row.get<std::optional<base::Instant>>();
    if (!issuer || !serial || !not_before || !not_after) return std::nullopt;
    return identity::Certificate{
        *issuer, *serial, type, *not_before, *not_after, identity::CertificateStatus::Active, std::nullopt};
}

bool waits(Step step) { return step == Step::LetterWaiting || step == Step::CompanyWaiting; }

} // namespace

db::Value to_value(Step step) { return db::to_value(db::enum_name(step)); }
Step from_column(const std::string& text, Step*) { return db::enum_value<Step>(text); }
db::Value to_value(Way way) { return db::to_value(db::enum_name(way)); }
Way from_column(const std::string& text, Way*) { return db::enum_value<Way>(text); }

Registration Registration::from(db::Reader& row) {
    Registration out{.id = row,
                     .step = row.get<Step>(),
                     .email = row.get<std::string>(),
                     .language = row.get<std::string>(),
                     .terms_version = row.get<std::optional<std::string>>(),
                     .way = row.get<std::optional<Way>>(),
                     .attributes = std::nullopt,
                     .resident = std::nullopt,
                     .card = std::nullopt,
                     .telephone = std::nullopt,
                     .password_hash = std::nullopt,
                     .created_at = {},
                     .expires_at = {},
                     .person = std::nullopt};
    auto name = row.get<std::optional<std::string>>();
    const auto substitutes = row.get<std::optional<bool>>();
    auto kana = row.get<std::optional<std::string>>();
    auto address = row.get<std::optional<std::string>>();
    const auto birth_date = row.get<std::optional<base::CivilDate>>();
    const auto sex = row.get<std::optional<residents::Sex>>();
    if (name && address && birth_date && sex)
        out.attributes = Attributes{
            std::move(*name), substitutes.value_or(false), std::move(kana), std::move(*address), *birth_date, *sex};
    out.resident = row.get<std::optional<residents::ResidentId>>();
    const auto signature = read_certificate(row, identity::CertificateType::Signature);
    const auto user = read_certificate(row, identity::CertificateType::User);
    if (signature && user) out.card = CardEvidence{*signature, *user};
    out.telephone = row.get<std::optional<std::string>>();
    out.password_hash = row.get<std::optional<std::string>>();
    out.created_at = row.get<base::Instant>();
    out.expires_at = row.get<base::Instant>();
    out.person = row.get<std::optional<base::PersonId>>();
    return out;
}

base::Task<Begun> begin(db::WriteTx& tx, base::Random& random, const EnrolmentRules& rules, std::string_view email,
                        std::string_view language, base::Instant now) {
    const auto id = RegistrationId::make(now, random);
    const base::Instant expires = now + rules.link_lifetime;
    co_await tx.run(kInsert, id, std::string(email), std::string(language), now, expires);
    base::Secret token = co_await issue_link(tx, random, id, expires);
    auto registration = co_await find(tx, id);
    co_return Begun{std::move(*registration), std::move(token)};
}

base::Task<base::Secret> issue_link(db::WriteTx& tx, base::Random& random, const RegistrationId& id,
                                    base::Instant expires_at) {
    base::Secret token(random.token(32));
    co_await tx.run(kAddToken, hash_of(token.reveal()), id, expires_at);
    co_return token;
}

base::Task<base::Result<Registration>> resume(db::WriteTx& tx, const EnrolmentRules& rules, std::string_view token,
                                              base::Instant now) {
    const std::string hash = hash_of(token);
    const auto found = co_await tx.one<TokenRow>(kFindToken, hash);
    if (!found) co_return link_unknown();
    auto registration = co_await find(tx, found->registration);
    if (!registration) co_return link_unknown();
    if (registration->person) co_return already_completed();
    if (found->expires_at <= now || registration->expires_at <= now) co_return link_expired();
    co_await tx.run(kKeepToken, hash, now + kOpenedTokenLifetime);
    const base::Instant expires = now + rules.work_lifetime;
    co_await tx.run(kExtend, registration->id, expires);
    registration->expires_at = std::max(registration->expires_at, expires);
    co_return std::move(*registration);
}

void set_registration_cookie(http::Call& call, std::string_view token, const Registration& registration) {
    http::CookieOptions options;
    options.lifetime = registration.expires_at - call.now + std::chrono::hours(24 * 90);
    call.set_cookie(std::string(kRegistrationCookie), std::string(token), options);
}

base::Task<base::Result<Registration>> load(db::ReadTx& tx, const http::Request& request, base::Instant now) {
    const auto not_started = [] { return base::error(base::ErrorKind::Unauthenticated, "registration.not-started"); };
    const auto cookie = request.cookie(kRegistrationCookie);
    if (!cookie || cookie->size() != 43) co_return not_started();
    const auto found = co_await tx.one<TokenRow>(kFindToken, hash_of(*cookie));
    if (!found) co_return not_started();
    auto registration = co_await find(tx, found->registration);
    if (!registration) co_return not_started();
    if (registration->expires_at <= now) co_return link_expired();
    co_return std::move(*registration);
}

base::Task<std::optional<Registration>> find(db::ReadTx& tx, const RegistrationId& id) {
    return tx.one<Registration>(kFind, id);
}

base::Task<base::Status> save(db::WriteTx& tx, const EnrolmentRules& rules, Registration& registration,
                              base::Instant now) {
    const base::Duration life = waits(registration.step) ? rules.waiting_lifetime : rules.work_lifetime;
    registration.expires_at = std::max(registration.expires_at, now + life);
    std::optional<std::string> name, kana, address;
    std::optional<bool> substitutes;
    std::optional<base::CivilDate> birth_date;
    std::optional<residents::Sex> sex;
    if (const auto& attributes = registration.attributes) {
        name = attributes->name;
        kana = attributes->kana;
        address = attributes->address;
        substitutes = attributes->name_has_substitutes;
        birth_date = attributes->birth_date;
        sex = attributes->sex;
    }
    std::optional<identity::Certificate> signature, user;
    if (registration.card) {
        signature = registration.card->signature;
        user = registration.card->user;
    }
    const auto issuer = [](const auto& c) { return c ? std::optional(c->issuer) : std::nullopt; };
    const auto serial = [](const auto& c) { return c ? std::optional(c->serial) : std::nullopt; };
    const auto not_before = [](const auto& c) { return c ? std::optional(c->not_before) : std::nullopt; };
    const auto not_after = [](const auto& c) { return c ? std::optional(c->not_after) : std::nullopt; };
    const int64_t changed =
        co_await tx.run(kSave, registration.id, registration.step, registration.email, registration.language,
                        registration.terms_version, registration.way, name, substitutes, kana, address, birth_date, sex,
                        registration.resident, issuer(signature), serial(signature), not_before(signature),
                        not_after(signature), issuer(user), serial(user), not_before(user), not_after(user),
                        registration.telephone, registration.password_hash, registration.expires_at);
    if (changed == 0) co_return already_completed();
    co_return base::success();
}

base::Status require_step(const Registration& registration, std::initializer_list<Step> allowed) {
    if (std::find(allowed.begin(), allowed.end(), registration.step) != allowed.end()) return base::success();
    if (registration.step == Step::Done) return already_completed();
    return base::conflict("registration.wrong-step").with("step", std::string(db::enum_name(registration.step)));
}

base::Task<base::Result<Completion>> complete(db::WriteTx& tx, base::Random& random,
                                              const identity::SessionRules& session_rules, Registration& registration,
                                              identity::Source source, http::Assurance assurance,
                                              std::string_view device, base::Instant now) {
    std::optional<identity::Person> person;
    if (registration.person) {
        person = co_await identity::find_person(tx, *registration.person);
        if (!person) co_return already_completed();
    } else {
        if (!registration.attributes) co_return base::conflict("registration.wrong-step");
        const Attributes& attributes = *registration.attributes;
        identity::NewPerson fresh{attributes.name,
                                  attributes.name_has_substitutes,
                                  attributes.kana,
                                  attributes.birth_date,
                                  attributes.sex,
                                  attributes.address,
                                  source,
                                  registration.resident,
                                  registration.email,
                                  registration.telephone,
                                  registration.language,
                                  registration.password_hash};
        MUSUBI_CO_TRY(auto created, co_await identity::create_person(tx, random, fresh, now));
        if (registration.card) {
            const bool signature_free =
                co_await identity::link_certificate(tx, created.id, registration.card->signature, now);
            const bool user_free = co_await identity::link_certificate(tx, created.id, registration.card->user, now);
            if (!signature_free || !user_free) co_return base::conflict("registration.already-registered");
        }
        // What the city holds about this resident is the person's record from the first minute on.
        if (registration.resident)
            MUSUBI_CO_CHECK(co_await records::adopt(tx, random, *registration.resident, created.id, now));
        const base::Instant kept = now + kKeptAfterEnd;
        const int64_t done = co_await tx.run(kDone, registration.id, created.id, kept);
        if (done == 0) co_return already_completed();
        registration.step = Step::Done;
        registration.person = created.id;
        registration.password_hash.reset();
        registration.expires_at = kept;
        person = std::move(created);
    }
    auto session = co_await identity::start_session(tx, random, session_rules, person->id, assurance, device, now);
    co_return Completion{std::move(*person), std::move(session)};
}

base::Task<int64_t> clean(db::WriteTx& tx, base::Instant now) {
    const base::Instant before = now - kKeptAfterEnd;
    co_await tx.run(kCleanTokens, before);
    co_return co_await tx.run(kClean, before);
}

base::Task<> erase_of(db::WriteTx& tx, const base::PersonId& person) {
    co_await tx.run(kEraseTokens, person);
    co_await tx.run(kErase, person);
}

RegistrationView view(const Registration& registration) {
    RegistrationView out{.id = registration.id.to_string(),
                         .step = registration.step,
                         .email = registration.email,
                         .language = registration.language,
                         .terms_version = registration.terms_version,
                         .way = registration.way,
                         .attributes = std::nullopt,
                         .telephone = registration.telephone,
                         .expires_at = registration.expires_at,
                         .person_id = std::nullopt};
    if (const auto& attributes = registration.attributes)
        out.attributes = AttributesView{attributes->name, attributes->name_has_substitutes, attributes->address,
                                        attributes->birth_date, attributes->sex};
    if (registration.person) out.person_id = registration.person->to_string();
    return out;
}

} // namespace musubi::enrolment
