#include "services/fhir_api/searching.h"

#include "base/encoding.h"
#include "lib/crypto/digest.h"
#include "lib/fhir/projection.h"
#include "lib/json/json.h"

#include <algorithm>
#include <charconv>
#include <fmt/core.h>

namespace musubi::fhir_api {
namespace {

constexpr size_t kUsualCount = 50;
constexpr size_t kLargestCount = 1000;
constexpr base::Duration kPageLifetime = std::chrono::hours(24);

void append_link(std::string& out, std::string_view relation, std::string_view address) {
    if (out.back() != '[') out.push_back(',');
    out += R"({"relation":)";
    json::append_string(out, relation);
    out += R"(,"url":)";
    json::append_string(out, address);
    out.push_back('}');
}

std::string shortened(const records::Resource& resource, const r4::Query& query) {
    if (query.summary == r4::Summary::None && query.elements.empty()) return resource.body;
    const auto document = r4::Document::parse(resource.body);
    return document ? r4::project(*document, query.summary, query.elements) : resource.body;
}

std::string unknown_parameters(const std::vector<std::string>& names) {
    std::string out = R"({"resourceType":"OperationOutcome","issue":[)";
    for (size_t i = 0; i < names.size(); ++i) {
        out += i == 0 ? "" : ",";
        out += R"({"severity":"warning","code":"not-supported","diagnostics":)";
        json::append_string(out, "unknown search parameter, not used: " + names[i]);
        out += "}";
    }
    return out + "]}";
}

/// What a sealed place belongs to: it opens for the same caller and search only.
std::string about(const Context& context, std::string_view path, const r4::QueryPairs& pairs) {
    const std::string whole = context.call.principal.subject + "\n" + std::string(path) + "\n" + query_of(pairs);
    const std::string digest = crypto::sha256(whole);
    return base::hex_encode(std::string_view(digest).substr(0, 16));
}

base::Result<r4::Query> parse(const Context& context, r4::ResourceType type, const r4::QueryPairs& pairs,
                              r4::Handling handling) {
    r4::QueryOptions options;
    options.handling = handling;
    options.now = context.call.now;
    options.own_base = context.base;
    return r4::parse_query(type, pairs, options);
}

std::string searchset(const Context& context, const records::Page& page, const r4::Query& query,
                      const std::string& address, const r4::QueryPairs& pairs, const std::string& next) {
    const bool only_total = query.summary == r4::Summary::Count;
    std::string out = R"({"resourceType":"Bundle","type":"searchset")";
    if (page.total && (query.total != r4::Total::None || only_total)) out += fmt::format(R"(,"total":{})", *page.total);
    out += R"(,"link":[)";
    const std::string used = query_of(query.used);
    append_link(out, "self", used.empty() ? address : address + "?" + used);
    if (!next.empty()) {
        r4::QueryPairs with_page = pairs;
        with_page.emplace_back("_page", next);
        append_link(out, "next", address + "?" + query_of(with_page));
    }
    out += "]";
    std::string entries;
    if (!only_total) {
        for (const records::Resource& one : page.matches)
            append_entry(entries, context, one, shortened(one, query), Mode::Match);
        for (const records::Resource& one : page.included)
            append_entry(entries, context, one, shortened(one, query), Mode::Include);
    }
    if (!query.unknown.empty()) {
        if (!entries.empty()) entries.push_back(',');
        entries += R"({"resource":)" + unknown_parameters(query.unknown) + R"(,"search":{"mode":"outcome"}})";
    }
    if (!entries.empty()) out += R"(,"entry":[)" + entries + "]";
    return out + "}";
}

std::string_view method_of(const records::Resource& version) {
    if (version.deleted) return "DELETE";
    return version.version == 1 && records::owner_named_by(version.id) ? "POST" : "PUT";
}

void append_version(std::string& out, const Context& context, const records::Resource& version) {
    if (!out.empty()) out.push_back(',');
    const std::string name = version.type + "/" + version.id;
    out += R"({"fullUrl":)";
    json::append_string(out, context.base + "/" + name);
    if (!version.deleted) out += R"(,"resource":)" + version.body;
    const std::string_view method = method_of(version);
    out += fmt::format(R"(,"request":{{"method":"{}","url":"{}"}})", method, method == "POST" ? version.type : name);
    out += fmt::format(R"(,"response":{{"status":"{}","etag":"W/\"{}\"","lastModified":"{}"}}}})",
                       version.deleted        ? "204"
                       : version.version == 1 ? "201"
                                              : "200",
                       version.version, version.updated_at.to_string());
}

