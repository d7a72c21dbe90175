#include "services/notices/deliver.h"

#include "core/audit/audit.h"
#include "core/identity/guardianship.h"
#include "core/identity/roll.h"
#include "services/notices/list.h"

namespace musubi::notices {
namespace {

constexpr int kBatch = 200;

/// Who is told about a notice: the person, or for somebody without an address of their own the guardians.
base::Task<std::vector<identity::Person>> readers_of(db::ReadTx& tx, const identity::Person& person,
                                                     base::CivilDate today) {
    std::vector<identity::Person> out;
    if (person.email) {
        out.push_back(person);
        co_return out;
    }
    const auto guardians = co_await identity::guardians_of(tx, person.id, today);
    for (const base::PersonId& id : guardians) {
        auto guardian = co_await identity::find_person(tx, id);
        if (guardian && guardian->email && !guardian->closed_at) out.push_back(std::move(*guardian));
    }
    co_return out;
}

base::Task<bool> wants_mail(db::ReadTx& tx, const base::PersonId& person, const TemplateBody& content) {
    if (content.duty == Duty::Statutory) co_return true;
    const auto choices = co_await choices_of(tx, person);
    for (const Choice& choice : choices)
        if (choice.category == content.category) co_return choice.mail;
    co_return true;
}

outbox::Mail mail_about(const Dependencies& to, const NoticeId& notice, const identity::Person& reader) {
    outbox::Mail mail;
    mail.to = *reader.email;
    mail.template_name = "notice-arrived"; // says that something came, never what
    mail.language = reader.language;
    mail.key = "notice:" + notice.to_string() + ":" + reader.id.to_string();
    mail.order = "person:" + reader.id.to_string();
    const bool english = reader.language == "en" && !to.city_english.empty();
    mail.parameters = {{"city", english ? to.city_english : to.city},
                       {"telephone", to.telephone},
                       {"link", to.public_url + "/notices"}};
    return mail;
}

base::Task<bool> give_notice(const Dependencies& to, db::WriteTx& tx, const Sending& sending,
                             const TemplateBody& content, const identity::Person& person, base::Instant now) {
    const base::CivilDate today = base::date_in_japan(now);
    const auto& body = sending.body;
    NewNotice notice{.person = person.id, .id = NoticeId::make(now, to.random), .sending = sending.id};
    notice.category = content.category;
    notice.values = values_for(body, person, today);
    notice.deadline = body.deadline;
    notice.digest = digest_of(content, notice.values, body.deadline ? body.deadline->to_string() : "");
    notice.age = base::age_on(person.birth_date, today);
    std::vector<identity::Person> told;
    auto readers = co_await readers_of(tx, person, today);
    for (identity::Person& reader : readers) {
        const bool wanted = co_await wants_mail(tx, reader.id, content);
        if (wanted) told.push_back(std::move(reader));
    }
    notice.mailed = static_cast<int64_t>(told.size());
    const bool added = co_await add_notice(tx, notice, now);
    if (!added) co_return false;
    for (const identity::Person& reader : told) {
        const outbox::Mail mail = mail_about(to, notice.id, reader);
        co_await to.outbox.mail(tx, mail, now);
    }
    audit::NewEntry entry;
    entry.person = person.id;
    entry.actor_kind = audit::ActorKind::System;
    entry.actor = "notices.send";
    entry.organization = to.department;
    entry.operation = "notices.sent";
    entry.purpose = body.name;
    entry.object = receipt_object(notice.id, notice.digest);
    co_await audit::record(tx, to.random, entry, now);
    co_return true;
}

/// A page of the audience: who, and where to go on.
struct Page {
    std::vector<identity::Person> people;
    std::string after;
    bool last = false;
};

base::Task<Page> page_by_rules(db::ReadTx& tx, const Sending& sending, base::CivilDate today) {
    auto people = co_await identity::persons_after(tx, sending.after_person, kBatch);
    Page page;
    page.last = people.size() < kBatch;
    page.after = people.empty() ? sending.after_person : people.back().id.to_string();
    for (identity::Person& person : people)
        if (fits(sending.body.audience, person, today)) page.people.push_back(std::move(person));
    co_return page;
}

base::Task<Page> page_by_list(db::ReadTx& tx, const Sending& sending) {
    const int64_t after = sending.after_person.empty() ? 0 : std::stoll(sending.after_person);
    const auto rows = co_await sure_rows(tx, sending.id, after, kBatch);
    Page page;
    page.last = rows.size() < kBatch;
    page.after = rows.empty() ? sending.after_person : std::to_string(rows.back().row);
    for (const ListRow& row : rows) {
        const auto id = base::PersonId::parse(row.person);
        if (!id) continue;
        auto person = co_await identity::find_person(tx, *id);
        if (person && !person->closed_at) page.people.push_back(std::move(*person));
    }
    co_return page;
}

base::Task<base::Status> send_all_due(Dependencies to, base::Instant now) {
    // A batch is one transaction; between two of them others get their turn.
    for (;;) {
        const bool more = co_await send_batch(to, now);
        if (!more) co_return base::success();
    }
}

} // namespace

Values values_for(const SendingBody& body, const identity::Person& person, base::CivilDate today) {
    Values values = body.values;
    values["name"] = person.name;
    values["birthDate"] = person.birth_date.to_string();
    values["age"] = std::to_string(base::age_on(person.birth_date, today));
    return values;
}

std::string receipt_series(const NoticeId& id) { return "receipt:" + id.to_string(); }
std::string receipt_object(const NoticeId& id, const std::string& digest) {
    return "notice " + id.to_string() + " sha256 " + digest;
}

base::Task<bool> send_batch(const Dependencies& to, base::Instant now) {
    const auto waits = co_await to.database.read([now](db::ReadTx& tx) { return due_sending(tx, now); });
    if (!waits) co_return false;
    co_return co_await to.database.write([&](db::WriteTx& tx) -> base::Task<bool> {
        const auto sending = co_await due_sending(tx, now);
        if (!sending) co_return false;
        const auto content = co_await find_template(tx, sending->body.template_id, sending->body.version);
        if (!content) throw db::DatabaseError("a sending without its template");
        const base::CivilDate today = base::date_in_japan(now);
        Page page;
        if (sending->body.audience.kind == AudienceKind::List)
            page = co_await page_by_list(tx, *sending);
        else
            page = co_await page_by_rules(tx, *sending, today);
        int64_t added = 0;
        for (const identity::Person& person : page.people) {
            const bool given = co_await give_notice(to, tx, *sending, content->body, person, now);
            if (given) ++added;
        }
        std::optional<base::Instant> finished;
        if (page.last) finished = now;
        co_await record_progress(tx, sending->id, page.after, added, page.last ? State::Done : State::Sending,
                                 finished);
        co_return true;
    });
}

jobs::Job sending_job(Dependencies dependencies) {
    jobs::Job job;
    job.name = "notices.send";
    job.every = std::chrono::seconds(5);
    job.lease = std::chrono::minutes(30); // half a million people
    job.run = [dependencies](base::Instant now) { return send_all_due(dependencies, now); };
    return job;
}

base::Task<int64_t> waiting(db::ReadTx& tx) { return submitted_count(tx); }

} // namespace musubi::notices
