#include "apps/admin/commands.h"

#include "apps/city/services.h"
#include "core/identity/staff.h"
#include "core/population/demo_people.h"
#include "core/records/deliveries.h"
#include "core/synthetic/health.h"
#include "lib/crypto/password.h"
#include "lib/event_loop/event_loop.h"
#include "lib/json/describe.h"
#include "services/company_registration/companies.h"

#include <array>
#include <fstream>
#include <functional>
#include <future>
#include <iostream>
#include <thread>

namespace musubi::admin {
namespace {

using population::DemoPerson;
using population::Situation;
using residents::Resident;

/// Residents per transaction: large enough that the fsync does not matter, small enough to keep the journal short.
constexpr size_t kBatch = 500;
constexpr std::string_view kDemoStaffPassword = "mihon-staff-2026";

/// An object written member by member, in this order.
class JsonLine {
  public:
    JsonLine& text(std::string_view name, std::string_view value) {
        begin(name);
        json::append_string(m_text, value);
        return *this;
    }
    JsonLine& raw(std::string_view name, std::string_view value) {
        begin(name);
        m_text += value;
        return *this;
    }
    std::string done() const { return m_text + "}"; }

  private:
    void begin(std::string_view name) {
        m_text += m_text.empty() ? "{" : ",";
        json::append_string(m_text, name);
        m_text += ':';
    }
    std::string m_text;
};

std::string_view sex_name(residents::Sex sex) {
    for (const auto& [value, name] : json_names(sex))
        if (value == sex) return name;
    return "unknown";
}

base::Status write_file(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    if (!file.flush()) return base::invalid("admin.file-not-written").because(path + " cannot be written");
    return base::success();
}

struct Certified {
    std::string_view name;
    std::string_view substitutes; // empty: none
    std::string_view address;
    std::string_view municipality;
};

std::string holder_line(const Resident& resident, const Certified& certified) {
    JsonLine line;
    line.text("holderId", resident.id.to_string()).text("name", certified.name);
    if (!certified.substitutes.empty()) line.text("nameSubstitutes", certified.substitutes);
    line.text("kana", resident.kana)
        .text("birthDate", resident.birth_date.to_string())
        .text("sex", sex_name(resident.sex))
        .text("address", certified.address)
        .text("municipality", certified.municipality);
    return line.done() + "\n";
}

/// Certificates carry no variation selectors (U+E0100 to U+E01EF, four bytes F3 A0 84 80 to F3 A0 87 AF in UTF-8).
std::string without_selectors(std::string_view text) {
    std::string out;
    for (size_t at = 0; at < text.size();) {
        if (text.substr(at).starts_with("\xF3\xA0") && at + 3 < text.size()) {
            at += 4;
            continue;
        }
        out += text[at++];
    }
    return out;
}

std::string holders(const std::vector<Resident>& population, const std::vector<DemoPerson>& people) {
    std::string lines;
    for (const auto& person : people)
        if (person.situation != Situation::AfterRenewal)
            lines += holder_line(person.resident, {person.certified_name, person.name_substitutes,
                                                   person.certified_address, person.municipality});
    for (const auto& resident : population)
        lines += holder_line(resident,
                             {without_selectors(resident.name), "", resident.address, population::kMunicipalityCode});
    return lines;
}

/// What the card tray needs to issue a card when it is first put in. The expired card is issued as of five years ago.
std::string wanted_card(const DemoPerson& person, base::CivilDate today) {
    JsonLine line;
    line.text("id", person.card)
        .text("holderId", person.resident.id.to_string())
        .text("name", person.resident.name)
        .text("kana", person.resident.kana)
        .text("birthDate", person.resident.birth_date.to_string())
        .text("note", person.note)
        .text("noteEnglish", person.note_english)
        .text("userPin", population::kDemoPin)
        .text("signaturePassword", population::kDemoPassword)
        .text("textPin", population::kDemoPin);
    if (person.situation == Situation::Locked) line.raw("userTries", "0").raw("signatureTries", "0");
    if (person.situation == Situation::LastTry) line.raw("userTries", "1").raw("signatureTries", "1");
    if (person.situation == Situation::Expired)
        line.raw("issue", JsonLine()
                              .text("notBefore", base::start_of_day_in_japan(today.plus_days(-1856)).to_string())
                              .text("notAfter", base::start_of_day_in_japan(today.plus_days(-30)).to_string())
                              .done());
    return line.done();
}

std::string wanted(const std::vector<DemoPerson>& people, base::CivilDate today) {
    std::string list;
    for (const auto& person : people)
        if (!person.card.empty()) list += (list.empty() ? "\n" : ",\n") + wanted_card(person, today);
    return "{\"cards\": [" + list + "\n]}\n";
}

std::string_view situation_name(Situation situation) {
    switch (situation) {
    case Situation::Ordinary:
        return "ordinary";
    case Situation::Parent:
        return "parent";
    case Situation::Child:
        return "child";
    case Situation::Expired:
        return "expired";
    case Situation::Moved:
        return "moved";
    case Situation::Locked:
        return "locked";
    case Situation::LastTry:
        return "last-try";
    case Situation::SubstituteName:
        return "substitute-name";
    case Situation::NotResident:
        return "not-resident";
    case Situation::Employee:
        return "employee";
    case Situation::BeforeRenewal:
        return "before-renewal";
    case Situation::AfterRenewal:
        return "after-renewal";
    case Situation::Letter:
        return "letter";
    }
    return "ordinary";
}

struct DemoStaff {
    std::string_view account;
    std::string_view name;
    std::string_view organization;
    std::string_view role;
};
constexpr std::array<DemoStaff, 5> kStaff{{{"kanri", "管理　太郎", "情報政策課", "administrator"},
                                           {"juki", "住基　一郎", "市民課", "registrar"},
                                           {"keiyaku", "契約　京子", "商工課", "company-contracts"},
                                           {"hoken", "保健　陽子", "健康推進課", "health-centre"},
                                           {"kansa", "監査　誠", "監査事務局", "auditor"}}};

/// For ./run, the manual and the tests.
std::string people_file(const std::vector<DemoPerson>& people) {
    std::string list;
    for (const auto& person : people) {
        list += list.empty() ? "\n" : ",\n";
        list += JsonLine()
                    .text("card", person.card)
                    .text("situation", situation_name(person.situation))
                    .text("holderId", person.resident.id.to_string())
                    .text("name", person.resident.name)
                    .text("kana", person.resident.kana)
                    .text("birthDate", person.resident.birth_date.to_string())
                    .text("sex", sex_name(person.resident.sex))
                    .text("postalCode", person.resident.postal_code)
                    .text("address", person.resident.address)
                    .text("note", person.note)
                    .text("noteEnglish", person.note_english)
                    .text("employeeNumber", person.employee_number)
                    .done();
    }
    std::string staff;
    for (const auto& each : kStaff)
        staff += (staff.empty() ? "\n" : ",\n") +
                 JsonLine().text("account", each.account).text("name", each.name).text("role", each.role).done();
    return JsonLine()
               .text("pin", population::kDemoPin)
               .text("signaturePassword", population::kDemoPassword)
               .text("staffPassword", kDemoStaffPassword)
               .text("companyCode", population::kCompanyCode)
               .text("companyName", population::kCompanyName)
               .raw("staff", "[" + staff + "\n]")
               .raw("people", "[" + list + "\n]")
               .done() +
           "\n";
}

/// One hand-over per resident; residents about whom the city holds nothing have an empty text.
std::vector<std::string> health_bundles(const std::vector<Resident>& all, size_t always, const DemoCity& demo) {
    std::vector<std::string> bundles(all.size());
    const size_t threads = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::future<void>> parts;
    for (size_t part = 0; part < threads; ++part)
        parts.push_back(std::async(std::launch::async, [&, part] {
            for (size_t i = part; i < all.size(); i += threads) {
                const synthetic::Setting setting{.today = demo.today,
                                                 .attendance = i < always ? synthetic::Attendance::Always
                                                                          : synthetic::Attendance::Believable};
                const auto drafts =
                    synthetic::city_record(demo.seed, {all[i].id.to_string(), all[i].birth_date, all[i].sex}, setting);
                if (!drafts.empty()) bundles[i] = records::collection(drafts);
            }
        }));
    for (auto& part : parts) part.get();
    return bundles;
}

base::Task<base::Status> write_batch(db::WriteTx& tx, const std::vector<Resident>& all,
                                     const std::vector<std::string>& bundles, size_t from, size_t to,
                                     base::Instant now) {
    for (size_t i = from; i < to; ++i) {
        co_await residents::put(tx, all[i], now);
        if (bundles[i].empty()) continue;
        MUSUBI_CO_CHECK(co_await records::deliver(tx, all[i].id, "city", bundles[i], now));
    }
    co_return base::success();
}

base::Task<base::Status> write_staff(db::WriteTx& tx, const std::string& hash, base::Instant now) {
    for (const auto& each : kStaff) {
        const std::vector<std::string> roles(1, std::string(each.role));
        auto made =
            co_await identity::create_staff(tx, base::system_random(), std::string(each.account),
                                            std::string(each.name), std::string(each.organization), roles, hash, now);
        if (!made) co_return std::move(made).error();
    }
    co_return base::success();
}

/// A company under contract whose roster holds the demo's employee.
base::Task<base::Status> write_company(db::WriteTx& tx, const std::vector<DemoPerson>& people, base::CivilDate today,
                                       base::Instant now) {
    const company_registration::Company company{.id = company_registration::CompanyId::make(now, base::system_random()),
                                                .code = std::string(population::kCompanyCode),
                                                .name = std::string(population::kCompanyName),
                                                .contract_from = today.plus_days(-200),
                                                .contract_to = today.plus_days(530)};
    std::vector<company_registration::Employee> roster;
    for (const auto& person : people)
        if (person.situation == Situation::Employee)
            roster.push_back({.number = person.employee_number,
                              .name = person.resident.name,
                              .kana = person.resident.kana,
                              .birth_date = person.resident.birth_date});
    MUSUBI_CO_CHECK(co_await company_registration::add_company(tx, company, now));
    co_await company_registration::replace_roster(tx, company.id, roster);
    co_return base::success();
}

} // namespace

base::Status make_demo(const city::Settings& settings, const DemoCity& demo) {
    if (settings.environment != city::Environment::Demo)
        return base::forbidden("admin.not-a-demo")
            .because("the demo city is only made where server.environment is \"demo\"");
    auto database = city::open_database(settings);
    MUSUBI_CHECK(database->migrate(city::all_migrations()));
    auto anyone = [](db::ReadTx& tx) { return identity::all_staff(tx); };
    if (!event_loop::run(database->read(anyone)).empty())
        return base::conflict("admin.not-empty").because("this installation is in use: nothing was changed");

    const auto people = population::demo_people(demo.today);
    std::vector<Resident> all = population::demo_households(demo.today);
    const size_t named = all.size();
    const auto population = population::generate({.seed = demo.seed, .today = demo.today, .residents = demo.residents});
    all.insert(all.end(), population.begin(), population.end());
    std::cout << "Residents: " << all.size() << " in the register of 見本市" << std::endl;

    const auto bundles = health_bundles(all, named, demo);
    const base::Instant now = base::system_clock().now();
    size_t delivered = 0;
    for (size_t from = 0; from < all.size(); from += kBatch) {
        const size_t to = std::min(all.size(), from + kBatch);
        auto write = [&](db::WriteTx& tx) { return write_batch(tx, all, bundles, from, to, now); };
        MUSUBI_CHECK(event_loop::run(database->write(write)));
    }
    for (const auto& bundle : bundles) delivered += bundle.empty() ? 0 : 1;
    std::cout << "Checkups and vaccinations: of " << delivered << " residents" << std::endl;

    const std::string hash = crypto::hash_password(base::Secret(std::string(kDemoStaffPassword)));
    auto staff = [&](db::WriteTx& tx) { return write_staff(tx, hash, now); };
    MUSUBI_CHECK(event_loop::run(database->write(staff)));

    auto company = [&](db::WriteTx& tx) { return write_company(tx, people, demo.today, now); };
    MUSUBI_CHECK(event_loop::run(database->write(company)));

    MUSUBI_CHECK(write_file(demo.holders_file, holders(population, people)));
    MUSUBI_CHECK(write_file(demo.cards_file, wanted(people, demo.today)));
    MUSUBI_CHECK(write_file(demo.people_file, people_file(people)));
    std::cout << "Staff accounts: " << kStaff.size() << ", cards in the tray: one for each situation" << std::endl;
    return base::success();
}

} // namespace musubi::admin
