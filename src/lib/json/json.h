// The one include for JSON: describe.h says what it offers, this adds how described types are read, written and turned
// into schema. Per type only a thin loop over its fields is generated; everything else is compiled once, in json.cpp.
#pragma once

#include "lib/json/describe.h"

#include <algorithm>
#include <concepts>
#include <limits>
#include <map>
#include <type_traits>
#include <typeindex>
#include <typeinfo>

namespace musubi::json {

namespace detail {

template <class T> struct IsId : std::false_type {};
template <class Tag> struct IsId<base::Id<Tag>> : std::true_type {};
template <class T> struct IsOptional : std::false_type {};
template <class T> struct IsOptional<std::optional<T>> : std::true_type {};
template <class T> struct IsVector : std::false_type {};
template <class T> struct IsVector<std::vector<T>> : std::true_type {};
template <class T> struct IsMap : std::false_type {};
template <class T, class Compare> struct IsMap<std::map<std::string, T, Compare>> : std::true_type {};

template <class T>
concept NamedEnum = std::is_enum_v<T> && requires(T value) { json_names(value); };
template <class T>
concept Integer = std::integral<T> && !std::is_same_v<T, bool>;
template <class T>
concept Leaf = std::is_same_v<T, std::string> || std::is_same_v<T, bool> || Integer<T> || IsId<T>::value ||
               std::is_same_v<T, base::Instant> || std::is_same_v<T, base::CivilDate> ||
               std::is_same_v<T, base::Secret> || std::is_same_v<T, Decimal> || std::is_same_v<T, Raw> || NamedEnum<T>;
template <class T>
concept Compound = IsOptional<T>::value || IsVector<T>::value || IsMap<T>::value;
template <class T>
concept Described = !Leaf<T> && !Compound<T> && std::is_class_v<T>;

// A first value for types that have none of their own (ids and dates cannot be empty). It is always overwritten or
// thrown away before anyone sees it.
template <class T> T blank();
struct Blank {
    template <class T>
        requires(!std::is_reference_v<T>)
    operator T() const { // NOLINT(google-explicit-constructor): stands for any member of an aggregate
        return blank<T>();
    }
};
template <size_t> using NthBlank = Blank;
template <class T, size_t... I> constexpr bool takes_blanks(std::index_sequence<I...>) {
    return requires { T{NthBlank<I>{}...}; };
}
template <class T, size_t Count = 64> constexpr size_t member_count() {
    if constexpr (Count == 0 || takes_blanks<T>(std::make_index_sequence<Count>{})) {
        return Count;
    } else {
        return member_count<T, Count - 1>();
    }
}
template <class T, size_t... I> T aggregate_of_blanks(std::index_sequence<I...>) { return T{NthBlank<I>{}...}; }
template <class T> T blank() {
    if constexpr (IsId<T>::value) {
        return *T::parse("00000000-0000-7000-8000-000000000000");
    } else if constexpr (std::is_same_v<T, base::CivilDate>) {
        return base::CivilDate::from_days(0);
    } else if constexpr (std::is_default_constructible_v<T>) {
        return T{};
    } else {
        static_assert(std::is_aggregate_v<T>, "a described type is an aggregate or can be default constructed");
        return aggregate_of_blanks<T>(std::make_index_sequence<member_count<T>()>{});
    }
}

// ---- reading

/// Where reading stands and what was found wrong so far.
class ReadState {
  public:
    void fail(std::string_view code);
    void fail_at(std::string_view member, std::string_view code);
    size_t enter(std::string_view member); // returns what leave() takes
    size_t enter(size_t index);
    void leave(size_t mark) { m_path.resize(mark); }
    bool failed() const { return !m_errors.empty(); }
    base::Error take_error();

