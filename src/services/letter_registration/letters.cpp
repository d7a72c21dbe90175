#include "services/letter_registration/letters.h"

#include "base/i18n.h"
#include "services/letter_registration/messages.h"

#include <fmt/core.h>

namespace musubi::letter_registration {
namespace {

using base::Language;

std::string japanese_date(base::CivilDate date) {
    return fmt::format("{}年{}月{}日", date.year(), date.month(), date.day());
}

/// Seven digits become "650-0001".
std::string hyphenated(const std::string& postal_code) {
    if (postal_code.size() != 7) return postal_code;
    return postal_code.substr(0, 3) + "-" + postal_code.substr(3);
}

/// The same in a second language, small, below the line.
void add_translation(print::Section& section, Language language, const Letter& letter, const Sender& sender) {
    const std::string& city =
        language == Language::English && !sender.city_english.empty() ? sender.city_english : sender.city;
    const std::string date =
        language == Language::English ? letter.valid_until.to_string() : japanese_date(letter.valid_until);
    const std::string tries = std::to_string(letter.tries);
    const print::Style small{.points = 8.5};
    section.blocks.push_back(
        print::Paragraph{base::say(messages::kLetterTitle, language), {.points = 9.5, .weight = print::Weight::Bold}});
    std::string text = base::say(messages::kLetterGreeting, language, {{"city", city}}) + " " +
                       base::say(messages::kLetterExpires, language, {{"date", date}}) + " " +
                       base::say(messages::kLetterCareful, language, {{"tries", tries}}) + " " +
                       base::say(messages::kLetterUnknown, language) + " " + sender.telephone;
    section.blocks.push_back(print::Paragraph{std::move(text), small});
}

void add_code(print::Section& section, const Letter& letter) {
    constexpr double kTop = 130;
    section.blocks.push_back(print::PlacedFrame{{35, kTop, 140, 24}});
    section.blocks.push_back(print::PlacedText{{40, kTop + 2.5, 130, 6},
                                               base::say(messages::kLetterCode, Language::Japanese),
                                               {.points = 10, .align = print::Align::Center}});
    section.blocks.push_back(
        print::PlacedText{{40, kTop + 8, 130, 14},
                          spaced(letter.code.reveal()),
                          {.points = 26, .weight = print::Weight::Bold, .align = print::Align::Center}});
    section.blocks.push_back(print::StartAt{kTop + 26});
}

print::Section section_of(const Letter& letter, const Sender& sender, const print::EnvelopeWindow& envelope,
                          const std::string& page_address) {
    constexpr auto kMain = Language::Japanese;
    print::Section section;
    section.page_numbers = print::Section::PageNumbers::Hidden;
    print::add_address(section, envelope, letter.recipient);
    section.blocks.push_back(print::PlacedText{{125, 14, 65, 22},
                                               sender.city + " " + sender.department + "\n〒" +
                                                   hyphenated(sender.postal_code) + "\n" + sender.address + "\n電話 " +
                                                   sender.telephone,
                                               {.points = 9}});
    section.blocks.push_back(print::Heading{base::say(messages::kLetterTitle, kMain), 2});
    section.blocks.push_back(print::Paragraph{base::say(messages::kLetterGreeting, kMain, {{"city", sender.city}})});
    add_code(section, letter);
    section.blocks.push_back(
        print::Paragraph{base::say(messages::kLetterExpires, kMain, {{"date", japanese_date(letter.valid_until)}}),
                         {.weight = print::Weight::Bold, .align = print::Align::Center}});
    section.blocks.push_back(print::Heading{base::say(messages::kLetterHow, kMain), 3});
    section.blocks.push_back(print::PlacedQr{158, 167, 30, page_address});
    const auto narrow = [](std::string text) { return print::Paragraph{std::move(text), {.points = 10}}; };
    section.blocks.push_back(narrow(base::say(messages::kLetterHow1, kMain)));
    section.blocks.push_back(narrow(base::say(messages::kLetterHow2, kMain)));
    section.blocks.push_back(print::Paragraph{"　　" + page_address, {.points = 10}});
    section.blocks.push_back(narrow(base::say(messages::kLetterHow3, kMain)));
    section.blocks.push_back(print::StartAt{202});
    section.blocks.push_back(print::Paragraph{
        base::say(messages::kLetterCareful, kMain, {{"tries", std::to_string(letter.tries)}}), {.points = 9.5}});
    section.blocks.push_back(print::Paragraph{base::say(messages::kLetterUnknown, kMain), {.points = 9.5}});
    section.blocks.push_back(print::Paragraph{base::say(messages::kLetterContact, kMain) + "　" + sender.city + " " +
                                                  sender.department + "　電話 " + sender.telephone + "　" +
                                                  sender.hours,
                                              {.points = 9.5}});
    section.blocks.push_back(print::Gap{3});
    add_translation(section, Language::EasyJapanese, letter, sender);
    add_translation(section, Language::English, letter, sender);
    section.footer =
        base::say(messages::kLetterFooter, kMain, {{"city", sender.city}, {"department", sender.department}});
    return section;
}

} // namespace

std::string spaced(std::string_view code) {
    return std::string(code.substr(0, code.size() / 2)) + " " + std::string(code.substr(code.size() / 2));
}

base::Result<std::string> print_letters(const std::vector<Letter>& letters, const Sender& sender,
                                        const print::EnvelopeWindow& envelope, const std::string& page_address,
                                        base::Instant now) {
    print::Document document;
    document.title = base::say(messages::kLetterTitle, Language::Japanese);
    document.author = sender.city;
    document.created = now;
    for (const Letter& letter : letters)
        document.sections.push_back(section_of(letter, sender, envelope, page_address));
    MUSUBI_TRY(print::Printed printed, print::render(document));
    if (printed.missing_characters > 0) return base::conflict("letters.characters-missing");
    return std::move(printed.pdf);
}

} // namespace musubi::letter_registration