std::string history_bundle(const Context& context, const std::vector<records::Resource>& versions,
                           const std::string& self, const std::string& next, std::optional<size_t> total) {
    std::string out = R"({"resourceType":"Bundle","type":"history")";
    if (total) out += fmt::format(R"(,"total":{})", *total);
    out += R"(,"link":[)";
    append_link(out, "self", self);
    if (!next.empty()) append_link(out, "next", next);
    out += "]";
    std::string entries;
    for (const records::Resource& version : versions) append_version(entries, context, version);
    if (!entries.empty()) out += R"(,"entry":[)" + entries + "]";
    return out + "}";
}

struct HistoryTerms {
    size_t count = kUsualCount;
    std::optional<base::Instant> since;
};
base::Result<HistoryTerms> history_terms(const r4::QueryPairs& pairs) {
    HistoryTerms terms;
    for (const auto& [name, value] : pairs) {
        const auto bad = [&, parameter = name] {
            return base::invalid("fhir.search-invalid").with("parameter", parameter).with("reason", "value");
        };
        if (name == "_count") {
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), terms.count);
            if (error != std::errc() || end != value.data() + value.size()) return bad();
            terms.count = std::clamp<size_t>(terms.count, 1, kLargestCount);
        } else if (name == "_since") {
            terms.since = records::beginning_of(value);
            if (!terms.since) return bad();
        }
    }
    return terms;
}

} // namespace

bool needs_patients(r4::ResourceType type, const r4::QueryPairs& pairs) {
    if (type == r4::ResourceType::Patient) return true;
    return std::any_of(pairs.begin(), pairs.end(), [](const auto& pair) {
        return pair.first.find('.') != std::string::npos || pair.first.starts_with("_include") ||
               pair.first.starts_with("_revinclude") || pair.first.starts_with("_has");
    });
}

void append_entry(std::string& out, const Context& context, const records::Resource& resource, std::string_view text,
                  Mode mode) {
    if (!out.empty()) out.push_back(',');
    out += R"({"fullUrl":)";
    json::append_string(out, context.base + "/" + resource.type + "/" + resource.id);
    out += R"(,"resource":)";
    out += text;
    out += R"(,"search":{"mode":")";
    out += mode == Mode::Match ? "match" : mode == Mode::Include ? "include" : "outcome";
    out += R"("}})";
}

std::string seal_position(const Context& context, std::string_view about, const records::Position& position) {
    const std::string key = base::hex_encode(position.key);
    const std::string text = key + "\n" + position.person + "\n" + position.id;
    const crypto::SealedTokens tokens(context.to.page_key, context.to.random);
    return tokens.seal(std::string("fhir page ") + std::string(about), text, context.call.now + kPageLifetime);
}

base::Result<records::Position> open_position(const Context& context, std::string_view about, std::string_view token) {
    const crypto::SealedTokens tokens(context.to.page_key, context.to.random);
    const auto text = tokens.open(std::string("fhir page ") + std::string(about), token, context.call.now);
    const auto invalid = [] { return base::error(base::ErrorKind::Gone, "fhir.page-invalid"); };
    if (!text) return invalid();
    const size_t first = text->find('\n');
    const size_t second = text->find('\n', first + 1);
    if (first == std::string::npos || second == std::string::npos) return invalid();
    const auto key = base::hex_decode(std::string_view(*text).substr(0, first));
    if (!key) return invalid();
    return records::Position{*key, text->substr(first + 1, second - first - 1), text->substr(second + 1)};
}

