// Searches over the store (R4 section 3.1.1), inside a scope. A person's compartment is read as a whole and compared
// row by row; searches among everybody go through the global index where it has the parameter, and along the time of
// the last change where not. Nothing is ever cut off silently: what would cost too much is refused, and a page that was
// not filled says where to go on.
#pragma once

#include "core/records/records.h"
#include "core/records/scope.h"
#include "lib/fhir/query.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace musubi::records {

/// The row after which a page begins.
struct Position {
    std::string key; // of the sort order
    std::string person;
    std::string id;
};

struct Page {
    std::vector<Resource> matches;
    std::vector<Resource> included;
    std::optional<Position> next;
    std::optional<int64_t> total;
};

struct SearchRequest {
    Scope scope;
    const r4::Query* query = nullptr;
    std::optional<Position> after;
    size_t count = 50;    // 0: only the total
    std::string own_base; // absolute references that begin with it are the server's own
    /// Compartment search: only rows of this owner that refer to it by one of these parameters (empty: the owner's
    /// rows).
    std::optional<Owner> compartment;
    size_t most_rows = 200'000;   // that are looked at before the search is refused
    size_t most_included = 5'000; // on one page
};

/// Errors: records.too-costly (parameter "reason": rows, included).
base::Task<base::Result<Page>> search(db::ReadTx& tx, SearchRequest request);

/// Deleted ones, too. Nothing: there is none in the scope.
base::Task<std::optional<Resource>> find(db::ReadTx& tx, const Scope& scope, std::string type, std::string id);

/// Whose compartment "Patient/id" is; several where the city's systems gave one id twice. Looks at no scope.
base::Task<std::vector<Owner>> owners_of_patient(db::ReadTx& tx, std::string id);

struct HistoryRequest {
    Scope scope;
    std::vector<r4::ResourceType> types; // empty: all
    std::optional<base::Instant> since;
    std::optional<Position> after; // key: 8 bytes of time; id: "type/id/version"
    size_t count = 50;
};
struct HistoryPage {
    std::vector<Resource> versions; // newest first
    std::optional<Position> next;
};
base::Task<HistoryPage> history(db::ReadTx& tx, HistoryRequest request);

} // namespace musubi::records
