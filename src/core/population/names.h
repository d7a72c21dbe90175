// Private to core/population: names with their readings and weights.
#pragma once

#include "base/random.h"
#include "core/residents/residents.h"

#include <span>
#include <string_view>

namespace musubi::population {

struct Name {
    std::string_view text;
    std::string_view kana;
    unsigned weight;
};

const Name& draw(base::SeededRandom& random, std::span<const Name> names);
std::span<const Name> surnames();
/// Names that were usual for those born in that year.
std::span<const Name> given_names(int birth_year, residents::Sex sex);

} // namespace musubi::population
