#include "core/records/deliveries.h"

#include "core/records/prepared.h"
#include <zlib.h>

namespace musubi::records {
namespace {

constexpr db::Query kPut{"records.put_delivery",
                         "INSERT INTO records_delivery (resident_id, id, received_at, size, content)"
                         " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (resident_id, id)"
                         " DO UPDATE SET received_at = excluded.received_at, size = excluded.size,"
                         " content = excluded.content"};

constexpr db::Query kAll{"records.deliveries", "SELECT size, content FROM records_delivery WHERE resident_id = $1"
                                               " ORDER BY received_at, id"};

constexpr size_t kLargestDelivery = 8 * 1024 * 1024;
constexpr r4::Limits kLimits{.max_bytes = kLargestDelivery, .max_depth = 40};

struct Packed {
    int64_t size = 0;
    db::Blob content;
    static Packed from(db::Reader& row) { return {.size = row, .content = row}; }
};

std::string deflated(std::string_view text) {
    uLongf length = compressBound(static_cast<uLong>(text.size()));
    std::string out(length, '\0');
    if (compress2(reinterpret_cast<Bytef*>(out.data()), &length, reinterpret_cast<const Bytef*>(text.data()),
                  static_cast<uLong>(text.size()), Z_DEFAULT_COMPRESSION) != Z_OK)
        throw db::DatabaseError("zlib cannot deflate");
    out.resize(length);
    return out;
}

std::string inflated(const Packed& packed) {
    std::string out(static_cast<size_t>(packed.size), '\0');
    uLongf length = static_cast<uLongf>(out.size());
    if (uncompress(reinterpret_cast<Bytef*>(out.data()), &length,
                   reinterpret_cast<const Bytef*>(packed.content.bytes.data()),
                   static_cast<uLong>(packed.content.bytes.size())) != Z_OK ||
        length != out.size())
        throw db::DatabaseError("a delivery does not inflate to its size");
    return out;
}

/// The resources of a Bundle, as drafts of the city.
base::Result<std::vector<Draft>> entries_of(std::string_view bundle) {
    const auto document = r4::Document::parse(std::string(bundle), kLimits);
    if (!document) return base::invalid("records.malformed").because(document.error().code);
    const auto not_a_bundle = [] { return base::invalid("records.malformed").because("not a Bundle of resources"); };
    if (document->type() != r4::ResourceType::Bundle) return not_a_bundle();
    std::vector<Draft> drafts;
    const r4::Node entries = document->root().find("entry");
    if (!entries) return drafts;
    if (!entries.is_array()) return not_a_bundle();
    for (const r4::Node entry : entries) {
        const r4::Node resource = entry.find("resource");
        if (!resource.is_object()) return not_a_bundle();
        const std::string id(resource.find("id").string());
        if (!r4::is_id(id)) return base::invalid("records.id-malformed");
        drafts.push_back(
            {std::string(resource.find("resourceType").string()), id, Origin::City, std::string(resource.raw())});
    }
    return drafts;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

} // namespace

base::Task<base::Result<base::Unit>> deliver(db::WriteTx& tx, residents::ResidentId resident, std::string id,
                                             std::string bundle, base::Instant now) {
    if (bundle.size() > kLargestDelivery) co_return base::error(base::ErrorKind::TooLarge, "records.too-large");
    if (!r4::is_id(id)) co_return base::invalid("records.id-malformed");
    MUSUBI_CO_TRY(const std::vector<Draft> drafts, entries_of(bundle));
    for (const Draft& draft : drafts) {
        MUSUBI_CO_TRY(const Prepared prepared, prepare(draft.body));
        if (prepared.patient != resident.to_string()) co_return base::invalid("records.other-person");
    }
    const db::Blob content{deflated(bundle)};
    co_await tx.run(kPut, resident, id, now, static_cast<int64_t>(bundle.size()), content);
    co_return base::success();
}

base::Task<base::Result<int64_t>> adopt(db::WriteTx& tx, base::Random& random, residents::ResidentId resident,
                                        base::PersonId person, base::Instant now) {
    int64_t changed = 0;
    const auto deliveries = co_await tx.all<Packed>(kAll, resident);
    for (const Packed& packed : deliveries) {
        std::string bundle = inflated(packed);
        replace_all(bundle, "\"Patient/" + resident.to_string() + "\"", "\"Patient/" + person.to_string() + "\"");
        MUSUBI_CO_TRY(std::vector<Draft> drafts, entries_of(bundle));
        for (Draft& draft : drafts) {
            auto stored = co_await put(tx, random, person, std::move(draft), now);
            if (!stored) co_return std::move(stored).error();
            if (stored->updated_at == now) ++changed;
        }
    }
    co_return changed;
}

std::string collection(const std::vector<Draft>& drafts) {
    std::string out = R"({"resourceType":"Bundle","type":"collection","entry":[)";
    bool first = true;
    for (const Draft& draft : drafts) {
        if (!std::exchange(first, false)) out.push_back(',');
        out += R"({"resource":)" + draft.body + "}";
    }
    return out + "]}";
}

} // namespace musubi::records
