// The values that a resource offers to searches: every R4 and JP Core search parameter of its type, taken out in one
// walk along paths compiled from the SearchParameter expressions.
//
// Rules of this house: dates without a zone are Japan's (+09:00); the OID and the URL of one Japanese code system are
// the same system; strings are folded as JP Core's guide on string search asks (width, case, kana script, voicing
// marks, punctuation and blanks dropped); quantities in UCUM units are also brought to base units.
#pragma once

#include "lib/fhir/definitions.h"
#include "lib/fhir/document.h"

#include <optional>
#include <string>
#include <vector>

namespace musubi::fhir {

/// One value. Which members mean something depends on `kind`; the views live as long as what they were read from.
struct IndexValue {
    SearchKind kind = SearchKind::Special;
    /// Token: code or identifier system, canonical. Quantity: the unit's system.
    std::string_view system;
    /// Token: the code, identifier value, "true"/"false", telecom value. Quantity: the unit's code (its text, if it has
    /// no code). Reference: the target's id. Uri: the uri or canonical without version.
    std::string_view code;
    /// Token: display and text, folded, for :text. String: the folded form. Reference: base url of an absolute
    /// reference to elsewhere. Quantity: the unit's text.
    std::string_view text;
    /// String: as written. Reference: as written. Number: as written.
    std::string_view raw;
    /// Reference, Uri: the version after "|" or "/_history/".
    std::string_view version;
    /// Token of an Identifier: its type, for :of-type. Reference: the logical identifier, for :identifier.
    std::string_view extra_system;
    std::string_view extra_code;
    ResourceType target = ResourceType::None; // Reference, when its type is known
    /// Date: [low, high) in microseconds since 1970 UTC; INT64_MIN and INT64_MAX when open.
    int64_t low = 0;
    int64_t high = 0;
    /// Number, Quantity: [low, high], equal for a plain value, ±infinity when open.
    double number_low = 0;
    double number_high = 0;
    /// Quantity: number of the base unit (0: not a unit we can convert) and the same interval in it.
    uint16_t base_unit = 0;
    double base_low = 0;
    double base_high = 0;
};

/// Bytes of an index: a few hundred for a usual resource. Values that several parameters share are stored once. The
/// format carries its version in the first byte; a reader of a newer build reads older ones.
class IndexView {
  public:
    explicit IndexView(std::string_view bytes);
    /// Calls `visit` for every value of one parameter; stops when it returns false.
    template <class Visit> void for_each(uint16_t parameter, Visit&& visit) const {
        Values values(*this, parameter);
        IndexValue value;
        while (values.next(value))
            if (!visit(value)) return;
    }
    bool has(uint16_t parameter) const { return find(parameter).count > 0; }
    /// Values, or tuples of a composite parameter.
    size_t count(uint16_t parameter) const { return find(parameter).count; }
    /// The parameters that have values, ascending.
    std::vector<uint16_t> parameters() const;

  private:
    struct Posting {
        std::string_view list; // value numbers, varints
        size_t count = 0;      // of values or tuples
        size_t width = 1;      // value numbers per entry
    };

  public:
    /// Reads one parameter's values in order; those of a composite come part by part, `width` to a tuple.
    class Values {
      public:
        Values(const IndexView& index, uint16_t parameter);
        size_t width() const { return m_posting.width; }
        bool next(IndexValue& value);

      private:
        const IndexView& m_index;
        Posting m_posting;
        size_t m_left;
        size_t m_at = 0;        // in the posting
        size_t m_number = 0;    // of the value whose length comes next
        size_t m_length_at = 0; // in the lengths
        size_t m_value_at = 0;  // in the values
    };

  private:
    Posting find(uint16_t parameter) const;
    std::string_view m_lengths;
    std::string_view m_postings;
    std::string_view m_values;
};

struct IndexOptions {
    /// Absolute references beginning with this and "/" are the server's own ("https://kenko.city.example/fhir").
    std::string_view own_base;
};
/// Never fails: what is malformed gives no value (validation reports it).
std::string extract_index(const Document& document, const IndexOptions& options = {});

/// The folded form that string searches compare. For free use by callers that keep their own string index.
std::string fold_string(std::string_view text);
/// Codes and identifier values compare without regard to case and width.
std::string fold_token(std::string_view code);

/// [low, high) of a FHIR date, dateTime or instant of any precision; nothing if malformed.
struct DateRange {
    int64_t low = 0;
    int64_t high = 0;
};
std::optional<DateRange> parse_date(std::string_view text);

} // namespace musubi::fhir
