// Private to services/fhir_api: changes to single resources, inside the caller's transaction.
#pragma once

#include "services/fhir_api/caller.h"
#include "services/fhir_api/request.h"

namespace musubi::fhir_api {

/// A resource that came in: read and judged before the transaction.
struct Incoming {
    r4::Document document;
    records::Prepared prepared;
};
/// fhir.malformed and the like; fhir.invalid with one field per fault.
base::Result<Incoming> receive(const Context& context, std::string text, std::optional<r4::ResourceType> expected);
base::Status judge(const Context& context, const r4::Document& document);

/// What happened, for the answer and for the entries of a Bundle.
struct Done {
    records::Resource resource;
    bool created = false;
};

// The ids of new resources are made here unless given (by a transaction that has promised them to other entries).
base::Task<base::Result<Done>> create(db::WriteTx& tx, Context& context, const Incoming& incoming, Terms terms,
                                      std::optional<std::string> promised = {});
base::Task<base::Result<Done>> update(db::WriteTx& tx, Context& context, const Incoming& incoming, std::string id,
                                      Terms terms);
base::Task<base::Result<Done>> update_matching(db::WriteTx& tx, Context& context, const Incoming& incoming,
                                               std::string condition, Terms terms);
/// `patch` is the body; JSON Patch (an array) or FHIRPath Patch (Parameters).
base::Task<base::Result<Done>> patch(db::WriteTx& tx, Context& context, r4::ResourceType type, std::string id,
                                     std::string body, Terms terms);
/// Removing what is not there (any more) succeeds and changes nothing: then there is no resource.
base::Task<base::Result<std::optional<records::Resource>>> remove(db::WriteTx& tx, Context& context,
                                                                  r4::ResourceType type, std::string id, Terms terms);
/// The id of the one resource that meets a condition; nothing: none does. fhir.multiple-matches.
base::Task<base::Result<std::optional<std::string>>> only_match(db::ReadTx& tx, Context& context, r4::ResourceType type,
                                                                std::string condition);

/// Whose compartment a new resource goes to. fhir.reference-unknown, fhir.write-not-allowed.
base::Task<base::Result<records::Owner>> owner_for(db::ReadTx& tx, Context& context, const records::Prepared& prepared);

/// By Prefer: the resource, nothing, or an OperationOutcome.
Reply reply_to(const Context& context, const Done& done, std::optional<Return> wanted);

} // namespace musubi::fhir_api
