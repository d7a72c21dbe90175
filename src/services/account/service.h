// Private to the service: routes.cpp binds these to paths.
#pragma once

#include "services/account/bodies.h"
#include "services/account/routes.h"

namespace musubi::account {

template <class T> using Answer = base::Task<base::Result<T>>;

/// Own details as the API shows them; nothing for a person who is gone.
base::Task<std::optional<Me>> read_me(db::ReadTx& tx, base::PersonId id, base::Instant now);

class Service {
  public:
    Service(Parts parts, Settings settings) : m_parts(std::move(parts)), m_settings(std::move(settings)) {}

    // details.cpp
    Answer<Me> me(http::Call& call, db::ReadTx& tx);
    Answer<Me> change(http::Call& call, db::WriteTx& tx, Change body);
    Answer<base::Unit> change_password(http::Call& call, ChangePassword body);
    Answer<Sent> change_email(http::Call& call, db::WriteTx& tx, ChangeEmail body);
    Answer<Me> confirm_email(http::Call& call, ConfirmEmail body);
    Answer<SessionList> sessions(http::Call& call, db::ReadTx& tx);
    Answer<base::Unit> end_session(http::Call& call, db::WriteTx& tx);
    Answer<base::Unit> end_others(http::Call& call, db::WriteTx& tx);
    Answer<identity::SeenList> seen(http::Call& call, db::ReadTx& tx);

    // closing.cpp
    Answer<Me> close(http::Call& call, db::WriteTx& tx);
    Answer<Me> reopen(http::Call& call, db::WriteTx& tx);
    base::Task<base::Status> erase_due(base::Instant now);

    // export.cpp
    Answer<http::Raw> export_json(http::Call& call);
    Answer<http::Raw> export_pdf(http::Call& call);

  private:
    struct Collected;
    base::Task<base::Result<Collected>> collect(http::Call& call);
    /// A mail to the person's address, if there is one.
    base::Task<> tell(db::WriteTx& tx, const identity::Person& person, std::string template_name,
                      std::vector<std::pair<std::string, std::string>> parameters, base::Instant now);

    Parts m_parts;
    Settings m_settings;
};

} // namespace musubi::account
