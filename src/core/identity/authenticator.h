// Who is asking: the router's authenticator over session cookies, and the names of actors for the audit record.
#pragma once

#include "core/audit/audit.h"
#include "core/identity/session.h"
#include "lib/http/router.h"

namespace musubi::identity {

class SessionAuthenticator final : public http::Authenticator {
  public:
    SessionAuthenticator(db::Database& database, SessionRules rules) : m_database(database), m_rules(rules) {}
    /// A cookie that names no living session counts as nothing presented: the page then offers to sign in.
    base::Task<base::Result<http::Principal>> authenticate(const http::Request& request, base::Instant now) override;

  private:
    db::Database& m_database;
    SessionRules m_rules;
};

class StaffDirectory final : public audit::ActorDirectory {
  public:
    base::Task<audit::ActorName> name_of(db::ReadTx& tx, const http::Principal& principal) override;
};

} // namespace musubi::identity
