// Private to core/records: one condition of a search, made ready to be asked of many rows.
#pragma once

#include "core/records/scan.h"

#include <set>
#include <string>
#include <vector>

namespace musubi::records {

/// Exactly one of: a criterion; a reference (`reference` set) to one of `targets`; the row's own "Type/id" among
/// `targets`.
struct Condition {
    const r4::Criterion* criterion = nullptr;
    const r4::SearchParameter* reference = nullptr;
    std::set<std::string> targets; // "Patient/1"
};

bool holds(const Condition& condition, r4::ResourceType type, const ScanRow& row, const r4::IndexView& index);
bool all_hold(const std::vector<Condition>& conditions, r4::ResourceType type, const ScanRow& row);

/// Bytes whose order is the order of the rows; rules of equal rank follow each other.
std::string order_key(const std::vector<r4::SortRule>& rules, const ScanRow& row);

/// Ids asked for by _id (no modifier); nothing when there is no such condition.
std::optional<std::set<std::string>> ids_asked(const std::vector<Condition>& conditions);
/// Patients in whose compartments alone a row can lie that satisfies the conditions; nothing when that cannot be told.
std::optional<std::set<std::string>> patients_asked(r4::ResourceType type, const std::vector<Condition>& conditions);

std::string reference_of(r4::ResourceType type, std::string_view id);

} // namespace musubi::records
