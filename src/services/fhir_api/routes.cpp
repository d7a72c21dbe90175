#include "services/fhir_api/routes.h"

#include "services/fhir_api/bundles.h"
#include "services/fhir_api/capability.h"
#include "services/fhir_api/operations.h"
#include "services/fhir_api/patients.h"
#include "services/fhir_api/reading.h"
#include "services/fhir_api/searching.h"
#include "services/fhir_api/writing.h"

#include <functional>
#include <memory>

namespace musubi::fhir_api {
namespace {

using http::Call;
using http::Raw;
using Kept = std::shared_ptr<const Dependencies>;
using Answered = base::Task<base::Result<Raw>>;
using Reading = std::function<base::Task<base::Result<Reply>>(db::ReadTx&, Context&)>;
using Writing = std::function<base::Task<base::Result<Reply>>(db::WriteTx&, Context&)>;

constexpr size_t kLargestResource = 16 * 1024 * 1024;
constexpr size_t kLargestBundle = 64 * 1024 * 1024;

http::Access signed_in() {
    http::Access access;
    access.kinds = {http::PrincipalKind::Citizen, http::PrincipalKind::Staff, http::PrincipalKind::Machine};
    return access;
}

/// A refusal is an answer here, but for our own failures, which the router writes down.
base::Result<Raw> answer_with(base::Result<Reply> reply) {
    if (reply) return to_raw(std::move(*reply));
    if (reply.error().kind == base::ErrorKind::Internal) return std::move(reply).error();
    return to_raw(refusal(reply.error()));
}

Answered answer_reading(Context& context, std::string_view operation, Reading work) {
    if (const auto acceptable = check_accept(context.call.request); !acceptable)
        co_return to_raw(refusal(acceptable.error()));
    const auto unit = [&](db::ReadTx& tx) -> base::Task<base::Result<Reply>> {
        MUSUBI_CO_CHECK(co_await admit(tx, context, May::Read));
        auto reply = co_await work(tx, context);
        co_return reply;
    };
    auto reply = co_await context.to.database.read(unit);
    // Looking at somebody else's data is recorded before it is shown.
    if (reply && has_touched_others(context)) {
        const auto record = [&](db::WriteTx& tx) {
            return record_touched(tx, context, operation, Audited::OthersOnly);
        };
        co_await context.to.database.write(record);
    }
    co_return answer_with(std::move(reply));
}

Answered answer_writing(Context& context, std::string_view operation, May may, Writing work) {
    if (const auto acceptable = check_accept(context.call.request); !acceptable)
        co_return to_raw(refusal(acceptable.error()));
    const auto unit = [&](db::WriteTx& tx) -> base::Task<base::Result<Reply>> {
        MUSUBI_CO_CHECK(co_await admit(tx, context, may));
        auto reply = co_await work(tx, context);
        if (reply) co_await record_touched(tx, context, operation, Audited::All);
        co_return reply;
    };
    auto reply = co_await context.to.database.write(unit);
    co_return answer_with(std::move(reply));
}

Answered refuse(base::Error error) { co_return to_raw(refusal(error)); }

// ---- reading

Answered read(const Kept& to, Call& call) {
    const auto type = type_of(call.path_text("type"));
    if (!type) co_return to_raw(refusal(type.error()));
    Context context(*to, call);
    const std::string id(call.path_text("id"));
    if (*type == r4::ResourceType::Patient) {
        if (const auto kept = co_await keep_patients(context, id); !kept) co_return to_raw(refusal(kept.error()));
    }
    const Terms terms = terms_of(call.request);
    auto answer = co_await answer_reading(context, "readFhirResource", [&](db::ReadTx& tx, Context& of) {
        return read_resource(tx, of, *type, id, terms);
    });
    co_return answer;
}

Answered vread(const Kept& to, Call& call) {
    const auto type = type_of(call.path_text("type"));
    if (!type) co_return to_raw(refusal(type.error()));
    Context context(*to, call);
    const std::string id(call.path_text("id"));
    const std::string version(call.path_text("version"));
    auto answer = co_await answer_reading(context, "readFhirVersion", [&](db::ReadTx& tx, Context& of) {
        return read_version(tx, of, *type, id, version);
    });
    co_return answer;
}

Answered instance_feed(const Kept& to, Call& call) {
    const auto type = type_of(call.path_text("type"));
    if (!type) co_return to_raw(refusal(type.error()));
    const auto pairs = pairs_of(call.request.query);
    if (!pairs) co_return to_raw(refusal(pairs.error()));
    Context context(*to, call);
    const std::string id(call.path_text("id"));
    auto answer = co_await answer_reading(context, "listFhirVersions", [&](db::ReadTx& tx, Context& of) {
        return instance_history(tx, of, *type, id, *pairs);
    });
    co_return answer;
}

Answered type_feed(const Kept& to, Call& call, std::string_view operation) {
    std::optional<r4::ResourceType> type;
    if (const auto name = call.path_text("type"); !name.empty()) {
        const auto known = type_of(name);
        if (!known) co_return to_raw(refusal(known.error()));
        type = *known;
    }
    const auto pairs = pairs_of(call.request.query);
    if (!pairs) co_return to_raw(refusal(pairs.error()));
    Context context(*to, call);
    auto answer = co_await answer_reading(context, operation,
                                          [&](db::ReadTx& tx, Context& of) { return feed(tx, of, type, *pairs); });
    co_return answer;
}

Answered search_with(const Kept& to, Call& call, SearchAsked asked, std::string_view operation) {
    Context context(*to, call);
    if (needs_patients(asked.type, asked.pairs)) {
        if (const auto kept = co_await keep_patients(context, asked.compartment); !kept)
            co_return to_raw(refusal(kept.error()));
    }
    const r4::Handling handling = terms_of(call.request).handling;
    auto answer = co_await answer_reading(context, operation,
                                          [&](db::ReadTx& tx, Context& of) { return search(tx, of, asked, handling); });
    co_return answer;
}

Answered search_type(const Kept& to, Call& call, std::string_view operation) {
    SearchAsked asked;
    const auto type = type_of(call.path_text("type"));
    if (!type) co_return to_raw(refusal(type.error()));
    asked.type = *type;
    auto pairs = pairs_of(call.request.query);
    if (!pairs) co_return to_raw(refusal(pairs.error()));
    asked.pairs = std::move(*pairs);
    if (call.request.method == http::Method::Post) {
        auto form = pairs_of(call.request.body);
        if (!form) co_return to_raw(refusal(form.error()));
        asked.pairs.insert(asked.pairs.end(), form->begin(), form->end());
    }
    auto answer = co_await search_with(to, call, std::move(asked), operation);
    co_return answer;
}

Answered search_compartment(const Kept& to, Call& call) {
    SearchAsked asked;
    const auto type = type_of(call.path_text("member"));
    if (!type) co_return to_raw(refusal(type.error()));
    if (call.path_text("type") != "Patient") co_return to_raw(refusal(base::not_found("fhir.type-unknown")));
    asked.type = *type;
    asked.compartment = std::string(call.path_text("id"));
    auto pairs = pairs_of(call.request.query);
    if (!pairs) co_return to_raw(refusal(pairs.error()));
    asked.pairs = std::move(*pairs);
    Context context(*to, call);
    if (const auto kept = co_await keep_patients(context, asked.compartment); !kept)
        co_return to_raw(refusal(kept.error()));
    auto answer = co_await search_with(to, call, std::move(asked), "searchFhirCompartment");
    co_return answer;
}

// ---- writing

Answered create_one(const Kept& to, Call& call) {
    const auto type = type_of(call.path_text("type"));
    if (!type) co_return to_raw(refusal(type.error()));
    if (const auto content = check_content(call.request); !content) co_return to_raw(refusal(content.error()));
    Context context(*to, call);
    const auto incoming = receive(context, call.request.body, *type);
    if (!incoming) co_return to_raw(refusal(incoming.error()));
    const Terms terms = terms_of(call.request);
    auto answer = co_await answer_writing(context, "createFhirResource", May::Write,
                                          [&](db::WriteTx& tx, Context& of) -> base::Task<base::Result<Reply>> {
                                              MUSUBI_CO_TRY(const Done done, co_await create(tx, of, *incoming, terms));
                                              co_return reply_to(of, done, terms.wanted);
                                          });
    co_return answer;
}

Answered update_one(const Kept& to, Call& call) {
    const auto type = type_of(call.path_text("type"));
    if (!type) co_return to_raw(refusal(type.error()));
    if (const auto content = check_content(call.request); !content) co_return to_raw(refusal(content.error()));
    Context context(*to, call);
    const auto incoming = receive(context, call.request.body, *type);
    if (!incoming) co_return to_raw(refusal(incoming.error()));
    const Terms terms = terms_of(call.request);
    const std::string id(call.path_text("id")); // empty: conditional
    auto answer = co_await answer_writing(
        context, "updateFhirResource", May::Write,
        [&](db::WriteTx& tx, Context& of) -> base::Task<base::Result<Reply>> {
            Done done;
            if (id.empty()) {
                MUSUBI_CO_TRY(done, co_await update_matching(tx, of, *incoming, of.call.request.query, terms));
            } else {
                MUSUBI_CO_TRY(done, co_await update(tx, of, *incoming, id, terms));
            }
            co_return reply_to(of, done, terms.wanted);
        });
    co_return answer;
}

Answered patch_one(const Kept& to, Call& call) {
    const auto type = type_of(call.path_text("type"));
    if (!type) co_return to_raw(refusal(type.error()));
    Context context(*to, call);
    const Terms terms = terms_of(call.request);
    const std::string id(call.path_text("id"));
    auto answer = co_await answer_writing(
        context, "patchFhirResource", May::Write, [&](db::WriteTx& tx, Context& of) -> base::Task<base::Result<Reply>> {
            std::string target = id;
            if (target.empty()) {
                MUSUBI_CO_TRY(const auto found, co_await only_match(tx, of, *type, of.call.request.query));
                if (!found) co_return base::not_found("fhir.not-found");
                target = *found;
            }
            MUSUBI_CO_TRY(const Done done, co_await patch(tx, of, *type, target, of.call.request.body, terms));
            co_return reply_to(of, done, terms.wanted);
        });
    co_return answer;
}

Answered remove_one(const Kept& to, Call& call) {
    const auto type = type_of(call.path_text("type"));
    if (!type) co_return to_raw(refusal(type.error()));
    Context context(*to, call);
    const Terms terms = terms_of(call.request);
    const std::string id(call.path_text("id"));
    auto answer = co_await answer_writing(
        context, "deleteFhirResource", May::Write,
        [&](db::WriteTx& tx, Context& of) -> base::Task<base::Result<Reply>> {
            std::string target = id;
            Reply reply;
            reply.status = 204;
            if (target.empty()) {
                MUSUBI_CO_TRY(const auto found, co_await only_match(tx, of, *type, of.call.request.query));
                if (!found) co_return reply;
                target = *found;
            }
            MUSUBI_CO_TRY(const auto gone, co_await remove(tx, of, *type, target, terms));
            if (gone) reply.etag = etag_of(gone->version);
            co_return reply;
        });
    co_return answer;
}

Answered take_bundle(const Kept& to, Call& call) {
    if (const auto content = check_content(call.request); !content) co_return to_raw(refusal(content.error()));
    if (const auto acceptable = check_accept(call.request); !acceptable) co_return to_raw(refusal(acceptable.error()));
    Context context(*to, call);
    auto reply = co_await process_bundle(context, call.request.body, terms_of(call.request), "processFhirBundle");
    co_return answer_with(std::move(reply));
}

// ---- operations

Answered everything_of(const Kept& to, Call& call) {
    const auto pairs = pairs_of(call.request.query);
    if (!pairs) co_return to_raw(refusal(pairs.error()));
    Context context(*to, call);
    const std::string id(call.path_text("id"));
    if (const auto kept = co_await keep_patients(context, id); !kept) co_return to_raw(refusal(kept.error()));
    auto answer = co_await answer_reading(context, "readFhirEverything",
                                          [&](db::ReadTx& tx, Context& of) { return everything(tx, of, id, *pairs); });
    co_return answer;
}

Answered last_ones(const Kept& to, Call& call) {
    const auto pairs = pairs_of(call.request.query);
    if (!pairs) co_return to_raw(refusal(pairs.error()));
    Context context(*to, call);
    auto answer = co_await answer_reading(context, "readFhirLastObservations",
                                          [&](db::ReadTx& tx, Context& of) { return last_of_each(tx, of, *pairs); });
    co_return answer;
}

Answered validate_one(const Kept& to, Call& call) {
    const auto type = type_of(call.path_text("type"));
    if (!type) return refuse(type.error());
    if (const auto content = check_content(call.request); !content) return refuse(content.error());
    const Context context(*to, call);
    auto reply = validate_resource(context, call.request.body, *type);
    return [](base::Result<Raw> answer) -> Answered { co_return answer; }(answer_with(std::move(reply)));
}

Answered purge_one(const Kept& to, Call& call) {
    Context context(*to, call);
    const std::string id(call.path_text("id"));
    auto answer = co_await answer_writing(context, "purgeFhirPatient", May::Erase,
                                          [&](db::WriteTx& tx, Context& of) { return purge(tx, of, id); });
    co_return answer;
}

void install_reading(http::Router& router, const Kept& to) {
    router.acts("GET", "/fhir/{type}/{id}", "readFhirResource", signed_in(),
                [to](Call& call) { return read(to, call); });
    router.acts("GET", "/fhir/{type}/{id}/_history", "listFhirVersions", signed_in(),
                [to](Call& call) { return instance_feed(to, call); });
    router.acts("GET", "/fhir/{type}/{id}/_history/{version}", "readFhirVersion", signed_in(),
                [to](Call& call) { return vread(to, call); });
    router.acts("GET", "/fhir/{type}", "searchFhir", signed_in(),
                [to](Call& call) { return search_type(to, call, "searchFhir"); });
    router.acts("POST", "/fhir/{type}/_search", "searchFhirByForm", signed_in(),
                [to](Call& call) { return search_type(to, call, "searchFhirByForm"); },
                {256 * 1024, "application/x-www-form-urlencoded"});
    router.acts("GET", "/fhir/{type}/{id}/{member}", "searchFhirCompartment", signed_in(),
                [to](Call& call) { return search_compartment(to, call); });
    router.acts("GET", "/fhir/{type}/_history", "listFhirTypeChanges", signed_in(),
                [to](Call& call) { return type_feed(to, call, "listFhirTypeChanges"); });
    router.acts("GET", "/fhir/_history", "listFhirChanges", signed_in(),
                [to](Call& call) { return type_feed(to, call, "listFhirChanges"); });
}

void install_writing(http::Router& router, const Kept& to) {
    const http::BodyLimit resource{kLargestResource, "*/*"};
    router.acts(
        "POST", "/fhir/{type}", "createFhirResource", signed_in(), [to](Call& call) { return create_one(to, call); },
        resource);
    router.acts(
        "PUT", "/fhir/{type}/{id}", "updateFhirResource", signed_in(),
        [to](Call& call) { return update_one(to, call); }, resource);
    router.acts(
        "PUT", "/fhir/{type}", "updateFhirMatching", signed_in(), [to](Call& call) { return update_one(to, call); },
        resource);
    router.acts(
        "PATCH", "/fhir/{type}/{id}", "patchFhirResource", signed_in(),
        [to](Call& call) { return patch_one(to, call); }, resource);
    router.acts(
        "PATCH", "/fhir/{type}", "patchFhirMatching", signed_in(), [to](Call& call) { return patch_one(to, call); },
        resource);
    router.acts("DELETE", "/fhir/{type}/{id}", "deleteFhirResource", signed_in(),
                [to](Call& call) { return remove_one(to, call); });
    router.acts("DELETE", "/fhir/{type}", "deleteFhirMatching", signed_in(),
                [to](Call& call) { return remove_one(to, call); });
    const http::BodyLimit bundle{kLargestBundle, "*/*"};
    router.acts(
        "POST", "/fhir", "processFhirBundle", signed_in(), [to](Call& call) { return take_bundle(to, call); }, bundle);
}

void install_operations(http::Router& router, const Kept& to) {
    router.acts("GET", "/fhir/Patient/{id}/$everything", "readFhirEverything", signed_in(),
                [to](Call& call) { return everything_of(to, call); });
    router.acts("GET", "/fhir/Observation/$lastn", "readFhirLastObservations", signed_in(),
                [to](Call& call) { return last_ones(to, call); });
    router.acts("POST", "/fhir/{type}/$validate", "validateFhirResource", signed_in(),
                [to](Call& call) { return validate_one(to, call); }, {kLargestResource, "*/*"});
    router.acts("POST", "/fhir/Patient/{id}/$purge", "purgeFhirPatient", signed_in(),
                [to](Call& call) { return purge_one(to, call); }, {64 * 1024, "*/*"});
}

} // namespace

void install(http::Router& router, Dependencies dependencies) {
    const auto to = std::make_shared<const Dependencies>(std::move(dependencies));
    install_reading(router, to);
    install_writing(router, to);
    install_operations(router, to);
    router.acts("GET", "/fhir/metadata", "readFhirCapabilities", http::Access::anyone(), [to](Call& call) -> Answered {
        if (const auto acceptable = check_accept(call.request); !acceptable)
            co_return to_raw(refusal(acceptable.error()));
        Reply reply;
        reply.body = capability_statement(to->public_url + "/fhir", to->software_version,
                                          base::date_in_japan(call.now).to_string());
        co_return to_raw(std::move(reply));
    });
    router.refuse_below("/fhir", [](const base::Error& error, http::Response& response) {
        response.content_type = kFhirJson;
        response.body = outcome_of(error);
    });
}

} // namespace musubi::fhir_api
