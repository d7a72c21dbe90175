// Every answer of the compiled search against a second implementation written differently: it interprets the
// SearchParameter's FHIRPath expression on the resource (path.h) and compares by the words of R4 section 3.1.1, without
// index bytes, path trees or tables of the first. Over the R4 examples and values taken from them.
#include "lib/fhir/index.h"
#include "lib/fhir/path.h"
#include "lib/fhir/query.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace musubi::fhir {
namespace {

namespace fs = std::filesystem;

/// Expression by parameter number, straight from the definitions' text.
const std::map<uint16_t, std::string>& expressions() {
    static const auto map = [] {
        std::map<uint16_t, std::string> out;
        std::ifstream in("src/lib/fhir/definitions/search.txt");
        for (std::string line; std::getline(in, line);) {
            if (line.empty() || line[0] == '#') continue;
            std::vector<std::string> cells;
            std::stringstream row(line);
            for (std::string cell; std::getline(row, cell, '\t');) cells.push_back(cell);
            if (cells.size() > 6) out[static_cast<uint16_t>(std::stoi(cells[0]))] = cells[6];
        }
        return out;
    }();
    return map;
}

const std::vector<Document>& examples() {
    static const std::vector<Document> documents = [] {
        std::vector<fs::path> files;
        std::error_code missing;
        for (const auto& entry : fs::directory_iterator("web/node_modules/hl7.fhir.r4.examples", missing))
            if (entry.path().extension() == ".json" && fs::file_size(entry.path()) < 60'000)
                files.push_back(entry.path());
        std::sort(files.begin(), files.end());
        const std::set<std::string> skipped = {"StructureDefinition", "ValueSet",   "CodeSystem",
                                               "SearchParameter",     "ConceptMap", "OperationDefinition"};
        std::vector<Document> out;
        for (const auto& file : files) {
            const std::string name = file.stem().string();
            if (skipped.contains(name.substr(0, name.find('-')))) continue;
            std::ifstream in(file, std::ios::binary);
            std::ostringstream text;
            text << in.rdbuf();
            if (auto document = Document::parse(text.str())) out.push_back(std::move(*document));
        }
        return out;
    }();
    return documents;
}

// ---- the slow evaluator: what an element offers, as plain lists of texts

struct Offer {
    std::string system, code;       // token
    std::string folded, raw;        // string
    std::optional<DateRange> range; // date
};

std::string member(Node node, std::string_view name) {
    const Node found = node.find(name);
    return std::string(found && found.is_string() ? found.string() : found ? found.raw() : std::string_view());
}

void offer_token(Node node, std::vector<Offer>& out) {
    static const std::set<std::string> kContactSystems = {"phone", "email", "fax", "pager", "url", "sms", "other"};
    const bool contact = node.is_object() && kContactSystems.contains(member(node, "system"));
    const auto add = [&](std::string system, std::string code) {
        Offer offer;
        offer.system = std::string(canonical_system(system));
        offer.code = std::move(code);
        out.push_back(std::move(offer));
    };
    if (!node.is_object()) return add("", node.is_string() ? std::string(node.string()) : std::string(node.raw()));
    if (node.find("coding")) {
        for (const Node coding : node.find("coding")) add(member(coding, "system"), member(coding, "code"));
    } else if (contact && node.find("value")) {
        add(member(node, "use"), member(node, "value"));
    } else if (node.find("value")) {
        add(member(node, "system"), member(node, "value"));
    } else if (node.find("code") || node.find("system")) {
        add(member(node, "system"), member(node, "code"));
    }
}

/// Full names in either order, and addresses from the prefecture or the city on, are offered besides their parts.
void offer_joined(Node node, std::vector<Offer>& out) {
    const auto all = [&](const char* name) {
        std::string text;
        const Node found = node.find(name);
        if (found.is_string()) text = std::string(found.string());
        if (found.is_array())
            for (const Node item : found) text += item.string();
        return text;
    };
    const auto add = [&](const std::string& text) {
        Offer offer;
        offer.folded = fold_string(text);
        out.push_back(std::move(offer));
    };
    if (!all("family").empty() && !all("given").empty()) {
        add(all("family") + all("given"));
        add(all("given") + all("family"));
    }
    if (all("line").empty()) return;
    if (!all("state").empty() || !all("city").empty()) add(all("state") + all("city") + all("line"));
    if (!all("city").empty()) add(all("city") + all("line"));
}

void offer_strings(Node node, std::vector<Offer>& out) {
    if (node.is_string()) {
        Offer offer;
        offer.raw = std::string(node.string());
        offer.folded = fold_string(node.string());
        out.push_back(std::move(offer));
    }
    if (node.is_array())
        for (const Node item : node) offer_strings(item, out);
    if (!node.is_object()) return;
    offer_joined(node, out);
    for (const char* part :
         {"text", "family", "given", "prefix", "suffix", "line", "city", "district", "state", "postalCode", "country"})
        if (const Node found = node.find(part)) offer_strings(found, out);
}

void offer_date(Node node, std::vector<Offer>& out) {
    const auto add = [&](std::optional<DateRange> range) {
        if (!range) return;
        Offer offer;
        offer.range = range;
        out.push_back(std::move(offer));
    };
    if (node.is_string()) return add(parse_date(node.string()));
    if (const Node bounds = node.find("repeat").find("boundsPeriod")) offer_date(bounds, out);
    if (const Node events = node.find("event")) {
        std::optional<DateRange> whole;
        for (const Node item : events)
            if (const auto one = parse_date(item.string()))
                whole = whole ? DateRange{std::min(whole->low, one->low), std::max(whole->high, one->high)} : *one;
        add(whole);
    }
    const Node start = node.find("start");
    const Node end = node.find("end");
    if (!start && !end) return;
    DateRange range{INT64_MIN, INT64_MAX};
    if (start) {
        const auto from = parse_date(start.string());
        if (!from) return;
        range.low = from->low;
    }
    if (end) {
        const auto to = parse_date(end.string());
        if (!to) return;
        range.high = to->high;
    }
    if (range.low < range.high) add(range);
}

std::vector<Offer> offers(const Document& document, const SearchParameter& parameter) {
    std::vector<Offer> out;
    const auto nodes = evaluate_path(document, expressions().at(parameter.id));
    EXPECT_TRUE(nodes.ok()) << parameter.url << ' ' << (nodes ? "" : nodes.error().parameters.back().second);
    if (!nodes) return out;
    for (const Node node : *nodes) {
        switch (parameter.kind) {
        case SearchKind::Token:
            offer_token(node, out);
            break;
        case SearchKind::String:
            offer_strings(node, out);
            break;
        case SearchKind::Date:
            if (!node.name().ends_with("String")) offer_date(node, out);
            break;
        default:
            break;
        }
    }
    return out;
}

std::string lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return text;
}

const std::string& index_of(size_t at) {
    static std::map<size_t, std::string> cache;
    auto& index = cache[at];
    if (index.empty()) index = extract_index(examples()[at]);
    return index;
}

std::optional<bool> ask(size_t at, const std::string& name, const std::string& value) {
    const auto query = parse_query(examples()[at].type(), {{name, value}}, {});
    if (!query || query->filters.size() != 1) return std::nullopt;
    return matches(*query->filters[0].criterion, IndexView(index_of(at)));
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (std::string_view(",|$\\").find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

/// Parameters of the kind whose expression the second implementation reads as the first does: those that name an
/// extension or a condition on the whole are tested by hand.
bool is_plain(const SearchParameter& parameter) {
    const auto found = expressions().find(parameter.id);
    return found != expressions().end() && !found->second.empty() &&
           found->second.find("extension") == std::string::npos && found->second.find(" and ") == std::string::npos &&
           parameter.code != "_text";
}

/// Texts of the pool are asked of every document of the type, so that misses are tried as often as hits.
template <class Make, class Expect> void compare(SearchKind kind, Make&& make, Expect&& expect) {
    ASSERT_GT(examples().size(), 500u) << "hl7.fhir.r4.examples is not installed: run npm ci in web/";
    std::map<ResourceType, std::vector<size_t>> by_type;
    for (size_t i = 0; i < examples().size(); ++i) by_type[examples()[i].type()].push_back(i);
    size_t asked = 0;
    size_t hits = 0;
    for (const auto& [type, members] : by_type) {
        for (const uint16_t id : search_parameters(type)) {
            const SearchParameter& parameter = search_parameter(id);
            if (parameter.kind != kind || !is_plain(parameter)) continue;
            std::vector<std::vector<Offer>> all;
            std::set<std::string> pool;
            for (const size_t at : members) {
                all.push_back(offers(examples()[at], parameter));
                for (const auto& offer : all.back())
                    for (auto& text : make(offer))
                        if (pool.size() < 60) pool.insert(std::move(text));
            }
            for (const auto& text : pool) {
                for (size_t i = 0; i < members.size(); ++i) {
                    const auto actual = ask(members[i], std::string(parameter.code), text);
                    if (!actual) continue;
                    ++asked;
                    const bool wanted = expect(all[i], text);
                    hits += wanted;
                    ASSERT_EQ(*actual, wanted)
                        << name_of(type) << '/' << examples()[members[i]].id() << ' ' << parameter.code << '=' << text;
                }
            }
        }
    }
    EXPECT_GT(asked, 1000u);
    EXPECT_GT(hits, 200u);
}

TEST(SearchProperty, StringsAgreeWithTheSlowEvaluator) {
    compare(
        SearchKind::String,
        [](const Offer& offer) {
            const std::string half = offer.raw.substr(0, std::min<size_t>(offer.raw.size(), 5));
            std::vector<std::string> out;
            for (const auto& text : {offer.raw, half})
                if (text.size() < 200 && !fold_string(text).empty() &&
                    (text.empty() || static_cast<unsigned char>(text.back()) < 0x80))
                    out.push_back(escaped(text));
            return out;
        },
        [](const std::vector<Offer>& all, const std::string& text) {
            std::string plain;
            for (size_t i = 0; i < text.size(); ++i) {
                if (text[i] == '\\') ++i;
                plain += text[i];
            }
            const std::string wanted = fold_string(plain);
            return std::any_of(all.begin(), all.end(),
                               [&](const Offer& offer) { return offer.folded.starts_with(wanted); });
        });
}

TEST(SearchProperty, TokensAgreeWithTheSlowEvaluator) {
    compare(
        SearchKind::Token,
        [](const Offer& offer) {
            std::vector<std::string> out;
            if (offer.code.empty() || offer.code.size() > 100) return out;
            out.push_back(escaped(offer.code));
            if (!offer.system.empty()) out.push_back(escaped(offer.system) + '|' + escaped(offer.code));
            return out;
        },
        [](const std::vector<Offer>& all, const std::string& text) {
            std::string system;
            std::string code;
            bool has_system = false;
            for (size_t i = 0; i < text.size(); ++i) {
                if (text[i] == '|') {
                    system = std::move(code);
                    code.clear();
                    has_system = true;
                    continue;
                }
                if (text[i] == '\\') ++i;
                code += text[i];
            }
            return std::any_of(all.begin(), all.end(), [&](const Offer& offer) {
                return lower(offer.code) == lower(code) && (!has_system || offer.system == system);
            });
        });
}

TEST(SearchProperty, DatesAgreeWithTheSlowEvaluator) {
    static constexpr const char* kPrefixes[] = {"", "ne", "lt", "gt", "le", "ge", "sa", "eb"};
    std::vector<std::string> times = {
        "2012", "2013-04", "2014-08-16", "2015-02-07T13:28:17+02:00", "1974-12-25", "2016-01-01T00:00:00Z"};
    size_t turn = 0;
    compare(
        SearchKind::Date,
        [&](const Offer&) {
            ++turn;
            return std::vector<std::string>{std::string(kPrefixes[turn % 8]) + times[turn / 8 % times.size()]};
        },
        [](const std::vector<Offer>& all, const std::string& text) {
            const bool prefixed = text[0] > '9';
            const std::string prefix = prefixed ? text.substr(0, 2) : "eq";
            const DateRange asked = *parse_date(prefixed ? text.substr(2) : text);
            return std::any_of(all.begin(), all.end(), [&](const Offer& offer) {
                const DateRange& have = *offer.range;
                const bool inside = have.low >= asked.low && have.high <= asked.high;
                const bool reaches_below = have.low < asked.low;
                const bool reaches_above = have.high > asked.high;
                if (prefix == "eq") return inside;
                if (prefix == "ne") return !inside;
                if (prefix == "lt") return reaches_below;
                if (prefix == "gt") return reaches_above;
                if (prefix == "le") return reaches_below || inside;
                if (prefix == "ge") return reaches_above || inside;
                if (prefix == "sa") return have.low >= asked.high;
                return have.high <= asked.low;
            });
        });
}

TEST(SearchProperty, ReferencesAndUrisAreFoundWhereTheyStandAndNowhereElse) {
    ASSERT_GT(examples().size(), 500u);
    size_t asked = 0;
    size_t hits = 0;
    for (size_t i = 0; i < examples().size(); ++i) {
        for (const uint16_t id : search_parameters(examples()[i].type())) {
            const SearchParameter& parameter = search_parameter(id);
            if ((parameter.kind != SearchKind::Reference && parameter.kind != SearchKind::Uri) || !is_plain(parameter))
                continue;
            const auto nodes = evaluate_path(examples()[i], expressions().at(id));
            ASSERT_TRUE(nodes.ok()) << parameter.url;
            std::set<std::string> texts;
            for (const Node node : *nodes) {
                const std::string text(node.is_string() ? node.string() : node.find("reference").string());
                if (!text.empty() && text[0] != '#' && text.find('|') == std::string::npos) texts.insert(text);
            }
            for (const auto& text : texts) {
                ++hits;
                const auto found = ask(i, std::string(parameter.code), escaped(text));
                ASSERT_EQ(found, true) << name_of(examples()[i].type()) << '/' << examples()[i].id() << ' '
                                       << parameter.code << '=' << text;
            }
            ++asked;
            ASSERT_NE(ask(i, std::string(parameter.code), "Patient/nobody-has-this-id"), true);
            if (nodes->empty()) {
                ASSERT_EQ(ask(i, std::string(parameter.code) + ":missing", "true"), true) << parameter.code;
            }
        }
    }
    EXPECT_GT(hits, 500u);
    EXPECT_GT(asked, 3000u);
}

} // namespace
} // namespace musubi::fhir
