// The steps of a registration with the card. Private to the service: routes.cpp binds them to paths.
#pragma once

#include "services/card_registration/bodies.h"
#include "services/card_registration/routes.h"

namespace musubi::card_registration {

using enrolment::Registration;
using enrolment::RegistrationView;
using enrolment::Step;
template <class T> using Answer = base::Task<base::Result<T>>;

class Service {
  public:
    Service(Parts parts, Settings settings) : m_parts(parts), m_settings(std::move(settings)) {}

    // steps.cpp
    Answer<Started> start(http::Call& call, db::WriteTx& tx, Start body);
    Answer<RegistrationView> resume(http::Call& call, db::WriteTx& tx, Resume body);
    Answer<RegistrationView> show(http::Call& call, db::ReadTx& tx);
    Answer<TermsText> terms(http::Call& call, db::ReadTx& tx);
    Answer<RegistrationView> agree(http::Call& call, db::WriteTx& tx, Terms body);
    Answer<RegistrationView> choose_way(http::Call& call, db::WriteTx& tx, ChooseWay body);
    Answer<RegistrationView> confirm(http::Call& call, db::WriteTx& tx);

    // card.cpp
    Answer<ChallengeView> challenge(http::Call& call, db::WriteTx& tx);
    Answer<RegistrationView> card(http::Call& call, Card body);

    // finish.cpp
    Answer<RegistrationView> contact(http::Call& call, Contact body);
    Answer<RegistrationView> passcode(http::Call& call, Passcode body);
    Answer<RegistrationView> resend(http::Call& call);

  private:
    struct Verified;
    base::Task<base::Result<Registration>> load(http::Call& call);
    base::Task<base::Result<Verified>> verify(http::Call& call, const Registration& registration, const Card& body);
    base::Task<base::Result<RegistrationView>> accept_card(http::Call& call, db::WriteTx& tx, const Verified& verified);
    base::Task<> note_refusal(http::Call& call, const Registration& registration, const pki::Refusal& refusal);
    base::Task<base::Status> send_passcode(http::Call& call, db::WriteTx& tx, const Registration& registration);
    outbox::Mail mail(std::string to, std::string template_name, std::string language) const;

    Parts m_parts;
    Settings m_settings;
};

} // namespace musubi::card_registration