  private:
    std::string m_path;
    std::vector<base::FieldError> m_errors;
};

bool is_null(const Element& element);
void read_leaf(const Element& element, std::string& out, const Rule& rule, ReadState& state);
void read_leaf(const Element& element, base::Secret& out, const Rule& rule, ReadState& state);
void read_leaf(const Element& element, bool& out, const Rule& rule, ReadState& state);
void read_leaf(const Element& element, Decimal& out, const Rule& rule, ReadState& state);
void read_leaf(const Element& element, Raw& out, const Rule& rule, ReadState& state);
void read_leaf(const Element& element, base::Instant& out, const Rule& rule, ReadState& state);
void read_leaf(const Element& element, base::CivilDate& out, const Rule& rule, ReadState& state);
std::optional<int64_t> read_integer(const Element& element, int64_t minimum, int64_t maximum, ReadState& state);
std::optional<std::string_view> read_token(const Element& element, ReadState& state);

template <class T> void read_value(const Element& element, T& out, const Rule& rule, ReadState& state);

/// The visitor that `describe` sees while reading.
class ReadFields {
  public:
    ReadFields(const Element& object, ReadState& state);
    template <class T> void operator()(std::string_view name, T& member, const Rule& rule = {}) {
        const std::optional<Element> element = take(name);
        if constexpr (IsOptional<T>::value) {
            member.reset();
            if (!element || is_null(*element)) return;
            auto& value = member.emplace(blank<typename T::value_type>());
            read_member(name, *element, value, rule);
        } else {
            if (!element) return m_state.fail_at(name, "missing");
            read_member(name, *element, member, rule);
        }
    }
    void report_unknown();

  private:
    template <class T> void read_member(std::string_view name, const Element& element, T& member, const Rule& rule) {
        const size_t mark = m_state.enter(name);
        read_value(element, member, rule, m_state);
        m_state.leave(mark);
    }
    std::optional<Element> take(std::string_view name);

    ReadState& m_state;
    std::vector<std::pair<std::string_view, Element>> m_members;
    std::vector<bool> m_taken;
};

template <class T> void read_value(const Element& element, T& out, const Rule& rule, ReadState& state) {
    if constexpr (IsId<T>::value) {
        const auto text = read_token(element, state);
        if (!text) return;
        auto id = T::parse(*text);
        if (!id) return state.fail("malformed");
        out = *id;
    } else if constexpr (NamedEnum<T>) {
        const auto text = read_token(element, state);
        if (!text) return;
        for (const auto& [value, name] : json_names(T{})) {
            if (name == *text) {
                out = value;
                return;
            }
        }
        state.fail("out-of-range");
    } else if constexpr (Integer<T>) {
        const auto lowest = std::is_signed_v<T> ? static_cast<int64_t>(std::numeric_limits<T>::min()) : 0;
        const auto highest = sizeof(T) < 8 ? static_cast<int64_t>(std::numeric_limits<T>::max()) : INT64_MAX;
        const auto number =
            read_integer(element, std::max(lowest, rule.minimum), std::min(highest, rule.maximum), state);
        if (number) out = static_cast<T>(*number);
    } else if constexpr (IsOptional<T>::value) {
        out.reset();
        if (!is_null(element)) read_value(element, out.emplace(blank<typename T::value_type>()), rule, state);
    } else if constexpr (IsVector<T>::value) {
        out.clear();
        if (element.type() != Element::Type::Array) return state.fail("wrong-type");
        const auto items = element.items();
        if (items.size() > rule.max_items) return state.fail("too-many");
        out.reserve(items.size());
        for (size_t i = 0; i < items.size(); ++i) {
            const size_t mark = state.enter(i);
            auto item = blank<typename T::value_type>();
            read_value(items[i], item, rule, state);
            out.push_back(std::move(item));
            state.leave(mark);
        }
    } else if constexpr (IsMap<T>::value) {
        out.clear();
        if (element.type() != Element::Type::Object) return state.fail("wrong-type");
        const auto members = element.members();
        if (members.size() > rule.max_items) return state.fail("too-many");
        for (const auto& [name, value] : members) {
            const size_t mark = state.enter(name);
            auto item = blank<typename T::mapped_type>();
            read_value(value, item, rule, state);
            out.emplace(std::string(name), std::move(item));
            state.leave(mark);
        }
    } else if constexpr (Leaf<T>) {
        read_leaf(element, out, rule, state);
    } else {
        if (element.type() != Element::Type::Object) return state.fail("wrong-type");
        ReadFields fields(element, state);
        describe(fields, out);
        fields.report_unknown();
    }
}

// ---- writing

void append_leaf(std::string& out, const std::string& value);
void append_leaf(std::string& out, bool value);
void append_leaf(std::string& out, const Decimal& value);
void append_leaf(std::string& out, const Raw& value);
void append_leaf(std::string& out, base::Instant value);
void append_leaf(std::string& out, base::CivilDate value);
void append_integer(std::string& out, int64_t value);
void append_unsigned(std::string& out, uint64_t value);

template <class T> void write_value(std::string& out, const T& value);

/// The visitor that `describe` sees while writing.
class WriteFields {
  public:
    explicit WriteFields(std::string& out) : m_out(out) {}
    template <class T> void operator()(std::string_view name, const T& member, const Rule& = {}) {
        if constexpr (std::is_same_v<T, base::Secret>) {
            return;
        } else if constexpr (IsOptional<T>::value) {
            if constexpr (!std::is_same_v<typename T::value_type, base::Secret>) {
                if (!member) return;
                begin(name);
                write_value(m_out, *member);
            }
        } else {
            begin(name);
            write_value(m_out, member);
        }
    }

