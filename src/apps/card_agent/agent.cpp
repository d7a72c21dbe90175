#include "apps/card_agent/agent.h"

#include "base/encoding.h"
#include "lib/json/json.h"

#include <algorithm>

namespace musubi::card_agent {

std::string_view embedded(std::string_view name);

struct AskParameters {
    std::string nonce;
    std::optional<std::string> purpose_text;
    std::optional<std::string> locale;
};
template <class Fields> void describe(Fields& fields, AskParameters& parameters) {
    fields("nonce", parameters.nonce, json::Rule{.max_length = 128, .format = "base64url"});
    fields("purposeText", parameters.purpose_text, json::Rule{.max_length = 120});
    fields("locale", parameters.locale, json::Rule{.max_length = 16});
}
struct AllowBody {
    base::Secret pin;
    base::Secret password;
    bool last_try = false;
};
template <class Fields> void describe(Fields& fields, AllowBody& body) {
    fields("pin", body.pin, json::Rule{.max_length = 64});
    fields("password", body.password, json::Rule{.max_length = 64});
    fields("lastTry", body.last_try);
}
struct RefuseBody {
    std::string reason;
};
template <class Fields> void describe(Fields& fields, RefuseBody& body) {
    fields("reason", body.reason, json::Rule{.max_length = 64});
}

namespace {

using loopback::Request;
using loopback::Response;

constexpr std::string_view kVersion = "1";
constexpr auto kLookInterval = std::chrono::seconds(2);
constexpr auto kTroubleInterval = std::chrono::milliseconds(300);
constexpr std::string_view kConsent = "/consent/";

Response json_response(std::string body, int status = 200) { return {status, "application/json", std::move(body)}; }

Response problem(const base::Error& error, int status) {
    return {status, "application/problem+json", error_object(error)};
}

std::string escape(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string page(std::string_view attributes, std::string_view locale) {
    return "<!doctype html><html lang=\"" + std::string(locale == "en" ? "en" : "ja") +
           "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
           "<meta name=\"color-scheme\" content=\"light dark\"><title>マイナンバーカード – むすび</title><link "
           "rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/assets/consent.css\"><script "
           "src=\"/assets/consent.js\" defer></script></head><body><main id=\"app\"" +
           std::string(attributes) +
           "><noscript><p lang=\"ja\">この画面を使うには、ブラウザーのJavaScriptを有効にしてください。</p><p "
           "lang=\"en\">Please "
           "switch JavaScript on for this window.</p></noscript></main></body></html>";
}

std::string locale_of(const std::optional<std::string>& asked) {
    if (asked == "en" || asked == "ja-easy") return *asked;
    return "ja";
}

} // namespace

std::string status_json(const std::vector<CardStatus>& readers, const std::string& problem) {
    std::string out = "\"version\":\"" + std::string(kVersion) + "\",\"readers\":[";
    for (size_t i = 0; i < readers.size(); ++i) {
        const auto& reader = readers[i];
        out += i == 0 ? "{\"name\":" : ",{\"name\":";
        json::append_string(out, reader.reader);
        switch (reader.card) {
        case CardStatus::Card::None:
            out += ",\"card\":\"none\"}";
            continue;
        case CardStatus::Card::Unknown:
            out += ",\"card\":\"unknown\"}";
            continue;
        case CardStatus::Card::MyNumber:
            break;
        }
        const bool phone = reader.kind == card::TokenKind::Android || reader.kind == card::TokenKind::Iphone;
        out += ",\"card\":\"my-number\",\"kind\":\"" + std::string(phone ? "phone" : "card") +
               "\",\"hasSignatureCertificate\":" + (reader.has_signature_certificate ? "true" : "false") +
               ",\"triesLeft\":{\"signature\":" + std::to_string(reader.signature_tries) +
               ",\"user\":" + std::to_string(reader.user_tries) + "}}";
    }
    out += "]";
    if (!problem.empty()) {
        out += ",\"problem\":";
        json::append_string(out, problem);
    }
    return out;
}

Agent::Agent(AgentSettings settings, CardSource& source, base::Random& random, base::Clock& clock)
    : m_settings(std::move(settings)), m_source(source), m_consents(random, clock), m_port(m_settings.port),
      m_watcher([this] { watch(); }) {}

Agent::~Agent() {
    m_ending = true;
    m_source.cancel();
    m_watcher.join();
}

const Site* Agent::site(std::string_view origin) const {
    for (const auto& candidate : m_settings.sites) {
        if (candidate.origin == origin) return &candidate;
    }
    return nullptr;
}

// Readers and cards are watched all the time, so that a page learns at once that a card was put in.
void Agent::watch() {
    std::vector<card::ReaderState> inspected;
    uint64_t looked = ~uint64_t(0);
    while (!m_ending) {
        m_consents.expire();
        auto readers = m_source.readers();
        const auto known = readers ? *readers : std::vector<card::ReaderState>();
        uint64_t wanted = 0;
        {
            const std::lock_guard lock(m_mutex);
            wanted = m_looked;
        }
        bool trouble = false;
        auto ignoring_use = known;
        for (auto& reader : ignoring_use) reader.in_use_elsewhere = false;
        if (ignoring_use != inspected || wanted != looked || !readers) {
            std::vector<CardStatus> status;
            for (const auto& reader : known) {
                const std::lock_guard card_lock(m_card_mutex);
                auto seen = inspect(m_source, reader);
                trouble = trouble || !seen;
                status.push_back(seen ? *seen : CardStatus{reader.name, CardStatus::Card::Unknown});
            }
            inspected = ignoring_use;
            looked = trouble ? ~uint64_t(0) : wanted;
            std::string message;
            {
                const std::lock_guard lock(m_mutex);
                const std::string problem_code = readers ? "" : readers.error().code;
                if (status != m_status || problem_code != m_problem) {
                    m_status = status;
                    m_problem = problem_code;
                    message = "{\"event\":\"status\"," + status_json(m_status, m_problem) + "}";
                }
            }
            if (!message.empty()) broadcast(message);
        }
        m_source.wait_for_change(known, trouble ? base::Duration(kTroubleInterval) : base::Duration(kLookInterval));
    }
}

void Agent::look_again() {
    {
        const std::lock_guard lock(m_mutex);
        ++m_looked;
    }
    m_source.cancel();
}

void Agent::broadcast(const std::string& message) {
    const std::lock_guard lock(m_mutex);
    for (const auto& weak : m_peers) {
        if (const auto peer = weak.lock()) peer->send(message);
    }
}

std::string Agent::current_status() {
    const std::lock_guard lock(m_mutex);
    return status_json(m_status, m_problem);
}

std::optional<Response> Agent::refuse(const Request& request) {
    if (request.path != "/v1") return problem(base::not_found("request.not-found"), 404);
    // Only browsers send Origin, and no page can change it: it is who asks, and it goes into what the card signs.
    if (!site(request.header("Origin"))) return problem(base::forbidden("agent.origin-not-allowed"), 403);
    return std::nullopt;
}

void Agent::opened(const std::shared_ptr<loopback::Peer>& peer) {
    {
        const std::lock_guard lock(m_mutex);
        m_peers.insert(peer);
    }
    peer->send("{\"event\":\"status\"," + current_status() + "}");
}

void Agent::closed(const std::shared_ptr<loopback::Peer>& peer) {
    {
        const std::lock_guard lock(m_mutex);
        m_peers.erase(peer);
    }
    m_consents.cancel(peer, "consent.cancelled");
}

void Agent::received(const std::shared_ptr<loopback::Peer>& peer, std::string_view text) {
    using Type = json::Element::Type;
    const auto fail = [&](const std::string& id, const base::Error& error) {
        peer->send("{\"id\":" + id + "," + error_member(error) + "}");
    };
    const auto document = json::Document::parse(text, {.max_bytes = 16384, .max_depth = 6});
    if (!document || document->root().type() != Type::Object)
        return fail("null", base::invalid("agent.message-malformed"));
    const auto root = document->root();
    const auto id = root.find("id");
    const auto method = root.find("method");
    const bool id_fits =
        id && ((id->type() == Type::String && id->string().size() <= 64) || id->type() == Type::Integer);
    if (!id_fits || !method || method->type() != Type::String)
        return fail("null", base::invalid("agent.message-malformed"));
    const std::string request_id(id->raw());
    const auto parameters = root.find("params");
    const auto raw_parameters = parameters ? parameters->raw() : std::string_view("{}");
    if (method->string() == "status")
        return peer->send("{\"id\":" + request_id + ",\"result\":{" + current_status() + "}}");
    if (method->string() == "cancel") {
        m_consents.cancel(peer, "consent.cancelled");
        return peer->send("{\"id\":" + request_id + ",\"result\":{}}");
    }
    if (!card_challenge::purpose_named(method->string()))
        return fail(request_id, base::invalid("agent.method-unknown"));
    ask(peer, request_id, method->string(), raw_parameters);
}

void Agent::ask(const std::shared_ptr<loopback::Peer>& peer, const std::string& request_id, std::string_view method,
                std::string_view params) {
    const auto fail = [&](const base::Error& error) {
        peer->send("{\"id\":" + request_id + "," + error_member(error) + "}");
    };
    const auto parameters = json::parse<AskParameters>(params);
    const auto nonce = parameters ? base::base64url_decode(parameters->nonce) : std::nullopt;
    if (!nonce || !card_challenge::valid_nonce(*nonce)) return fail(base::invalid("agent.parameters-malformed"));
    const auto* from = site(peer->origin());
    if (!from) return fail(base::forbidden("agent.origin-not-allowed"));
    auto asked = m_consents.ask({.origin = from->origin,
                                 .site_name = from->name,
                                 .purpose = *card_challenge::purpose_named(method),
                                 .purpose_text = parameters->purpose_text.value_or(""),
                                 .nonce = *nonce,
                                 .locale = locale_of(parameters->locale),
                                 .peer = peer,
                                 .request_id = request_id});
    if (!asked) return fail(asked.error());
    look_again(); // another program may have used up tries since
    peer->send("{\"event\":\"consent\",\"for\":" + request_id +
               ",\"url\":\"http://127.0.0.1:" + std::to_string(m_port) + std::string(kConsent) + *asked + "\"}");
}

Response Agent::handle(const Request& request) {
    if (request.path.starts_with(kConsent)) {
        const auto rest = std::string_view(request.path).substr(kConsent.size());
        const auto slash = std::min(rest.find('/'), rest.size());
        const std::string id(rest.substr(0, slash));
        const auto action = rest.substr(std::min(slash + 1, rest.size()));
        if (request.method == "POST") return consent_action(id, action, request);
        if (slash == rest.size()) return consent_page(id, request);
        if (action == "state") return consent_state(id, request);
        return problem(base::not_found("request.not-found"), 404);
    }
    if (request.method != "GET") return problem(base::not_found("request.not-found"), 404);
    if (request.path == "/assets/consent.css")
        return {200, "text/css; charset=utf-8", std::string(embedded("consent.css"))};
    if (request.path == "/assets/consent.js")
        return {200, "text/javascript; charset=utf-8", std::string(embedded("consent.js"))};
    if (request.path == "/healthz") return {200, "text/plain", "ok\n"};
    return problem(base::not_found("request.not-found"), 404);
}

Response Agent::consent_page(const std::string& id, const Request& request) {
    // A page's script must not use up the address of the window, nor may the window stand in a frame.
    const auto mode = request.header("Sec-Fetch-Mode");
    const auto destination = request.header("Sec-Fetch-Dest");
    if ((!mode.empty() && mode != "navigate") || (!destination.empty() && destination != "document"))
        return problem(base::forbidden("consent.not-a-window"), 403);
    const auto opened = m_consents.open(id);
    if (!opened) return {410, "text/html; charset=utf-8", page(" data-gone", "ja")};
    const auto& question = opened->question;
    std::string attributes;
    const std::pair<const char*, std::string_view> values[] = {
        {"id", id},
        {"token", opened->page_token},
        {"origin", question.origin},
        {"site", question.site_name},
        {"purpose", card_challenge::purpose_name(question.purpose)},
        {"words", question.purpose_text},
        {"locale", question.locale}};
    for (const auto& [name, value] : values) attributes += " data-" + std::string(name) + "=\"" + escape(value) + "\"";
    return {200, "text/html; charset=utf-8", page(attributes, question.locale)};
}

Response Agent::consent_state(const std::string& id, const Request& request) {
    const auto question = m_consents.find(id, request.header("X-Page-Token"));
    if (!question) return problem(question.error(), 410);
    return json_response("{" + current_status() + "}");
}

Response Agent::consent_action(const std::string& id, std::string_view action, const Request& request) {
    const auto own = {"http://127.0.0.1:" + std::to_string(m_port), "http://localhost:" + std::to_string(m_port)};
    if (std::find(own.begin(), own.end(), request.header("Origin")) == own.end())
        return problem(base::forbidden("request.foreign"), 403);
    if (!request.header("Content-Type").starts_with("application/json"))
        return problem(base::invalid("request.malformed"), 400);
    const auto token = request.header("X-Page-Token");
    if (action == "refuse") {
        const auto body = json::parse<RefuseBody>(request.body);
        m_consents.refuse(id, token, body ? body->reason : "");
        return {204};
    }
    if (action != "allow") return problem(base::not_found("request.not-found"), 404);
    auto body = json::parse<AllowBody>(request.body);
    if (!body) return problem(base::invalid("request.malformed"), 400);
    const Typed typed{std::move(body->pin), std::move(body->password), body->last_try};
    base::Status done = base::success();
    {
        const std::lock_guard lock(m_card_mutex);
        done = m_consents.allow(id, token, typed, [this] { return m_source.open({}); });
    }
    look_again();
    if (!done) return problem(done.error(), done.error().code == "consent.gone" ? 410 : 409);
    return {204};
}

} // namespace musubi::card_agent
