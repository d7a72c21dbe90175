#include "core/population/demo_people.h"

namespace musubi::population {
namespace {

using residents::HouseholdId;
using residents::Resident;
using residents::ResidentId;
using residents::Sex;

constexpr std::string_view kNextTown = "99002"; // となり町, as invented as 見本市

/// Ids in the order of the calls below: fixed for ever by the constant seed and moment.
class Maker {
  public:
    explicit Maker(base::CivilDate today) : m_today(today) {}

    void household(std::string postal_code, std::string address) {
        m_household = HouseholdId::make(kMoment, m_random).to_string();
        m_postal_code = std::move(postal_code);
        m_address = std::move(address);
    }

    /// Born so that the age holds whenever the city is made: half a year before the birthday-to-be.
    Resident person(std::string name, std::string kana, Sex sex, int age, std::string relation) {
        const auto about = m_today.plus_days(-183);
        const auto born = *base::CivilDate::of(about.year() - age, about.month(), about.day() > 28 ? 28 : about.day());
        const auto household = HouseholdId::parse(m_household);
        return {.id = ResidentId::make(kMoment, m_random),
                .household = *household,
                .name = std::move(name),
                .kana = std::move(kana),
                .birth_date = born,
                .sex = sex,
                .postal_code = m_postal_code,
                .address = m_address,
                .relation = std::move(relation)};
    }

