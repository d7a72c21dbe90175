#include "services/fhir_api/bundles.h"

#include "base/encoding.h"
#include "lib/fhir/bundle.h"
#include "lib/json/json.h"
#include "services/fhir_api/patients.h"
#include "services/fhir_api/reading.h"
#include "services/fhir_api/searching.h"
#include "services/fhir_api/writing.h"

#include <algorithm>
#include <fmt/core.h>
#include <map>
#include <numeric>

namespace musubi::fhir_api {
namespace {

constexpr size_t kMostEntries = 10'000;

/// One entry, understood.
struct Step {
    enum class Verb { Delete, Create, Update, Patch, Get };
    Verb verb = Verb::Get;
    size_t place = 0; // in the Bundle
    r4::ResourceType type = r4::ResourceType::None;
    std::string id;        // empty: none in the address
    std::string version;   // GET Type/id/_history/version
    std::string condition; // after "?"
    std::string full_url;
    Terms terms;
    std::optional<r4::Document> resource;
};

base::Error at_entry(base::Error error, size_t place) {
    const std::string root = fmt::format("Bundle.entry[{}]", place);
    if (error.fields.empty()) {
        std::string text = error.code;
        for (const auto& [name, value] : error.parameters) text += "; " + name + ": " + value;
        error.fields.push_back({root, std::move(text)});
    } else {
        for (base::FieldError& field : error.fields) field.path = root + ".resource." + field.path;
    }
    return error;
}

base::Error malformed(std::string_view reason) {
    return base::invalid("fhir.bundle-malformed").with("reason", std::string(reason));
}

base::Result<Step::Verb> verb_of(std::string_view method) {
    if (method == "GET" || method == "HEAD") return Step::Verb::Get;
    if (method == "POST") return Step::Verb::Create;
    if (method == "PUT") return Step::Verb::Update;
    if (method == "PATCH") return Step::Verb::Patch;
    if (method == "DELETE") return Step::Verb::Delete;
    return malformed("method");
}

base::Status take_address(std::string_view url, std::string_view base, Step& step) {
    if (url.starts_with(base)) url.remove_prefix(base.size());
    while (url.starts_with('/')) url.remove_prefix(1);
    const size_t question = url.find('?');
    if (question != std::string_view::npos) step.condition = url.substr(question + 1);
    std::vector<std::string_view> parts;
    for (std::string_view rest = url.substr(0, question); !rest.empty();) {
        const size_t slash = rest.find('/');
        parts.push_back(rest.substr(0, slash));
        rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    }
    if (parts.empty() || parts.size() > 4 || parts.size() == 3) return malformed("url");
    MUSUBI_TRY(step.type, type_of(parts[0]));
    if (parts.size() >= 2) {
        if (!r4::is_id(parts[1])) return malformed("url");
        step.id = parts[1];
    }
    if (parts.size() == 4) {
        if (parts[2] != "_history") return malformed("url");
        step.version = parts[3];
    }
    return base::success();
}

base::Result<Step> understand(const Context& context, const r4::BundleEntry& entry, size_t place) {
    Step step;
    step.place = place;
    step.full_url = entry.full_url;
    MUSUBI_TRY(step.verb, verb_of(entry.method));
    MUSUBI_CHECK(take_address(entry.url, context.base, step));
    step.terms.if_match = entry.if_match;
    step.terms.if_none_match = entry.if_none_match;
    step.terms.if_none_exist = entry.if_none_exist;
    step.terms.if_modified_since = entry.if_modified_since;
    const bool writes = step.verb == Step::Verb::Create || step.verb == Step::Verb::Update;
    if (!writes && step.verb != Step::Verb::Patch) return step;
    if (!entry.resource) return malformed("resource");
    MUSUBI_TRY(step.resource, r4::Document::from_part(entry.resource));
    if (!writes) return step;
    if (step.resource->type() != step.type) return malformed("url");
    if (step.verb == Step::Verb::Create && !step.id.empty()) return malformed("url");
    MUSUBI_CHECK(judge(context, *step.resource));
    return step;
}

base::Result<std::vector<Step>> understand_all(const Context& context, const r4::BundleParts& parts) {
    if (parts.entries.size() > kMostEntries) return base::error(base::ErrorKind::TooLarge, "fhir.bundle-too-large");
    std::vector<Step> steps;
    for (size_t i = 0; i < parts.entries.size(); ++i) {
        auto step = understand(context, parts.entries[i], i);
        if (!step) return at_entry(std::move(step).error(), i);
        steps.push_back(std::move(*step));
    }
    return steps;
}

using Replacements = std::map<std::string, std::string, std::less<>>;

base::Task<base::Result<std::string>> patch_text(const Step& step) {
    // A FHIRPath Patch is a Parameters resource; a JSON Patch travels as a Binary (R4 section 3.1.0.8.1).
    if (step.resource->type() == r4::ResourceType::Parameters) co_return step.resource->text();
    if (step.resource->type() != r4::ResourceType::Binary) co_return malformed("resource");
    const auto data = base::base64_decode(step.resource->root().find("data").string());
    if (!data) co_return malformed("resource");
    co_return *data;
}

base::Task<base::Result<Reply>> get(db::ReadTx& tx, Context& context, const Step& step) {
    if (step.id.empty()) {
        SearchAsked asked;
        asked.type = step.type;
        MUSUBI_CO_TRY(asked.pairs, pairs_of(step.condition));
        co_return co_await search(tx, context, std::move(asked), step.terms.handling);
    }
    if (!step.version.empty()) co_return co_await read_version(tx, context, step.type, step.id, step.version);
    co_return co_await read_resource(tx, context, step.type, step.id, step.terms);
}

/// Carries out one step. `promised`: the id that other entries already refer to.
base::Task<base::Result<Reply>> carry_out(db::WriteTx& tx, Context& context, const Step& step,
                                          const Replacements& replacements, std::optional<std::string> promised) {
    if (step.verb == Step::Verb::Get) co_return co_await get(tx, context, step);
    if (step.verb == Step::Verb::Delete) {
        std::string id = step.id;
        if (id.empty()) {
            MUSUBI_CO_TRY(const auto found, co_await only_match(tx, context, step.type, step.condition));
            if (found) id = *found;
        }
        Reply reply;
        reply.status = 204;
        if (id.empty()) co_return reply;
        MUSUBI_CO_TRY(const auto gone, co_await remove(tx, context, step.type, id, step.terms));
        if (gone) reply.etag = etag_of(gone->version);
        co_return reply;
    }
    Done done;
    if (step.verb == Step::Verb::Patch) {
        MUSUBI_CO_TRY(std::string text, co_await patch_text(step));
        std::string id = step.id;
        if (id.empty()) {
            MUSUBI_CO_TRY(const auto found, co_await only_match(tx, context, step.type, step.condition));
            if (!found) co_return base::not_found("fhir.not-found");
            id = *found;
        }
        MUSUBI_CO_TRY(done, co_await patch(tx, context, step.type, id, std::move(text), step.terms));
        co_return reply_to(context, done, std::nullopt);
    }
    std::string text =
        replacements.empty() ? step.resource->text() : r4::rewrite_references(step.resource->root(), replacements);
    MUSUBI_CO_TRY(r4::Document document, r4::Document::parse(std::move(text)));
    MUSUBI_CO_TRY(records::Prepared prepared, records::prepare(document, context.base));
    const Incoming incoming{std::move(document), std::move(prepared)};
    if (step.verb == Step::Verb::Create) {
        MUSUBI_CO_TRY(done, co_await create(tx, context, incoming, step.terms, std::move(promised)));
    } else if (step.id.empty()) {
        MUSUBI_CO_TRY(done, co_await update_matching(tx, context, incoming, step.condition, step.terms));
    } else {
        MUSUBI_CO_TRY(done, co_await update(tx, context, incoming, step.id, step.terms));
    }
    co_return reply_to(context, done, std::nullopt);
}

// ---- transactions

/// The order in which the entries of a transaction are processed: deletions, creations, changes, readings.
std::vector<size_t> order_of(const std::vector<Step>& steps) {
    std::vector<size_t> order(steps.size());
    std::iota(order.begin(), order.end(), size_t{0});
    // Patients before what is about them.
    const auto rank = [&](size_t i) {
        const Step::Verb verb = steps[i].verb;
        const int of = static_cast<int>(verb == Step::Verb::Patch ? Step::Verb::Update : verb);
        return std::pair(of, steps[i].type == r4::ResourceType::Patient ? 0 : 1);
    };
    std::sort(order.begin(), order.end(),
              [&](size_t a, size_t b) { return std::pair(rank(a), a) < std::pair(rank(b), b); });
    return order;
}

base::Status check_identities(const std::vector<Step>& steps) {
    std::map<std::string, size_t> seen;
    for (const Step& step : steps) {
        if (step.verb == Step::Verb::Get) continue;
        std::string identity(r4::name_of(step.type));
        if (!step.id.empty()) {
            identity += "/" + step.id;
        } else if (step.verb != Step::Verb::Create) {
            identity += "?" + step.condition;
        } else if (!step.terms.if_none_exist.empty()) {
            identity += "?" + step.terms.if_none_exist;
        } else {
            continue;
        }
        const auto [first, is_new] = seen.emplace(identity, step.place);
        if (!is_new) return at_entry(malformed("the same resource twice"), step.place);
    }
    return base::success();
}

/// What entries will be called, known before they are stored, because others refer to them.
class Names {
  public:
    Names(db::WriteTx& tx, Context& context, const std::vector<Step>& steps)
        : m_tx(tx), m_context(context), m_steps(steps) {}

