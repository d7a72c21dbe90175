// Any bytes through the DER reader. What is well-formed must be a partition into elements, nested within bounds, and
// single values that were read must be written back as the same bytes.
#include "lib/pki/der.h"
#include "lib/pki/name.h"
#include "lib/pki/oid.h"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace musubi::pki;

void check(bool condition) {
    if (!condition) std::abort();
}

void check_value(const der::Element& element) {
    switch (element.tag) {
    case der::kInteger:
        if (const auto number = der::small_integer(element.content)) check(der::integer(*number) == element.whole);
        if (const auto magnitude = der::positive_integer(element.content))
            check(der::integer(*magnitude) == element.whole);
        break;
    case der::kBoolean:
        check(der::write_boolean(*der::boolean(element.content)) == element.whole);
        break;
    case der::kObjectIdentifier: {
        const std::string text = oid_text(element.content);
        const std::string again = oid_from_text(text);
        check(again.empty() || again == element.content);
        break;
    }
    case der::kUtcTime:
        if (const auto at = der::certificate_time(element)) check(der::write_certificate_time(*at) == element.whole);
        break;
    default:
        break;
    }
}

void walk(std::string_view bytes, int depth) {
    check(depth < 17);
    der::Reader reader(bytes);
    while (!reader.empty()) {
        der::Element element;
        check(reader.take_any(element));
        check(der::write(element.tag, element.content) == element.whole);
        if ((element.tag & 0x20) != 0) {
            walk(element.content, depth + 1);
        } else {
            check_value(element);
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (der::well_formed(bytes)) walk(bytes, 0);
    (void)name_text(bytes);
    (void)well_formed_name(bytes);
    (void)well_formed_general_names(bytes);
    (void)only_directory_name(bytes);
    (void)oid_from_text(bytes);
    return 0;
}
