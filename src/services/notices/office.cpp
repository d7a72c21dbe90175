#include "services/notices/office.h"

#include "base/encoding.h"
#include "core/identity/roll.h"
#include "core/identity/staff.h"
#include "lib/crypto/digest.h"
#include "services/notices/deliver.h"
#include "services/notices/views.h"

#include <algorithm>

namespace musubi::notices {
namespace {

using http::Access;
using http::Call;
template <class T> using Answer = base::Task<base::Result<T>>;

constexpr size_t kMostAttachments = 5;
constexpr size_t kAttachmentSize = 2 << 20;

TemplateView view_of(const StoredTemplate& stored) {
    return {stored.id.to_string(), stored.version, stored.body, stored.created_at, advise(stored.body)};
}

Answer<TemplateList> list_templates(db::ReadTx& tx) {
    TemplateList list;
    for (const StoredTemplate& one : co_await templates(tx)) list.items.push_back(view_of(one));
    co_return list;
}

Answer<TemplateView> save_template(const Dependencies& to, Call& call, db::WriteTx& tx, TemplateBody body,
                                   std::optional<TemplateId> id) {
    MUSUBI_CO_CHECK(check_template(body));
    int64_t version = 1;
    if (id) {
        const auto newest = co_await find_template(tx, *id, std::nullopt);
        if (!newest) co_return base::not_found("notices.template-not-found");
        version = newest->version + 1;
    }
    const StoredTemplate made{.id = id ? *id : TemplateId::make(call.now, to.random),
                              .version = version,
                              .body = std::move(body),
                              .created_at = call.now};
    co_await add_template(tx, made, call.staff().to_string());
    call.audit.object = "template " + made.id.to_string() + " version " + std::to_string(version);
    call.set_status(201);
    co_return view_of(made);
}

Answer<TemplateView> change_template(const Dependencies& to, Call& call, db::WriteTx& tx, TemplateBody body) {
    const auto id = TemplateId::parse(call.path_text("id"));
    if (!id) co_return base::not_found("notices.template-not-found");
    co_return co_await save_template(to, call, tx, std::move(body), *id);
}

Answer<PreviewView> preview(PreviewBody body) {
    MUSUBI_CO_CHECK(check_template(body.body));
    PreviewView view;
    view.ja = fill(body.body, base::Language::Japanese, body.values);
    view.ja_easy = fill(body.body, base::Language::EasyJapanese, body.values);
    view.en = fill(body.body, base::Language::English, body.values);
    view.advice = advise(body.body);
    co_return view;
}

// ---- sendings

base::Task<std::string> staff_name(db::ReadTx& tx, std::string id) {
    const auto parsed = base::StaffId::parse(id);
    if (!parsed) co_return id;
    const auto staff = co_await identity::find_staff(tx, *parsed);
    co_return staff ? staff->organization + " " + staff->name : id;
}

Answer<SendingView> view_of(const Call& call, db::ReadTx& tx, Sending sending) {
    const auto content = co_await find_template(tx, sending.body.template_id, sending.body.version);
    std::string maker = co_await staff_name(tx, sending.created_by);
    SendingView view{.id = sending.id.to_string(), .body = sending.body};
    view.template_name = content ? content->body.name : "";
    view.state = sending.state;
    view.created_at = sending.created_at;
    view.created_by = std::move(maker);
    if (sending.approved_by) {
        std::string approver = co_await staff_name(tx, *sending.approved_by);
        view.approved_by = std::move(approver);
    }
    view.approved_at = sending.approved_at;
    view.finished_at = sending.finished_at;
    view.targeted = sending.targeted;
    view.own = sending.created_by == call.staff().to_string();
    co_return view;
}

Answer<Sending> sending_in_path(Call& call, db::ReadTx& tx) {
    const auto id = SendingId::parse(call.path_text("id"));
    if (!id) co_return base::not_found("notices.sending-not-found");
    auto sending = co_await find_sending(tx, *id);
    if (!sending) co_return base::not_found("notices.sending-not-found");
    call.audit.object = "sending " + id->to_string();
    call.audit.purpose = sending->body.name;
    co_return std::move(*sending);
}

Answer<SendingList> list_sendings(const Call& call, db::ReadTx& tx) {
    SendingList list;
    for (Sending& one : co_await sendings(tx)) {
        MUSUBI_CO_TRY(SendingView view, co_await view_of(call, tx, std::move(one)));
        list.items.push_back(std::move(view));
    }
    co_return list;
}

/// Every placeholder has a value of its type, and no value is for nothing.
base::Status check_values(const TemplateBody& content, const Values& values) {
    base::Error error = base::invalid("notices.values-invalid");
    for (const Placeholder& one : content.placeholders) {
        const auto value = values.find(one.name);
        if (value == values.end() || !fits(one.type, value->second))
            error.fields.push_back({"/values/" + one.name, value == values.end() ? "missing" : "malformed"});
    }
    for (const auto& given : values) {
        const bool known = std::any_of(content.placeholders.begin(), content.placeholders.end(),
                                       [&given](const Placeholder& one) { return one.name == given.first; });
        if (!known) error.fields.push_back({"/values/" + given.first, "unknown-field"});
    }
    if (!error.fields.empty()) return error;
    return base::success();
}

Answer<SendingView> create(const Dependencies& to, Call& call, db::WriteTx& tx, SendingBody body) {
    const auto content = co_await find_template(tx, body.template_id, body.version);
    if (!content) co_return base::not_found("notices.template-not-found");
    MUSUBI_CO_CHECK(check_values(content->body, body.values));
    const Sending sending{.id = SendingId::make(call.now, to.random),
                          .body = std::move(body),
                          .created_at = call.now,
                          .created_by = call.staff().to_string()};
    co_await add_sending(tx, sending);
    call.audit.object = "sending " + sending.id.to_string();
    call.audit.purpose = sending.body.name;
    call.set_status(201);
    co_return co_await view_of(call, tx, sending);
}

Answer<SendingView> one_sending(Call& call, db::ReadTx& tx) {
    MUSUBI_CO_TRY(Sending sending, co_await sending_in_path(call, tx));
    co_return co_await view_of(call, tx, std::move(sending));
}

struct Step {
    std::vector<State> from;
    State to;
};
Answer<SendingView> move(Call& call, db::WriteTx& tx, Step step) {
    MUSUBI_CO_TRY(const Sending sending, co_await sending_in_path(call, tx));
    bool moved = false;
    for (const State from : step.from)
        if (sending.state == from) moved = co_await move_sending(tx, sending.id, from, step.to);
    if (!moved) co_return base::conflict("notices.wrong-state");
    co_return co_await one_sending(call, tx);
}

Answer<SendingView> approve(Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const Sending sending, co_await sending_in_path(call, tx));
    if (sending.created_by == call.staff().to_string()) co_return base::forbidden("notices.own-sending");
    const bool approved =
        co_await approve_sending(tx, sending.id, call.staff().to_string(), call.now, sending.body.send_at);
    if (!approved) co_return base::conflict("notices.wrong-state");
    co_return co_await one_sending(call, tx);
}

Answer<AudienceCount> count_audience(const Dependencies& to, Call& call) {
    const auto id = SendingId::parse(call.path_text("id"));
    if (!id) co_return base::not_found("notices.sending-not-found");
    const base::CivilDate today = base::date_in_japan(call.now);
    // It looks at everybody: not on the loop that serves.
    auto counted = co_await to.pool.run([&to, id, today] {
        return base::sync_wait(to.database.read([id, today](db::ReadTx& tx) -> Answer<AudienceCount> {
            const auto sending = co_await find_sending(tx, *id);
            if (!sending) co_return base::not_found("notices.sending-not-found");
            AudienceCount count;
            if (sending->body.audience.kind == AudienceKind::List) {
                const ListReport report = co_await list_report(tx, *id);
                count.people = report.sure - report.unregistered;
                co_return count;
            }
            std::string after;
            for (;;) {
                const auto page = co_await identity::persons_after(tx, after, 1000);
                if (page.empty()) co_return count;
                after = page.back().id.to_string();
                for (const identity::Person& person : page)
                    if (fits(sending->body.audience, person, today)) ++count.people;
            }
        }));
    });
    co_return counted;
}

Answer<AttachmentView> attach(const Dependencies& to, Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const Sending sending, co_await sending_in_path(call, tx));
    if (sending.state != State::Draft) co_return base::conflict("notices.wrong-state");
    if (!call.request.body.starts_with("%PDF-")) co_return base::invalid("notices.not-a-pdf");
    const auto present = co_await attachments_of(tx, sending.id);
    if (present.size() >= kMostAttachments) co_return base::conflict("notices.too-many-attachments");
    std::string name = call.request.query_value("name").value_or("attachment.pdf");
    if (name.size() > 200 || !base::valid_utf8(name)) name = "attachment.pdf";
    const AttachmentInfo info{.id = AttachmentId::make(call.now, to.random),
                              .name = std::move(name),
                              .digest = base::hex_encode(crypto::sha256(call.request.body))};
    co_await add_attachment(tx, sending.id, info, call.request.body);
    call.set_status(201);
    co_return AttachmentView{info.id.to_string(), info.name};
}

