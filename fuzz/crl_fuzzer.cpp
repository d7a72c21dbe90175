// Any bytes as a revocation list. Entries that were taken must be found again, and the reader of pieces must take
// exactly what the reader of whole documents takes, wherever the pieces are cut.
#include "lib/pki/crl.h"
#include "lib/pki/crl_reader.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

using namespace musubi;

struct Counter final : pki::RevocationListReader::Sink {
    std::vector<std::string> serials;
    void entry(std::string_view serial, uint32_t, pki::RevocationReason) override { serials.emplace_back(serial); }
};

void compare(std::string_view bytes, size_t piece) {
    Counter counter;
    pki::RevocationListReader reader(counter);
    for (size_t at = 0; at < bytes.size(); at += piece)
        if (!reader.feed(bytes.substr(at, piece))) break;
    const auto streamed = reader.finish();
    const auto view = pki::parse_revocation_list(bytes);
    const bool algorithm_known = view && pki::signature_algorithm_of(view->signature_algorithm).has_value();
    std::sort(counter.serials.begin(), counter.serials.end());
    const bool twice = std::adjacent_find(counter.serials.begin(), counter.serials.end()) != counter.serials.end();
    const bool whole = algorithm_known && pki::RevocationList::read(*view).ok();
    if (whole && !streamed) std::abort();
    if (streamed && !whole && !twice) std::abort();
    if (!streamed || !view) return;
    if (streamed->facts.this_update != view->this_update || streamed->facts.number != view->number ||
        streamed->facts.distribution_point != view->distribution_point || streamed->signature != view->signature)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (size > 4096) return 0; // beyond it the bounds of the two readers differ on purpose
    compare(bytes, size == 0 ? 1 : 1 + data[size / 2] % 64);
    const auto view = pki::parse_revocation_list(bytes);
    if (!view) return 0;
    if (view->next_update < view->this_update) std::abort();
    const auto list = pki::RevocationList::read(*view);
    if (!list) return 0;
    size_t found = 0;
    for (uint64_t serial = 1; serial < 300; ++serial)
        if ((*list)->find(pki::SerialNumber::of(serial))) ++found;
    if (found > (*list)->size()) std::abort();
    return 0;
}
