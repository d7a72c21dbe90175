#include "services/fhir_api/operations.h"

#include "core/records/search.h"
#include "lib/fhir/validation.h"
#include "lib/json/json.h"
#include "services/fhir_api/reading.h"
#include "services/fhir_api/searching.h"

#include <algorithm>
#include <charconv>
#include <fmt/core.h>
#include <map>

namespace musubi::fhir_api {
namespace {

constexpr size_t kMostOnPage = 20'000;

struct EverythingTerms {
    std::vector<std::string> types;
    std::optional<base::Instant> since;
    std::optional<base::Instant> start;
    std::optional<base::Instant> end; // exclusive
    size_t count = 0;                 // 0: all
    bool all_pages = true;
};

base::Error bad(std::string_view parameter) {
    return base::invalid("fhir.search-invalid").with("parameter", std::string(parameter)).with("reason", "value");
}

base::Result<EverythingTerms> everything_terms(const r4::QueryPairs& pairs) {
    EverythingTerms terms;
    for (const auto& [name, value] : pairs) {
        if (name == "_type") {
            for (std::string_view rest = value; !rest.empty();) {
                const size_t comma = rest.find(',');
                const auto type = r4::type_named(rest.substr(0, comma));
                if (!type) return bad(name);
                terms.types.emplace_back(r4::name_of(*type));
                rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
            }
        } else if (name == "_since" || name == "start") {
            const auto at = records::beginning_of(value);
            if (!at) return bad(name);
            (name == "start" ? terms.start : terms.since) = at;
        } else if (name == "end") {
            const auto range = r4::parse_date(value);
            if (!range) return bad(name);
            terms.end = base::Instant::from_milliseconds(range->high / 1000);
        } else if (name == "_count") {
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), terms.count);
            if (error != std::errc() || end != value.data() + value.size() || terms.count == 0) return bad(name);
            terms.count = std::min(terms.count, kMostOnPage);
            terms.all_pages = false;
        } else {
            return base::invalid("fhir.search-unknown-parameter").with("parameter", name);
        }
    }
    if (terms.all_pages) terms.count = kMostOnPage;
    return terms;
}

bool wanted(const EverythingTerms& terms, const records::Resource& one) {
    if (!terms.types.empty() && std::find(terms.types.begin(), terms.types.end(), one.type) == terms.types.end())
        return false;
    if (terms.since && one.updated_at < *terms.since) return false;
    // start and end are about care dates; what has none is always part of everything.
    if (one.effective.empty()) return true;
    if (terms.start && one.effective_at < *terms.start) return false;
    return !terms.end || one.effective_at < *terms.end;
}

/// The directory resources that those on the page refer to, each once.
base::Task<std::vector<records::Resource>> referred(db::ReadTx& tx, Context& context,
                                                    const std::vector<records::Resource>& page) {
    std::set<std::pair<std::string, std::string>> targets;
    for (const records::Resource& one : page) {
        const auto prepared = records::prepare(one.body, context.base);
        if (!prepared) continue;
        const r4::IndexView index(prepared->index_values);
        for (const uint16_t id : index.parameters()) {
            if (r4::search_parameter(id).kind != r4::SearchKind::Reference) continue;
            index.for_each(id, [&](const r4::IndexValue& value) {
                if (value.text.empty() && !value.code.empty() && records::is_directory(value.target))
                    targets.emplace(std::string(r4::name_of(value.target)), std::string(value.code));
                return true;
            });
        }
    }
    std::vector<records::Resource> out;
    for (const auto& [type, id] : targets) {
        auto found = co_await records::find(tx, context.scope, type, id);
        if (found && !found->deleted && found->owner.is_nobody()) out.push_back(std::move(*found));
    }
    co_return out;
}

} // namespace

