#include "core/audit/log.h"
#include "lib/csv/csv.h"
#include "lib/print/letter.h"
#include "services/notices/deliver.h"
#include "services/notices/office.h"
#include "services/notices/views.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace musubi::notices {
namespace {

using http::Access;
using http::Call;
template <class T> using Answer = base::Task<base::Result<T>>;

constexpr int64_t kSmallest = 5; // counts below it are left out
constexpr int64_t kAgeBand = 10;
constexpr int64_t kHour = 3'600'000;
constexpr size_t kMostLetters = 2000; // in one PDF

std::optional<int64_t> shown(int64_t count) { return count < kSmallest ? std::nullopt : std::optional(count); }

Answer<Sending> sending_in_path(Call& call, db::ReadTx& tx) {
    const auto id = SendingId::parse(call.path_text("id"));
    if (!id) co_return base::not_found("notices.sending-not-found");
    auto sending = co_await find_sending(tx, *id);
    if (!sending) co_return base::not_found("notices.sending-not-found");
    call.audit.object = "sending " + id->to_string();
    call.audit.purpose = sending->body.name;
    co_return std::move(*sending);
}

FiguresView figures_of(const std::vector<Opened>& outcome) {
    FiguresView view;
    int64_t opened = 0;
    int64_t acknowledged = 0;
    std::map<int64_t, std::pair<int64_t, int64_t>> groups;
    std::map<int64_t, int64_t> hours;
    for (const Opened& one : outcome) {
        ++view.targeted;
        if (one.mailed > 0) ++view.mailed;
        auto& group = groups[std::min<int64_t>(one.age / kAgeBand * kAgeBand, 90)];
        ++group.first;
        if (one.acknowledged_at) ++acknowledged;
        if (!one.opened_at) continue;
        ++opened;
        ++group.second;
        ++hours[one.opened_at->milliseconds() / kHour];
    }
    view.opened = shown(opened);
    view.acknowledged = shown(acknowledged);
    for (const auto& [from, counts] : groups) {
        // Few who have not opened tell as much as few who have.
        const bool telling = counts.first < kSmallest || counts.first - counts.second < kSmallest;
        view.groups.push_back({from, shown(counts.first), telling ? std::nullopt : shown(counts.second)});
    }
    for (const auto& [hour, count] : hours)
        view.hours.push_back({base::Instant::from_milliseconds(hour * kHour), shown(count)});
    return view;
}

Answer<FiguresView> figures(Call& call, db::ReadTx& tx) {
    MUSUBI_CO_TRY(const Sending sending, co_await sending_in_path(call, tx));
    co_return figures_of(co_await outcome_of(tx, sending.id));
}

Answer<http::Raw> figures_csv(Call& call, db::ReadTx& tx) {
    MUSUBI_CO_TRY(const FiguresView view, co_await figures(call, tx));
    const auto number = [](std::optional<int64_t> count) {
        return count ? std::to_string(*count) : "<" + std::to_string(kSmallest);
    };
    std::string out;
    csv::append_record(out, std::vector<std::string>{"group", "from", "targeted", "opened"});
    csv::append_record(out, std::vector<std::string>{"all", "", number(view.targeted), number(view.opened)});
    for (const GroupFigure& one : view.groups)
        csv::append_record(out, std::vector<std::string>{"age", std::to_string(one.from_age), number(one.targeted),
                                                         one.opened ? std::to_string(*one.opened) : "-"});
    for (const HourFigure& one : view.hours)
        csv::append_record(out, std::vector<std::string>{"hour", one.hour.to_string(), "", number(one.opened)});
    http::Raw raw;
    raw.content_type = "text/csv; charset=utf-8";
    raw.body = std::move(out);
    raw.headers = {{"Content-Disposition", "attachment; filename=\"figures.csv\""}, {"Cache-Control", "no-store"}};
    co_return raw;
}

// ---- letters for those who were not reached

struct Letter {
    Unreached notice;
    print::Recipient recipient;
    Words words;
    std::optional<base::CivilDate> deadline;
};

base::Task<std::optional<Letter>> letter_for(db::ReadTx& tx, Unreached one) {
    const auto notice = co_await find_notice(tx, one.person, one.id);
    const auto person = co_await identity::find_person(tx, one.person);
    if (!notice || !person || person->closed_at) co_return std::nullopt;
    Letter letter{one, {"", person->address, person->name}, {}, notice->deadline};
    if (person->resident) {
        const auto resident = co_await residents::find(tx, *person->resident);
        if (resident && resident->postal_code.size() == 7)
            letter.recipient.postal_code = resident->postal_code.substr(0, 3) + "-" + resident->postal_code.substr(3);
    }
    const auto language = base::parse_language(person->language).value_or(base::Language::Japanese);
    letter.words = fill(notice->content, language, notice->values);
    co_return letter;
}

/// Readings are for screens; on paper the words stand alone.
std::string without_readings(std::string_view text) {
    std::string out;
    for (size_t at = 0; at < text.size();) {
        const size_t close = text[at] == '{' ? text.find('}', at) : std::string_view::npos;
        const size_t bar = text[at] == '{' ? text.find('|', at) : std::string_view::npos;
        if (close != std::string_view::npos && bar < close) {
            out += text.substr(at + 1, bar - at - 1);
            at = close + 1;
        } else {
            out.push_back(text[at++]);
        }
    }
    return out;
}

print::Section section_for(const Dependencies& to, const Letter& letter, base::Instant now) {
    print::Section section;
    print::add_address(section, print::EnvelopeWindow{}, letter.recipient);
    section.blocks.push_back(
        print::Paragraph{base::date_in_japan(now).to_string(), {10.5, print::Weight::Regular, print::Align::Right}});
    section.blocks.push_back(
        print::Paragraph{to.city + "　" + to.department, {10.5, print::Weight::Regular, print::Align::Right}});
    section.blocks.push_back(print::Heading{without_readings(letter.words.title), 1});
    section.blocks.push_back(print::Paragraph{without_readings(letter.words.text)});
    if (letter.deadline) section.blocks.push_back(print::Paragraph{"期限　" + letter.deadline->to_string()});
    section.blocks.push_back(print::Gap{});
    section.blocks.push_back(print::Paragraph{to.public_url + "/notices　　電話 " + to.telephone});
    section.footer = to.city;
    section.page_numbers = print::Section::PageNumbers::Hidden;
    return section;
}

Answer<http::Raw> letters(const Dependencies& to, Call& call) {
    const std::string days = call.request.query_value("days").value_or("7");
    if (days.empty() || days.size() > 3 || days.find_first_not_of("0123456789") != std::string::npos)
        co_return base::invalid("notices.days-malformed");
    const base::Instant before = call.now - std::chrono::hours(24) * std::stoi(days);
    std::vector<Letter> all;
    auto collected = co_await to.database.read([&](db::ReadTx& tx) -> Answer<base::Unit> {
        MUSUBI_CO_TRY(const Sending sending, co_await sending_in_path(call, tx));
        all.clear();
        const auto found = co_await unreached(tx, sending.id, before);
        for (const Unreached& one : found) {
            if (all.size() == kMostLetters) break;
            auto letter = co_await letter_for(tx, one);
            if (letter) all.push_back(std::move(*letter));
        }
        co_return base::success();
    });
    if (!collected) co_return std::move(collected).error();
    if (all.empty()) co_return base::not_found("notices.nobody-to-write-to");
    // In the order in which the post sorts them.
    std::sort(all.begin(), all.end(), [](const Letter& a, const Letter& b) {
        return std::tie(a.recipient.postal_code, a.recipient.address) <
               std::tie(b.recipient.postal_code, b.recipient.address);
    });
    print::Document document;
    document.title = "notices";
    document.author = to.city;
    document.created = call.now;
    for (const Letter& letter : all) document.sections.push_back(section_for(to, letter, call.now));
    auto printed = co_await to.pool.run([&document] { return print::render(document); });
    if (!printed) co_return std::move(printed).error();
    co_await to.database.write([&](db::WriteTx& tx) -> base::Task<> {
        for (const Letter& letter : all) {
            co_await mark_printed(tx, letter.notice, call.now);
            call.audit.person = letter.notice.person;
            co_await to.audit.record(tx, call, "printNoticeLetter");
        }
    });
    http::Raw raw;
    raw.content_type = "application/pdf";
    raw.body = std::move(printed->pdf);
    raw.headers = {{"Content-Disposition", "attachment; filename=\"letters.pdf\""}, {"Cache-Control", "no-store"}};
    co_return raw;
}

/// What the log says about one person's notice: opened when and how, or not opened up to the last index.
Answer<http::Raw> receipt(const Dependencies& to, Call& call, db::WriteTx& tx) {
    const auto person = base::PersonId::parse(call.path_text("person"));
    const auto id = NoticeId::parse(call.path_text("notice"));
    if (!person || !id) co_return base::not_found("notices.not-found");
    const auto notice = co_await find_notice(tx, *person, *id);
    if (!notice) co_return base::not_found("notices.not-found");
    call.audit.person = *person;
    call.audit.object = "notice " + id->to_string();
    MUSUBI_CO_TRY(const audit::History whole, co_await audit::history_of_series(tx, to.random, receipt_series(*id)));
    http::Raw raw;
    raw.content_type = "application/json";
    raw.body = json::write(whole) + "\n";
    raw.headers = {{"Content-Disposition", "attachment; filename=\"notice-receipt.json\""},
                   {"Cache-Control", "no-store"}};
    co_return raw;
}

} // namespace

void install_results(http::Router& router, std::shared_ptr<const Dependencies> to) {
    const auto write = Access::staff("notices.write");
    const std::string one = "/api/v1/staff/notice-sendings/{id}";
    router.reads("GET", one + "/figures", "getNoticeFigures", write,
                 [](Call& call, db::ReadTx& tx) { return figures(call, tx); });
    router.reads("GET", one + "/figures.csv", "downloadNoticeFigures", write,
                 [](Call& call, db::ReadTx& tx) { return figures_csv(call, tx); });
    router.acts("POST", one + "/letters", "printNoticeLetters", write, [to](Call& call) { return letters(*to, call); },
                {}, {{"days", "for those who have not opened it for so many days, 7 unless said"}});
    router.writes("GET", "/api/v1/staff/people/{person}/notices/{notice}/receipt", "downloadReceiptAsStaff", write,
                  [to](Call& call, db::WriteTx& tx) { return receipt(*to, call, tx); });
}

} // namespace musubi::notices
