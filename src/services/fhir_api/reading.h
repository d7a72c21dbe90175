// Private to services/fhir_api: single resources.
#pragma once

#include "services/fhir_api/caller.h"
#include "services/fhir_api/request.h"

namespace musubi::fhir_api {

/// 304 when the caller has it already. fhir.not-found, fhir.gone.
base::Task<base::Result<Reply>> read_resource(db::ReadTx& tx, Context& context, r4::ResourceType type, std::string id,
                                              Terms terms);
base::Task<base::Result<Reply>> read_version(db::ReadTx& tx, Context& context, r4::ResourceType type, std::string id,
                                             std::string version);

/// The answer that shows one stored resource.
Reply reply_with(const Context& context, const records::Resource& resource, int status);

} // namespace musubi::fhir_api