    base::Task<base::Status> find() {
        // Patients first: the ids of what is about them begin with theirs.
        for (const Step& step : m_steps) {
            if (step.type != r4::ResourceType::Patient) continue;
            MUSUBI_CO_CHECK(co_await name(step));
        }
        for (const Step& step : m_steps) {
            if (step.type == r4::ResourceType::Patient) continue;
            MUSUBI_CO_CHECK(co_await name(step));
        }
        for (const Step& step : m_steps) {
            if (!step.resource) continue;
            MUSUBI_CO_CHECK(co_await find_conditional(step));
        }
        co_return base::success();
    }
    const Replacements& replacements() const { return m_replacements; }
    std::optional<std::string> promised(size_t place) const {
        const auto found = m_promised.find(place);
        return found == m_promised.end() ? std::nullopt : std::optional(found->second);
    }

  private:
    base::Task<base::Status> name(const Step& step) {
        if (step.full_url.empty() || step.verb == Step::Verb::Get || step.verb == Step::Verb::Delete)
            co_return base::success();
        std::string id = step.id;
        const std::string condition = step.verb == Step::Verb::Create ? step.terms.if_none_exist : step.condition;
        if (id.empty() && !condition.empty()) {
            auto found = co_await only_match(m_tx, m_context, step.type, condition);
            if (!found) co_return at_entry(std::move(found).error(), step.place);
            if (*found) id = **found;
        }
        if (id.empty() && step.verb == Step::Verb::Create) {
            auto made = co_await new_id(step);
            if (!made) co_return at_entry(std::move(made).error(), step.place);
            id = *made;
            m_promised.emplace(step.place, id);
        }
        if (!id.empty()) m_replacements.emplace(step.full_url, std::string(r4::name_of(step.type)) + "/" + id);
        co_return base::success();
    }

