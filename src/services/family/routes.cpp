#include "services/family/routes.h"

#include "lib/db/enum_column.h"
#include "services/family/children.h"
#include "services/family/messages.h"

#include <memory>

namespace musubi::family {
namespace {

using http::Access;
using http::Call;
template <class T> using Answer = base::Task<base::Result<T>>;

constexpr size_t kMostOpen = 10;

OwnRequestView own_view(const Request& request) {
    return {request.id.to_string(),   request.requested_at, request.claim.name,
            request.claim.birth_date, request.status,       request.reason};
}

Answer<OwnRequestView> ask(const Dependencies& to, Call& call, db::WriteTx& tx, RequestBody body) {
    const base::CivilDate today = base::date_in_japan(call.now);
    if (body.birth_date > today) {
        base::Error error = base::invalid("request.fields-invalid");
        error.fields.push_back({"/birthDate", "in-future"});
        co_return error;
    }
    if (acts_until(to.rules, body.birth_date) <= today) co_return base::conflict("family.of-age");
    const auto present = co_await requests_of(tx, call.person());
    size_t open = 0;
    for (const Request& one : present) {
        if (one.status != Status::New) continue;
        ++open;
        // A second click, or the same child again: the first request stands.
        if (one.claim.name == body.name && one.claim.birth_date == body.birth_date) {
            call.set_status(202);
            co_return own_view(one);
        }
    }
    if (open >= kMostOpen) co_return base::error(base::ErrorKind::TooMany, "family.too-many-requests");
    const Request request{.guardian = call.person(),
                          .id = RequestId::make(call.now, to.random),
                          .requested_at = call.now,
                          .status = Status::New,
                          .claim = {.name = body.name,
                                    .kana = body.kana,
                                    .birth_date = body.birth_date,
                                    .sex = body.sex,
                                    .address = body.address},
                          .note = body.note.value_or(""),
                          .reason = std::nullopt,
                          .child = std::nullopt};
    co_await add(tx, request);
    call.audit.object = "family request " + request.id.to_string();
    call.set_status(202);
    co_return own_view(request);
}

Answer<OwnRequestList> own_requests(Call& call, db::ReadTx& tx) {
    const auto requests = co_await requests_of(tx, call.person());
    OwnRequestList list;
    for (const Request& one : requests)
        list.items.push_back(
            {one.id.to_string(), one.requested_at, one.claim.name, one.claim.birth_date, one.status, one.reason});
    co_return list;
}

// ---- staff

base::Task<StaffRequestView> staff_view(db::ReadTx& tx, Request request) {
    StaffRequestView view{.id = request.id.to_string(),
                          .at = request.requested_at,
                          .guardian = {request.guardian.to_string(), "", ""},
                          .name = request.claim.name,
                          .kana = request.claim.kana,
                          .birth_date = request.claim.birth_date};
    const auto guardian = co_await identity::find_person(tx, request.guardian);
    if (guardian) {
        view.guardian.name = guardian->name;
        view.guardian.address = guardian->address;
    }
    view.sex = request.claim.sex;
    view.address = request.claim.address;
    view.note = request.note;
    const auto match = co_await residents::match(tx, request.claim);
    view.match = match.certainty;
    for (const residents::Resident& one : match.candidates)
        view.candidates.push_back(
            {one.id.to_string(), one.name, one.kana, one.birth_date, one.sex, one.postal_code, one.address});
    co_return view;
}

Answer<StaffRequestList> staff_list(Call& call, db::WriteTx& tx) {
    const auto requests = co_await new_requests(tx);
    StaffRequestList list;
    for (const Request& one : requests) {
        StaffRequestView view = co_await staff_view(tx, one);
        list.items.push_back(std::move(view));
    }
    call.audit.object = std::to_string(requests.size()) + " requests";
    co_return list;
}

Answer<Request> request_in_path(Call& call, db::ReadTx& tx) {
    const auto id = RequestId::parse(call.path_text("id"));
    if (!id) co_return base::not_found("family.request-not-found");
    auto request = co_await find(tx, *id);
    if (!request) co_return base::not_found("family.request-not-found");
    call.audit.person = request->guardian;
    call.audit.object = "family request " + id->to_string();
    co_return std::move(*request);
}

base::Task<> tell(const Dependencies& to, db::WriteTx& tx, Request request, std::string template_name,
                  base::Instant now) {
    const auto guardian = co_await identity::find_person(tx, request.guardian);
    if (!guardian || !guardian->email) co_return;
    outbox::Mail mail;
    mail.to = *guardian->email;
    mail.template_name = std::move(template_name);
    mail.language = guardian->language;
    mail.key = mail.template_name + ":" + request.id.to_string();
    const bool english = guardian->language == "en" && !to.city_english.empty();
    mail.parameters = {{"city", english ? to.city_english : to.city},
                       {"telephone", to.telephone},
                       {"link", to.public_url + "/family"}};
    co_await to.outbox.mail(tx, mail, now);
}

Answer<base::Unit> approve(const Dependencies& to, Call& call, db::WriteTx& tx, ApproveBody body) {
    MUSUBI_CO_TRY(Request request, co_await request_in_path(call, tx));
    std::optional<residents::Resident> child;
    if (body.resident) {
        child = co_await residents::find(tx, *body.resident);
    } else {
        auto match = co_await residents::match(tx, request.claim);
        if (match.certainty != residents::Certainty::Sure) co_return base::invalid("family.resident-required");
        child = std::move(match.candidates.front());
    }
    if (!child || child->standing != residents::Standing::Resident)
        co_return base::not_found("family.resident-not-found");
    const base::PersonId guardian_id = body.guardian.value_or(request.guardian);
    const auto guardian = co_await identity::find_person(tx, guardian_id);
    if (!guardian || guardian->closed_at) co_return base::not_found("person.not-found");
    if (base::age_on(guardian->birth_date, base::date_in_japan(call.now)) < to.rules.of_age)
        co_return base::conflict("family.guardian-under-age");
    MUSUBI_CO_TRY(const identity::Person person,
                  co_await give_guardian(to, tx, *child, guardian_id, identity::GuardianshipBasis::Staff, call.now));
    request.status = Status::Approved;
    request.child = person.id;
    const bool decided = co_await decide(tx, request, call.now);
    if (!decided) co_return base::conflict("family.request-decided");
    call.audit.person = person.id;
    co_await tell(to, tx, request, "family-approved", call.now);
    co_return base::success();
}

Answer<base::Unit> reject(const Dependencies& to, Call& call, db::WriteTx& tx, RejectBody body) {
    MUSUBI_CO_TRY(Request request, co_await request_in_path(call, tx));
    request.status = Status::Rejected;
    request.reason = std::string(db::enum_name(body.reason));
    const bool decided = co_await decide(tx, request, call.now);
    if (!decided) co_return base::conflict("family.request-decided");
    co_await tell(to, tx, request, "family-refused-" + *request.reason, call.now);
    co_return base::success();
}

} // namespace

void install(http::Router& router, Dependencies dependencies) {
    const auto to = std::make_shared<const Dependencies>(std::move(dependencies));
    router.reads("GET", "/api/v1/people", "listPeople", Access::citizen(),
                 [](Call& call, db::ReadTx& tx) { return members(call, tx); });
    router.reads("GET", "/api/v1/family/candidates", "listFamilyCandidates", Access::citizen(),
                 [to](Call& call, db::ReadTx& tx) { return candidates(*to, call, tx); });
    router.writes("POST", "/api/v1/family/children", "registerChild", Access::citizen(),
                  [to](Call& call, db::WriteTx& tx, ChildBody body) { return register_child(*to, call, tx, body); });
    router.writes("POST", "/api/v1/family/requests", "askToActForChild",
                  Access::citizen(http::Assurance::Letter, http::Limit::per_principal(20, std::chrono::hours(1))),
                  [to](Call& call, db::WriteTx& tx, RequestBody body) { return ask(*to, call, tx, std::move(body)); });
    router.reads("GET", "/api/v1/family/requests", "listOwnFamilyRequests", Access::citizen(),
                 [](Call& call, db::ReadTx& tx) { return own_requests(call, tx); });

    const auto office = Access::staff("family.confirm");
    // `writes`, because the queue shows people's data and every look at them is recorded.
    router.writes("GET", "/api/v1/staff/family-requests", "listFamilyRequests", office,
                  [](Call& call, db::WriteTx& tx) { return staff_list(call, tx); });
    router.writes("POST", "/api/v1/staff/family-requests/{id}/approve", "approveFamilyRequest", office,
                  [to](Call& call, db::WriteTx& tx, ApproveBody body) { return approve(*to, call, tx, body); });
    router.writes("POST", "/api/v1/staff/family-requests/{id}/reject", "rejectFamilyRequest", office,
                  [to](Call& call, db::WriteTx& tx, RejectBody body) { return reject(*to, call, tx, body); });
}

base::Task<int64_t> waiting(db::ReadTx& tx) {
    static constexpr db::Query kCount{"family.waiting", "SELECT COUNT(*) FROM family_request WHERE status = 'new'"};
    const auto count = co_await tx.one<int64_t>(kCount);
    co_return count.value_or(0);
}

std::span<const base::Message> mail_texts() { return messages::kAll; }

} // namespace musubi::family
