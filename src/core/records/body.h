// Private to core/records: bodies as they are stored, and the whole JSON made from them.
#pragma once

#include "base/time.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace musubi::records {

/// The dictionary that new bodies are compressed with.
inline constexpr int kNewestDictionary = 1;
/// The form of index_values that this program writes; another one in a row is taken out of the body again.
inline constexpr int64_t kIndexForm = 1;

std::string pack(std::string_view rest);

struct Stamp {
    std::string_view type;
    std::string_view id;
    int64_t version = 1;
    base::Instant updated_at;
};
/// The whole resource: what the store decides, then what was stored (dictionaries/ and migrations/0003 say how). An
/// empty body stays empty.
std::string unpack(int64_t packing, std::string_view body, const Stamp& stamp);

} // namespace musubi::records