Answer<base::Unit> test_mail(const Dependencies& to, Call& call, db::WriteTx& tx, TestMailBody body) {
    MUSUBI_CO_TRY(const Sending sending, co_await sending_in_path(call, tx));
    const auto content = co_await find_template(tx, sending.body.template_id, sending.body.version);
    if (!content) co_return base::not_found("notices.template-not-found");
    Values values = sending.body.values;
    values["name"] = "見本　花子";
    values["birthDate"] = "2020-04-01";
    values["age"] = "6";
    const Words words = fill(content->body, call.language, values);
    outbox::Mail mail;
    mail.to = std::move(body.to);
    mail.template_name = "notice-test";
    mail.language = std::string(base::language_tag(call.language));
    mail.parameters = {{"city", to.city}, {"title", words.title}, {"text", words.text}};
    co_await to.outbox.mail(tx, mail, call.now);
    co_return base::success();
}

// ---- lists

Answer<ListView> list_view(db::ReadTx& tx, SendingId sending) {
    ListView view;
    view.report = co_await list_report(tx, sending);
    for (const ListRow& row : co_await doubtful_rows(tx, sending)) {
        RowView shown{.row = row.row, .claim = row.claim, .candidates = {}};
        const residents::Claim claim{row.claim.name, row.claim.kana, row.claim.birth_date, row.claim.sex,
                                     row.claim.address};
        const auto match = co_await residents::match(tx, claim);
        for (const residents::Resident& one : match.candidates) {
            const auto person = co_await identity::find_by_resident(tx, one.id);
            shown.candidates.push_back({person ? person->id.to_string() : "", one.name, one.birth_date, one.address});
        }
        view.doubtful.push_back(std::move(shown));
    }
    co_return view;
}

