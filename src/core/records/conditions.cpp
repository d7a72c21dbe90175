#include "core/records/conditions.h"

#include "lib/fhir/index.h"

#include <algorithm>

namespace musubi::records {
namespace {

bool date_holds(const r4::QueryValue& value, int64_t at_milliseconds) {
    const int64_t low = at_milliseconds * 1000;
    const int64_t high = low + 1000;
    const r4::DateRange& asked = value.range;
    switch (value.prefix) {
    case r4::Prefix::Equal:
    case r4::Prefix::Approximate:
        return low >= asked.low && high <= asked.high;
    case r4::Prefix::NotEqual:
        return low < asked.low || high > asked.high;
    case r4::Prefix::Less:
        return low < asked.low;
    case r4::Prefix::Greater:
        return high > asked.high;
    case r4::Prefix::LessOrEqual:
        return low < asked.low || (low >= asked.low && high <= asked.high);
    case r4::Prefix::GreaterOrEqual:
        return high > asked.high || (low >= asked.low && high <= asked.high);
    case r4::Prefix::StartsAfter:
        return low >= asked.high;
    case r4::Prefix::EndsBefore:
        return high <= asked.low;
    }
    return false;
}

const std::string& text_of(const r4::QueryValue& value) { return value.code.empty() ? value.text : value.code; }

/// _id and _lastUpdated are decided by the store, so they are columns and not part of the index.
bool criterion_holds(const r4::Criterion& criterion, const ScanRow& row, const r4::IndexView& index) {
    const std::string_view code = criterion.parameter->code;
    if (code != "_id" && code != "_lastUpdated") return r4::matches(criterion, index);
    if (criterion.modifier == r4::Modifier::Missing) return !criterion.values.empty() && !criterion.values.front().flag;
    const bool any = std::any_of(criterion.values.begin(), criterion.values.end(), [&](const r4::QueryValue& value) {
        return code == "_id" ? text_of(value) == row.id : date_holds(value, row.updated_at.milliseconds());
    });
    return criterion.modifier == r4::Modifier::Not ? !any : any;
}

std::string time_key(int64_t milliseconds) {
    const uint64_t shifted = static_cast<uint64_t>(milliseconds) ^ (uint64_t{1} << 63);
    std::string out;
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>((shifted >> shift) & 255));
    return out;
}

void append_rank(std::string& out, std::string_view key, bool descending) {
    // Zero bytes are escaped and the end is marked, so that a shorter key sorts before a longer one it begins.
    for (const char c : key) {
        const auto byte = static_cast<uint8_t>(c);
        out.push_back(static_cast<char>(descending ? ~byte : byte));
        if (byte == 0) out.push_back(static_cast<char>(descending ? 0 : 255));
    }
    out.append(2, static_cast<char>(descending ? 255 : 0));
}

} // namespace

std::string reference_of(r4::ResourceType type, std::string_view id) {
    return std::string(r4::name_of(type)) + "/" + std::string(id);
}

bool holds(const Condition& condition, r4::ResourceType type, const ScanRow& row, const r4::IndexView& index) {
    if (condition.criterion) return criterion_holds(*condition.criterion, row, index);
    if (!condition.reference) return condition.targets.contains(reference_of(type, row.id));
    bool found = false;
    index.for_each(condition.reference->id, [&](const r4::IndexValue& value) {
        if (value.text.empty() && !value.code.empty())
            found = condition.targets.contains(reference_of(value.target, value.code));
        return !found;
    });
    return found;
}

bool all_hold(const std::vector<Condition>& conditions, r4::ResourceType type, const ScanRow& row) {
    if (conditions.empty()) return true;
    const r4::IndexView index(row.index_values);
    return std::all_of(conditions.begin(), conditions.end(),
                       [&](const Condition& condition) { return holds(condition, type, row, index); });
}

std::string order_key(const std::vector<r4::SortRule>& rules, const ScanRow& row) {
    std::string key;
    const r4::IndexView index(row.index_values);
    for (const r4::SortRule& rule : rules) {
        if (rule.parameter->code == "_lastUpdated") {
            append_rank(key, time_key(row.updated_at.milliseconds()), rule.descending);
        } else if (rule.parameter->code == "_id") {
            append_rank(key, row.id, rule.descending);
        } else {
            append_rank(key, r4::sort_key(rule, index), false);
        }
    }
    if (rules.empty()) append_rank(key, row.id, true); // ids begin with the time: newest first
    return key;
}

std::optional<std::set<std::string>> ids_asked(const std::vector<Condition>& conditions) {
    for (const Condition& condition : conditions) {
        if (!condition.criterion && !condition.reference) {
            std::set<std::string> ids;
            for (const std::string& target : condition.targets) ids.insert(target.substr(target.find('/') + 1));
            return ids;
        }
        if (!condition.criterion || condition.criterion->parameter->code != "_id" ||
            condition.criterion->modifier != r4::Modifier::None)
            continue;
        std::set<std::string> ids;
        for (const r4::QueryValue& value : condition.criterion->values) ids.insert(text_of(value));
        return ids;
    }
    return std::nullopt;
}

std::optional<std::set<std::string>> patients_asked(r4::ResourceType type, const std::vector<Condition>& conditions) {
    if (type == r4::ResourceType::Patient) return ids_asked(conditions);
    const auto parameters = owner_parameters(type);
    if (parameters.empty()) return std::nullopt;
    // "patient" and "subject" are the same element where a type has both.
    const std::string_view first = r4::search_parameter(parameters.front()).code;
    const auto tells = [&](const r4::SearchParameter& parameter) {
        return parameter.id == parameters.front() || (first == "patient" && parameter.code == "subject");
    };
    for (const Condition& condition : conditions) {
        std::set<std::string> patients;
        if (condition.reference) {
            if (!tells(*condition.reference)) continue;
            for (const std::string& target : condition.targets) {
                if (!target.starts_with("Patient/")) return std::nullopt;
                patients.insert(target.substr(8));
            }
            return patients;
        }
        if (!condition.criterion || !tells(*condition.criterion->parameter)) continue;
        const r4::Criterion& criterion = *condition.criterion;
        if (criterion.modifier != r4::Modifier::None && criterion.modifier != r4::Modifier::Type) continue;
        bool all_patients = !criterion.values.empty();
        for (const r4::QueryValue& value : criterion.values) {
            const bool is_patient =
                value.target == r4::ResourceType::Patient ||
                (value.target == r4::ResourceType::None &&
                 (criterion.modifier_type == r4::ResourceType::Patient || criterion.parameter->code == "patient"));
            if (!is_patient || value.code.empty() || !value.base.empty()) all_patients = false;
            patients.insert(value.code);
        }
        if (all_patients) return patients;
    }
    return std::nullopt;
}

} // namespace musubi::records
