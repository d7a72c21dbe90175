// Pictures for synthetic cards. Nothing here is a photograph of anyone.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace musubi::card_art {

/// A drawn portrait, 240 × 320, grey, as JP2. Hair, face and clothes follow the seed.
base::Result<std::string> portrait(uint64_t seed);

/// One line of text in black on white, as PNG with one bit per pixel; shrunk until it fits.
base::Result<std::string> lettering(std::string_view text, int width, int height);

} // namespace musubi::card_art
