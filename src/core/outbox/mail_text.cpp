#include "core/outbox/mail_text.h"

namespace musubi::outbox {
namespace {

// One pass, so that a value that looks like a placeholder stays as it is.
std::string fill(std::string_view text, const std::vector<std::pair<std::string, std::string>>& parameters) {
    std::string out;
    for (size_t at = 0; at < text.size();) {
        const size_t end = text[at] == '{' ? text.find('}', at) : std::string_view::npos;
        const std::string* value = nullptr;
        if (end != std::string_view::npos)
            for (const auto& [name, given] : parameters)
                if (text.substr(at + 1, end - at - 1) == name) value = &given;
        if (value) {
            out += *value;
            at = end + 1;
        } else {
            out.push_back(text[at++]);
        }
    }
    return out;
}

const base::Message* find(const Catalogues& catalogues, const std::string& key) {
    for (const auto& catalogue : catalogues)
        if (const base::Message* message = base::find_message(catalogue, key)) return message;
    return nullptr;
}

} // namespace

base::Result<MailText> mail_text(const Catalogues& catalogues, const Mail& mail) {
    const base::Message* subject = find(catalogues, "mail." + mail.template_name + ".subject");
    const base::Message* text = find(catalogues, "mail." + mail.template_name + ".text");
    if (!subject || !text) return base::invalid("outbox.template-unknown").because(mail.template_name);
    const auto language = base::parse_language(mail.language).value_or(base::Language::Japanese);
    return MailText{fill(base::say(*subject, language), mail.parameters),
                    fill(base::say(*text, language), mail.parameters)};
}

} // namespace musubi::outbox
