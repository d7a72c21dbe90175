// Private to services/fhir_api: who asks, what they may see and change, and that it is recorded.
#pragma once

#include "core/records/scope.h"
#include "lib/db/database.h"
#include "lib/http/call.h"
#include "services/fhir_api/reply.h"
#include "services/fhir_api/routes.h"

#include <map>
#include <set>
#include <string>

namespace musubi::fhir_api {

enum class May { Read, Write, Erase };

/// One request on its way through this service. The scope is read anew in every transaction that uses it.
struct Context {
    const Dependencies& to;
    http::Call& call;
    std::string base; // "https://musubi.city.example.jp/fhir"
    records::Scope scope;
    /// Whose data were touched, and which: for the audit record. Emptied when a transaction begins.
    std::map<std::string, std::set<std::string>> touched;

    Context(const Dependencies& dependencies, http::Call& of)
        : to(dependencies), call(of), base(dependencies.public_url + "/fhir") {}
};

/// Sets `scope`. A citizen: the own compartment and those of the children the citizen acts for (one query on the
/// guardianships that hold today). Staff and machines: everybody, with the permission, a stated purpose (header
/// X-Musubi-Purpose, percent-encoded), and never what is labelled restricted. Errors: auth.permission-missing,
/// fhir.purpose-missing.
base::Task<base::Status> admit(db::ReadTx& tx, Context& context, May may);

bool is_citizen(const Context& context);

void touch(Context& context, const records::Resource& resource);
/// Writes the entries for what was touched. Reading one's own data leaves none; changing them does.
enum class Audited { OthersOnly, All };
base::Task<> record_touched(db::WriteTx& tx, Context& context, std::string_view operation, Audited audited);
bool has_touched_others(const Context& context);

} // namespace musubi::fhir_api
