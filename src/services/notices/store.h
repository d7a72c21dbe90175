// Notices, sendings and lists in the database.
#pragma once

#include "core/identity/person.h"
#include "lib/db/database.h"
#include "services/notices/template.h"

#include <optional>
#include <string>
#include <vector>

namespace musubi::notices {

using NoticeId = base::Id<struct NoticeTag>;
using SendingId = base::Id<struct SendingTag>;
using TemplateId = base::Id<struct NoticeTemplateTag>;
using AttachmentId = base::Id<struct NoticeAttachmentTag>;

enum class State { Draft, Submitted, Approved, Sending, Paused, Done, Cancelled };
constexpr auto json_names(State) {
    return std::array{std::pair{State::Draft, "draft"},        std::pair{State::Submitted, "submitted"},
                      std::pair{State::Approved, "approved"},  std::pair{State::Sending, "sending"},
                      std::pair{State::Paused, "paused"},      std::pair{State::Done, "done"},
                      std::pair{State::Cancelled, "cancelled"}};
}

enum class AudienceKind { Rules, List };
constexpr auto json_names(AudienceKind) {
    return std::array{std::pair{AudienceKind::Rules, "rules"}, std::pair{AudienceKind::List, "list"}};
}
/// Who is meant: everybody registered whom all rules fit, or the rows of an uploaded list.
struct Audience {
    AudienceKind kind = AudienceKind::Rules;
    std::optional<int64_t> from_age; // completed years on the day of sending
    std::optional<int64_t> to_age;   // inclusive
    std::optional<residents::Sex> sex;
    std::optional<std::string> district; // a part of the address
};
template <class Fields> void describe(Fields& fields, Audience& audience) {
    fields("kind", audience.kind);
    fields("fromAge", audience.from_age, json::Rule{.minimum = 0, .maximum = 150});
    fields("toAge", audience.to_age, json::Rule{.minimum = 0, .maximum = 150});
    fields("sex", audience.sex);
    fields("district", audience.district, json::Rule{.max_length = 100});
}
bool fits(const Audience& audience, const identity::Person& person, base::CivilDate today);

/// What staff decide about a sending.
struct SendingBody {
    std::string name;
    TemplateId template_id;
    int64_t version = 0;
    Values values; // of the template's placeholders, the same for everybody
    Audience audience;
    std::optional<base::CivilDate> deadline;
    std::optional<base::Instant> send_at; // not before; at once after the approval otherwise
};
template <class Fields> void describe(Fields& fields, SendingBody& body) {
    fields("name", body.name, json::Rule{.max_length = 100, .min_length = 1});
    fields("templateId", body.template_id);
    fields("version", body.version, json::Rule{.minimum = 1});
    fields("values", body.values, json::Rule{.max_length = 1000, .max_items = 30});
    fields("audience", body.audience);
    fields("deadline", body.deadline);
    fields("sendAt", body.send_at);
}

struct Sending {
    SendingId id;
    SendingBody body;
    State state = State::Draft;
    base::Instant created_at;
    std::string created_by; // StaffId
    std::optional<std::string> approved_by;
    std::optional<base::Instant> approved_at;
    std::optional<base::Instant> finished_at;
    std::string after_person;
    int64_t targeted = 0;
    static Sending from(db::Reader&);
};

struct StoredTemplate {
    TemplateId id;
    int64_t version = 0;
    TemplateBody body;
    base::Instant created_at;
    static StoredTemplate from(db::Reader&);
};

struct Notice {
    base::PersonId person;
    NoticeId id;
    SendingId sending;
    Values values;
    std::string digest;
    std::optional<base::CivilDate> deadline;
    int64_t age = 0;
    base::Instant created_at;
    std::optional<base::Instant> opened_at;
    std::optional<base::Instant> acknowledged_at;
    std::optional<base::Instant> archived_at;
    TemplateBody content;
    static Notice from(db::Reader&);
};

base::Task<> add_template(db::WriteTx& tx, const StoredTemplate& made, std::string by);
/// The newest version of each.
base::Task<std::vector<StoredTemplate>> templates(db::ReadTx& tx);
base::Task<std::optional<StoredTemplate>> find_template(db::ReadTx& tx, TemplateId id, std::optional<int64_t> version);

base::Task<> add_sending(db::WriteTx& tx, const Sending& sending);
base::Task<std::optional<Sending>> find_sending(db::ReadTx& tx, SendingId id);
base::Task<std::vector<Sending>> sendings(db::ReadTx& tx);
/// False when it is in another state than `from` by now.
base::Task<bool> move_sending(db::WriteTx& tx, SendingId id, State from, State to);
base::Task<bool> approve_sending(db::WriteTx& tx, SendingId id, std::string by, base::Instant now,
                                 std::optional<base::Instant> send_at);
/// The next one whose time has come.
base::Task<std::optional<Sending>> due_sending(db::ReadTx& tx, base::Instant now);
base::Task<> record_progress(db::WriteTx& tx, SendingId id, std::string after, int64_t more, State state,
                             std::optional<base::Instant> finished_at);

struct NewNotice {
    base::PersonId person;
    NoticeId id;
    SendingId sending;
    Category category = Category::Other;
    Values values;
    std::string digest;
    std::optional<base::CivilDate> deadline;
    int64_t age = 0;
    int64_t mailed = 0; // how many people were told by mail
};
/// False when the person has this sending's notice already.
base::Task<bool> add_notice(db::WriteTx& tx, const NewNotice& notice, base::Instant now);
base::Task<std::optional<Notice>> find_notice(db::ReadTx& tx, base::PersonId person, NoticeId id);
struct Filter {
    bool unread = false;
    bool archived = false;
    std::optional<Category> category;
    std::optional<NoticeId> before;
    int limit = 50;
};
base::Task<std::vector<Notice>> notices_of(db::ReadTx& tx, base::PersonId person, Filter filter);
/// With a deadline from `today` on, not archived and not acknowledged.
base::Task<std::vector<Notice>> pinned_of(db::ReadTx& tx, base::PersonId person, base::CivilDate today);
base::Task<int64_t> unread_of(db::ReadTx& tx, base::PersonId person);
/// True the first time.
base::Task<bool> mark_opened(db::WriteTx& tx, const Notice& notice, base::Instant now);
base::Task<bool> mark_acknowledged(db::WriteTx& tx, const Notice& notice, base::Instant now);
base::Task<> set_archived(db::WriteTx& tx, const Notice& notice, std::optional<base::Instant> at);

struct AttachmentInfo {
    AttachmentId id;
    std::string name;
    std::string digest;
    static AttachmentInfo from(db::Reader&);
};
base::Task<> add_attachment(db::WriteTx& tx, SendingId sending, const AttachmentInfo& info, std::string content);
base::Task<std::vector<AttachmentInfo>> attachments_of(db::ReadTx& tx, SendingId sending);
base::Task<std::optional<std::string>> attachment(db::ReadTx& tx, SendingId sending, AttachmentId id);

/// Whether a mail tells a citizen of a category's notices; on unless said.
struct Choice {
    Category category = Category::Other;
    bool mail = true;
    static Choice from(db::Reader&);
};
template <class Fields> void describe(Fields& fields, Choice& choice) {
    fields("category", choice.category);
    fields("mail", choice.mail);
}
/// One for each category.
base::Task<std::vector<Choice>> choices_of(db::ReadTx& tx, base::PersonId person);
base::Task<> set_choice(db::WriteTx& tx, base::PersonId person, Choice choice);

struct Opened {
    int64_t age = 0;
    base::Instant created_at;
    std::optional<base::Instant> opened_at;
    std::optional<base::Instant> acknowledged_at;
    int64_t mailed = 0;
    static Opened from(db::Reader&);
};
base::Task<std::vector<Opened>> outcome_of(db::ReadTx& tx, SendingId sending);

struct Unreached {
    base::PersonId person;
    NoticeId id;
    static Unreached from(db::Reader&);
};
/// Not opened, not printed yet, and created before `before` (or told nobody by mail).
base::Task<std::vector<Unreached>> unreached(db::ReadTx& tx, SendingId sending, base::Instant before);
base::Task<> mark_printed(db::WriteTx& tx, const Unreached& one, base::Instant now);

base::Task<> erase(db::WriteTx& tx, base::PersonId person);
base::Task<int64_t> submitted_count(db::ReadTx& tx);

db::Migrations migrations();

} // namespace musubi::notices
