// Private to services/fhir_api: searches and history feeds as Bundles.
#pragma once

#include "core/records/search.h"
#include "services/fhir_api/caller.h"
#include "services/fhir_api/request.h"

namespace musubi::fhir_api {

struct SearchAsked {
    r4::ResourceType type = r4::ResourceType::None;
    r4::QueryPairs pairs;                   // as the client sent them
    std::optional<std::string> compartment; // id of the Patient whose compartment is searched
};
base::Task<base::Result<Reply>> search(db::ReadTx& tx, Context& context, SearchAsked asked, r4::Handling handling);

/// Resources that satisfy a condition as conditional interactions state it ("identifier=x|y"); at most two.
/// fhir.condition-empty when there is nothing in it.
base::Task<base::Result<std::vector<records::Resource>>> matching(db::ReadTx& tx, Context& context,
                                                                  r4::ResourceType type, std::string_view condition);

/// Of all types when `type` is absent.
base::Task<base::Result<Reply>> feed(db::ReadTx& tx, Context& context, std::optional<r4::ResourceType> type,
                                     r4::QueryPairs pairs);
/// Of one resource. fhir.not-found.
base::Task<base::Result<Reply>> instance_history(db::ReadTx& tx, Context& context, r4::ResourceType type,
                                                 std::string id, r4::QueryPairs pairs);

/// Whether a search touches Patient resources, which are made from the register when they are needed.
bool needs_patients(r4::ResourceType type, const r4::QueryPairs& pairs);

/// One entry of a searchset.
enum class Mode { Match, Include, Outcome };
void append_entry(std::string& out, const Context& context, const records::Resource& resource, std::string_view text,
                  Mode mode);

// Sealed places, so that pages need no state here.
std::string seal_position(const Context& context, std::string_view about, const records::Position& position);
/// fhir.page-invalid (also for a place of another search or caller).
base::Result<records::Position> open_position(const Context& context, std::string_view about, std::string_view token);

} // namespace musubi::fhir_api
