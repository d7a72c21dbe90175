#include "services/letter_registration/citizen.h"

#include <algorithm>

namespace musubi::letter_registration {
namespace {

using enrolment::Registration;
using enrolment::RegistrationView;
using enrolment::Step;

/// People copy the gap between the groups, or put a hyphen there.
std::string digits_of(std::string_view text) {
    std::string digits;
    for (const char c : text)
        if (c != ' ' && c != '-') digits.push_back(c);
    return digits;
}

base::Result<std::string> postal_code_of(const std::string& text) {
    std::string digits = digits_of(text);
    const bool plain =
        digits.size() == 7 && std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (plain) return digits;
    base::Error error = base::invalid("request.fields-invalid");
    error.fields.push_back({"/postalCode", "malformed"});
    return error;
}

/// The last try was wrong or the time is over: the letter's code is dead, and another letter is to be printed.
base::Task<base::Status> prepare_another(db::WriteTx& tx, enrolment::RegistrationId registration, base::Instant now) {
    co_await identity::forget_code(tx, kCodePurpose, registration.to_string());
    auto request = co_await find_by_registration(tx, registration);
    if (!request || request->status != Status::Printed) co_return base::success();
    request->status = Status::Approved;
    request->code_expires_at.reset();
    co_await change(tx, *request, Status::Printed, now);
    co_return base::success();
}

base::Task<base::Result<enrolment::Completion>> finish(const Dependencies& dependencies, http::Call& call,
                                                       db::WriteTx& tx) {
    MUSUBI_CO_TRY(Registration registration, co_await enrolment::load(tx, call.request, call.now));
    auto request = co_await find_by_registration(tx, registration.id);
    if (!request || !request->resident) co_return base::conflict("registration.letter-not-sent");
    const bool first = !registration.person;
    if (first) {
        // Only now, that the letter has proven who this is, do the details of the register join the registration.
        const auto resident = co_await residents::find(tx, *request->resident);
        if (!resident || resident->standing != residents::Standing::Resident)
            co_return base::forbidden("registration.not-a-resident");
        registration.resident = resident->id;
        enrolment::Attributes attributes{
            .name = resident->name, .address = resident->address, .birth_date = resident->birth_date};
        attributes.kana = resident->kana;
        attributes.sex = resident->sex;
        registration.attributes = std::move(attributes);
    }
    const std::string device = identity::describe_device(call.request.header("User-Agent"));
    auto completion = co_await enrolment::complete(tx, dependencies.random, dependencies.sessions, registration,
                                                   identity::Source::Letter, http::Assurance::Letter, device, call.now);
    if (!completion) co_return std::move(completion).error();
    if (first) {
        const Status before = request->status;
        request->status = Status::Done;
        co_await change(tx, *request, before, call.now);
        outbox::Mail mail = mail_to(dependencies, registration, "registration-done");
        mail.key = "registration-done:" + registration.id.to_string();
        mail.parameters.emplace_back("link", dependencies.public_url + "/");
        co_await dependencies.outbox.mail(tx, mail, call.now);
    }
    call.audit.person = completion->person.id;
    call.audit.object = "registration " + registration.id.to_string();
    co_await dependencies.audit.record(tx, call, "enterLetterCode");
    co_return std::move(*completion);
}

} // namespace

outbox::Mail mail_to(const Dependencies& dependencies, const Registration& registration, std::string template_name) {
    outbox::Mail mail;
    mail.to = registration.email;
    mail.template_name = std::move(template_name);
    mail.language = registration.language;
    const bool english = registration.language == "en" && !dependencies.sender.city_english.empty();
    mail.parameters.emplace_back("city", english ? dependencies.sender.city_english : dependencies.sender.city);
    mail.parameters.emplace_back("telephone", dependencies.sender.telephone);
    return mail;
}

base::Task<base::Result<RegistrationView>> ask_for_letter(const Dependencies& dependencies, http::Call& call,
                                                          db::WriteTx& tx, LetterBody body) {
    MUSUBI_CO_TRY(Registration registration, co_await enrolment::load(tx, call.request, call.now));
    MUSUBI_CO_CHECK(enrolment::require_step(registration, {Step::Letter, Step::LetterWaiting}));
    MUSUBI_CO_TRY(const std::string postal_code, postal_code_of(body.postal_code));
    residents::Claim claim{
        .name = body.name, .kana = body.kana, .birth_date = body.birth_date, .sex = body.sex, .address = body.address};
    // Whether such a resident exists is not told: anyone could ask. Staff decide.
    const auto match = co_await residents::match(tx, claim);
    Request request{.id = RequestId::make(call.now, dependencies.random),
                    .registration = registration.id,
                    .requested_at = call.now,
                    .claim = std::move(claim)};
    request.status = match.certainty == residents::Certainty::Sure ? Status::New : Status::Doubtful;
    request.postal_code = postal_code;
    request.language = registration.language;
    const bool stored = co_await put(tx, request, call.now);
    if (!stored) co_return base::conflict("registration.letter-on-its-way");
    registration.telephone = body.telephone;
    registration.step = Step::LetterWaiting;
    MUSUBI_CO_CHECK(co_await enrolment::save(tx, dependencies.enrolment, registration, call.now));
    call.audit.object = "registration " + registration.id.to_string();
    co_return enrolment::view(registration);
}

base::Task<base::Result<RegistrationView>> enter_code(const Dependencies& dependencies, http::Call& call,
                                                      CodeBody body) {
    const auto load = [&call](db::ReadTx& tx) { return enrolment::load(tx, call.request, call.now); };
    MUSUBI_CO_TRY(const Registration before, co_await dependencies.database.read(load));
    if (!before.person) MUSUBI_CO_CHECK(enrolment::require_step(before, {Step::LetterWaiting}));
    const std::string subject = before.id.to_string();
    const std::string code = digits_of(body.code.reveal());
    // A try counts even if everything after it fails: its own transaction.
    const auto check = [&](db::WriteTx& tx) {
        return identity::check_code(tx, dependencies.code_key, kCodePurpose, subject, code, call.now);
    };
    const identity::CodeCheck checked = co_await dependencies.database.write(check);
    if (checked.outcome == identity::CodeOutcome::Wrong && checked.tries_left == 0) {
        const auto again = [&](db::WriteTx& tx) { return prepare_another(tx, before.id, call.now); };
        MUSUBI_CO_CHECK(co_await dependencies.database.write(again));
        co_return base::error(base::ErrorKind::Locked, "registration.letter-code-locked");
    }
    if (checked.outcome == identity::CodeOutcome::Wrong)
        co_return base::error(base::ErrorKind::Unauthenticated, "registration.letter-code-wrong")
            .with("triesLeft", std::to_string(checked.tries_left));
    if (checked.outcome == identity::CodeOutcome::Expired) {
        const auto find = [&](db::ReadTx& tx) { return find_by_registration(tx, before.id); };
        const auto request = co_await dependencies.database.read(find);
        if (request && request->status == Status::Printed) {
            const auto again = [&](db::WriteTx& tx) { return prepare_another(tx, before.id, call.now); };
            MUSUBI_CO_CHECK(co_await dependencies.database.write(again));
            co_return base::error(base::ErrorKind::Gone, "registration.letter-code-expired");
        }
        co_return base::conflict("registration.letter-not-sent");
    }
    const auto complete = [&](db::WriteTx& tx) { return finish(dependencies, call, tx); };
    auto done = co_await dependencies.database.write(complete);
    if (!done) co_return std::move(done).error();
    identity::set_session_cookie(call, done->session);
    MUSUBI_CO_TRY(const Registration after, co_await dependencies.database.read(load));
    co_return enrolment::view(after);
}

} // namespace musubi::letter_registration