Answer<ListView> upload_list(const Dependencies& to, Call& call) {
    const auto id = SendingId::parse(call.path_text("id"));
    if (!id) co_return base::not_found("notices.sending-not-found");
    MUSUBI_CO_TRY(auto rows, read_list(call.request.body));
    auto matched = co_await to.pool.run([&to, &rows] {
        return base::sync_wait(to.database.read([&rows](db::ReadTx& tx) -> base::Task<std::vector<ListRow>> {
            std::vector<ListRow> out;
            for (const ListRow& row : rows) {
                ListRow one = co_await match_row(tx, row);
                out.push_back(std::move(one));
            }
            co_return out;
        }));
    });
    co_return co_await to.database.write([&](db::WriteTx& tx) -> Answer<ListView> {
        MUSUBI_CO_TRY(const Sending sending, co_await sending_in_path(call, tx));
        if (sending.state != State::Draft || sending.body.audience.kind != AudienceKind::List)
            co_return base::conflict("notices.wrong-state");
        co_await replace_list(tx, sending.id, matched);
        call.audit.object += ", list of " + std::to_string(matched.size());
        co_await to.audit.record(tx, call, "uploadNoticeList");
        co_return co_await list_view(tx, sending.id);
    });
}

Answer<ListView> show_list(Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const Sending sending, co_await sending_in_path(call, tx));
    co_return co_await list_view(tx, sending.id);
}

