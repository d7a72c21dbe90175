// 券面事項確認AP: the face of the card as pictures, for comparing the holder with the photograph.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "lib/card/layout.h"
#include "lib/card/text.h"
#include "lib/card/transport.h"

#include <optional>
#include <string>

namespace musubi::card {

struct CardFace {
    std::optional<base::CivilDate> birth_date;
    Sex sex = Sex::Unknown;
    std::string name_image;    // PNG, one bit per pixel
    std::string address_image; // PNG, one bit per pixel
    std::string photo;         // JPEG 2000 (JP2), grey
    std::optional<base::CivilDate> expiry;
    std::string security_code_image; // PNG
};

base::Result<CardFace> parse_card_face(std::string_view file);

/// With 照合番号B (the 14 printed digits).
base::Result<CardFace> read_card_face(Transport& transport, const base::Secret& number_b,
                                      const Layout& layout = layout_2016());

} // namespace musubi::card
