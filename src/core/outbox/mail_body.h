// How a message body is written before it is sealed. Private to the outbox.
#pragma once

#include "core/outbox/outbox.h"
#include "lib/json/json.h"

namespace musubi::outbox {

inline constexpr std::string_view kMailTopic = "mail";

struct MailParameter {
    std::string name;
    std::string value;
};
struct MailBody {
    std::string to;
    std::string template_name;
    std::string language;
    std::vector<MailParameter> parameters;
};

template <class Fields> void describe(Fields& fields, MailParameter& parameter) {
    fields("name", parameter.name);
    fields("value", parameter.value, json::Rule{.max_length = 100'000});
}
template <class Fields> void describe(Fields& fields, MailBody& body) {
    fields("to", body.to);
    fields("template", body.template_name);
    fields("language", body.language);
    fields("parameters", body.parameters);
}

/// A sealed body belongs to one message: it does not open under another id or topic.
inline std::string sealed_for(const MessageId& id, std::string_view topic) {
    return "outbox:" + id.to_string() + ":" + std::string(topic);
}

} // namespace musubi::outbox
