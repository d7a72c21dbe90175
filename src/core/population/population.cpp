#include "core/population/population.h"

#include "core/population/names.h"

#include <array>

namespace musubi::population {
namespace {

using residents::HouseholdId;
using residents::Resident;
using residents::ResidentId;
using residents::Sex;

struct Town {
    std::string_view name;
    std::string_view postal_code;
    int chome; // 0: no 丁目, numbered 番地 by 地番
};
constexpr Town kTowns[] = {
    {"本町", "0000001", 4},     {"栄町", "0000002", 3},     {"緑が丘", "0000003", 6},   {"桜台", "0000004", 5},
    {"港", "0000005", 2},       {"駅前", "0000006", 2},     {"川原町", "0000007", 3},   {"山手", "0000008", 4},
    {"旭町", "0000009", 5},     {"大字北野", "0000011", 0}, {"大字上沢", "0000012", 0}, {"大字下沢", "0000013", 0},
    {"字海老沢", "0000014", 0}, {"若葉ケ丘", "0000015", 4}, {"之江", "0000016", 3},     {"八幡町", "0000017", 2},
};
constexpr std::array<std::string_view, 6> kChome{"一丁目", "二丁目", "三丁目", "四丁目", "五丁目", "六丁目"};
constexpr std::array<std::string_view, 6> kBuildings{"見本ハイツ", "メゾン緑",         "コーポ桜",
                                                     "グランド港", "サニー団地１号棟", "ひまわり荘"};

enum class Kind { SingleYoung, Single, SingleElder, ElderCouple, Couple, Family, OneParent, ThreeGenerations };
struct KindShare {
    Kind kind;
    unsigned per_hundred;
};
// Shares of household kinds near those of a Japanese city today.
constexpr KindShare kKinds[] = {{Kind::SingleYoung, 12}, {Kind::Single, 12},         {Kind::SingleElder, 13},
                                {Kind::ElderCouple, 14}, {Kind::Couple, 12},         {Kind::Family, 27},
                                {Kind::OneParent, 6},    {Kind::ThreeGenerations, 4}};

std::string full_width(int number) {
    std::string out;
    for (const char digit : std::to_string(number)) {
        out += "\xEF\xBC"; // U+FF10 to U+FF19
        out += static_cast<char>(0x90 + (digit - '0'));
    }
    return out;
}

class City {
  public:
    explicit City(const Setting& setting)
        : m_setting(setting), m_random(setting.seed), m_made(base::start_of_day_in_japan(setting.today)) {}

    std::vector<Resident> build() {
        m_residents.reserve(m_setting.residents + 8);
        while (m_residents.size() < m_setting.residents) add_household();
        return std::move(m_residents);
    }

  private:
    int between(int least, int most) {
        return least + static_cast<int>(m_random.below(static_cast<uint64_t>(most - least) + 1));
    }
    bool chance(int per_hundred) { return between(1, 100) <= per_hundred; }
    Sex any_sex() { return chance(50) ? Sex::Male : Sex::Female; }

    Kind any_kind() {
        int at = between(0, 99);
        for (const auto& share : kKinds) {
            if (at < static_cast<int>(share.per_hundred)) return share.kind;
            at -= static_cast<int>(share.per_hundred);
        }
        return Kind::Family;
    }

    /// A day on which someone of that age today was born.
    base::CivilDate birth_date(int age) {
        const auto youngest = base::CivilDate::of(m_setting.today.year() - age, m_setting.today.month(),
                                                  m_setting.today.day() > 28 ? 28 : m_setting.today.day());
        return youngest->plus_days(-between(0, 364));
    }

    void place_household() {
        m_household = HouseholdId::make(m_made, m_random).to_string();
        const Town& town = kTowns[m_random.below(std::size(kTowns))];
        m_postal_code = town.postal_code;
        m_address = std::string(kPrefecture) + std::string(kCity) + std::string(town.name);
        if (town.chome > 0) {
            m_address += kChome[m_random.below(static_cast<uint64_t>(town.chome))];
            m_address += full_width(between(1, 38)) + "番" + full_width(between(1, 22)) + "号";
            if (chance(45)) {
                m_address += "　" + std::string(kBuildings[m_random.below(kBuildings.size())]);
                m_address += full_width(between(1, 9) * 100 + between(1, 12)) + "号";
            }
        } else {
            m_address += full_width(between(1, 1980)) + "番地";
            if (chance(60)) m_address += "の" + full_width(between(1, 12));
        }
    }

    void add(const Name& surname, Sex sex, int age, std::string_view relation) {
        const base::CivilDate born = birth_date(age);
        const Name& given = draw(m_random, given_names(born.year(), sex));
        auto household = HouseholdId::parse(m_household);
        m_residents.push_back(Resident{.id = ResidentId::make(m_made, m_random),
                                       .household = *household,
                                       .name = std::string(surname.text) + "　" + std::string(given.text),
                                       .kana = std::string(surname.kana) + "　" + std::string(given.kana),
                                       .birth_date = born,
                                       .sex = sex,
                                       .postal_code = m_postal_code,
                                       .address = m_address,
                                       .relation = std::string(relation)});
    }

    void add_children(const Name& surname, int mother_age, int most) {
        const int count = between(1, most);
        int age = mother_age - between(22, 36);
        for (int i = 0; i < count && age >= 0; ++i) {
            // Grown children mostly live elsewhere.
            if (age <= 22 || chance(25)) add(surname, any_sex(), std::min(age, 45), "子");
            age -= between(1, 4);
        }
    }

    void add_couple(const Name& surname, int age) {
        const bool he_is_head = chance(92);
        const int other = std::max(18, age + between(-6, 3));
        add(surname, he_is_head ? Sex::Male : Sex::Female, age, "世帯主");
        add(surname, he_is_head ? Sex::Female : Sex::Male, other, he_is_head ? "妻" : "夫");
    }

    void add_household() {
        place_household();
        const Name& surname = draw(m_random, surnames());
        switch (any_kind()) {
        case Kind::SingleYoung:
            add(surname, any_sex(), between(18, 34), "世帯主");
            break;
        case Kind::Single:
            add(surname, any_sex(), between(35, 64), "世帯主");
            break;
        case Kind::SingleElder:
            add(surname, chance(33) ? Sex::Male : Sex::Female, between(65, 97), "世帯主");
            break;
        case Kind::ElderCouple:
            add_couple(surname, between(65, 90));
            break;
        case Kind::Couple:
            add_couple(surname, between(25, 64));
            break;
        case Kind::Family: {
            const int age = between(27, 55);
            add_couple(surname, age);
            add_children(surname, age, 3);
            break;
        }
        case Kind::OneParent: {
            const int age = between(25, 52);
            add(surname, chance(15) ? Sex::Male : Sex::Female, age, "世帯主");
            add_children(surname, age, 2);
            break;
        }
        case Kind::ThreeGenerations: {
            const int age = between(32, 55);
            add_couple(surname, age);
            add_children(surname, age, 3);
            if (chance(60)) add(surname, Sex::Male, age + between(24, 34), "父");
            add(surname, Sex::Female, age + between(22, 32), "母");
            break;
        }
        }
    }

    const Setting m_setting;
    base::SeededRandom m_random;
    const base::Instant m_made;
    std::string m_household; // an Id has no empty value
    std::string m_postal_code;
    std::string m_address;
    std::vector<Resident> m_residents;
};

} // namespace

std::vector<Resident> generate(const Setting& setting) { return City(setting).build(); }

} // namespace musubi::population
