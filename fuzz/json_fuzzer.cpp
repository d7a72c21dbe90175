// Any bytes: a Document is refused or reproduces its own text; what a described type accepts can be written and read
// again to the same text.
#include "lib/json/json.h"

#include <cstdlib>

namespace {

using namespace musubi;

struct Sample {
    std::string text;
    std::optional<int64_t> number;
    std::optional<json::Decimal> amount;
    std::vector<json::Raw> rest;
};
template <class Fields> void describe(Fields& fields, Sample& sample) {
    fields("text", sample.text, json::Rule{.max_length = 8});
    fields("number", sample.number);
    fields("amount", sample.amount);
    fields("rest", sample.rest, json::Rule{.max_items = 3});
}

void visit(const json::Element& element, std::string_view whole) {
    const auto raw = element.raw();
    if (raw.empty() || raw.data() < whole.data() || raw.data() + raw.size() > whole.data() + whole.size()) std::abort();
    for (const auto& item : element.items()) visit(item, raw);
    for (const auto& [key, value] : element.members()) visit(value, raw);
    if (element.type() == json::Element::Type::String) {
        std::string written;
        json::append_string(written, element.string());
        auto again = json::Document::parse(written);
        if (!again || again->root().string() != element.string()) std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (auto document = json::Document::parse(text, {.max_bytes = 1 << 16, .max_depth = 16}))
        visit(document->root(), document->root().raw());
    if (auto sample = json::parse<Sample>(text)) {
        const std::string written = json::write(*sample);
        auto again = json::parse<Sample>(written);
        if (!again || json::write(*again) != written) std::abort();
    }
    return 0;
}