    base::Task<base::Result<std::string>> new_id(const Step& step) {
        if (step.type == r4::ResourceType::Patient)
            co_return base::PersonId::make(m_context.call.now, m_context.to.random).to_string();
        // The owner follows from the reference to the patient, who may come in this very Bundle.
        const std::string text = r4::rewrite_references(step.resource->root(), m_replacements);
        MUSUBI_CO_TRY(const records::Prepared prepared, records::prepare(text, m_context.base));
        records::Owner owner = records::Owner::nobody();
        if (prepared.patient) {
            if (const auto person = base::PersonId::parse(*prepared.patient)) {
                owner = *person;
            } else {
                const auto owners = co_await records::owners_of_patient(m_tx, *prepared.patient);
                if (!owners.empty()) owner = owners.front();
            }
        }
        co_return records::make_resource_id(owner, m_context.call.now, m_context.to.random);
    }

    /// "Patient?identifier=x|y" becomes the one resource that meets it (R4 section 3.1.0.11.2.1).
    base::Task<base::Status> find_conditional(const Step& step) {
        for (const std::string_view reference : r4::references_in(step.resource->root())) {
            const size_t question = reference.find('?');
            if (question == std::string_view::npos || m_replacements.contains(reference)) continue;
            const auto type = r4::type_named(reference.substr(0, question));
            if (!type) continue;
            auto found = co_await only_match(m_tx, m_context, *type, std::string(reference));
            if (!found) co_return at_entry(std::move(found).error(), step.place);
            if (!*found)
                co_return at_entry(base::invalid("fhir.reference-unknown").with("reference", std::string(reference)),
                                   step.place);
            m_replacements.emplace(std::string(reference), std::string(r4::name_of(*type)) + "/" + **found);
        }
        co_return base::success();
    }

