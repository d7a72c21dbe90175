#include "services/card_registration/terms.h"

#include "services/card_registration/messages.h"

namespace musubi::card_registration {

TermsText terms_text(const identity::Site& site, int closing_days, base::Language language) {
    const std::string city = site.name_in(base::language_tag(language));
    const std::string days = std::to_string(closing_days);
    const auto say = [&](const base::Message& message) {
        return base::say(message, language, {{"city", city}, {"days", days}});
    };
    TermsText out;
    out.version = kTermsVersion;
    out.title = say(messages::kTermsTitle);
    const std::pair<const base::Message&, const base::Message&> sections[] = {
        {messages::kTermsServiceHeading, messages::kTermsServiceText},
        {messages::kTermsIdentityHeading, messages::kTermsIdentityText},
        {messages::kTermsDataHeading, messages::kTermsDataText},
        {messages::kTermsControlHeading, messages::kTermsControlText},
        {messages::kTermsCareHeading, messages::kTermsCareText},
        {messages::kTermsChangeHeading, messages::kTermsChangeText},
    };
    for (const auto& [heading, text] : sections) out.sections.push_back({say(heading), say(text)});
    return out;
}

} // namespace musubi::card_registration
