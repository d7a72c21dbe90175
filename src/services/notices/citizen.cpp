#include "services/notices/citizen.h"

#include "core/audit/log.h"
#include "core/identity/guardianship.h"
#include "lib/db/enum_column.h"
#include "services/notices/deliver.h"
#include "services/notices/views.h"

#include <algorithm>

namespace musubi::notices {
namespace {

using http::Access;
using http::Call;
template <class T> using Answer = base::Task<base::Result<T>>;

constexpr int kPage = 50;
constexpr int kSearched = 1000; // of one person's notices

NoticeLine line_of(const Notice& notice, const identity::Person& person, const Call& call) {
    NoticeLine line;
    line.id = notice.id.to_string();
    line.person = person.id.to_string();
    line.person_name = person.name;
    line.own = person.id == call.person();
    line.category = notice.content.category;
    line.title = fill(notice.content, call.language, notice.values).title;
    line.deadline = notice.deadline;
    line.at = notice.created_at;
    line.unread = !notice.opened_at;
    line.archived = notice.archived_at.has_value();
    return line;
}

/// The caller and the children the caller acts for.
base::Task<std::vector<identity::Person>> readers(const Call& call, db::ReadTx& tx) {
    std::vector<identity::Person> out;
    auto self = co_await identity::find_person(tx, call.person());
    if (self) out.push_back(std::move(*self));
    auto children = co_await identity::children_of(tx, call.person(), base::date_in_japan(call.now));
    for (identity::Person& child : children) out.push_back(std::move(child));
    co_return out;
}

base::Result<Filter> filter_of(const Call& call, bool searching) {
    Filter filter;
    filter.unread = call.request.query_value("unread") == "1";
    filter.archived = call.request.query_value("archived") == "1";
    if (const auto text = call.request.query_value("category"); text && !text->empty()) {
        for (const auto& [category, name] : json_names(Category{}))
            if (*text == name) filter.category = category;
        if (!filter.category) return base::invalid("notices.category-unknown");
    }
    if (const auto text = call.request.query_value("before")) {
        const auto id = NoticeId::parse(*text);
        if (!id) return base::not_found("notices.not-found");
        filter.before = *id;
    }
    filter.limit = searching ? kSearched : kPage + 1;
    return filter;
}

bool says(const Notice& notice, const std::string& words, base::Language language) {
    const Words filled = fill(notice.content, language, notice.values);
    return filled.title.find(words) != std::string::npos || filled.text.find(words) != std::string::npos;
}

Answer<Inbox> inbox(const Call& call, db::ReadTx& tx) {
    const std::string words = call.request.query_value("search").value_or("");
    MUSUBI_CO_TRY(const Filter filter, filter_of(call, !words.empty()));
    Inbox inbox;
    const auto people = co_await readers(call, tx);
    for (const identity::Person& person : people) {
        const auto notices = co_await notices_of(tx, person.id, filter);
        for (const Notice& notice : notices)
            if (words.empty() || says(notice, words, call.language))
                inbox.items.push_back(line_of(notice, person, call));
        inbox.unread += co_await unread_of(tx, person.id);
        if (filter.before || filter.archived || !words.empty()) continue;
        const auto pinned = co_await pinned_of(tx, person.id, base::date_in_japan(call.now));
        for (const Notice& notice : pinned) inbox.pinned.push_back(line_of(notice, person, call));
    }
    std::sort(inbox.items.begin(), inbox.items.end(),
              [](const NoticeLine& a, const NoticeLine& b) { return a.id > b.id; });
    std::sort(inbox.pinned.begin(), inbox.pinned.end(),
              [](const NoticeLine& a, const NoticeLine& b) { return a.deadline < b.deadline; });
    if (inbox.items.size() > kPage) {
        inbox.items.erase(inbox.items.begin() + kPage, inbox.items.end());
        inbox.next = inbox.items.back().id;
    }
    co_return inbox;
}

struct Found {
    Notice notice;
    identity::Person person;
};
Answer<Found> notice_in_path(Call& call, db::ReadTx& tx) {
    const auto person_id = base::PersonId::parse(call.path_text("person"));
    const auto id = NoticeId::parse(call.path_text("id"));
    if (!person_id || !id) co_return base::not_found("notices.not-found");
    const auto relation = co_await identity::may_act_for(tx, call.person(), *person_id, base::date_in_japan(call.now));
    if (!relation) co_return base::not_found("notices.not-found");
    auto notice = co_await find_notice(tx, *person_id, *id);
    auto person = co_await identity::find_person(tx, *person_id);
    if (!notice || !person) co_return base::not_found("notices.not-found");
    call.audit.person = *person_id;
    call.audit.object = "notice " + id->to_string();
    co_return Found{std::move(*notice), std::move(*person)};
}

/// Into the log, in the transaction of what it attests: who did what with exactly which words, and how surely it was
/// they.
base::Task<> give_receipt(const Dependencies& to, db::WriteTx& tx, const Call& call, const Notice& notice,
                          std::string operation, std::string detail = {}) {
    audit::NewEntry entry;
    entry.person = notice.person;
    entry.actor_kind = audit::ActorKind::Citizen;
    entry.actor = call.person().to_string();
    entry.operation = std::move(operation);
    entry.purpose = "assurance " + std::string(db::enum_name(call.principal.assurance));
    entry.object = receipt_object(notice.id, notice.digest) + detail;
    entry.request_id = call.request_id;
    entry.series = receipt_series(notice.id);
    co_await audit::record(tx, to.random, entry, call.now);
}

Answer<NoticeView> view_of(const Call& call, db::ReadTx& tx, Found found) {
    const Notice& notice = found.notice;
    NoticeView view;
    view.id = notice.id.to_string();
    view.person = found.person.id.to_string();
    view.person_name = found.person.name;
    view.own = found.person.id == call.person();
    view.category = notice.content.category;
    view.duty = notice.content.duty;
    Words words = fill(notice.content, call.language, notice.values);
    view.title = std::move(words.title);
    view.text = std::move(words.text);
    view.action = std::move(words.action);
    view.link = notice.content.link;
    view.deadline = notice.deadline;
    view.at = notice.created_at;
    view.opened_at = notice.opened_at;
    view.acknowledged_at = notice.acknowledged_at;
    view.archived_at = notice.archived_at;
    view.digest = notice.digest;
    const auto attachments = co_await attachments_of(tx, notice.sending);
    for (const AttachmentInfo& one : attachments) view.attachments.push_back({one.id.to_string(), one.name});
    co_return view;
}

Answer<NoticeView> open(const Dependencies& to, Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(Found found, co_await notice_in_path(call, tx));
    const bool first = co_await mark_opened(tx, found.notice, call.now);
    if (first) {
        found.notice.opened_at = call.now;
        co_await give_receipt(to, tx, call, found.notice, "notices.opened");
    }
    co_return co_await view_of(call, tx, std::move(found));
}

Answer<NoticeView> acknowledge(const Dependencies& to, Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(Found found, co_await notice_in_path(call, tx));
    if (!found.notice.opened_at) co_return base::conflict("notices.not-opened");
    const bool first = co_await mark_acknowledged(tx, found.notice, call.now);
    if (first) {
        found.notice.acknowledged_at = call.now;
        co_await give_receipt(to, tx, call, found.notice, "notices.acknowledged");
    }
    co_return co_await view_of(call, tx, std::move(found));
}

Answer<NoticeView> archive(Call& call, db::WriteTx& tx, ArchiveBody body) {
    MUSUBI_CO_TRY(Found found, co_await notice_in_path(call, tx));
    found.notice.archived_at = body.archived ? std::optional(call.now) : std::nullopt;
    co_await set_archived(tx, found.notice, found.notice.archived_at);
    co_return co_await view_of(call, tx, std::move(found));
}

Answer<http::Raw> download(const Dependencies& to, Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const Found found, co_await notice_in_path(call, tx));
    const auto id = AttachmentId::parse(call.path_text("attachment"));
    if (!id) co_return base::not_found("notices.not-found");
    auto content = co_await attachment(tx, found.notice.sending, *id);
    if (!content) co_return base::not_found("notices.not-found");
    std::string digest;
    const auto attachments = co_await attachments_of(tx, found.notice.sending);
    for (const AttachmentInfo& one : attachments)
        if (one.id == *id) digest = one.digest;
    co_await give_receipt(to, tx, call, found.notice, "notices.downloaded", " attachment sha256 " + digest);
    http::Raw raw;
    raw.content_type = "application/pdf";
    raw.body = std::move(*content);
    raw.headers = {{"Content-Disposition", "attachment; filename=\"" + id->to_string() + ".pdf\""},
                   {"Cache-Control", "no-store"}};
    co_return raw;
}

Answer<http::Raw> receipt(const Dependencies& to, Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const Found found, co_await notice_in_path(call, tx));
    MUSUBI_CO_TRY(const audit::History whole,
                  co_await audit::history_of_series(tx, to.random, receipt_series(found.notice.id)));
    http::Raw raw;
    raw.content_type = "application/json";
    raw.body = json::write(whole) + "\n";
    raw.headers = {{"Content-Disposition", "attachment; filename=\"notice-receipt.json\""},
                   {"Cache-Control", "no-store"}};
    co_return raw;
}