    db::WriteTx& m_tx;
    Context& m_context;
    const std::vector<Step>& m_steps;
    Replacements m_replacements;
    std::map<size_t, std::string> m_promised;
};

base::Task<base::Result<std::vector<Reply>>> transact(db::WriteTx& tx, Context& context, const std::vector<Step>& steps,
                                                      std::string_view operation) {
    const bool writes =
        std::any_of(steps.begin(), steps.end(), [](const Step& step) { return step.verb != Step::Verb::Get; });
    MUSUBI_CO_CHECK(co_await admit(tx, context, writes ? May::Write : May::Read));
    Names names(tx, context, steps);
    MUSUBI_CO_CHECK(co_await names.find());
    std::vector<Reply> replies(steps.size());
    for (const size_t i : order_of(steps)) {
        auto reply = co_await carry_out(tx, context, steps[i], names.replacements(), names.promised(steps[i].place));
        if (!reply) co_return at_entry(std::move(reply).error(), steps[i].place);
        replies[i] = std::move(*reply);
    }
    co_await record_touched(tx, context, operation, writes ? Audited::All : Audited::OthersOnly);
    co_return replies;
}

/// Each entry by itself, in the order given.
base::Task<std::vector<Reply>> one_by_one(Context& context, const r4::BundleParts& parts, std::string_view operation) {
    std::vector<Reply> replies;
    for (size_t i = 0; i < parts.entries.size(); ++i) {
        const auto step = understand(context, parts.entries[i], i);
        if (!step) {
            replies.push_back(refusal(step.error()));
            continue;
        }
        const bool writes = step->verb != Step::Verb::Get;
        const Replacements none;
        const auto unit = [&](db::WriteTx& tx) -> base::Task<base::Result<Reply>> {
            MUSUBI_CO_CHECK(co_await admit(tx, context, writes ? May::Write : May::Read));
            MUSUBI_CO_TRY(Reply reply, co_await carry_out(tx, context, *step, none, std::nullopt));
            co_await record_touched(tx, context, operation, writes ? Audited::All : Audited::OthersOnly);
            co_return reply;
        };
        auto reply = co_await context.to.database.write(unit);
        replies.push_back(reply ? std::move(*reply) : refusal(reply.error()));
    }
    co_return replies;
}

std::string response_bundle(std::string_view type, const std::vector<Reply>& replies) {
    std::string out = fmt::format(R"({{"resourceType":"Bundle","type":"{}-response","entry":[)", type);
    for (size_t i = 0; i < replies.size(); ++i) {
        const Reply& reply = replies[i];
        out += i == 0 ? "{" : ",{";
        const bool is_outcome = reply.status >= 400;
        if (!reply.body.empty() && !is_outcome) out += R"("resource":)" + reply.body + ",";
        out += fmt::format(R"("response":{{"status":"{}")", reply.status);
        if (!reply.location.empty()) {
            out += R"(,"location":)";
            json::append_string(out, reply.location);
        }
        if (!reply.etag.empty()) {
            out += R"(,"etag":)";
            json::append_string(out, reply.etag);
        }
        if (reply.last_modified) out += fmt::format(R"(,"lastModified":"{}")", reply.last_modified->to_string());
        if (is_outcome) out += R"(,"outcome":)" + reply.body;
        out += "}}";
    }
    return out + "]}";
}

} // namespace

base::Task<base::Result<Reply>> process_bundle(Context& context, std::string body, Terms terms,
                                               std::string_view operation) {
    MUSUBI_CO_TRY(const r4::Document bundle, r4::Document::parse(std::move(body)));
    if (bundle.type() != r4::ResourceType::Bundle)
        co_return base::invalid("fhir.type-mismatch").with("expected", "Bundle");
    MUSUBI_CO_TRY(const r4::BundleParts parts, r4::read_bundle(bundle));
    if (parts.type != "batch" && parts.type != "transaction") co_return malformed("type");
    MUSUBI_CO_CHECK(co_await keep_patients(context));
    std::vector<Reply> replies;
    if (parts.type == "batch") {
        if (parts.entries.size() > kMostEntries)
            co_return base::error(base::ErrorKind::TooLarge, "fhir.bundle-too-large");
        replies = co_await one_by_one(context, parts, operation);
    } else {
        MUSUBI_CO_TRY(const std::vector<Step> steps, understand_all(context, parts));
        MUSUBI_CO_CHECK(check_identities(steps));
        const auto unit = [&](db::WriteTx& tx) { return transact(tx, context, steps, operation); };
        MUSUBI_CO_TRY(replies, co_await context.to.database.write(unit));
    }
    if (terms.wanted != Return::Representation)
        for (Reply& reply : replies)
            if (reply.status == 201) reply.body.clear();
    Reply reply;
    reply.body = response_bundle(parts.type, replies);
    co_return reply;
}

} // namespace musubi::fhir_api
