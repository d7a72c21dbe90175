#include "services/immunization/reasons.h"

#include "services/immunization/messages.h"

#include <cassert>
#include <fmt/core.h>

namespace musubi::immunization {
namespace {

/// The reason's name and, where a sentence depends on which dates there are, its ending.
std::string key_of(const Reason& reason) {
    std::string key = "reason." + std::string(code_of(reason.code));
    switch (reason.code) {
    case ReasonCode::Window:
    case ReasonCode::Extension:
        if (!reason.to) key = "reason.window-from";
        break;
    case ReasonCode::Standard:
    case ReasonCode::StandardInterval:
        if (!reason.to) key += "-from";
        if (!reason.from) key += "-to";
        break;
    case ReasonCode::NotInForce:
        if (!reason.from) key += "-to";
        break;
    default:
        break;
    }
    return key;
}

const base::Message& message(std::string_view key) {
    const base::Message* found = base::find_message(messages::kAll, key);
    assert(found);
    return *found;
}

void replace_all(std::string& text, std::string_view name, std::string_view value) {
    const std::string placeholder = fmt::format("{{{}}}", name);
    for (size_t at = text.find(placeholder); at != text.npos; at = text.find(placeholder, at + value.size()))
        text.replace(at, placeholder.size(), value);
}

std::string interval_words(const Interval& interval, base::Language language) {
    std::string_view key = "interval.weeks";
    if (interval.kind == IntervalKind::ClearDays) key = "interval.clear-days";
    if (interval.kind == IntervalKind::Months) key = interval.days > 0 ? "interval.half-months" : "interval.months";
    std::string words(message(key).texts[static_cast<size_t>(language)]);
    replace_all(words, "count", std::to_string(interval.number));
    return words;
}

/// {漢字|かんじ} becomes 漢字.
std::string without_readings(std::string_view text) {
    std::string plain;
    for (size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '{') {
            plain += text[at];
            continue;
        }
        const size_t bar = text.find('|', at);
        const size_t end = text.find('}', at);
        if (end == text.npos) break;
        plain += bar < end ? text.substr(at + 1, bar - at - 1) : text.substr(at, end - at + 1);
        at = end;
    }
    return plain;
}

std::string date_words(CivilDate date, base::Language language) {
    if (language == base::Language::English) return date.to_string();
    return fmt::format("{}年{}月{}日", date.year(), date.month(), date.day());
}

} // namespace

std::string_view code_of(ReasonCode code) {
    static constexpr std::string_view kNames[] = {"window",
                                                  "standard",
                                                  "minimum-interval",
                                                  "standard-interval",
                                                  "live-interval",
                                                  "physician-interval",
                                                  "before-window",
                                                  "after-window",
                                                  "not-in-force",
                                                  "not-for-cohort",
                                                  "not-for-sex",
                                                  "not-for-requirement",
                                                  "product-not-in-force",
                                                  "product-mixed",
                                                  "product-assumed",
                                                  "start-age",
                                                  "dose-left-out",
                                                  "complete",
                                                  "duplicate",
                                                  "other-series",
                                                  "start-late",
                                                  "last-day-to-complete",
                                                  "extension",
                                                  "ask-city",
                                                  "long-illness",
                                                  "season",
                                                  "period-missed",
                                                  "too-late-to-complete",
                                                  "needs-pregnancy"};
    return kNames[static_cast<size_t>(code)];
}

std::string template_of(const Rules& rules, const Reason& reason, base::Language language) {
    std::string text(message(key_of(reason)).texts[static_cast<size_t>(language)]);
    replace_all(text, "number", std::to_string(reason.number));
    if (reason.interval.given()) replace_all(text, "interval", interval_words(reason.interval, language));
    if (reason.other >= 0)
        replace_all(text, "other",
                    rules.vaccines[static_cast<size_t>(reason.other)].names[static_cast<size_t>(language)]);
    return text;
}

std::string sentence_of(const Rules& rules, const Reason& reason, base::Language language) {
    std::string text = template_of(rules, reason, language);
    if (reason.from) replace_all(text, "from", date_words(*reason.from, language));
    if (reason.to) replace_all(text, "to", date_words(*reason.to, language));
    if (reason.basis) replace_all(text, "basis", date_words(*reason.basis, language));
    return without_readings(text);
}

std::string citation_of(const Rules& rules, int vaccine, const Reason& reason) {
    const Vaccine& of = rules.vaccines[static_cast<size_t>(vaccine)];
    switch (reason.code) {
    case ReasonCode::MinimumInterval:
    case ReasonCode::PhysicianInterval:
    case ReasonCode::DoseLeftOut:
    case ReasonCode::StartAge:
        return of.cite_interval;
    case ReasonCode::Standard:
    case ReasonCode::StandardInterval:
    case ReasonCode::StartLate:
    case ReasonCode::ProductMixed:
    case ReasonCode::ProductNotInForce:
        return of.cite_standard;
    case ReasonCode::LiveInterval:
        return rules.cite_pairs;
    case ReasonCode::LongIllness:
        return rules.cite_long_illness;
    case ReasonCode::Complete:
    case ReasonCode::Duplicate:
    case ReasonCode::ProductAssumed:
    case ReasonCode::LastDayToComplete:
    case ReasonCode::AskCity:
        return {};
    default:
        return of.cite_window;
    }
}

std::string plain_name(const Vaccine& vaccine, base::Language language) {
    return without_readings(vaccine.names[static_cast<size_t>(language)]);
}

} // namespace musubi::immunization