Answer<ListView> decide(Call& call, db::WriteTx& tx, DecideRowBody body) {
    MUSUBI_CO_TRY(const Sending sending, co_await sending_in_path(call, tx));
    if (sending.state != State::Draft) co_return base::conflict("notices.wrong-state");
    const std::string text(call.path_text("row"));
    if (text.empty() || text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos)
        co_return base::not_found("notices.row-not-found");
    if (body.person) {
        const auto person = co_await identity::find_person(tx, *body.person);
        if (!person) co_return base::not_found("person.not-found");
        call.audit.person = person->id;
    }
    const bool decided = co_await decide_row(tx, sending.id, std::stoll(text), body.person, call.staff().to_string());
    if (!decided) co_return base::not_found("notices.row-not-found");
    co_return co_await list_view(tx, sending.id);
}

} // namespace

void install_templates(http::Router& router, std::shared_ptr<const Dependencies> to) {
    const auto write = Access::staff("notices.write");
    router.reads("GET", "/api/v1/staff/notice-templates", "listNoticeTemplates", write,
                 [](Call&, db::ReadTx& tx) { return list_templates(tx); });
    router.writes("POST", "/api/v1/staff/notice-templates", "createNoticeTemplate", write,
                  [to](Call& call, db::WriteTx& tx, TemplateBody body) {
                      return save_template(*to, call, tx, std::move(body), std::nullopt);
                  });
    router.writes("PUT", "/api/v1/staff/notice-templates/{id}", "changeNoticeTemplate", write,
                  [to](Call& call, db::WriteTx& tx, TemplateBody body) {
                      return change_template(*to, call, tx, std::move(body));
                  });
    router.acts("POST", "/api/v1/staff/notice-templates/preview", "previewNotice", write,
                [](Call&, PreviewBody body) { return preview(std::move(body)); });
}

void install_sendings(http::Router& router, std::shared_ptr<const Dependencies> to) {
    const auto write = Access::staff("notices.write");
    const std::string all = "/api/v1/staff/notice-sendings";
    const std::string one = all + "/{id}";
    router.reads("GET", all, "listNoticeSendings", write,
                 [](Call& call, db::ReadTx& tx) { return list_sendings(call, tx); });
    router.writes("POST", all, "createNoticeSending", write, [to](Call& call, db::WriteTx& tx, SendingBody body) {
        return create(*to, call, tx, std::move(body));
    });
    router.reads("GET", one, "getNoticeSending", write,
                 [](Call& call, db::ReadTx& tx) { return one_sending(call, tx); });
    const auto step = [&](std::string name, std::string operation, Step moves) {
        router.writes("POST", one + "/" + name, operation, write,
                      [moves](Call& call, db::WriteTx& tx) { return move(call, tx, moves); });
    };
    step("submit", "submitNoticeSending", {{State::Draft}, State::Submitted});
    step("withdraw", "withdrawNoticeSending", {{State::Submitted}, State::Draft});
    step("pause", "pauseNoticeSending", {{State::Approved, State::Sending}, State::Paused});
    step("resume", "resumeNoticeSending", {{State::Paused}, State::Sending});
    step("cancel", "cancelNoticeSending",
         {{State::Draft, State::Submitted, State::Approved, State::Sending, State::Paused}, State::Cancelled});
    router.writes("POST", one + "/approve", "approveNoticeSending", Access::staff("notices.approve"),
                  [](Call& call, db::WriteTx& tx) { return approve(call, tx); });
    router.acts("GET", one + "/audience", "countNoticeAudience", write,
                [to](Call& call) { return count_audience(*to, call); });
    router.writes("POST", one + "/test", "sendTestNotice", write,
                  [to](Call& call, db::WriteTx& tx, TestMailBody body) { return test_mail(*to, call, tx, body); });
    router.writes("POST", one + "/attachments", "attachToNotice", write,
                  [to](Call& call, db::WriteTx& tx) { return attach(*to, call, tx); },
                  {kAttachmentSize, "application/pdf"});
    router.acts("POST", one + "/list", "uploadNoticeList", write, [to](Call& call) { return upload_list(*to, call); },
                {4 << 20, "text/csv"});
    // `writes`, because the list shows people's data and every look at it is recorded.
    router.writes("GET", one + "/list", "viewNoticeList", write,
                  [](Call& call, db::WriteTx& tx) { return show_list(call, tx); });
    router.writes("POST", one + "/list/{row}", "decideNoticeListRow", write,
                  [](Call& call, db::WriteTx& tx, DecideRowBody body) { return decide(call, tx, body); });
}

} // namespace musubi::notices