  private:
    void begin(std::string_view name) {
        m_out += m_first ? "\"" : ",\"";
        m_first = false;
        m_out += name;
        m_out += "\":";
    }
    std::string& m_out;
    bool m_first = true;
};

template <class T> void write_value(std::string& out, const T& value) {
    if constexpr (IsId<T>::value) {
        out += '"';
        out += value.to_string();
        out += '"';
    } else if constexpr (NamedEnum<T>) {
        std::string_view found;
        for (const auto& [member, name] : json_names(value))
            if (member == value) found = name;
        append_string(out, found);
    } else if constexpr (Integer<T>) {
        if constexpr (std::is_signed_v<T>) {
            append_integer(out, value);
        } else {
            append_unsigned(out, value);
        }
    } else if constexpr (IsOptional<T>::value) {
        if (value) {
            write_value(out, *value);
        } else {
            out += "null";
        }
    } else if constexpr (IsVector<T>::value) {
        out += '[';
        bool first = true;
        for (const auto& item : value) {
            if (!std::exchange(first, false)) out += ',';
            write_value(out, item);
        }
        out += ']';
    } else if constexpr (IsMap<T>::value) {
        out += '{';
        bool first = true;
        for (const auto& [name, item] : value) {
            if (!std::exchange(first, false)) out += ',';
            append_string(out, name);
            out += ':';
            write_value(out, item);
        }
        out += '}';
    } else if constexpr (Leaf<T>) {
        static_assert(!std::is_same_v<T, base::Secret>, "a Secret is never written");
        append_leaf(out, value);
    } else {
        out += '{';
        WriteFields fields(out);
        describe(fields, const_cast<T&>(value)); // describe only names the members; WriteFields takes them const
        out += '}';
    }
}

// ---- schema

/// "musubi::notices::NoticeList" from the compiler's spelling of T.
template <class T> constexpr std::string_view type_name() {
    const std::string_view function = __PRETTY_FUNCTION__;
    const size_t begin = function.find("T = ") + 4;
    return function.substr(begin, function.find_first_of(";]", begin) - begin);
}

std::string string_schema(const Rule& rule);
std::string integer_schema(int64_t minimum, int64_t maximum, size_t bytes, const Rule& rule);
std::string fixed_schema(std::string_view inner, const Rule& rule); // `inner`: members without braces
std::string array_schema(std::string items, const Rule& rule);
std::string enum_schema(const std::vector<std::string_view>& names, const Rule& rule);
std::string reference_schema(const std::string& name, const Rule& rule);

template <class T> std::string value_schema(SchemaSet& set, const Rule& rule);

/// The visitor that `describe` sees while collecting schema.
class SchemaFields {
  public:
    explicit SchemaFields(SchemaSet& set) : m_set(set) {}
    template <class T> void operator()(std::string_view name, T&, const Rule& rule = {}) {
        if constexpr (IsOptional<T>::value) {
            add(name, value_schema<typename T::value_type>(m_set, rule), false);
        } else {
            add(name, value_schema<T>(m_set, rule), true);
        }
    }
    std::string finish() const;

