// What the API of notices takes and shows.
#pragma once

#include "services/notices/list.h"

namespace musubi::notices {

struct AttachmentView {
    std::string id;
    std::string name;
};
/// A line of the inbox.
struct NoticeLine {
    std::string id;
    std::string person; // whose notice it is
    std::string person_name;
    bool own = true; // false: of a child the reader acts for
    Category category = Category::Other;
    std::string title;
    std::optional<base::CivilDate> deadline;
    base::Instant at;
    bool unread = true;
    bool archived = false;
};
struct Inbox {
    std::vector<NoticeLine> items;
    std::vector<NoticeLine> pinned; // with a deadline ahead; on the first page only
    int64_t unread = 0;
    std::optional<std::string> next;
};
struct NoticeView {
    std::string id;
    std::string person;
    std::string person_name;
    bool own = true;
    Category category = Category::Other;
    Duty duty = Duty::Voluntary;
    std::string title;
    std::string text;
    std::string action;
    std::string link;
    std::optional<base::CivilDate> deadline;
    base::Instant at;
    std::optional<base::Instant> opened_at;
    std::optional<base::Instant> acknowledged_at;
    std::optional<base::Instant> archived_at;
    std::string digest;
    std::vector<AttachmentView> attachments;
};
struct ArchiveBody {
    bool archived = true;
};
struct ChoiceList {
    std::vector<Choice> items;
};

struct TemplateView {
    std::string id;
    int64_t version = 1;
    TemplateBody body;
    base::Instant at;
    std::vector<Advice> advice;
};
struct TemplateList {
    std::vector<TemplateView> items;
};
struct PreviewBody {
    TemplateBody body;
    Values values;
};
struct PreviewView {
    Words ja;
    Words ja_easy;
    Words en;
    std::vector<Advice> advice;
};
struct SendingView {
    std::string id;
    SendingBody body;
    std::string template_name;
    State state = State::Draft;
    base::Instant created_at;
    std::string created_by;
    std::optional<std::string> approved_by;
    std::optional<base::Instant> approved_at;
    std::optional<base::Instant> finished_at;
    int64_t targeted = 0;
    bool own = false; // made by the caller, who may not approve it
};
struct SendingList {
    std::vector<SendingView> items;
};
struct AudienceCount {
    int64_t people = 0;
};
struct RowView {
    int64_t row = 0;
    RowClaim claim;
    struct Candidate {
        std::string person; // '' when not registered here
        std::string name;
        base::CivilDate birth_date;
        std::string address;
    };
    std::vector<Candidate> candidates;
};
struct ListView {
    ListReport report;
    std::vector<RowView> doubtful;
};
struct DecideRowBody {
    std::optional<base::PersonId> person; // nobody: the row is left out
};
struct TestMailBody {
    std::string to;
};
/// Counts below five are left out: in a small group they would tell who.
struct GroupFigure {
    int64_t from_age = 0;
    std::optional<int64_t> targeted;
    std::optional<int64_t> opened;
};
struct HourFigure {
    base::Instant hour;
    std::optional<int64_t> opened;
};
struct FiguresView {
    int64_t targeted = 0;
    int64_t mailed = 0;
    std::optional<int64_t> opened;
    std::optional<int64_t> acknowledged;
    std::vector<GroupFigure> groups;
    std::vector<HourFigure> hours;
};

template <class F> void describe(F& f, AttachmentView& v) {
    f("id", v.id);
    f("name", v.name);
}
template <class F> void describe(F& f, NoticeLine& v) {
    f("id", v.id);
    f("person", v.person);
    f("personName", v.person_name);
    f("own", v.own);
    f("category", v.category);
    f("title", v.title);
    f("deadline", v.deadline);
    f("at", v.at);
    f("unread", v.unread);
    f("archived", v.archived);
}
template <class F> void describe(F& f, Inbox& v) {
    f("items", v.items);
    f("pinned", v.pinned);
    f("unread", v.unread);
    f("next", v.next);
}
template <class F> void describe(F& f, NoticeView& v) {
    f("id", v.id);
    f("person", v.person);
    f("personName", v.person_name);
    f("own", v.own);
    f("category", v.category);
    f("duty", v.duty);
    f("title", v.title);
    f("text", v.text, json::Rule{.max_length = 20'000});
    f("action", v.action);
    f("link", v.link);
    f("deadline", v.deadline);
    f("at", v.at);
    f("openedAt", v.opened_at);
    f("acknowledgedAt", v.acknowledged_at);
    f("archivedAt", v.archived_at);
    f("digest", v.digest, json::Rule{.meaning = "SHA-256 of the notice in all languages, as its receipts name it"});
    f("attachments", v.attachments);
}
template <class F> void describe(F& f, ArchiveBody& v) { f("archived", v.archived); }
template <class F> void describe(F& f, ChoiceList& v) { f("items", v.items, json::Rule{.max_items = 20}); }
template <class F> void describe(F& f, TemplateView& v) {
    f("id", v.id);
    f("version", v.version);
    f("body", v.body);
    f("at", v.at);
    f("advice", v.advice);
}
template <class F> void describe(F& f, TemplateList& v) { f("items", v.items); }
template <class F> void describe(F& f, PreviewBody& v) {
    f("body", v.body);
    f("values", v.values);
}
template <class F> void describe(F& f, PreviewView& v) {
    f("ja", v.ja);
    f("jaEasy", v.ja_easy);
    f("en", v.en);
    f("advice", v.advice);
}
template <class F> void describe(F& f, SendingView& v) {
    f("id", v.id);
    f("body", v.body);
    f("templateName", v.template_name);
    f("state", v.state);
    f("createdAt", v.created_at);
    f("createdBy", v.created_by);
    f("approvedBy", v.approved_by);
    f("approvedAt", v.approved_at);
    f("finishedAt", v.finished_at);
    f("targeted", v.targeted);
    f("own", v.own);
}
template <class F> void describe(F& f, SendingList& v) { f("items", v.items); }
template <class F> void describe(F& f, AudienceCount& v) { f("people", v.people); }
template <class F> void describe(F& f, RowView::Candidate& v) {
    f("person", v.person);
    f("name", v.name);
    f("birthDate", v.birth_date);
    f("address", v.address);
}
template <class F> void describe(F& f, RowView& v) {
    f("row", v.row);
    f("claim", v.claim);
    f("candidates", v.candidates);
}
template <class F> void describe(F& f, ListView& v) {
    f("report", v.report);
    f("doubtful", v.doubtful);
}
template <class F> void describe(F& f, DecideRowBody& v) { f("person", v.person); }
template <class F> void describe(F& f, TestMailBody& v) {
    f("to", v.to, json::Rule{.max_length = 254, .format = "email"});
}
template <class F> void describe(F& f, GroupFigure& v) {
    f("fromAge", v.from_age);
    f("targeted", v.targeted);
    f("opened", v.opened);
}
template <class F> void describe(F& f, HourFigure& v) {
    f("hour", v.hour);
    f("opened", v.opened);
}
template <class F> void describe(F& f, FiguresView& v) {
    f("targeted", v.targeted);
    f("mailed", v.mailed);
    f("opened", v.opened);
    f("acknowledged", v.acknowledged);
    f("groups", v.groups);
    f("hours", v.hours);
}

} // namespace musubi::notices
