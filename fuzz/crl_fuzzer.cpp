// Any bytes as a revocation list. Entries that were taken must be found again.
#include "lib/pki/crl.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace musubi;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
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
