#include "core/identity/authenticator.h"

#include "core/identity/staff.h"

namespace musubi::identity {
namespace {

constexpr db::Query kTouch{"identity.touch_session", "UPDATE identity_session SET last_seen_at = $2"
                                                     " WHERE id = $1 AND last_seen_at < $2"};

struct Found {
    std::optional<Session> session;
    std::optional<Staff> staff;
};

} // namespace

base::Task<base::Result<http::Principal>> SessionAuthenticator::authenticate(const http::Request& request,
                                                                             base::Instant now) {
    http::Principal principal;
    const auto cookie = request.cookie(kSessionCookie);
    if (!cookie || cookie->size() != 43) co_return principal;
    const SessionRules rules = m_rules;
    const std::string token = *cookie;
    auto found = co_await m_database.read([&rules, &token, now](db::ReadTx& tx) -> base::Task<Found> {
        Found out;
        out.session = co_await find_session(tx, rules, token, now);
        if (out.session && out.session->kind == http::PrincipalKind::Staff)
            if (auto id = base::StaffId::parse(out.session->subject)) out.staff = co_await find_staff(tx, *id);
        co_return out;
    });
    if (!found.session) co_return principal;
    const Session& session = *found.session;
    if (session.kind == http::PrincipalKind::Staff) {
        if (!found.staff || !found.staff->active) co_return principal;
        principal.permissions = permissions_of(found.staff->roles);
    }
    principal.kind = session.kind;
    principal.subject = session.subject;
    principal.assurance = session.assurance;
    principal.session_id = session.id.to_string();
    if (session.last_seen_at + rules.touch <= now) {
        const SessionId id = session.id;
        co_await m_database.write([id, now](db::WriteTx& tx) -> base::Task<> { co_await tx.run(kTouch, id, now); });
    }
    co_return principal;
}

base::Task<audit::ActorName> StaffDirectory::name_of(db::ReadTx& tx, const http::Principal& principal) {
    audit::ActorName name;
    if (principal.kind != http::PrincipalKind::Staff) co_return name;
    auto id = base::StaffId::parse(principal.subject);
    if (!id) co_return name;
    const auto staff = co_await find_staff(tx, *id);
    if (!staff) co_return name;
    name.name = staff->name;
    name.organization = staff->organization;
    for (const std::string& held : staff->roles) {
        if (!name.role.empty()) name.role += "、";
        const Role* role = find_role(held);
        name.role += role ? std::string(role->title) : held;
    }
    co_return name;
}

} // namespace musubi::identity
