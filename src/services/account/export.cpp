#include "core/identity/passkey.h"
#include "lib/print/document.h"
#include "services/account/messages.h"
#include "services/account/service.h"

namespace musubi::account {
namespace {

constexpr int kSeenPage = 200;

struct PasskeyView {
    std::string name;
    base::Instant created_at;
    std::optional<base::Instant> last_used_at;
};
template <class Fields> void describe(Fields& fields, PasskeyView& passkey) {
    fields("name", passkey.name);
    fields("createdAt", passkey.created_at);
    fields("lastUsedAt", passkey.last_used_at);
}

const base::Message& sex_text(identity::Sex sex) {
    if (sex == identity::Sex::Male) return messages::kExportSexMale;
    return sex == identity::Sex::Female ? messages::kExportSexFemale : messages::kExportSexUnknown;
}

const base::Message& source_text(identity::Source source) {
    switch (source) {
    case identity::Source::Card:
        return messages::kExportSourceCard;
    case identity::Source::Letter:
        return messages::kExportSourceLetter;
    case identity::Source::Company:
        return messages::kExportSourceCompany;
    case identity::Source::Register:
        break;
    }
    return messages::kExportSourceRegister;
}

print::Table details_table(const Me& me, base::Language language) {
    print::Table table;
    table.columns = {{1, print::Align::Left}, {3, print::Align::Left}};
    const auto add = [&](const base::Message& label, std::string value) {
        table.rows.push_back({base::say(label, language), std::move(value)});
    };
    add(messages::kExportName, me.person.name);
    if (me.person.kana) add(messages::kExportKana, *me.person.kana);
    add(messages::kExportBirthDate, me.person.birth_date.to_string());
    add(messages::kExportSex, base::say(sex_text(me.person.sex), language));
    add(messages::kExportAddress, me.person.address);
    if (me.email) add(messages::kExportEmail, *me.email);
    if (me.telephone) add(messages::kExportTelephone, *me.telephone);
    add(messages::kExportSource, base::say(source_text(me.person.source), language));
    add(messages::kExportCertifiedAt, base::local_time_in_japan(me.person.certified_at));
    return table;
}

void member(std::string& out, std::string_view name, std::string_view value) {
    if (out.size() > 1) out += ",";
    json::append_string(out, name);
    out += ":";
    out += value;
}

} // namespace

struct Service::Collected {
    Me me;
    std::vector<PasskeyView> passkeys;
    std::vector<SessionView> sessions;
    std::vector<identity::SeenView> seen;
    std::vector<exporting::Part> parts;
};

base::Task<base::Result<Service::Collected>> Service::collect(http::Call& call) {
    const base::PersonId id = call.person();
    // A look at everything is a change worth recording: whoever took a copy stands in the record.
    co_await m_parts.database.write([&](db::WriteTx& tx) -> base::Task<> {
        call.audit.object = call.request.path.ends_with(".pdf") ? "pdf" : "json";
        co_await m_parts.audit.record(tx, call, "exportEverything");
    });
    co_return co_await m_parts.database.read([&](db::ReadTx& tx) -> base::Task<base::Result<Collected>> {
        auto me = co_await read_me(tx, id, call.now);
        if (!me) co_return base::not_found("person.not-found");
        Collected out{std::move(*me), {}, {}, {}, {}};
        const std::string subject = id.to_string();
        for (const auto& passkey : co_await identity::passkeys_of(tx, subject))
            out.passkeys.push_back({passkey.name, passkey.created_at, passkey.last_used_at});
        MUSUBI_CO_TRY(auto sessions_list, co_await sessions(call, tx));
        out.sessions = std::move(sessions_list.items);
        std::optional<std::string> before;
        do {
            MUSUBI_CO_TRY(auto page, co_await identity::seen_of(tx, id, before, kSeenPage));
            out.seen.insert(out.seen.end(), page.items.begin(), page.items.end());
            before = page.next;
        } while (before);
        for (exporting::ExportContributor* contributor : m_parts.contributors)
            out.parts.push_back(co_await contributor->contribute(tx, id, call.language));
        co_return out;
    });
}

Answer<http::Raw> Service::export_json(http::Call& call) {
    MUSUBI_CO_TRY(const Collected all, co_await collect(call));
    std::string out = "{";
    member(out, "madeAt", json::write(call.now));
    member(out, "me", json::write(all.me));
    member(out, "passkeys", json::write(all.passkeys));
    member(out, "sessions", json::write(all.sessions));
    member(out, "seen", json::write(all.seen));
    for (const exporting::Part& part : all.parts) member(out, part.name, part.json);
    out += "}\n";
    http::Raw raw;
    raw.content_type = "application/json";
    raw.body = std::move(out);
    raw.headers = {{"Content-Disposition", "attachment; filename=\"musubi-export.json\""},
                   {"Cache-Control", "no-store"}};
    co_return raw;
}

Answer<http::Raw> Service::export_pdf(http::Call& call) {
    MUSUBI_CO_TRY(Collected all, co_await collect(call));
    const base::Language language = call.language;
    print::Document document;
    document.title = base::say(messages::kExportTitle, language);
    document.author = m_settings.site.name;
    document.created = call.now;
    print::Section section;
    section.footer = document.title;
    section.blocks.push_back(print::Heading{document.title, 1});
    section.blocks.push_back(
        print::Paragraph{base::say(messages::kExportMadeAt, language) + " " + base::local_time_in_japan(call.now)});
    section.blocks.push_back(print::Heading{base::say(messages::kExportDetails, language), 2});
    section.blocks.push_back(details_table(all.me, language));
    for (exporting::Part& part : all.parts)
        for (print::Block& block : part.blocks) section.blocks.push_back(std::move(block));
    section.blocks.push_back(print::Heading{base::say(messages::kExportSeen, language), 2});
    print::Table seen;
    seen.columns = {
        {1.6, print::Align::Left}, {1.6, print::Align::Left}, {2, print::Align::Left}, {2, print::Align::Left}};
    for (const identity::SeenView& entry : all.seen)
        seen.rows.push_back({base::local_time_in_japan(entry.at),
                             entry.who.empty() ? entry.actor : entry.who + " " + entry.organization, entry.operation,
                             entry.purpose});
    section.blocks.push_back(std::move(seen));
    document.sections.push_back(std::move(section));
    auto printed = co_await m_parts.pool.run([&document] { return print::render(document); });
    if (!printed) co_return std::move(printed).error();
    http::Raw raw;
    raw.content_type = "application/pdf";
    raw.body = std::move(printed->pdf);
    raw.headers = {{"Content-Disposition", "attachment; filename=\"musubi-export.pdf\""},
                   {"Cache-Control", "no-store"}};
    co_return raw;
}

} // namespace musubi::account
