// Any bytes as a resource: refused, or kept byte for byte, judged, indexed, projected, taken apart and stamped without
// harm; the index's bytes read back, and the outcome of judging is itself valid.
#include "lib/fhir/bundle.h"
#include "lib/fhir/index.h"
#include "lib/fhir/projection.h"
#include "lib/fhir/validation.h"

#include <cstdlib>

namespace {

using namespace musubi;

enum class Origin { Database, Extracted };

void read_index(const std::string& bytes, Origin origin) {
    const fhir::IndexView view(bytes);
    for (const uint16_t parameter : view.parameters()) {
        size_t values = 0;
        view.for_each(parameter, [&](const fhir::IndexValue&) {
            ++values;
            return true;
        });
        if (origin == Origin::Extracted && values < view.count(parameter)) std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    read_index(text, Origin::Database); // may be damaged there
    const auto document = fhir::Document::parse(text);
    if (!document) return 0;
    if (document->text() != text) std::abort();
    read_index(fhir::extract_index(*document), Origin::Extracted);
    const auto outcome = fhir::Document::parse(fhir::operation_outcome(fhir::validate(*document)));
    if (!outcome || !fhir::is_valid(fhir::validate(*outcome))) std::abort();
    for (const auto summary : {fhir::Summary::True, fhir::Summary::Text, fhir::Summary::Data})
        if (!fhir::Document::parse(fhir::project(*document, summary, {}))) std::abort();
    if (!fhir::Document::parse(fhir::project(*document, fhir::Summary::None, {"code", "name"}))) std::abort();
    const auto stamped = fhir::Document::parse(document->with_stamp({"id", "2", "2026-11-22T09:00:00.000+09:00"}));
    if (!stamped || stamped->id() != "id" || stamped->version_id() != "2") std::abort();
    (void)fhir::references_in(document->root());
    if (!fhir::Document::parse(fhir::rewrite_references(document->root(), {{"urn:uuid:a", "Patient/\"\\1"}})))
        std::abort();
    if (document->type() == fhir::ResourceType::Bundle) (void)fhir::read_bundle(*document);
    return 0;
}
