// 券面事項入力補助AP: the four attributes as text, so that nobody has to type them.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "lib/card/layout.h"
#include "lib/card/transport.h"

#include <optional>
#include <string>

namespace musubi::card {

/// JIS X 0303. The signature certificate counts differently (3 = unknown): do not mix them.
enum class Sex { Unknown = 0, Male = 1, Female = 2, NotApplicable = 9 };

struct Attributes {
    std::string name;                          // family name, U+3000, given name
    std::string address;                       // from the prefecture, digits in full width
    std::optional<base::CivilDate> birth_date; // nothing where the register knows none
    Sex sex = Sex::Unknown;
};

/// The content of the attribute file. "card.communication" if it is not one.
base::Result<Attributes> parse_attributes(std::string_view file);

/// With the four-digit PIN of this application. The My Number stays on the card: its file is never read.
base::Result<Attributes> read_attributes(Transport& transport, const base::Secret& pin,
                                         const Layout& layout = layout_2016());
/// With 照合番号B, the 14 digits printed on the card (birth date YYMMDD in the Japanese era, year of expiry, security
/// code).
base::Result<Attributes> read_attributes_with_number_b(Transport& transport, const base::Secret& number_b,
                                                       const Layout& layout = layout_2016());

base::Result<unsigned> text_tries_left(Transport& transport, const Layout& layout = layout_2016());
base::Status change_text_pin(Transport& transport, const base::Secret& current, const base::Secret& next,
                             const Layout& layout = layout_2016());

} // namespace musubi::card