base::Task<base::Result<Reply>> everything(db::ReadTx& tx, Context& context, std::string patient,
                                           r4::QueryPairs pairs) {
    MUSUBI_CO_TRY(const std::string token, take_own(pairs));
    MUSUBI_CO_TRY(const EverythingTerms terms, everything_terms(pairs));
    const auto whose = co_await records::find(tx, context.scope, "Patient", patient);
    if (!whose) co_return base::not_found("fhir.not-found");
    if (whose->deleted) co_return base::error(base::ErrorKind::Gone, "fhir.gone");

    const std::string path = "Patient/" + patient + "/$everything";
    const std::string about = context.call.principal.subject + " " + path + "?" + query_of(pairs);
    std::string from_type;
    std::string from_id;
    if (!token.empty()) {
        MUSUBI_CO_TRY(const records::Position after, open_position(context, about, token));
        from_type = after.key;
        from_id = after.id;
    }
    std::vector<records::Resource> page;
    bool more = false;
    while (!more) {
        const auto rows = co_await records::list_after(tx, whose->owner, from_type, from_id, 200);
        for (const records::Resource& row : rows) {
            if (row.restricted && context.scope.restricted == records::Scope::Restricted::Hidden) continue;
            if (!wanted(terms, row)) continue;
            more = page.size() == terms.count;
            if (more) break;
            page.push_back(row);
        }
        if (rows.size() < 200) break;
        from_type = rows.back().type;
        from_id = rows.back().id;
    }
    if (more && terms.all_pages) co_return base::invalid("records.too-costly").with("reason", "_count");
    std::string out = R"({"resourceType":"Bundle","type":"searchset")";
    if (terms.all_pages) out += fmt::format(R"(,"total":{})", page.size());
    out += R"(,"link":[{"relation":"self","url":)";
    const std::string asked = query_of(pairs);
    json::append_string(out, context.base + "/" + path + (asked.empty() ? "" : "?" + asked));
    out += "}";
    if (more) {
        r4::QueryPairs next = pairs;
        const records::Position last{page.back().type, {}, page.back().id};
        next.emplace_back("_page", seal_position(context, about, last));
        out += R"(,{"relation":"next","url":)";
        json::append_string(out, context.base + "/" + path + "?" + query_of(next));
        out += "}";
    }
    out += "]";
    std::string entries;
    for (const records::Resource& one : page) {
        touch(context, one);
        append_entry(entries, context, one, one.body, Mode::Match);
    }
    const auto others = co_await referred(tx, context, page);
    for (const records::Resource& one : others) append_entry(entries, context, one, one.body, Mode::Include);
    if (!entries.empty()) out += R"(,"entry":[)" + entries + "]";
    Reply reply;
    reply.body = out + "}";
    co_return reply;
}

base::Task<base::Result<Reply>> last_of_each(db::ReadTx& tx, Context& context, r4::QueryPairs pairs) {
    MUSUBI_CO_CHECK(take_own(pairs));
    size_t most = 1;
    for (const auto& [name, value] : pairs) {
        if (name != "max") continue;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), most);
        if (error != std::errc() || end != value.data() + value.size() || most == 0) co_return bad(name);
    }
    std::erase_if(pairs, [](const auto& pair) { return pair.first == "max" || pair.first == "_sort"; });
    const bool has_patient = std::any_of(pairs.begin(), pairs.end(), [](const auto& pair) {
        return pair.first.starts_with("patient") || pair.first.starts_with("subject");
    });
    if (!has_patient)
        co_return base::invalid("fhir.search-invalid").with("parameter", "patient").with("reason", "missing");
    pairs.emplace_back("_sort", "-date");
    r4::QueryOptions options;
    options.handling = r4::Handling::Strict;
    options.now = context.call.now;
    options.own_base = context.base;
    MUSUBI_CO_TRY(const r4::Query query, r4::parse_query(r4::ResourceType::Observation, pairs, options));
    records::SearchRequest request;
    request.scope = context.scope;
    request.query = &query;
    request.count = kMostOnPage;
    request.own_base = context.base;
    MUSUBI_CO_TRY(const records::Page page, co_await records::search(tx, std::move(request)));
    if (page.next) co_return base::invalid("records.too-costly").with("reason", "rows");
    std::map<std::string, size_t> seen;
    std::string entries;
    size_t total = 0;
    for (const records::Resource& one : page.matches) {
        if (++seen[one.code] > most) continue;
        touch(context, one);
        append_entry(entries, context, one, one.body, Mode::Match);
        ++total;
    }
    Reply reply;
    reply.body = fmt::format(R"({{"resourceType":"Bundle","type":"searchset","total":{})", total);
    if (!entries.empty()) reply.body += R"(,"entry":[)" + entries + "]";
    reply.body += "}";
    co_return reply;
}

base::Result<Reply> validate_resource(const Context&, std::string body, std::optional<r4::ResourceType> expected) {
    Reply reply;
    const auto document = r4::Document::parse(std::move(body));
    if (!document) {
        reply.body = outcome_of(document.error());
        return reply;
    }
    const r4::Document* judged = &*document;
    std::optional<r4::Document> inner;
    r4::ValidationOptions options;
    if (document->type() == r4::ResourceType::Parameters && expected != r4::ResourceType::Parameters) {
        for (const r4::Node parameter : document->root().find("parameter")) {
            const std::string_view name = parameter.find("name").string();
            if (name == "profile") options.also.emplace_back(parameter.find("valueUri").string());
            if (name != "resource") continue;
            MUSUBI_TRY(inner, r4::Document::from_part(parameter.find("resource")));
            judged = &*inner;
        }
    }
    if (expected && judged->type() != *expected)
        return base::invalid("fhir.type-mismatch").with("expected", std::string(r4::name_of(*expected)));
    reply.body = r4::operation_outcome(r4::validate(*judged, options));
    return reply;
}

base::Task<base::Result<Reply>> purge(db::WriteTx& tx, Context& context, std::string patient) {
    const auto whose = co_await records::find(tx, context.scope, "Patient", patient);
    if (!whose) co_return base::not_found("fhir.not-found");
    const auto person = whose->owner.person();
    if (!person) co_return base::not_found("fhir.not-found");
    touch(context, *whose);
    co_await records::erase(tx, *person);
    Reply reply;
    reply.body = information("purged");
    co_return reply;
}

} // namespace musubi::fhir_api
