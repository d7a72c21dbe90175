#include "base/encoding.h"
#include "core/identity/challenge.h"
#include "core/identity/tries.h"
#include "lib/crypto/password.h"
#include "services/sign_in/service.h"

namespace musubi::sign_in {
namespace {

constexpr std::string_view kGet = "staff-passkey-get";
constexpr std::string_view kCreate = "staff-passkey-create";
constexpr std::string_view kTicket = "staff-login"; // the right password was given; the passkey is still to come
constexpr std::string_view kTicketCookie = "musubi_staff_login";

base::Error challenge_expired() { return base::error(base::ErrorKind::Gone, "login.challenge-expired"); }
base::Error password_wrong() { return base::error(base::ErrorKind::Unauthenticated, "login.password-wrong"); }
base::Error passkey_unknown() { return base::error(base::ErrorKind::Unauthenticated, "login.passkey-unknown"); }

struct Next {
    std::string ticket;
    StaffNext answer;
};

std::string handle_of(const base::StaffId& id) {
    return std::string(reinterpret_cast<const char*>(id.bytes().data()), id.bytes().size());
}

} // namespace

Answer<StaffNext> Service::staff_login(http::Call& call, StaffLogin body) {
    MUSUBI_CO_CHECK(co_await m_parts.database.write([&](db::WriteTx& tx) {
        return identity::begin_try(tx, "staff-password", body.account, identity::TryRule(), call.now);
    }));
    const auto secret =
        co_await m_parts.database.read([&](db::ReadTx& tx) { return identity::find_staff_secret(tx, body.account); });
    const std::string& hash = secret ? secret->password_hash : m_dummy_hash;
    const base::Secret& password = body.password;
    const bool right = co_await m_parts.pool.run([&] { return crypto::verify_password(hash, password); });
    if (!right || !secret) co_return password_wrong();
    const identity::Staff& staff = secret->staff;
    const std::string subject = staff.id.to_string();
    const Next next = co_await m_parts.database.write([&](db::WriteTx& tx) -> base::Task<Next> {
        co_await identity::forget_tries(tx, "staff-password", body.account);
        const auto passkeys = co_await identity::passkeys_of(tx, subject);
        const auto ticket = co_await identity::make_challenge(tx, m_parts.random, kTicket, subject, call.now);
        Next out{subject + "." + base::base64url_encode(ticket.nonce), {}};
        if (passkeys.empty()) {
            const auto challenge = co_await identity::make_challenge(tx, m_parts.random, kCreate, subject, call.now);
            out.answer.next = "passkey-setup";
            out.answer.public_key.text = json::write(
                creation_options(challenge.nonce, handle_of(staff.id), staff.account, staff.name, passkeys));
        } else {
            const auto challenge = co_await identity::make_challenge(tx, m_parts.random, kGet, subject, call.now);
            RequestOptions options = request_options(challenge.nonce);
            for (const identity::Passkey& passkey : passkeys)
                options.allow_credentials.push_back({"public-key", passkey.credential_id});
            out.answer.next = "passkey";
            out.answer.public_key.text = json::write(options);
        }
        co_return out;
    });
    http::CookieOptions options;
    options.lifetime = std::chrono::minutes(5);
    call.set_cookie(std::string(kTicketCookie), next.ticket, options);
    co_return next.answer;
}

base::Task<base::Result<base::StaffId>> Service::consume_staff_ticket(http::Call& call) {
    const std::string cookie = call.request.cookie(kTicketCookie).value_or("");
    const auto dot = cookie.find('.');
    auto id = base::StaffId::parse(cookie.substr(0, dot));
    if (!id || dot == std::string::npos) co_return challenge_expired();
    const std::string nonce = base::base64url_decode(cookie.substr(dot + 1)).value_or("");
    const std::string subject = id->to_string();
    const auto ticket = co_await m_parts.database.write(
        [&](db::WriteTx& tx) { return identity::consume_challenge_by_nonce(tx, nonce, kTicket, subject, call.now); });
    if (!ticket) co_return challenge_expired();
    co_return id;
}

Answer<SessionView> Service::staff_passkey(http::Call& call, StaffPasskey body) {
    const std::string client_data = base::base64url_decode(body.credential.response.client_data_json).value_or("");
    MUSUBI_CO_TRY(const std::string nonce, webauthn::challenge_of(client_data));
    MUSUBI_CO_TRY(const base::StaffId id, co_await consume_staff_ticket(call));
    const std::string subject = id.to_string();
    const auto challenge = co_await m_parts.database.write(
        [&](db::WriteTx& tx) { return identity::consume_challenge_by_nonce(tx, nonce, kGet, subject, call.now); });
    if (!challenge) co_return challenge_expired();
    auto opened = co_await m_parts.database.write([&](db::WriteTx& tx) -> base::Task<base::Result<Opened>> {
        const auto staff = co_await identity::find_staff(tx, id);
        const auto passkey = co_await identity::find_passkey(tx, body.credential.id);
        if (!staff || !staff->active || !passkey || passkey->owner != subject) co_return passkey_unknown();
        MUSUBI_CO_TRY(const auto result, judge_assertion(party(), body.credential, nonce, *passkey));
        co_await identity::passkey_used(tx, *passkey, result.sign_count, result.backed_up, call.now);
        co_return co_await open_staff(call, tx, *staff, "loginStaff");
    });
    if (!opened) co_return std::move(opened).error();
    identity::set_session_cookie(call, opened->session);
    co_return std::move(opened->view);
}

Answer<SessionView> Service::staff_passkey_setup(http::Call& call, StaffPasskeySetup body) {
    const std::string client_data = base::base64url_decode(body.credential.response.client_data_json).value_or("");
    MUSUBI_CO_TRY(const std::string nonce, webauthn::challenge_of(client_data));
    MUSUBI_CO_TRY(const base::StaffId id, co_await consume_staff_ticket(call));
    const std::string subject = id.to_string();
    const auto challenge = co_await m_parts.database.write(
        [&](db::WriteTx& tx) { return identity::consume_challenge_by_nonce(tx, nonce, kCreate, subject, call.now); });
    if (!challenge) co_return challenge_expired();
    const std::string name = identity::describe_device(call.request.header("User-Agent"));
    MUSUBI_CO_TRY(const identity::Passkey passkey,
                  judge_new_passkey(party(), body.credential, nonce, subject, name, m_parts.random, call.now));
    auto opened = co_await m_parts.database.write([&](db::WriteTx& tx) -> base::Task<base::Result<Opened>> {
        const auto staff = co_await identity::find_staff(tx, id);
        if (!staff || !staff->active) co_return passkey_unknown();
        // Only the first key is set up with the password alone.
        const auto existing = co_await identity::passkeys_of(tx, subject);
        if (!existing.empty()) co_return base::conflict("passkey.already-registered");
        if (!co_await identity::add_passkey(tx, passkey)) co_return base::conflict("passkey.already-registered");
        co_return co_await open_staff(call, tx, *staff, "setUpStaffPasskey");
    });
    if (!opened) co_return std::move(opened).error();
    identity::set_session_cookie(call, opened->session);
    call.set_status(201);
    co_return std::move(opened->view);
}

base::Task<Service::Opened> Service::open_staff(http::Call& call, db::WriteTx& tx, const identity::Staff& staff,
                                                std::string_view operation) {
    const std::string device = identity::describe_device(call.request.header("User-Agent"));
    auto session = co_await identity::start_staff_session(tx, m_parts.random, m_settings.sessions, staff.id,
                                                          http::Assurance::Passkey, device, call.now);
    Opened opened{std::move(session), empty_view()};
    opened.view.kind = "staff";
    opened.view.staff = StaffView{staff.id.to_string(), staff.name, identity::permissions_of(staff.roles)};
    opened.view.assurance = http::Assurance::Passkey;
    opened.view.signed_in_at = call.now;
    audit::NewEntry entry;
    entry.actor_kind = audit::ActorKind::Staff;
    entry.actor = staff.id.to_string();
    entry.actor_name = staff.name;
    entry.organization = staff.organization;
    entry.operation = operation;
    entry.object = device;
    entry.request_id = call.request_id;
    co_await audit::record(tx, m_parts.random, entry, call.now);
    co_return opened;
}

} // namespace musubi::sign_in
