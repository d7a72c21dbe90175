#include "services/notices/store.h"

#include "lib/db/enum_column.h"

#include <stdexcept>

namespace musubi::notices {
namespace {

constexpr db::Query kAddTemplate{"notices.add_template", "INSERT INTO notices_template (id, version, body, created_at,"
                                                         " created_by) VALUES ($1, $2, $3, $4, $5)"};
constexpr db::Query kTemplates{"notices.templates",
                               "SELECT id, version, body, created_at FROM notices_template AS one WHERE version ="
                               " (SELECT MAX(version) FROM notices_template WHERE id = one.id) ORDER BY id DESC"};
constexpr db::Query kTemplate{"notices.template", "SELECT id, version, body, created_at FROM notices_template"
                                                  " WHERE id = $1 AND ($2 = 0 OR version = $2)"
                                                  " ORDER BY version DESC LIMIT 1"};
constexpr db::Query kAddSending{"notices.add_sending",
                                "INSERT INTO notices_sending (id, template_id, version, name, body, state, created_at,"
                                " created_by, send_at) VALUES ($1, $2, $3, $4, $5, 'draft', $6, $7, $8)"};
#define MUSUBI_SENDING                                                                                                 \
    "SELECT id, body, state, created_at, created_by, approved_by, approved_at, finished_at, after_person, targeted"    \
    " FROM notices_sending"
constexpr db::Query kFindSending{"notices.find_sending", MUSUBI_SENDING " WHERE id = $1"};
constexpr db::Query kSendings{"notices.sendings", MUSUBI_SENDING " ORDER BY id DESC LIMIT 100"};
constexpr db::Query kMove{"notices.move_sending", "UPDATE notices_sending SET state = $3 WHERE id = $1 AND state = $2"};
constexpr db::Query kApprove{"notices.approve_sending",
                             "UPDATE notices_sending SET state = 'approved', approved_by = $2, approved_at = $3,"
                             " send_at = $4 WHERE id = $1 AND state = 'submitted'"};
constexpr db::Query kDue{"notices.due_sending", MUSUBI_SENDING " WHERE state IN ('approved', 'sending')"
                                                               " AND send_at <= $1 ORDER BY send_at LIMIT 1"};
constexpr db::Query kProgress{"notices.progress",
                              "UPDATE notices_sending SET after_person = $2, targeted = targeted + $3, state = $4,"
                              " finished_at = $5 WHERE id = $1 AND state IN ('approved', 'sending')"};
constexpr db::Query kAddNotice{"notices.add",
                               "INSERT INTO notices_notice (person_id, id, sending_id, category, filled, digest,"
                               " deadline, age, mailed, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
                               " ON CONFLICT (sending_id, person_id) DO NOTHING"};
#define MUSUBI_NOTICE                                                                                                  \
    "SELECT n.person_id, n.id, n.sending_id, n.filled, n.digest, n.deadline, n.age, n.created_at, n.opened_at,"        \
    " n.acknowledged_at, n.archived_at, t.body FROM notices_notice n JOIN notices_sending s ON s.id = n.sending_id"    \
    " JOIN notices_template t ON t.id = s.template_id AND t.version = s.version"
constexpr db::Query kFindNotice{"notices.find", MUSUBI_NOTICE " WHERE n.person_id = $1 AND n.id = $2"};
constexpr db::Query kList{"notices.list", MUSUBI_NOTICE
                          " WHERE n.person_id = $1 AND n.id < $2 AND ($3 = 0 OR n.opened_at IS NULL)"
                          " AND ($4 = 1 OR n.archived_at IS NULL) AND ($4 = 0 OR n.archived_at IS NOT NULL)"
                          " AND ($5 = '' OR n.category = $5) ORDER BY n.id DESC LIMIT $6"};
constexpr db::Query kPinned{"notices.pinned",
                            MUSUBI_NOTICE " WHERE n.person_id = $1 AND n.deadline >= $2 AND n.archived_at IS NULL"
                                          " AND n.acknowledged_at IS NULL ORDER BY n.deadline LIMIT 20"};
constexpr db::Query kUnread{"notices.unread", "SELECT COUNT(*) FROM notices_notice"
                                              " WHERE person_id = $1 AND opened_at IS NULL AND archived_at IS NULL"};
constexpr db::Query kOpened{"notices.opened", "UPDATE notices_notice SET opened_at = $3"
                                              " WHERE person_id = $1 AND id = $2 AND opened_at IS NULL"};
constexpr db::Query kAcknowledged{"notices.acknowledged",
                                  "UPDATE notices_notice SET acknowledged_at = $3"
                                  " WHERE person_id = $1 AND id = $2 AND acknowledged_at IS NULL"};
constexpr db::Query kArchive{"notices.archive",
                             "UPDATE notices_notice SET archived_at = $3 WHERE person_id = $1 AND id = $2"};
constexpr db::Query kAddAttachment{"notices.add_attachment",
                                   "INSERT INTO notices_attachment (sending_id, id, name, digest, content)"
                                   " VALUES ($1, $2, $3, $4, $5)"};
constexpr db::Query kAttachments{"notices.attachments", "SELECT id, name, digest FROM notices_attachment"
                                                        " WHERE sending_id = $1 ORDER BY id"};
constexpr db::Query kAttachment{"notices.attachment",
                                "SELECT content FROM notices_attachment WHERE sending_id = $1 AND id = $2"};
constexpr db::Query kChoices{"notices.choices", "SELECT category, mail FROM notices_choice WHERE person_id = $1"};
constexpr db::Query kSetChoice{"notices.set_choice",
                               "INSERT INTO notices_choice (person_id, category, mail)"
                               " VALUES ($1, $2, $3) ON CONFLICT (person_id, category) DO UPDATE SET"
                               " mail = excluded.mail"};
constexpr db::Query kOutcome{"notices.outcome", "SELECT age, created_at, opened_at, acknowledged_at, mailed"
                                                " FROM notices_notice WHERE sending_id = $1"};
constexpr db::Query kUnreached{"notices.unreached",
                               "SELECT person_id, id FROM notices_notice WHERE sending_id = $1 AND opened_at IS NULL"
                               " AND printed_at IS NULL AND (created_at <= $2 OR mailed = 0) ORDER BY person_id"};
constexpr db::Query kPrinted{"notices.printed",
                             "UPDATE notices_notice SET printed_at = $3 WHERE person_id = $1 AND id = $2"};
constexpr db::Query kErase{"notices.erase", "DELETE FROM notices_notice WHERE person_id = $1"};
constexpr db::Query kEraseChoices{"notices.erase_choices", "DELETE FROM notices_choice WHERE person_id = $1"};
constexpr db::Query kEraseRows{"notices.erase_rows", "DELETE FROM notices_list_row WHERE person_id = $1"};
constexpr db::Query kSubmitted{"notices.submitted", "SELECT COUNT(*) FROM notices_sending WHERE state = 'submitted'"};

template <class T> T stored(const std::string& text) {
    auto read = json::parse<T>(text);
    if (!read) throw db::DatabaseError("a stored notice is not what this program writes");
    return std::move(*read);
}

} // namespace

bool fits(const Audience& audience, const identity::Person& person, base::CivilDate today) {
    const int64_t age = base::age_on(person.birth_date, today);
    if (audience.from_age && age < *audience.from_age) return false;
    if (audience.to_age && age > *audience.to_age) return false;
    if (audience.sex && person.sex != *audience.sex) return false;
    return !audience.district || person.address.find(*audience.district) != std::string::npos;
}

StoredTemplate StoredTemplate::from(db::Reader& row) {
    const TemplateId id = row.get<TemplateId>();
    const auto version = row.get<int64_t>();
    return {.id = id,
            .version = version,
            .body = stored<TemplateBody>(row.get<std::string>()),
            .created_at = row.get<base::Instant>()};
}

Sending Sending::from(db::Reader& row) {
    const SendingId id = row.get<SendingId>();
    return {.id = id,
            .body = stored<SendingBody>(row.get<std::string>()),
            .state = db::enum_value<State>(row.get<std::string>()),
            .created_at = row.get<base::Instant>(),
            .created_by = row.get<std::string>(),
            .approved_by = row.get<std::optional<std::string>>(),
            .approved_at = row.get<std::optional<base::Instant>>(),
            .finished_at = row.get<std::optional<base::Instant>>(),
            .after_person = row.get<std::string>(),
            .targeted = row.get<int64_t>()};
}

Notice Notice::from(db::Reader& row) {
    const auto person = row.get<base::PersonId>();
    const auto id = row.get<NoticeId>();
    const auto sending = row.get<SendingId>();
    return {.person = person,
            .id = id,
            .sending = sending,
            .values = stored<Values>(row.get<std::string>()),
            .digest = row.get<std::string>(),
            .deadline = row.get<std::optional<base::CivilDate>>(),
            .age = row.get<int64_t>(),
            .created_at = row.get<base::Instant>(),
            .opened_at = row.get<std::optional<base::Instant>>(),
            .acknowledged_at = row.get<std::optional<base::Instant>>(),
            .archived_at = row.get<std::optional<base::Instant>>(),
            .content = stored<TemplateBody>(row.get<std::string>())};
}

AttachmentInfo AttachmentInfo::from(db::Reader& row) { return {.id = row, .name = row, .digest = row}; }
Opened Opened::from(db::Reader& row) {
    return {.age = row.get<int64_t>(),
            .created_at = row.get<base::Instant>(),
            .opened_at = row.get<std::optional<base::Instant>>(),
            .acknowledged_at = row.get<std::optional<base::Instant>>(),
            .mailed = row.get<int64_t>()};
}
Unreached Unreached::from(db::Reader& row) { return {.person = row, .id = row}; }
Choice Choice::from(db::Reader& row) {
    return {.category = db::enum_value<Category>(row.get<std::string>()), .mail = row.get<bool>()};
}

base::Task<> add_template(db::WriteTx& tx, const StoredTemplate& made, std::string by) {
    const std::string body = json::write(made.body);
    co_await tx.run(kAddTemplate, made.id, made.version, body, made.created_at, by);
}
base::Task<std::vector<StoredTemplate>> templates(db::ReadTx& tx) { return tx.all<StoredTemplate>(kTemplates); }
base::Task<std::optional<StoredTemplate>> find_template(db::ReadTx& tx, TemplateId id, std::optional<int64_t> version) {
    return tx.one<StoredTemplate>(kTemplate, id, version.value_or(0));
}

base::Task<> add_sending(db::WriteTx& tx, const Sending& sending) {
    const std::string body = json::write(sending.body);
    co_await tx.run(kAddSending, sending.id, sending.body.template_id, sending.body.version, sending.body.name, body,
                    sending.created_at, sending.created_by, sending.body.send_at);
}
base::Task<std::optional<Sending>> find_sending(db::ReadTx& tx, SendingId id) {
    return tx.one<Sending>(kFindSending, id);
}
base::Task<std::vector<Sending>> sendings(db::ReadTx& tx) { return tx.all<Sending>(kSendings); }
base::Task<bool> move_sending(db::WriteTx& tx, SendingId id, State from, State to) {
    const int64_t changed = co_await tx.run(kMove, id, db::enum_name(from), db::enum_name(to));
    co_return changed == 1;
}
base::Task<bool> approve_sending(db::WriteTx& tx, SendingId id, std::string by, base::Instant now,
                                 std::optional<base::Instant> send_at) {
    const base::Instant due = send_at.value_or(now);
    const int64_t changed = co_await tx.run(kApprove, id, by, now, due);
    co_return changed == 1;
}
base::Task<std::optional<Sending>> due_sending(db::ReadTx& tx, base::Instant now) { return tx.one<Sending>(kDue, now); }
base::Task<> record_progress(db::WriteTx& tx, SendingId id, std::string after, int64_t more, State state,
                             std::optional<base::Instant> finished_at) {
    co_await tx.run(kProgress, id, after, more, db::enum_name(state), finished_at);
}

base::Task<bool> add_notice(db::WriteTx& tx, const NewNotice& notice, base::Instant now) {
    const std::string values = json::write(notice.values);
    const int64_t added =
        co_await tx.run(kAddNotice, notice.person, notice.id, notice.sending, db::enum_name(notice.category), values,
                        notice.digest, notice.deadline, notice.age, notice.mailed, now);
    co_return added == 1;
}
base::Task<std::optional<Notice>> find_notice(db::ReadTx& tx, base::PersonId person, NoticeId id) {
    return tx.one<Notice>(kFindNotice, person, id);
}
base::Task<std::vector<Notice>> notices_of(db::ReadTx& tx, base::PersonId person, Filter filter) {
    const std::string before = filter.before ? filter.before->to_string() : "g";
    const std::string category = filter.category ? std::string(db::enum_name(*filter.category)) : "";
    return tx.all<Notice>(kList, person, before, filter.unread ? 1 : 0, filter.archived ? 1 : 0, category,
                          filter.limit);
}
base::Task<std::vector<Notice>> pinned_of(db::ReadTx& tx, base::PersonId person, base::CivilDate today) {
    return tx.all<Notice>(kPinned, person, today);
}
base::Task<int64_t> unread_of(db::ReadTx& tx, base::PersonId person) {
    const auto count = co_await tx.one<int64_t>(kUnread, person);
    co_return count.value_or(0);
}
base::Task<bool> mark_opened(db::WriteTx& tx, const Notice& notice, base::Instant now) {
    const int64_t changed = co_await tx.run(kOpened, notice.person, notice.id, now);
    co_return changed == 1;
}
base::Task<bool> mark_acknowledged(db::WriteTx& tx, const Notice& notice, base::Instant now) {
    const int64_t changed = co_await tx.run(kAcknowledged, notice.person, notice.id, now);
    co_return changed == 1;
}
base::Task<> set_archived(db::WriteTx& tx, const Notice& notice, std::optional<base::Instant> at) {
    co_await tx.run(kArchive, notice.person, notice.id, at);
}

base::Task<> add_attachment(db::WriteTx& tx, SendingId sending, const AttachmentInfo& info, std::string content) {
    db::Blob blob(std::move(content));
    co_await tx.run(kAddAttachment, sending, info.id, info.name, info.digest, blob);
}
base::Task<std::vector<AttachmentInfo>> attachments_of(db::ReadTx& tx, SendingId sending) {
    return tx.all<AttachmentInfo>(kAttachments, sending);
}
base::Task<std::optional<std::string>> attachment(db::ReadTx& tx, SendingId sending, AttachmentId id) {
    auto blob = co_await tx.one<db::Blob>(kAttachment, sending, id);
    if (!blob) co_return std::nullopt;
    co_return std::move(blob->bytes);
}

base::Task<std::vector<Choice>> choices_of(db::ReadTx& tx, base::PersonId person) {
    const auto made = co_await tx.all<Choice>(kChoices, person);
    std::vector<Choice> out;
    for (const auto& [category, name] : json_names(Category{})) {
        Choice choice;
        choice.category = category;
        for (const Choice& one : made)
            if (one.category == category) choice = one;
        out.push_back(choice);
    }
    co_return out;
}
base::Task<> set_choice(db::WriteTx& tx, base::PersonId person, Choice choice) {
    co_await tx.run(kSetChoice, person, db::enum_name(choice.category), choice.mail ? 1 : 0);
}

base::Task<std::vector<Opened>> outcome_of(db::ReadTx& tx, SendingId sending) {
    return tx.all<Opened>(kOutcome, sending);
}
base::Task<std::vector<Unreached>> unreached(db::ReadTx& tx, SendingId sending, base::Instant before) {
    return tx.all<Unreached>(kUnreached, sending, before);
}
base::Task<> mark_printed(db::WriteTx& tx, const Unreached& one, base::Instant now) {
    co_await tx.run(kPrinted, one.person, one.id, now);
}

base::Task<> erase(db::WriteTx& tx, base::PersonId person) {
    co_await tx.run(kErase, person);
    co_await tx.run(kEraseChoices, person);
    co_await tx.run(kEraseRows, person);
}
base::Task<int64_t> submitted_count(db::ReadTx& tx) {
    const auto count = co_await tx.one<int64_t>(kSubmitted);
    co_return count.value_or(0);
}

} // namespace musubi::notices