  private:
    static constexpr base::Instant kMoment = base::Instant::from_milliseconds(1'767'193'200'000); // 2026-01-01 JST
    base::SeededRandom m_random{99001};
    base::CivilDate m_today;
    std::string m_household;
    std::string m_postal_code;
    std::string m_address;
};

struct Made {
    std::vector<DemoPerson> people;
    std::vector<Resident> others;
};

DemoPerson card_of(std::string card, Situation situation, Resident resident, std::string note,
                   std::string note_english) {
    DemoPerson person{.card = std::move(card), .situation = situation, .resident = std::move(resident)};
    person.municipality = kMunicipalityCode;
    person.certified_name = person.resident.name;
    person.certified_address = person.resident.address;
    person.note = std::move(note);
    person.note_english = std::move(note_english);
    return person;
}

void add_families(Maker& make, Made& out) {
    make.household("0000001", "見本県見本市本町一丁目１番１号");
    auto hanako = make.person("見本　花子", "ミホン　ハナコ", Sex::Female, 44, "世帯主");
    out.people.push_back(card_of("hanako", Situation::Ordinary, hanako, "ふつうに登録できます",
                                 "Everything works: begin with this one"));

    make.household("0000004", "見本県見本市桜台三丁目１２番８号　コーポ桜２０３号");
    auto taro = make.person("𠮷田　太郎", "ヨシダ　タロウ", Sex::Male, 38, "世帯主");
    auto misaki = make.person("𠮷田　美咲", "ヨシダ　ミサキ", Sex::Female, 36, "妻");
    auto yui = make.person("𠮷田　結衣", "ヨシダ　ユイ", Sex::Female, 8, "子");
    auto ren = make.person("𠮷田　蓮", "ヨシダ　レン", Sex::Male, 3, "子");
    out.people.push_back(card_of("taro", Situation::Parent, taro,
                                 "子どもが 2 人います。登録したあと、家族を追加できます",
                                 "Has two children: register, then add the family"));
    out.people.push_back(card_of("yui", Situation::Child, yui,
                                 "8 歳。署名用電子証明書がありません (保護者が登録します)",
                                 "Eight years old: no signature certificate, a parent registers her"));
    out.others.push_back(misaki);
    out.others.push_back(ren);
}

void add_troubled_cards(Maker& make, Made& out) {
    make.household("0000003", "見本県見本市緑が丘二丁目５番１４号");
    out.people.push_back(card_of("kenji", Situation::Expired,
                                 make.person("山﨑　健二", "ヤマザキ　ケンジ", Sex::Male, 57, "世帯主"),
                                 "証明書の有効期限が切れています", "Both certificates have expired"));
    make.household("0000008", "見本県見本市山手四丁目２番３号");
    auto sachiko =
        card_of("sachiko", Situation::Moved, make.person("小林　幸子", "コバヤシ　サチコ", Sex::Female, 68, "世帯主"),
                "引っ越しで署名用電子証明書が失効しました", "Moved house: the signature certificate is revoked");
    sachiko.certified_address = "見本県見本市本町二丁目８番１号";
    out.people.push_back(std::move(sachiko));
    make.household("0000009", "見本県見本市旭町一丁目２０番５号　グランド港３０２号");
    out.people.push_back(card_of("minoru", Situation::Locked,
                                 make.person("中村　実", "ナカムラ　ミノル", Sex::Male, 72, "世帯主"),
                                 "パスワードがロックされています", "PIN and password are blocked"));
    make.household("0000005", "見本県見本市港一丁目４番９号");
    out.people.push_back(card_of("tomoko", Situation::LastTry,
                                 make.person("伊藤　智子", "イトウ　トモコ", Sex::Female, 50, "世帯主"),
                                 "あと 1 回まちがえるとロックされます", "One try left before the card is blocked"));
}

void add_special_cases(Maker& make, Made& out) {
    make.household("0000016", "見本県見本市之江二丁目９番２号");
    auto sakura = card_of("sakura", Situation::SubstituteName,
                          make.person("髙𣘺　さくら", "タカハシ　サクラ", Sex::Female, 29, "世帯主"),
                          "氏名に外字があり、証明書では代替文字です", "A character of her name is shown by a stand-in");
    sakura.certified_name = "髙橋　さくら";
    sakura.name_substitutes = "010000";
    out.people.push_back(std::move(sakura));

    make.household("0000017", "見本県見本市八幡町一丁目７番７号");
    auto keiko = make.person("辻󠄀　恵子", "ツジ　ケイコ", Sex::Female, 46, "世帯主");
    auto before =
        card_of("keiko-old", Situation::BeforeRenewal, keiko, "更新前の古いカードです。先にこちらで登録します",
                "Her old card: register with this one first");
    before.certified_name = "辻　恵子"; // certificates carry no variation selectors
    auto after = before;
    after.card = "keiko-new";
    after.situation = Situation::AfterRenewal;
    after.note = "更新した新しいカードです。同じ人としてログインできます";
    after.note_english = "Her renewed card: signs in as the same person";
    out.people.push_back(std::move(before));
    out.people.push_back(std::move(after));

    make.household("0000012", "見本県見本市大字上沢１２３番地の４");
    out.people.push_back(
        card_of("", Situation::Letter, make.person("齋藤　キヨ", "サイトウ　キヨ", Sex::Female, 83, "世帯主"),
                "カードがありません。郵送の手紙で登録します", "Has no card: registers by posted letter"));

    make.household("0000101", "見本県となり町中央３番１０号");
    auto jiro =
        card_of("jiro", Situation::NotResident, make.person("渡邊　次郎", "ワタナベ　ジロウ", Sex::Male, 41, "世帯主"),
                "となり町に住んでいます (見本市の住民ではありません)", "Lives in the next town: not a resident");
    make.household("0000102", "見本県となり町西５番２号");
    auto akira = card_of("", Situation::Employee, make.person("森　明", "モリ　アキラ", Sex::Male, 34, "世帯主"),
                         "となり町に住み、契約企業で働いています", "Lives elsewhere, works for a contracted company");
    akira.employee_number = "E-0042";
    for (auto* outsider : {&jiro, &akira}) {
        outsider->in_register = false;
        outsider->municipality = kNextTown;
        out.people.push_back(*outsider);
    }
}

Made make_all(base::CivilDate today) {
    Maker make(today);
    Made out;
    add_families(make, out);
    add_troubled_cards(make, out);
    add_special_cases(make, out);
    return out;
}

} // namespace

std::vector<DemoPerson> demo_people(base::CivilDate today) { return make_all(today).people; }

std::vector<Resident> demo_households(base::CivilDate today) {
    Made made = make_all(today);
    std::vector<Resident> out;
    for (const auto& person : made.people)
        if (person.in_register && person.situation != Situation::AfterRenewal) out.push_back(person.resident);
    out.insert(out.end(), made.others.begin(), made.others.end());
    return out;
}

} // namespace musubi::population
