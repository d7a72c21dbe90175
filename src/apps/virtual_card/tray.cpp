#include "apps/virtual_card/tray.h"

#include "apps/virtual_card/tray_page.h"
#include "lib/json/json.h"

#include <algorithm>
#include <cstdio>

namespace musubi::virtual_card {

std::string_view embedded(std::string_view name);

struct CardBody {
    std::string card;
    int64_t slot = 0;
};
template <class Fields> void describe(Fields& fields, CardBody& body) {
    fields("card", body.card, json::Rule{.max_length = 64});
    fields("slot", body.slot, json::Rule{.minimum = 0, .maximum = 7});
}
struct SlotBody {
    int64_t slot = 0;
};
template <class Fields> void describe(Fields& fields, SlotBody& body) {
    fields("slot", body.slot, json::Rule{.minimum = 0, .maximum = 7});
}
struct RestoreBody {
    std::string card;
};
template <class Fields> void describe(Fields& fields, RestoreBody& body) {
    fields("card", body.card, json::Rule{.max_length = 64});
}
struct SearchBody {
    std::string text;
};
template <class Fields> void describe(Fields& fields, SearchBody& body) {
    fields("text", body.text, json::Rule{.max_length = 60});
}
struct HolderBody {
    std::string holder_id;
    int64_t slot = 0;
};
template <class Fields> void describe(Fields& fields, HolderBody& body) {
    fields("holderId", body.holder_id, json::Rule{.max_length = 64});
    fields("slot", body.slot, json::Rule{.minimum = 0, .maximum = 7});
}
template <class Fields> void describe(Fields& fields, FoundHolder& found) {
    fields("holderId", found.holder_id);
    fields("name", found.name);
    fields("kana", found.kana);
    fields("birthDate", found.birth_date);
    fields("address", found.address);
}
struct FoundHolders {
    std::vector<FoundHolder> items;
};
template <class Fields> void describe(Fields& fields, FoundHolders& found) { fields("items", found.items); }

namespace {

using loopback::Request;
using loopback::Response;

Response json_response(std::string body, int status = 200) { return {status, "application/json", std::move(body)}; }

int status_of(base::ErrorKind kind) {
    switch (kind) {
    case base::ErrorKind::Invalid:
        return 400;
    case base::ErrorKind::Forbidden:
        return 403;
    case base::ErrorKind::NotFound:
        return 404;
    case base::ErrorKind::Conflict:
        return 409;
    case base::ErrorKind::Unavailable:
        return 503;
    default:
        return 500;
    }
}

// RFC 9457.
Response problem(const base::Error& error) {
    std::string body = "{\"code\":";
    json::append_string(body, error.code);
    const int status = status_of(error.kind);
    body += ",\"status\":" + std::to_string(status) + "}";
    return {status, "application/problem+json", std::move(body)};
}

Response answer(const base::Status& status) { return status ? Response{204} : problem(status.error()); }

// Browsers name the page that sends a form or a fetch; programs on the command line name none.
bool from_this_page(const Request& request) {
    const auto origin = request.header("Origin");
    if (origin.empty())
        return request.header("Sec-Fetch-Site").empty() || request.header("Sec-Fetch-Site") == "same-origin";
    return origin == "http://" + std::string(request.header("Host"));
}

void member(std::string& out, std::string_view name, std::string_view value) {
    out += out.back() == '{' ? "" : ",";
    json::append_string(out, name);
    out += ':';
    json::append_string(out, value);
}

} // namespace

Tray::Tray(Drawer& drawer, Issuer& issuer, std::vector<WantedCard> wanted, const std::vector<uint16_t>& slot_ports)
    : m_drawer(drawer), m_issuer(issuer), m_wanted(std::move(wanted)) {
    for (const auto port : slot_ports) m_places.push_back({std::make_unique<Slot>(port), {}, nullptr});
}

base::Status Tray::issue(const WantedCard& wanted) {
    const std::lock_guard lock(m_issue_mutex);
    if (m_drawer.find(wanted.id)) return base::success();
    const auto issued = m_issuer.issue(wanted);
    if (!issued) {
        std::fprintf(stderr, "musubi-vcard: card %s: %s %s\n", wanted.id.c_str(), issued.error().code.c_str(),
                     issued.error().detail.c_str());
        return issued.error();
    }
    return m_drawer.put(issued->first, issued->second);
}

base::Status Tray::insert(const std::string& id, size_t slot) {
    if (slot >= m_places.size()) return base::not_found("tray.slot-unknown");
    if (!m_drawer.find(id)) {
        const auto wanted = std::find_if(m_wanted.begin(), m_wanted.end(), [&](const auto& w) { return w.id == id; });
        if (wanted == m_wanted.end()) return base::not_found("tray.card-unknown");
        MUSUBI_CHECK(issue(*wanted));
    }
    const std::lock_guard lock(m_mutex);
    for (size_t i = 0; i < m_places.size(); ++i) {
        if (i != slot && m_places[i].card_id == id) return base::conflict("tray.card-in-other-slot");
    }
    if (m_places[slot].card_id == id) return base::success();
    MUSUBI_TRY(m_places[slot].card, m_drawer.take(id));
    m_places[slot].card_id = id;
    m_places[slot].slot->insert(m_places[slot].card);
    return base::success();
}

base::Status Tray::pull(size_t slot) {
    if (slot >= m_places.size()) return base::not_found("tray.slot-unknown");
    const std::lock_guard lock(m_mutex);
    m_places[slot].slot->pull();
    m_places[slot].card_id.clear();
    m_places[slot].card.reset();
    return base::success();
}

base::Status Tray::restore(const std::string& id) {
    const std::lock_guard lock(m_mutex);
    MUSUBI_CHECK(m_drawer.restore(id));
    for (auto& place : m_places) {
        if (place.card_id != id) continue;
        MUSUBI_TRY(place.card, m_drawer.take(id));
        place.slot->insert(place.card);
    }
    return base::success();
}

base::Status Tray::insert_holder(const std::string& holder, size_t slot) {
    if (!Drawer::valid_id(holder)) return base::not_found("tray.holder-unknown");
    for (const auto& about : m_drawer.cards()) {
        if (about.holder_id == holder) return insert(about.id, slot);
    }
    for (const auto& wanted : m_wanted) {
        if (wanted.holder_id == holder) return insert(wanted.id, slot);
    }
    WantedCard wanted{"holder-" + holder, holder};
    MUSUBI_CHECK(issue(wanted));
    return insert(wanted.id, slot);
}

std::vector<Tray::Shown> Tray::shown() {
    std::vector<Shown> out;
    const auto issued = m_drawer.cards();
    const auto tries_of = [&](const std::string& id) -> std::optional<Tries> {
        for (const auto& place : m_places) {
            if (place.card_id == id) return place.card->tries();
        }
        const auto stored = m_drawer.tries(id);
        return stored ? std::optional(*stored) : std::nullopt;
    };
    const std::lock_guard lock(m_mutex);
    // The wanted ones first, in the order of their list: it tells the story of the demo.
    for (const auto& wanted : m_wanted) {
        const auto found =
            std::find_if(issued.begin(), issued.end(), [&](const About& a) { return a.id == wanted.id; });
        if (found != issued.end()) {
            out.push_back({*found, tries_of(found->id)});
            continue;
        }
        out.push_back({About{.id = wanted.id,
                             .holder_id = wanted.holder_id,
                             .name = wanted.name,
                             .kana = wanted.kana,
                             .birth_date = wanted.birth_date,
                             .kind = wanted.kind,
                             .note = wanted.note,
                             .note_english = wanted.note_english,
                             .user_pin = wanted.user_pin,
                             .signature_password = wanted.signature_password,
                             .text_pin = wanted.text_pin},
                       std::nullopt});
    }
    for (const auto& about : issued) {
        const bool listed =
            std::any_of(m_wanted.begin(), m_wanted.end(), [&](const auto& w) { return w.id == about.id; });
        if (!listed) out.push_back({about, tries_of(about.id)});
    }
    return out;
}

std::string Tray::state_json() {
    const auto cards = shown();
    std::string out = "{\"slots\":[";
    {
        const std::lock_guard lock(m_mutex);
        for (size_t i = 0; i < m_places.size(); ++i) {
            const auto& place = m_places[i];
            out += i == 0 ? "{" : ",{";
            if (!place.card_id.empty()) member(out, "card", place.card_id);
            out += out.back() == '{' ? "" : ",";
            out += "\"slot\":" + std::to_string(i) + ",\"port\":" + std::to_string(place.slot->port()) +
                   ",\"connected\":" + (place.slot->connected() ? "true" : "false") + "}";
        }
    }
    out += "],\"cards\":[";
    for (size_t i = 0; i < cards.size(); ++i) {
        const auto& about = cards[i].about;
        out += i == 0 ? "{" : ",{";
        member(out, "id", about.id);
        member(out, "holderId", about.holder_id);
        member(out, "name", about.name);
        member(out, "kana", about.kana);
        member(out, "birthDate", about.birth_date);
        member(out, "kind", about.kind);
        member(out, "note", about.note);
        member(out, "noteEnglish", about.note_english);
        member(out, "userPin", about.user_pin);
        member(out, "signaturePassword", about.signature_password);
        member(out, "textPin", about.text_pin);
        member(out, "numberB", about.number_b);
        if (const auto& tries = cards[i].tries)
            out += ",\"tries\":{\"user\":" + std::to_string(tries->user) +
                   ",\"signature\":" + std::to_string(tries->signature) + "}";
        out += "}";
    }
    return out + "],\"certification\":" + (m_issuer.configured() ? "true" : "false") + "}";
}

Response Tray::act(const Request& request) {
    const auto run = [&]<class Body>(Body*, auto action) -> Response {
        auto body = json::parse<Body>(request.body);
        if (!body) return problem(base::invalid("request.malformed"));
        return action(*body);
    };
    if (request.path == "/api/insert")
        return run((CardBody*)nullptr,
                   [&](const CardBody& b) { return answer(insert(b.card, static_cast<size_t>(b.slot))); });
    if (request.path == "/api/pull")
        return run((SlotBody*)nullptr, [&](const SlotBody& b) { return answer(pull(static_cast<size_t>(b.slot))); });
    if (request.path == "/api/restore")
        return run((RestoreBody*)nullptr, [&](const RestoreBody& b) { return answer(restore(b.card)); });
    if (request.path == "/api/insert-holder")
        return run((HolderBody*)nullptr, [&](const HolderBody& b) {
            return answer(insert_holder(b.holder_id, static_cast<size_t>(b.slot)));
        });
    if (request.path == "/api/search")
        return run((SearchBody*)nullptr, [&](const SearchBody& b) {
            auto found = m_issuer.search(b.text);
            if (!found) return problem(found.error());
            return json_response(json::write(FoundHolders{std::move(*found)}));
        });
    return problem(base::not_found("request.not-found"));
}

// The same without scripts: a form, answered by going back to the page.
Response Tray::act_from_form(const Request& request) {
    std::map<std::string, std::string> values;
    std::string_view rest = request.body;
    while (!rest.empty()) {
        const auto pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        values[std::string(pair.substr(0, equals))] = std::string(pair.substr(std::min(equals + 1, pair.size())));
    }
    const size_t slot = values["slot"] == "1" ? 1 : 0;
    base::Status done = base::success();
    if (values["action"] == "insert") done = insert(values["card"], slot);
    if (values["action"] == "pull") done = pull(slot);
    if (values["action"] == "restore") done = restore(values["card"]);
    auto location = "/?lang=" + std::string(page_language(request) == PageLanguage::English ? "en" : "ja");
    if (!done) location += "&error=" + done.error().code;
    return {303, "text/plain", "", {{"Location", location}}};
}

std::string Tray::page(const Request& request) {
    PageContent content;
    content.language = page_language(request);
    content.certification = m_issuer.configured();
    if (const auto code = request.query.find("error"); code != request.query.end()) content.error = code->second;
    for (const auto& entry : shown()) content.cards.push_back({entry.about, entry.tries});
    const std::lock_guard lock(m_mutex);
    for (const auto& place : m_places) content.slots.push_back({place.card_id, place.slot->connected()});
    return render_page(content);
}

Response Tray::handle(const Request& request) {
    if (request.method == "POST") {
        if (!from_this_page(request)) return problem(base::forbidden("request.foreign"));
        if (request.path == "/act") return act_from_form(request);
        if (request.header("Content-Type").substr(0, 16) != "application/json")
            return problem(base::invalid("request.malformed"));
        return act(request);
    }
    if (request.path == "/") return {200, "text/html; charset=utf-8", page(request)};
    if (request.path == "/api/state") return json_response(state_json());
    if (request.path == "/healthz") return {200, "text/plain", "ok\n"};
    if (request.path == "/tray.css") return {200, "text/css; charset=utf-8", std::string(embedded("tray.css"))};
    if (request.path == "/tray.js") return {200, "text/javascript; charset=utf-8", std::string(embedded("tray.js"))};
    return problem(base::not_found("request.not-found"));
}

} // namespace musubi::virtual_card