Answer<ChoiceList> choices(const Call& call, db::ReadTx& tx) {
    ChoiceList list;
    list.items = co_await choices_of(tx, call.person());
    co_return list;
}

Answer<ChoiceList> change_choices(const Call& call, db::WriteTx& tx, ChoiceList body) {
    for (const Choice& choice : body.items) co_await set_choice(tx, call.person(), choice);
    co_return co_await choices(call, tx);
}

} // namespace

void install_citizen(http::Router& router, std::shared_ptr<const Dependencies> to) {
    const auto citizen = Access::citizen();
    const std::string one = "/api/v1/people/{person}/notices/{id}";
    router.reads("GET", "/api/v1/notices", "listNotices", citizen,
                 [](Call& call, db::ReadTx& tx) { return inbox(call, tx); },
                 {{"unread", "1: only those nobody has opened"},
                  {"archived", "1: the archive instead of the inbox"},
                  {"category", "only this category"},
                  {"search", "only those that say this"},
                  {"before", "`next` of the page seen before"}});
    router.writes("POST", one + "/open", "openNotice", citizen,
                  [to](Call& call, db::WriteTx& tx) { return open(*to, call, tx); });
    router.writes("POST", one + "/acknowledge", "acknowledgeNotice", citizen,
                  [to](Call& call, db::WriteTx& tx) { return acknowledge(*to, call, tx); });
    router.writes("POST", one + "/archive", "archiveNotice", citizen,
                  [](Call& call, db::WriteTx& tx, ArchiveBody body) { return archive(call, tx, body); });
    router.writes("GET", one + "/attachments/{attachment}", "downloadNoticeAttachment", citizen,
                  [to](Call& call, db::WriteTx& tx) { return download(*to, call, tx); });
    router.writes("GET", one + "/receipt", "downloadNoticeReceipt", citizen,
                  [to](Call& call, db::WriteTx& tx) { return receipt(*to, call, tx); });
    router.reads("GET", "/api/v1/notices/choices", "listNoticeChoices", citizen,
                 [](Call& call, db::ReadTx& tx) { return choices(call, tx); });
    router.writes("PUT", "/api/v1/notices/choices", "changeNoticeChoices", citizen,
                  [](Call& call, db::WriteTx& tx, ChoiceList body) { return change_choices(call, tx, body); });
}

} // namespace musubi::notices
