#include "services/fhir_api/writing.h"

#include "base/encoding.h"
#include "core/identity/person.h"
#include "lib/crypto/digest.h"
#include "lib/fhir/patch.h"
#include "lib/fhir/validation.h"
#include "services/fhir_api/reading.h"
#include "services/fhir_api/searching.h"

namespace musubi::fhir_api {
namespace {

using records::Owner;
using records::Resource;

records::Origin origin_of(const Context& context) {
    return is_citizen(context) ? records::Origin::Self : records::Origin::City;
}

/// What the city keeps is not changed by a citizen, and what a citizen entered not by the city: each keeps the
/// original.
base::Status may_change(const Context& context, const Resource& resource) {
    if (resource.origin != origin_of(context)) return base::forbidden("fhir.not-own");
    return base::success();
}

/// Made by the city's own systems only, whoever they are about.
bool is_official(r4::ResourceType type) {
    using enum r4::ResourceType;
    return type == Patient || type == AuditEvent || type == Provenance;
}

base::Status may_write(const Context& context, r4::ResourceType type) {
    if (is_citizen(context) && (is_official(type) || r4::patient_compartment(type).empty()))
        return base::forbidden("fhir.write-not-allowed");
    return base::success();
}

base::Result<std::optional<int64_t>> expected_version(const Terms& terms) {
    if (terms.if_match.empty()) return std::optional<int64_t>();
    const auto version = version_in_etag(terms.if_match);
    if (!version) return base::invalid("fhir.precondition-failed").with("header", "If-Match");
    return std::optional(*version);
}

base::Task<base::Result<Done>> put(db::WriteTx& tx, Context& context, const records::Prepared& prepared,
                                   records::Placing placing, std::optional<int64_t> before) {
    placing.origin = origin_of(context);
    MUSUBI_CO_TRY(Resource stored,
                  co_await records::put(tx, context.to.random, std::move(placing), prepared, context.call.now));
    Done done;
    done.created = !before || *before == 0;
    done.resource = std::move(stored);
    touch(context, done.resource);
    co_return done;
}

std::string condition_key(const Owner& owner, r4::ResourceType type, const std::string& condition) {
    return base::hex_encode(crypto::sha256(owner.key() + "\n" + std::string(r4::name_of(type)) + "\n" + condition));
}

} // namespace

base::Status judge(const Context& context, const r4::Document& document) {
    if (!context.to.validate) return base::success();
    const auto issues = r4::validate(document);
    if (r4::is_valid(issues)) return base::success();
    base::Error error = base::invalid("fhir.invalid");
    for (const r4::Issue& issue : issues)
        if (issue.severity == r4::Severity::Fatal || issue.severity == r4::Severity::Error)
            error.fields.push_back({issue.expression, issue.rule + ": " + issue.diagnostics});
    return error;
}

base::Result<Incoming> receive(const Context& context, std::string text, std::optional<r4::ResourceType> expected) {
    MUSUBI_TRY(r4::Document document, r4::Document::parse(std::move(text)));
    if (expected && document.type() != *expected)
        return base::invalid("fhir.type-mismatch").with("expected", std::string(r4::name_of(*expected)));
    MUSUBI_CHECK(judge(context, document));
    MUSUBI_TRY(records::Prepared prepared, records::prepare(document, context.base));
    return Incoming{std::move(document), std::move(prepared)};
}

base::Task<base::Result<Owner>> owner_for(db::ReadTx& tx, Context& context, const records::Prepared& prepared) {
    if (!prepared.patient) {
        if (is_citizen(context)) co_return base::forbidden("fhir.write-not-allowed");
        co_return Owner::nobody();
    }
    const auto unknown = [&] {
        return base::invalid("fhir.reference-unknown").with("reference", "Patient/" + *prepared.patient);
    };
    const auto owners = co_await records::owners_of_patient(tx, *prepared.patient);
    for (const Owner& owner : owners) {
        // One answer for those who do not exist and those who are no business of the caller's.
        if (!records::admits(context.scope, owner, prepared.type)) continue;
        const auto patient = co_await records::get(tx, owner, "Patient", *prepared.patient);
        if (patient && !patient->deleted) co_return owner;
        const auto person = owner.person();
        if (!person) continue;
        const auto registered = co_await identity::find_person(tx, *person);
        if (registered) co_return owner;
    }
    co_return unknown();
}

namespace {

/// A Patient opens a compartment of its own: its id is the person's, or leads to the person.
Owner owner_of_new_patient(const Context& context, const std::optional<std::string>& id) {
    if (id)
        if (const auto person = base::PersonId::parse(*id)) return Owner(*person);
    return Owner(base::PersonId::make(context.call.now, context.to.random));
}

base::Task<base::Result<records::Placing>> place_new(db::WriteTx& tx, Context& context,
                                                     const records::Prepared& prepared, std::optional<std::string> id) {
    records::Placing placing;
    if (prepared.type == r4::ResourceType::Patient) {
        placing.owner = owner_of_new_patient(context, id);
        placing.id = id ? std::move(id) : std::optional(placing.owner.key());
    } else {
        MUSUBI_CO_TRY(placing.owner, co_await owner_for(tx, context, prepared));
        placing.id = std::move(id);
    }
    placing.expected = 0;
    if (!placing.id) placing.expected.reset();
    co_return placing;
}

} // namespace

base::Task<base::Result<Done>> create(db::WriteTx& tx, Context& context, const Incoming& incoming, Terms terms,
                                      std::optional<std::string> promised) {
    const r4::ResourceType type = incoming.prepared.type;
    MUSUBI_CO_CHECK(may_write(context, type));
    if (!terms.if_none_exist.empty()) {
        MUSUBI_CO_TRY(auto found, co_await matching(tx, context, type, terms.if_none_exist));
        if (found.size() > 1) co_return base::invalid("fhir.multiple-matches");
        if (!found.empty()) {
            touch(context, found.front());
            Done done;
            done.resource = std::move(found.front());
            co_return done;
        }
    }
    MUSUBI_CO_TRY(records::Placing placing, co_await place_new(tx, context, incoming.prepared, std::move(promised)));
    const Owner owner = placing.owner;
    MUSUBI_CO_TRY(Done done, co_await put(tx, context, incoming.prepared, std::move(placing), std::nullopt));
    if (!terms.if_none_exist.empty()) {
        const std::string key = condition_key(is_citizen(context) ? owner : Owner::nobody(), type, terms.if_none_exist);
        co_await records::claim(tx, key, done.resource);
    }
    co_return done;
}

base::Task<base::Result<Done>> update(db::WriteTx& tx, Context& context, const Incoming& incoming, std::string id,
                                      Terms terms) {
    const r4::ResourceType type = incoming.prepared.type;
    const std::string name(r4::name_of(type));
    if (incoming.prepared.id.empty()) co_return base::invalid("fhir.id-missing");
    if (incoming.prepared.id != id) co_return base::invalid("fhir.id-mismatch");
    MUSUBI_CO_CHECK(may_write(context, type));
    MUSUBI_CO_TRY(const auto expected, expected_version(terms));
    const auto present = co_await records::find(tx, context.scope, name, id);
    if (terms.if_none_match == "*" && present && !present->deleted)
        co_return base::invalid("fhir.precondition-failed").with("header", "If-None-Match");
    if (present) {
        MUSUBI_CO_CHECK(may_change(context, *present));
        records::Placing placing;
        placing.owner = present->owner;
        placing.id = id;
        placing.expected = expected ? *expected : present->version;
        if (type != r4::ResourceType::Patient) {
            MUSUBI_CO_TRY(const Owner owner, co_await owner_for(tx, context, incoming.prepared));
            // A resource stays with the person it is about; what was written about the wrong one is deleted.
            if (owner != present->owner) co_return base::invalid("fhir.subject-changed");
        }
        MUSUBI_CO_TRY(Done done, co_await put(tx, context, incoming.prepared, std::move(placing),
                                              present->deleted ? 0 : present->version));
        co_return done;
    }
    if (expected) co_return base::invalid("fhir.precondition-failed").with("header", "If-Match");
    // An id is one resource's on the whole server, whoever may see it.
    const bool own_form = records::owner_named_by(id).has_value();
    const auto taken = co_await records::owners_of(tx, name, id);
    if (own_form || !taken.empty()) co_return base::conflict("fhir.id-taken");
    if (type == r4::ResourceType::Patient) {
        const auto owners = co_await records::owners_of_patient(tx, id);
        for (const Owner& owner : owners) {
            const auto other = co_await records::get(tx, owner, name, id);
            if (other) co_return base::conflict("fhir.id-taken");
        }
    }
    MUSUBI_CO_TRY(records::Placing placing, co_await place_new(tx, context, incoming.prepared, id));
    MUSUBI_CO_TRY(Done done, co_await put(tx, context, incoming.prepared, std::move(placing), std::nullopt));
    co_return done;
}

base::Task<base::Result<std::optional<std::string>>> only_match(db::ReadTx& tx, Context& context, r4::ResourceType type,
                                                                std::string condition) {
    MUSUBI_CO_TRY(const auto found, co_await matching(tx, context, type, condition));
    if (found.size() > 1) co_return base::invalid("fhir.multiple-matches");
    if (found.empty()) co_return std::optional<std::string>();
    co_return std::optional(found.front().id);
}

base::Task<base::Result<Done>> update_matching(db::WriteTx& tx, Context& context, const Incoming& incoming,
                                               std::string condition, Terms terms) {
    MUSUBI_CO_TRY(const auto id, co_await only_match(tx, context, incoming.prepared.type, condition));
    if (!id && incoming.prepared.id.empty()) {
        terms.if_none_exist = condition;
        MUSUBI_CO_TRY(Done done, co_await create(tx, context, incoming, terms));
        co_return done;
    }
    if (id && !incoming.prepared.id.empty() && incoming.prepared.id != *id) co_return base::invalid("fhir.id-mismatch");
    Incoming named = incoming;
    named.prepared.id = id ? *id : incoming.prepared.id;
    const std::string target = named.prepared.id;
    MUSUBI_CO_TRY(Done done, co_await update(tx, context, named, target, terms));
    co_return done;
}

base::Task<base::Result<Done>> patch(db::WriteTx& tx, Context& context, r4::ResourceType type, std::string id,
                                     std::string body, Terms terms) {
    const std::string name(r4::name_of(type));
    const auto present = co_await records::find(tx, context.scope, name, id);
    if (!present) co_return base::not_found("fhir.not-found");
    if (present->deleted) co_return base::error(base::ErrorKind::Gone, "fhir.gone");
    MUSUBI_CO_TRY(const auto expected, expected_version(terms));
    if (expected && *expected != present->version)
        co_return base::invalid("fhir.precondition-failed").with("header", "If-Match");
    MUSUBI_CO_TRY(const r4::Document document, r4::Document::parse(present->body));
    MUSUBI_CO_TRY(const r4::Tree change, r4::Tree::parse(body));
    std::string text;
    if (change.root().is_array()) {
        MUSUBI_CO_TRY(text, r4::apply_json_patch(document.tree(), change));
    } else {
        MUSUBI_CO_TRY(const r4::Document parameters, r4::Document::parse(std::move(body)));
        MUSUBI_CO_TRY(text, r4::apply_fhirpath_patch(document, parameters));
    }
    MUSUBI_CO_TRY(const Incoming incoming, receive(context, std::move(text), type));
    Terms update_terms;
    update_terms.if_match = etag_of(present->version);
    MUSUBI_CO_TRY(Done done, co_await update(tx, context, incoming, id, update_terms));
    co_return done;
}

base::Task<base::Result<std::optional<Resource>>> remove(db::WriteTx& tx, Context& context, r4::ResourceType type,
                                                         std::string id, Terms terms) {
    MUSUBI_CO_CHECK(may_write(context, type));
    MUSUBI_CO_TRY(const auto expected, expected_version(terms));
    const auto present = co_await records::find(tx, context.scope, std::string(r4::name_of(type)), id);
    if (!present || present->deleted) {
        if (expected) co_return base::invalid("fhir.precondition-failed").with("header", "If-Match");
        co_return std::optional<Resource>();
    }
    MUSUBI_CO_CHECK(may_change(context, *present));
    MUSUBI_CO_TRY(Resource gone,
                  co_await records::remove(tx, present->owner, present->type, present->id, context.call.now, expected));
    touch(context, gone);
    co_return std::optional(std::move(gone));
}

Reply reply_to(const Context& context, const Done& done, std::optional<Return> wanted) {
    Reply reply = reply_with(context, done.resource, done.created ? 201 : 200);
    if (wanted == Return::Minimal) reply.body.clear();
    if (wanted == Return::Outcome) reply.body = information(done.created ? "created" : "stored");
    return reply;
}

} // namespace musubi::fhir_api
