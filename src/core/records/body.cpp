#include "core/records/body.h"

#include "lib/compression/compression.h"
#include "lib/db/value.h"

#include <fmt/core.h>
#include <iterator>

extern "C" const char musubi_records_dictionary_1[];
extern "C" const char musubi_records_dictionary_1_end[];

namespace musubi::records {
namespace {

constexpr size_t kLongestBody = 64 * 1024 * 1024;

const compression::Dictionary& dictionary(int64_t number) {
    static const compression::Dictionary first(
        {musubi_records_dictionary_1,
         static_cast<size_t>(musubi_records_dictionary_1_end - musubi_records_dictionary_1)});
    if (number != 1) throw db::DatabaseError("a resource is packed with a dictionary of a newer program");
    return first;
}

} // namespace

std::string pack(std::string_view rest) { return dictionary(kNewestDictionary).compress(rest); }

std::string unpack(int64_t packing, std::string_view body, const Stamp& stamp) {
    if (packing == 0 || body.empty()) return std::string(body);
    std::string out;
    fmt::format_to(std::back_inserter(out),
                   R"({{"resourceType":"{}","id":"{}","meta":{{"versionId":"{}","lastUpdated":"{}")", stamp.type,
                   stamp.id, stamp.version, stamp.updated_at.to_string());
    if (!dictionary(packing).expand(body, kLongestBody, out).ok())
        throw db::DatabaseError("a stored resource does not expand");
    return out;
}

} // namespace musubi::records
