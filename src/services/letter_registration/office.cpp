#include "services/letter_registration/office.h"

#include "lib/db/enum_column.h"

#include <algorithm>

namespace musubi::letter_registration {
namespace {

using enrolment::Step;

ResidentView view_of(const residents::Resident& resident) {
    return {resident.id.to_string(), resident.name,   resident.kana, resident.birth_date, resident.sex,
            resident.postal_code,    resident.address};
}

/// With the candidates as the register stands now, while there is still something to decide.
base::Task<RequestView> view_of(db::ReadTx& tx, Request request) {
    RequestView view{.id = request.id.to_string(),
                     .at = request.requested_at,
                     .name = request.claim.name,
                     .kana = request.claim.kana,
                     .birth_date = request.claim.birth_date};
    view.sex = request.claim.sex;
    view.postal_code = request.postal_code;
    view.address = request.claim.address;
    view.status = request.status;
    view.reason = request.reason;
    view.printed_at = request.printed_at;
    view.print_count = request.print_count;
    view.code_expires_at = request.code_expires_at;
    if (request.resident) {
        const auto resident = co_await residents::find(tx, *request.resident);
        view.match = residents::Certainty::Sure;
        if (resident) view.candidates.push_back(view_of(*resident));
    } else if (request.status == Status::New || request.status == Status::Doubtful) {
        const auto match = co_await residents::match(tx, request.claim);
        view.match = match.certainty;
        for (const residents::Resident& resident : match.candidates) view.candidates.push_back(view_of(resident));
    }
    co_return view;
}

base::Error wrong_status(Status status) {
    return base::conflict("letters.wrong-status").with("status", std::string(db::enum_name(status)));
}

base::Task<base::Result<Request>> request_in_path(http::Call& call, db::ReadTx& tx, std::vector<Status> allowed) {
    const auto id = RequestId::parse(call.path_text("id"));
    if (!id) co_return base::not_found("letters.not-found");
    auto request = co_await find(tx, *id);
    if (!request) co_return base::not_found("letters.not-found");
    call.audit.object = "letter " + request->id.to_string();
    if (std::find(allowed.begin(), allowed.end(), request->status) == allowed.end())
        co_return wrong_status(request->status);
    co_return std::move(*request);
}

base::Task<base::Result<residents::Resident>> chosen_resident(db::ReadTx& tx, Request request, ApproveBody body) {
    std::optional<residents::Resident> resident;
    if (body.resident) {
        resident = co_await residents::find(tx, *body.resident);
    } else {
        auto match = co_await residents::match(tx, request.claim);
        if (match.certainty != residents::Certainty::Sure) co_return base::invalid("letters.resident-required");
        resident = std::move(match.candidates.front());
    }
    if (!resident || resident->standing != residents::Standing::Resident)
        co_return base::not_found("letters.resident-not-found");
    const auto person = co_await identity::find_by_resident(tx, resident->id);
    if (person) co_return base::conflict("registration.already-registered");
    co_return std::move(*resident);
}

/// A mail to the person whose request this is, if the registration still exists.
base::Task<base::Status> tell(const Dependencies& dependencies, db::WriteTx& tx, Request request,
                              std::string template_name, std::optional<Step> step, base::Instant now) {
    auto registration = co_await enrolment::find(tx, request.registration);
    if (!registration || registration->person) co_return base::success();
    if (step) {
        registration->step = *step;
        MUSUBI_CO_CHECK(co_await enrolment::save(tx, dependencies.enrolment, *registration, now));
    }
    const base::Instant until = now + dependencies.code_lifetime;
    const auto token = co_await enrolment::issue_link(tx, dependencies.random, registration->id, until);
    outbox::Mail mail = mail_to(dependencies, *registration, template_name);
    mail.key = template_name + ":" + request.id.to_string() + ":" + std::to_string(now.milliseconds());
    mail.parameters.emplace_back("link", dependencies.public_url + "/start/r/" + std::string(token.reveal()));
    co_await dependencies.outbox.mail(tx, mail, now);
    co_return base::success();
}

// ---- printing

struct Prepared {
    Request request;
    Letter letter;
};

bool printable(Status status) {
    return status == Status::Approved || status == Status::Printed || status == Status::Returned;
}

/// Everything but the passcodes.
base::Task<base::Result<std::vector<Prepared>>> prepare(const Dependencies& dependencies, db::ReadTx& tx,
                                                        std::vector<RequestId> ids, base::Instant now) {
    std::vector<Prepared> out;
    const base::CivilDate valid_until = base::date_in_japan(now + dependencies.code_lifetime);
    for (const RequestId& id : ids) {
        auto request = co_await find(tx, id);
        if (!request) co_return base::not_found("letters.not-found").with("id", id.to_string());
        if (!printable(request->status) || !request->resident)
            co_return wrong_status(request->status).with("id", id.to_string());
        const auto resident = co_await residents::find(tx, *request->resident);
        if (!resident || resident->standing != residents::Standing::Resident)
            co_return base::not_found("letters.resident-not-found").with("id", id.to_string());
        std::string postal_code = resident->postal_code;
        if (postal_code.size() == 7) postal_code.insert(3, "-");
        Letter letter{{postal_code, resident->address, resident->name},
                      base::Secret("00000000"),
                      valid_until,
                      dependencies.code_tries};
        out.push_back({std::move(*request), std::move(letter)});
    }
    co_return out;
}

/// Makes the passcodes and marks the requests as printed.
base::Task<base::Result<std::vector<Letter>>> commit_print(const Dependencies& dependencies, http::Call& call,
                                                           db::WriteTx& tx, std::vector<Prepared> prepared) {
    identity::CodeRule rule;
    rule.digits = 8;
    rule.tries = dependencies.code_tries;
    rule.lifetime = dependencies.code_lifetime;
    rule.pause = base::Duration(0);
    std::vector<Letter> letters;
    for (Prepared& one : prepared) {
        const std::string subject = one.request.registration.to_string();
        auto code = co_await identity::make_code(tx, dependencies.code_key, dependencies.random, kCodePurpose, subject,
                                                 "", rule, call.now);
        if (!code) co_return base::internal("no passcode was made for a letter");
        one.letter.code = std::move(*code);
        const Status before = one.request.status;
        one.request.status = Status::Printed;
        one.request.printed_at = call.now;
        one.request.print_count += 1;
        one.request.code_expires_at = call.now + dependencies.code_lifetime;
        const bool changed = co_await change(tx, one.request, before, call.now);
        if (!changed) co_return wrong_status(before).with("id", one.request.id.to_string());
        MUSUBI_CO_CHECK(co_await tell(dependencies, tx, one.request, "letter-sent", Step::LetterWaiting, call.now));
        call.audit.object = "letter " + one.request.id.to_string();
        co_await dependencies.audit.record(tx, call, "printLetter");
        letters.push_back(std::move(one.letter));
    }
    co_return letters;
}

} // namespace

base::Task<base::Result<RequestList>> list_letters(http::Call& call, db::WriteTx& tx) {
    std::optional<Status> status;
    if (const auto name = call.request.query_value("status"); name && !name->empty()) {
        for (const auto& [value, text] : json_names(Status{}))
            if (text == *name) status = value;
        if (!status) {
            base::Error error = base::invalid("request.fields-invalid");
            error.fields.push_back({"status", "out-of-range"});
            co_return error;
        }
    }
    const auto requests = co_await list(tx, status);
    RequestList answer;
    for (const Request& request : requests) {
        RequestView view = co_await view_of(tx, request);
        answer.items.push_back(std::move(view));
    }
    call.audit.object = std::to_string(requests.size()) + " letters";
    co_return answer;
}

base::Task<base::Result<RequestView>> approve_letter(http::Call& call, db::WriteTx& tx, ApproveBody body) {
    const std::vector<Status> allowed = {Status::New, Status::Doubtful, Status::Returned};
    MUSUBI_CO_TRY(Request request, co_await request_in_path(call, tx, allowed));
    MUSUBI_CO_TRY(const residents::Resident resident, co_await chosen_resident(tx, request, body));
    const Status before = request.status;
    request.status = Status::Approved;
    request.resident = resident.id;
    const bool changed = co_await change(tx, request, before, call.now);
    if (!changed) co_return wrong_status(before);
    auto view = co_await view_of(tx, request);
    co_return view;
}

base::Task<base::Result<base::Unit>> reject_letter(const Dependencies& dependencies, http::Call& call, db::WriteTx& tx,
                                                   RejectBody body) {
    const std::vector<Status> allowed = {Status::New, Status::Doubtful, Status::Approved, Status::Returned};
    MUSUBI_CO_TRY(Request request, co_await request_in_path(call, tx, allowed));
    const Status before = request.status;
    const std::string reason(db::enum_name(body.reason));
    request.status = Status::Rejected;
    request.reason = reason;
    request.resident.reset();
    const bool changed = co_await change(tx, request, before, call.now);
    if (!changed) co_return wrong_status(before);
    co_await identity::forget_code(tx, kCodePurpose, request.registration.to_string());
    // What was mistyped can be corrected; everyone else may choose another way.
    const Step step = body.reason == RefusalReason::DetailsDiffer ? Step::Letter : Step::Way;
    MUSUBI_CO_CHECK(co_await tell(dependencies, tx, request, "letter-refused-" + reason, step, call.now));
    co_return base::success();
}

base::Task<base::Result<base::Unit>> letter_returned(const Dependencies& dependencies, http::Call& call,
                                                     db::WriteTx& tx) {
    const std::vector<Status> allowed = {Status::Printed};
    MUSUBI_CO_TRY(Request request, co_await request_in_path(call, tx, allowed));
    request.status = Status::Returned;
    request.code_expires_at.reset();
    const bool changed = co_await change(tx, request, Status::Printed, call.now);
    if (!changed) co_return wrong_status(Status::Printed);
    co_await identity::forget_code(tx, kCodePurpose, request.registration.to_string());
    MUSUBI_CO_CHECK(co_await tell(dependencies, tx, request, "letter-returned", std::nullopt, call.now));
    co_return base::success();
}

base::Task<base::Result<http::Raw>> print_chosen(const Dependencies& dependencies, http::Call& call, PrintBody body) {
    std::sort(body.ids.begin(), body.ids.end());
    body.ids.erase(std::unique(body.ids.begin(), body.ids.end()), body.ids.end());
    if (body.ids.empty()) co_return base::invalid("letters.nothing-chosen");

    const auto read = [&](db::ReadTx& tx) { return prepare(dependencies, tx, body.ids, call.now); };
    MUSUBI_CO_TRY(const std::vector<Prepared> prepared, co_await dependencies.database.read(read));

    const std::string page = dependencies.public_url + "/start/letter-code";
    const auto print = [&](const std::vector<Letter>& letters) {
        return print_letters(letters, dependencies.sender, dependencies.envelope, page, call.now);
    };
    // What cannot be printed is found before a passcode is made: a name too long, a character no font has.
    const auto rehearse = [&]() -> base::Status {
        for (const Prepared& one : prepared)
            if (auto made = print({one.letter}); !made)
                return std::move(made).error().with("id", one.request.id.to_string());
        return base::success();
    };
    MUSUBI_CO_CHECK(co_await dependencies.pool.run(rehearse));

    const auto write = [&](db::WriteTx& tx) { return commit_print(dependencies, call, tx, prepared); };
    MUSUBI_CO_TRY(const std::vector<Letter> letters, co_await dependencies.database.write(write));
    const auto make = [&] { return print(letters); };
    MUSUBI_CO_TRY(std::string pdf, co_await dependencies.pool.run(make));
    http::Raw answer;
    answer.content_type = "application/pdf";
    answer.body = std::move(pdf);
    answer.headers.push_back({"Content-Disposition", "attachment; filename=\"letters.pdf\""});
    answer.headers.push_back({"Cache-Control", "no-store"});
    co_return answer;
}

} // namespace musubi::letter_registration
