#include "services/fhir_api/reading.h"

#include "core/records/search.h"
#include "lib/http/text.h"

#include <charconv>

namespace musubi::fhir_api {

Reply reply_with(const Context& context, const records::Resource& resource, int status) {
    Reply reply;
    reply.status = status;
    reply.body = resource.body;
    reply.etag = etag_of(resource.version);
    reply.last_modified = resource.updated_at;
    if (status == 201)
        reply.location =
            context.base + "/" + resource.type + "/" + resource.id + "/_history/" + std::to_string(resource.version);
    return reply;
}

base::Task<base::Result<Reply>> read_resource(db::ReadTx& tx, Context& context, r4::ResourceType type, std::string id,
                                              Terms terms) {
    const auto found = co_await records::find(tx, context.scope, std::string(r4::name_of(type)), id);
    if (!found) co_return base::not_found("fhir.not-found");
    if (found->deleted) co_return base::error(base::ErrorKind::Gone, "fhir.gone");
    touch(context, *found);
    Reply reply = reply_with(context, *found, 200);
    bool unchanged = false;
    if (!terms.if_none_match.empty()) {
        unchanged = http::etag_matches(terms.if_none_match, reply.etag);
    } else if (const auto since = parse_http_date(terms.if_modified_since)) {
        unchanged = found->updated_at.seconds() <= since->seconds();
    }
    if (unchanged) {
        reply.status = 304;
        reply.body.clear();
    }
    co_return reply;
}

base::Task<base::Result<Reply>> read_version(db::ReadTx& tx, Context& context, r4::ResourceType type, std::string id,
                                             std::string version) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(version.data(), version.data() + version.size(), number);
    if (error != std::errc() || end != version.data() + version.size()) co_return base::not_found("fhir.not-found");
    const auto current = co_await records::find(tx, context.scope, std::string(r4::name_of(type)), id);
    if (!current) co_return base::not_found("fhir.not-found");
    const auto found = co_await records::get_version(tx, current->owner, current->type, current->id, number);
    const bool hidden = found && found->restricted && context.scope.restricted == records::Scope::Restricted::Hidden;
    if (!found || hidden) co_return base::not_found("fhir.not-found");
    if (found->deleted) co_return base::error(base::ErrorKind::Gone, "fhir.gone");
    touch(context, *found);
    co_return reply_with(context, *found, 200);
}

} // namespace musubi::fhir_api