base::Task<base::Result<Reply>> search(db::ReadTx& tx, Context& context, SearchAsked asked, r4::Handling handling) {
    MUSUBI_CO_TRY(const std::string token, take_own(asked.pairs));
    MUSUBI_CO_TRY(const r4::Query query, parse(context, asked.type, asked.pairs, handling));
    std::string path(r4::name_of(asked.type));
    if (asked.compartment) path = "Patient/" + *asked.compartment + "/" + path;

    records::SearchRequest request;
    request.scope = context.scope;
    request.query = &query;
    request.count = std::min<size_t>(query.count.value_or(kUsualCount), kLargestCount);
    if (query.summary == r4::Summary::Count) request.count = 0;
    request.own_base = context.base;
    const std::string of = about(context, path, asked.pairs);
    if (!token.empty()) {
        MUSUBI_CO_TRY(request.after, open_position(context, of, token));
    }
    if (asked.compartment) {
        const auto patient = co_await records::find(tx, context.scope, "Patient", *asked.compartment);
        if (!patient || patient->deleted) co_return base::not_found("fhir.not-found");
        request.compartment = patient->owner;
    }
    MUSUBI_CO_TRY(const records::Page page, co_await records::search(tx, std::move(request)));
    for (const records::Resource& one : page.matches) touch(context, one);
    for (const records::Resource& one : page.included) touch(context, one);
    const std::string next = page.next ? seal_position(context, of, *page.next) : std::string();
    Reply reply;
    reply.body = searchset(context, page, query, context.base + "/" + path, asked.pairs, next);
    co_return reply;
}

base::Task<base::Result<std::vector<records::Resource>>> matching(db::ReadTx& tx, Context& context,
                                                                  r4::ResourceType type, std::string_view condition) {
    if (const size_t question = condition.find('?'); question != std::string_view::npos)
        condition.remove_prefix(question + 1);
    MUSUBI_CO_TRY(r4::QueryPairs pairs, pairs_of(condition));
    MUSUBI_CO_CHECK(take_own(pairs));
    // Strict: a condition that is not understood must not be taken for one that everything meets.
    MUSUBI_CO_TRY(const r4::Query query, parse(context, type, pairs, r4::Handling::Strict));
    if (query.filters.empty()) co_return base::invalid("fhir.condition-empty");
    records::SearchRequest request;
    request.scope = context.scope;
    request.query = &query;
    request.count = 2;
    request.own_base = context.base;
    MUSUBI_CO_TRY(records::Page page, co_await records::search(tx, std::move(request)));
    co_return std::move(page.matches);
}

base::Task<base::Result<Reply>> feed(db::ReadTx& tx, Context& context, std::optional<r4::ResourceType> type,
                                     r4::QueryPairs pairs) {
    MUSUBI_CO_TRY(const std::string token, take_own(pairs));
    MUSUBI_CO_TRY(const HistoryTerms terms, history_terms(pairs));
    const std::string path = (type ? std::string(r4::name_of(*type)) + "/" : std::string()) + "_history";
    const std::string of = about(context, path, pairs);
    records::HistoryRequest request;
    request.scope = context.scope;
    if (type) request.types.push_back(*type);
    request.since = terms.since;
    request.count = terms.count;
    if (!token.empty()) {
        MUSUBI_CO_TRY(request.after, open_position(context, of, token));
    }
    const records::HistoryPage page = co_await records::history(tx, std::move(request));
    for (const records::Resource& one : page.versions) touch(context, one);
    const std::string address = context.base + "/" + path;
    std::string next;
    if (page.next) {
        r4::QueryPairs with_page = pairs;
        with_page.emplace_back("_page", seal_position(context, of, *page.next));
        next = address + "?" + query_of(with_page);
    }
    Reply reply;
    const std::string asked = query_of(pairs);
    reply.body =
        history_bundle(context, page.versions, asked.empty() ? address : address + "?" + asked, next, std::nullopt);
    co_return reply;
}

base::Task<base::Result<Reply>> instance_history(db::ReadTx& tx, Context& context, r4::ResourceType type,
                                                 std::string id, r4::QueryPairs pairs) {
    MUSUBI_CO_CHECK(take_own(pairs));
    MUSUBI_CO_TRY(const HistoryTerms terms, history_terms(pairs));
    const auto current = co_await records::find(tx, context.scope, std::string(r4::name_of(type)), id);
    if (!current) co_return base::not_found("fhir.not-found");
    auto versions = co_await records::history(tx, current->owner, current->type, current->id);
    std::erase_if(versions, [&](const records::Resource& one) {
        return (terms.since && one.updated_at < *terms.since) ||
               (one.restricted && context.scope.restricted == records::Scope::Restricted::Hidden);
    });
    touch(context, *current);
    Reply reply;
    const std::string self = context.base + "/" + current->type + "/" + current->id + "/_history";
    reply.body = history_bundle(context, versions, self, {}, versions.size());
    co_return reply;
}

} // namespace musubi::fhir_api
