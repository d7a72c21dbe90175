#include "services/immunization/samples.h"

#include "base/config.h"

#include <algorithm>

namespace musubi::immunization {
namespace {

base::Error malformed(const RuleFile& file, const std::string& sample, const std::string& what) {
    return base::invalid("immunization.rules-malformed").because(file.name + ", sample " + sample + ": " + what);
}

/// "HEPB 2026-05-31", "PCV/216 2026-05-31".
std::optional<Given> given_of(const Rules& rules, const std::string& text) {
    const size_t space = text.find(' ');
    if (space == text.npos) return std::nullopt;
    const auto on = CivilDate::parse(std::string_view(text).substr(space + 1));
    const std::string_view code = std::string_view(text).substr(0, space);
    const size_t slash = code.find('/');
    const int vaccine = rules.find(code.substr(0, slash));
    if (!on || vaccine < 0) return std::nullopt;
    int product = -1;
    if (slash != code.npos) {
        product = product_of(rules.vaccines[static_cast<size_t>(vaccine)], code.substr(slash + 1), {});
        if (product < 0) return std::nullopt;
    }
    return Given{vaccine, product, *on};
}

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
    return all;
}

} // namespace

std::string_view name_of(Outcome outcome) {
    static constexpr std::string_view kNames[] = {"valid",         "too-early",     "too-late",
                                                  "wrong-product", "out-of-window", "extraneous"};
    return kNames[static_cast<size_t>(outcome)];
}

std::string_view name_of(State state) {
    static constexpr std::string_view kNames[] = {"not-for-person", "later",  "possible", "due",
                                                  "overdue",        "missed", "complete"};
    return kNames[static_cast<size_t>(state)];
}

base::Result<std::vector<Sample>> read_samples(const Rules& rules, std::span<const RuleFile> files) {
    std::vector<Sample> samples;
    for (const RuleFile& file : files) {
        auto config = base::Config::parse(file.text, file.name);
        if (!config) return std::move(config).error();
        const std::string vaccine = config->text("id", "");
        for (base::Config& one : config->tables("sample")) {
            const std::string name = one.text("name");
            const auto birth = CivilDate::parse(one.text("birth"));
            const auto on = CivilDate::parse(one.text("on"));
            if (!birth || !on) return malformed(file, name, "birth and on need dates");
            Sample sample{
                file.name,           name, Person{.birth = *birth}, *on, {}, {}, vaccine, one.text("state", ""),
                one.text("next", "")};
            sample.person.sex = one.text("sex", "female") == "male" ? Sex::Male : Sex::Female;
            if (one.has("due")) sample.person.due = CivilDate::parse(one.text("due"));
            for (const std::string& text : one.texts("given")) {
                const auto given = given_of(rules, text);
                if (!given) return malformed(file, name, "no such dose: " + text);
                sample.given.push_back(*given);
            }
            sample.expect = one.texts("expect");
            if (sample.expect.size() != sample.given.size())
                return malformed(file, name, "expect needs one entry per dose given");
            samples.push_back(std::move(sample));
        }
    }
    return samples;
}

std::vector<SampleFailure> run_samples(const Rules& rules, std::span<const Sample> samples) {
    std::vector<SampleFailure> failures;
    for (const Sample& sample : samples) {
        const Answer answer = evaluate(rules, sample.person, sample.given, sample.on);
        std::vector<std::string> found(sample.given.size(), "none");
        for (const Evaluation& one : answer.evaluations) found[one.given] = name_of(one.outcome);
        if (found != sample.expect)
            failures.push_back({sample.file, sample.name, joined(sample.expect), joined(found)});
        const VaccineStatus& status = answer.statuses[static_cast<size_t>(rules.find(sample.vaccine))];
        if (!sample.state.empty() && name_of(status.state) != sample.state)
            failures.push_back({sample.file, sample.name, sample.state, std::string(name_of(status.state))});
        if (!sample.next.empty()) {
            const std::string next = status.next.empty() ? "none" : status.next.front().earliest.to_string();
            if (next != sample.next) failures.push_back({sample.file, sample.name, sample.next, next});
        }
    }
    return failures;
}

} // namespace musubi::immunization
