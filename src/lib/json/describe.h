// A type says once what its JSON looks like; parsing, writing and the OpenAPI schema all follow from that one function:
//
//     struct StartRegistration { std::string email; std::optional<std::string> telephone; };
//     template <class Fields> void describe(Fields& fields, StartRegistration& body) {
//         fields("email", body.email, json::Rule{.max_length = 254, .format = "email"});
//         fields("telephone", body.telephone, json::Rule{.max_length = 20});
//     }
//
// Field types: std::string, bool, int64_t/int32_t, base::Id, base::Instant, base::CivilDate, base::Secret (parsed,
// never written), json::Decimal (keeps its exact text), json::Raw (any JSON, verbatim), std::optional<T> (absent =
// nullopt), std::vector<T>, described structs, and enums that give
//     constexpr auto json_names(Channel) { return std::array{std::pair{Channel::Mail, "mail"}, …}; }
// found by their namespace.
#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace musubi::json {

/// What a field must satisfy beyond its type. Violations become FieldErrors with codes "too-long", "too-short",
/// "malformed", "out-of-range", "too-many", "missing", "wrong-type", "unknown-field".
struct Rule {
    size_t max_length = 4096; // characters of a string (Unicode scalar values)
    size_t min_length = 0;
    size_t max_items = 1000; // elements of an array
    int64_t minimum = INT64_MIN;
    int64_t maximum = INT64_MAX;
    std::string_view format = {};  // "email", "uri", "telephone", "base64", "base64url"; checked when parsing
    std::string_view meaning = {}; // one sentence for the API description
};

/// A decimal number kept as its source text ("0.010" stays "0.010").
struct Decimal {
    std::string text = "0";
};

/// Any JSON value, kept as its source text.
struct Raw {
    std::string text = "null";
};

/// Limits on a document from outside. Exceeding one is an error, as are duplicate keys, bad UTF-8, lone surrogates and
/// anything after the value.
struct Limits {
    size_t max_bytes = 1 << 20;
    size_t max_depth = 32;
};

namespace detail {
struct ElementImpl;
} // namespace detail

/// A parsed value, borrowed from its Document.
class Element {
  public:
    enum class Type { Null, Bool, Integer, Decimal, String, Array, Object };
    Type type() const;
    std::string_view string() const;                                   // type String
    std::string_view number_text() const;                              // type Integer or Decimal: the source text
    std::optional<int64_t> integer() const;                            // exact int64 or nothing
    bool boolean() const;                                              // type Bool
    std::vector<Element> items() const;                                // type Array
    std::vector<std::pair<std::string_view, Element>> members() const; // type Object, in source order
    std::optional<Element> find(std::string_view key) const;           // type Object
    std::string_view raw() const;                                      // the source text of this value

  private:
    friend class Document;
    explicit Element(const detail::ElementImpl* impl) : m_impl(impl) {}
    const detail::ElementImpl* m_impl;
};

/// A strictly validated document. Owns a copy of the text.
class Document {
  public:
    static base::Result<Document> parse(std::string_view text, const Limits& limits = {});
    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();
    Element root() const;

  private:
    Document();
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Parses into a described struct. Unknown fields are an error. All field errors are reported together with
/// code "request.fields-invalid".
template <class T> base::Result<T> parse(std::string_view text, const Limits& limits = {});
template <class T> base::Result<T> from_element(const Element& element);

/// Compact JSON. Absent optionals are left out.
template <class T> std::string write(const T& value);

/// Appends a JSON string literal, escaped; '<' and U+2028/2029 are escaped too so that it may stand in HTML.
void append_string(std::string& out, std::string_view text);

/// Collects JSON Schema (the 2020-12 dialect OpenAPI 3.1 uses) of described types under their names.
class SchemaSet;
template <class T>
std::string schema_reference(SchemaSet& set); // {"$ref":"#/components/schemas/Name"} or an inline schema

} // namespace musubi::json
