// Any bytes as a patch: a JSON Patch, a FHIRPath Patch or a path, on one resource. What comes out is JSON.
#include "lib/fhir/patch.h"
#include "lib/fhir/path.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace musubi;
    static const auto target = *fhir::Document::parse(
        R"({"resourceType":"Patient","id":"a","name":[{"family":"山田","given":["太郎"]},{"text":"b"}],"birthDate":"1980",
        "extension":[{"url":"http://e","valueCode":"c"}],"contact":[{"name":{"text":"x"}}]})");
    const std::string text(reinterpret_cast<const char*>(data), size);
    (void)fhir::evaluate_path(target, text);
    if (const auto patch = fhir::Tree::parse(text)) {
        const auto result = fhir::apply_json_patch(target.tree(), *patch);
        if (result && !fhir::Tree::parse(*result)) std::abort();
    }
    if (const auto parameters = fhir::Document::parse(text)) {
        const auto result = fhir::apply_fhirpath_patch(target, *parameters);
        if (result && !fhir::Tree::parse(*result)) std::abort();
    }
    return 0;
}
