// The samples in the rule files: histories with the answer that must come out. They run in this module's test, and
// before a city's changed rules take effect.
#pragma once

#include "services/immunization/engine.h"

namespace musubi::immunization {

struct Sample {
    std::string file, name;
    Person person;
    CivilDate on;
    std::vector<Given> given;
    std::vector<std::string> expect; // an outcome for each dose, in their order
    std::string vaccine;             // whose state is expected
    std::string state;               // empty: not looked at
    std::string next;                // first lawful day of the next dose; empty: not looked at
};

base::Result<std::vector<Sample>> read_samples(const Rules& rules, std::span<const RuleFile> files);

struct SampleFailure {
    std::string file, name, expected, found;
};
/// Empty when all pass.
std::vector<SampleFailure> run_samples(const Rules& rules, std::span<const Sample> samples);

std::string_view name_of(Outcome outcome);
std::string_view name_of(State state);

} // namespace musubi::immunization
