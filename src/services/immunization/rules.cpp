#include "services/immunization/rules.h"

#include "base/config.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <tuple>

namespace musubi::immunization {
namespace {

using base::Config;

Point point_at(Config& config, std::string_view key, const std::string& text) {
    auto point = read_point(text);
    if (point) return *point;
    config.refuse(key, "is no point in time: " + text);
    return {};
}

Point point(Config& config, std::string_view key) {
    return config.has(key) ? point_at(config, key, config.text(key)) : Point{};
}

Interval interval(Config& config, std::string_view key) {
    if (!config.has(key)) return {};
    const std::string text = config.text(key);
    auto read = read_interval(text);
    if (read) return *read;
    config.refuse(key, "is no interval: " + text);
    return {};
}

/// Two texts under one key, both present or none.
std::pair<std::string, std::string> pair_at(Config& config, std::string_view key) {
    const auto texts = config.texts(key, {});
    if (texts.empty()) return {};
    if (texts.size() == 2) return {texts[0], texts[1]};
    config.refuse(key, "needs two entries");
    return {};
}

std::pair<Point, Point> points(Config& config, std::string_view key) {
    const auto [from, to] = pair_at(config, key);
    if (from.empty()) return {};
    return {point_at(config, key, from), point_at(config, key, to)};
}

std::optional<CivilDate> date_of(Config& config, std::string_view key, const std::string& text) {
    const auto date = CivilDate::parse(text);
    if (!date) config.refuse(key, "is no date: " + text);
    return date;
}

std::optional<CivilDate> date(Config& config, std::string_view key) {
    if (!config.has(key)) return std::nullopt;
    return date_of(config, key, config.text(key));
}

Span span_of(Config& config, std::string_view key) {
    const auto [from, to] = pair_at(config, key);
    if (from.empty()) return {};
    return {date_of(config, key, from), date_of(config, key, to)};
}

int month_day(Config& config, std::string_view key, const std::string& text) {
    int month = 0;
    int day = 0;
    const char* at = text.data();
    const bool good = text.size() == 5 && text[2] == '-' && std::from_chars(at, at + 2, month).ec == std::errc() &&
                      std::from_chars(at + 3, at + 5, day).ec == std::errc() && CivilDate::of(2023, month, day);
    if (!good) config.refuse(key, "is no day of the year like 10-01: " + text);
    return month * 100 + day;
}

Window window_of(Config& config) {
    Window window;
    const auto [from, to] = points(config, "window");
    window.from = from;
    window.to = to;
    return window;
}

DoseRule dose_of(Config& config) {
    DoseRule dose;
    dose.number = static_cast<int>(config.integer("number", {1, 20}));
    dose.phase = config.text("phase");
    dose.period = static_cast<int>(config.integer("period", {1, 9}, 1));
    dose.windows.push_back(window_of(config));
    std::tie(dose.standard_from, dose.standard_to) = points(config, "standard");
    dose.start_not_recommended_from = point(config, "start_not_recommended_from");
    dose.skip_if_after = point(config, "skip_if_after");
    dose.skip_if_previous_after = point(config, "skip_if_previous_after");
    for (Config& also : config.tables("also")) {
        Window window = window_of(also);
        window.id = also.text("id");
        window.born = span_of(also, "born");
        window.in_force = span_of(also, "in_force");
        window.begun_between = span_of(also, "begun_between");
        window.requires_ = also.choice<Requirement>("requires",
                                                    {{"none", Requirement::None},
                                                     {"recognition", Requirement::Recognition},
                                                     {"disability", Requirement::Disability},
                                                     {"hiv-disability", Requirement::HivDisability}},
                                                    Requirement::None);
        dose.windows.push_back(std::move(window));
    }
    for (Config& one : config.tables("interval")) {
        IntervalRule rule;
        const std::string from = one.text("from");
        if (from == "last-primary") {
            rule.from_dose = IntervalRule::kLastPrimary;
        } else if (from.size() == 1 && from[0] >= '1' && from[0] - '0' < dose.number) {
            rule.from_dose = from[0] - '0';
        } else {
            one.refuse("from", "names no earlier dose: " + from);
        }
        rule.min = interval(one, "min");
        rule.standard_min = interval(one, "standard_min");
        rule.standard_max = interval(one, "standard_max");
        rule.physician_min = interval(one, "physician_min");
        rule.catch_up_min = interval(one, "catch_up_min");
        dose.intervals.push_back(rule);
    }
    return dose;
}

/// What names another entry, kept until all of them are known.
struct Names {
    std::vector<std::string> counts_for, not_if_begun, begun_with;
};

int product_index(Config& config, std::string_view key, const Vaccine& vaccine, const std::string& cvx) {
    for (size_t i = 0; i < vaccine.products.size(); ++i)
        if (vaccine.products[i].cvx == cvx) return static_cast<int>(i);
    config.refuse(key, "is no product of this vaccine: " + cvx);
    return 0;
}

Series series_of(Config& config, const Vaccine& vaccine, std::string& fallback) {
    Series series;
    series.id = config.text("id");
    series.confidence = config.text("confidence");
    series.is_default = config.flag("default", false);
    std::tie(series.start_from, series.start_to) = points(config, "start");
    for (const std::string& cvx : config.texts("start_products", {}))
        series.start_products.push_back(product_index(config, "start_products", vaccine, cvx));
    series.cohort = span_of(config, "cohort");
    series.in_force = {date(config, "effective_from"), date(config, "effective_to")};
    fallback = config.text("fallback", "");
    for (Config& dose : config.tables("dose")) {
        series.doses.push_back(dose_of(dose));
        if (series.doses.back().number != static_cast<int>(series.doses.size()))
            dose.refuse("number", "must count up from 1");
    }
    if (series.doses.empty() || series.doses.size() > 9) config.refuse("dose", "needs one to nine doses");
    return series;
}

void read_products(Config& config, Vaccine& vaccine) {
    for (Config& one : config.tables("product")) {
        Product product;
        product.cvx = one.text("cvx");
        product.name = one.text("name");
        product.words = one.texts("words", {});
        product.in_force = {date(one, "from"), date(one, "to")};
        product.live_injection = one.flag("live_injection", false);
        vaccine.products.push_back(std::move(product));
    }
}

void read_all_series(Config& config, Vaccine& vaccine) {
    std::vector<std::string> fallbacks;
    for (Config& one : config.tables("series")) {
        std::string fallback;
        vaccine.series.push_back(series_of(one, vaccine, fallback));
        fallbacks.push_back(std::move(fallback));
    }
    if (vaccine.series.empty()) config.refuse("series", "needs at least one");
    for (size_t i = 0; i < fallbacks.size(); ++i) {
        if (fallbacks[i].empty()) continue;
        for (size_t k = 0; k < vaccine.series.size(); ++k)
            if (vaccine.series[k].id == fallbacks[i] && k != i) vaccine.series[i].fallback = static_cast<int>(k);
        if (vaccine.series[i].fallback < 0) config.refuse("series", "unknown fallback " + fallbacks[i]);
    }
}

/// For grown-ups' vaccines: nothing is looked up for a child decades before.
int least_age_of(const Vaccine& vaccine) {
    int least = 200;
    for (const Series& series : vaccine.series)
        for (const DoseRule& dose : series.doses)
            for (const Window& window : dose.windows) {
                int age = 0;
                if (window.from.kind == PointKind::Months) age = window.from.number / 12;
                if (window.from.kind == PointKind::FiscalStart) age = window.from.number - 1;
                if (window.from.kind == PointKind::Fixed && window.born.to) continue; // not for those born later
                least = std::min(least, age);
            }
    return least == 200 ? 0 : least;
}

Vaccine vaccine_of(Config& config, Names& names) {
    Vaccine vaccine;
    vaccine.id = config.text("id");
    vaccine.names = {config.text("name.ja"), config.text("name.ja_easy"), config.text("name.en")};
    vaccine.category = config.choice<Category>(
        "category",
        {{"routine-a", Category::RoutineA}, {"routine-b", Category::RoutineB}, {"voluntary", Category::Voluntary}});
    vaccine.route = config.text("route");
    vaccine.live = config.flag("live");
    vaccine.live_injection = config.flag("live_injection");
    vaccine.born = {date(config, "birth_from"), date(config, "birth_to")};
    vaccine.in_force = {date(config, "effective_from"), date(config, "effective_to")};
    vaccine.sex =
        config.choice<Sex>("sex", {{"female", Sex::Female}, {"male", Sex::Male}, {"all", Sex::Unknown}}, Sex::Unknown);
    vaccine.cvx = config.texts("cvx", {});
    vaccine.mixing = config.choice<Mixing>(
        "mixing", {{"any", Mixing::Any}, {"same-product", Mixing::SameProduct}, {"never-back", Mixing::NeverBack}},
        Mixing::Any);
    vaccine.per = config.choice<Per>(
        "per", {{"life", Per::Life}, {"season", Per::Season}, {"pregnancy", Per::Pregnancy}}, Per::Life);
    if (const auto [from, to] = pair_at(config, "season"); !from.empty()) {
        vaccine.season_from = month_day(config, "season", from);
        vaccine.season_to = month_day(config, "season", to);
    }
    if ((vaccine.per == Per::Season) != (vaccine.season_from != 0))
        config.refuse("season", "belongs to per = \"season\"");
    names = {config.texts("counts_for", {}), config.texts("not_if_begun", {}), config.texts("begun_with", {})};
    vaccine.only_if_begun_from = date(config, "only_if_begun_from");
    vaccine.long_illness = config.text("long_illness", "counts") != "excluded";
    vaccine.long_illness_until = point(config, "long_illness_until");
    vaccine.cite_window = config.text("cites.window");
    vaccine.cite_interval = config.text("cites.interval");
    vaccine.cite_standard = config.text("cites.standard");
    read_products(config, vaccine);
    for (const std::string& cvx : config.texts("complete_by_product", {}))
        vaccine.complete_by_product.push_back(product_index(config, "complete_by_product", vaccine, cvx));
    read_all_series(config, vaccine);
    vaccine.least_age_years = least_age_of(vaccine);
    for (Config& sample : config.tables("sample")) { // read in full by samples.cpp
        for (const char* key : {"name", "birth", "sex", "due", "on", "state", "next"}) sample.text(key, "");
        for (const char* key : {"given", "expect"}) sample.texts(key, {});
    }
    return vaccine;
}

void read_pairs(Config& config, Rules& rules) {
    using Class = PairRule::Class;
    const auto class_of = [](Config& one, std::string_view key) {
        return one.choice<Class>(key, {{"live-injection", Class::LiveInjection},
                                       {"live", Class::Live},
                                       {"inactivated", Class::Inactivated},
                                       {"any", Class::Any}});
    };
    rules.cite_pairs = config.text("cite");
    for (Config& one : config.tables("pair")) {
        PairRule rule;
        rule.first = class_of(one, "from");
        rule.second = class_of(one, "to");
        rule.min = interval(one, "min");
        rule.in_force = {date(one, "effective_from"), date(one, "effective_to")};
        rules.pairs.push_back(rule);
    }
    rules.long_illness_years = static_cast<int>(config.integer("long_illness.years", {1, 10}));
    rules.cite_long_illness = config.text("long_illness.cite");
}

base::Error malformed(std::string detail) {
    return base::invalid("immunization.rules-malformed").because(std::move(detail));
}

base::Status link(const Rules& rules, const std::vector<std::string>& names, std::vector<int>& out,
                  const std::string& of) {
    for (const std::string& name : names) {
        const int index = rules.find(name);
        if (index < 0) return malformed(of + ": unknown vaccine " + name);
        out.push_back(index);
    }
    return base::success();
}

} // namespace

int Rules::find(std::string_view id) const {
    for (size_t i = 0; i < vaccines.size(); ++i)
        if (vaccines[i].id == id) return static_cast<int>(i);
    return -1;
}

int Rules::find_cvx(std::string_view cvx) const {
    for (size_t i = 0; i < vaccines.size(); ++i)
        if (std::find(vaccines[i].cvx.begin(), vaccines[i].cvx.end(), cvx) != vaccines[i].cvx.end())
            return static_cast<int>(i);
    return -1;
}

base::Result<Rules> read_rules(std::span<const RuleFile> files) {
    Rules rules;
    std::vector<Names> names;
    bool pairs = false;
    for (const RuleFile& file : files) {
        auto config = Config::parse(file.text, file.name);
        if (!config) return malformed(config.error().detail);
        if (file.name == "intervals.toml") {
            read_pairs(*config, rules);
            pairs = true;
        } else {
            Names of_this;
            Vaccine vaccine = vaccine_of(*config, of_this);
            if (rules.find(vaccine.id) >= 0) return malformed(file.name + ": " + vaccine.id + " is there twice");
            rules.vaccines.push_back(std::move(vaccine));
            names.push_back(std::move(of_this));
        }
        if (const auto finished = config->finish(); !finished) return malformed(finished.error().detail);
    }
    if (!pairs || rules.vaccines.empty()) return malformed("intervals.toml and at least one vaccine are needed");
    if (rules.vaccines.size() > 64) return malformed("at most 64 vaccines");
    for (size_t i = 0; i < names.size(); ++i) {
        Vaccine& vaccine = rules.vaccines[i];
        MUSUBI_CHECK(link(rules, names[i].counts_for, vaccine.counts_for, vaccine.id));
        MUSUBI_CHECK(link(rules, names[i].not_if_begun, vaccine.not_if_begun, vaccine.id));
        MUSUBI_CHECK(link(rules, names[i].begun_with, vaccine.begun_with, vaccine.id));
    }
    for (size_t i = 0; i < rules.vaccines.size(); ++i) {
        if (rules.vaccines[i].not_if_begun.empty()) continue;
        rules.vaccines[i].combination = static_cast<int>(i);
        for (const int older : rules.vaccines[i].not_if_begun)
            rules.vaccines[static_cast<size_t>(older)].combination = static_cast<int>(i);
    }
    return rules;
}

const Rules& current_rules() {
    static const Rules rules = [] {
        auto read = read_rules(built_in_rules());
        assert(read.ok());
        return std::move(*read);
    }();
    return rules;
}

int product_of(const Vaccine& vaccine, std::string_view cvx, std::string_view words) {
    for (size_t i = 0; i < vaccine.products.size(); ++i)
        if (!cvx.empty() && vaccine.products[i].cvx == cvx) return static_cast<int>(i);
    std::string lower(words);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    for (size_t i = 0; i < vaccine.products.size(); ++i)
        for (const std::string& word : vaccine.products[i].words)
            if (lower.find(word) != lower.npos) return static_cast<int>(i);
    return -1;
}

bool is_live_injection(const Vaccine& vaccine, int product) {
    if (product >= 0 && vaccine.products[static_cast<size_t>(product)].live_injection) return true;
    return vaccine.live_injection;
}

} // namespace musubi::immunization
