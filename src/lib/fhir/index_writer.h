// Collects values and writes the bytes that IndexView reads. Private to this module.
//
//   version(1) count(varint) length(varint) × count, bytes of postings(varint), postings, values
//   posting: parameter − previous parameter(varint), entries(varint), width(1), value number(varint) × entries × width
//   value: kind and presence bits(1), then the members that are present, in the order of `encode_value`
#pragma once

#include "lib/fhir/index.h"

#include <vector>

namespace musubi::fhir {

class IndexWriter {
  public:
    /// The number of an encoded value; equal values share one.
    uint32_t add(const IndexValue& value);
    /// A value of a parameter. The same one twice counts once.
    void post(uint16_t parameter, uint32_t value) { m_posts.push_back({parameter, value}); }
    void post_tuple(uint16_t parameter, const std::vector<uint32_t>& parts);
    std::string finish();

  private:
    struct Post {
        uint16_t parameter;
        uint32_t value;
    };
    struct Tuple {
        uint16_t parameter;
        uint8_t width;
        uint32_t first; // into m_parts
    };
    size_t* slot_of(size_t begin, size_t length);
    std::string m_values;
    std::vector<std::pair<uint32_t, uint32_t>> m_spans; // begin, length
    std::vector<size_t> m_slots;                        // hash table over m_spans, numbers + 1
    std::vector<Post> m_posts;
    std::vector<Tuple> m_tuples;
    std::vector<uint32_t> m_parts;
};

} // namespace musubi::fhir