  private:
    void add(std::string_view name, const std::string& schema, bool required);
    SchemaSet& m_set;
    std::string m_properties;
    std::string m_required;
};

} // namespace detail

class SchemaSet {
  public:
    /// Name → schema, for "components.schemas"; sorted, so that the file is stable.
    const std::map<std::string, std::string>& schemas() const { return m_schemas; }

    /// The name under which a type stands, and whether this call was the first for it. A type whose short name is taken
    /// by another type stands under its namespace and name ("NoticesItem").
    std::pair<std::string, bool> claim(std::type_index type, std::string_view qualified_name);
    void define(const std::string& name, std::string schema) { m_schemas[name] = std::move(schema); }

  private:
    std::map<std::type_index, std::string> m_names;
    std::map<std::string, std::string> m_schemas;
};

namespace detail {

template <class T> std::string value_schema(SchemaSet& set, const Rule& rule) {
    if constexpr (std::is_same_v<T, std::string>) {
        return string_schema(rule);
    } else if constexpr (std::is_same_v<T, bool>) {
        return fixed_schema(R"("type":"boolean")", rule);
    } else if constexpr (Integer<T>) {
        const auto lowest = std::is_signed_v<T> ? INT64_MIN : 0;
        return integer_schema(std::max<int64_t>(lowest, rule.minimum), rule.maximum, sizeof(T), rule);
    } else if constexpr (IsId<T>::value) {
        return fixed_schema(R"("type":"string","format":"uuid")", rule);
    } else if constexpr (std::is_same_v<T, base::Instant>) {
        return fixed_schema(R"("type":"string","format":"date-time")", rule);
    } else if constexpr (std::is_same_v<T, base::CivilDate>) {
        return fixed_schema(R"("type":"string","format":"date")", rule);
    } else if constexpr (std::is_same_v<T, base::Secret>) {
        return fixed_schema(R"("type":"string","format":"password","writeOnly":true)", rule);
    } else if constexpr (std::is_same_v<T, Decimal>) {
        return fixed_schema(R"("type":"number")", rule);
    } else if constexpr (std::is_same_v<T, Raw>) {
        return fixed_schema("", rule);
    } else if constexpr (NamedEnum<T>) {
        std::vector<std::string_view> names;
        for (const auto& [value, name] : json_names(T{})) names.push_back(name);
        return enum_schema(names, rule);
    } else if constexpr (IsOptional<T>::value) {
        return value_schema<typename T::value_type>(set, rule);
    } else if constexpr (IsVector<T>::value) {
        Rule of_items = rule;
        of_items.meaning = {};
        return array_schema(value_schema<typename T::value_type>(set, of_items), rule);
    } else if constexpr (IsMap<T>::value) {
        Rule of_items = rule;
        of_items.meaning = {};
        return fixed_schema(
            R"("type":"object","additionalProperties":)" + value_schema<typename T::mapped_type>(set, of_items), rule);
    } else {
        const auto [name, is_new] = set.claim(typeid(T), type_name<T>());
        if (is_new) {
            T sample = blank<T>();
            SchemaFields fields(set);
            describe(fields, sample);
            set.define(name, fields.finish());
        }
        return reference_schema(name, rule);
    }
}

} // namespace detail

template <class T> base::Result<T> from_element(const Element& element) {
    detail::ReadState state;
    T value = detail::blank<T>();
    detail::read_value(element, value, Rule{}, state);
    if (state.failed()) return state.take_error();
    return value;
}

template <class T> base::Result<T> parse(std::string_view text, const Limits& limits) {
    auto document = Document::parse(text, limits);
    if (!document) return std::move(document).error();
    return from_element<T>(document->root());
}

template <class T> std::string write(const T& value) {
    std::string out;
    detail::write_value(out, value);
    return out;
}

template <class T> std::string schema_reference(SchemaSet& set) { return detail::value_schema<T>(set, Rule{}); }

} // namespace musubi::json
