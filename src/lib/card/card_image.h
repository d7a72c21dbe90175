// The memory of a software card: contents of its files, its keys, its secrets with their counters. One JSON file.
//
//   {"format": "musubi-card-image/1", "kind": "card", "atr": "3be000ff8131fe4514",
//    "files":   {"jpki/000A": "<base64>", …},
//    "secrets": {"jpki/0018": {"value": "1234", "triesLeft": 3}, …},
//    "keys":    {"jpki/0017": "<base64 PKCS#8>", …},
//    "objects": {"0045": "<base64>", …}}          what GET DATA answers outside of any application
#pragma once

#include "base/result.h"
#include "lib/card/jpki.h"
#include "lib/card/layout.h"

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace musubi::card {

struct ElementAddress {
    Application application;
    uint16_t id;
    friend auto operator<=>(const ElementAddress&, const ElementAddress&) = default;
};

struct StoredSecret {
    std::string value;
    unsigned tries_left = 0; // 0 = blocked
};

struct CardImage {
    TokenKind kind = TokenKind::Card;
    std::string atr = kContactAtr;
    std::map<ElementAddress, std::string> files = {}; // a record file holds its first record
    std::map<ElementAddress, StoredSecret> secrets = {};
    std::map<ElementAddress, std::string> keys = {}; // PKCS#8 DER
    std::map<uint16_t, std::string> objects = {};

    /// The ATR that other software's tables know for this card on a contact reader.
    static const std::string kContactAtr;
};

std::string write_card_image(const CardImage& image);
/// "card-image.malformed" with the place in the detail. Addresses that the layout does not know are refused.
base::Result<CardImage> parse_card_image(std::string_view json);

/// Reads and parses a file; "card-image.unreadable" if it cannot be read.
base::Result<CardImage> load_card_image(const std::string& path);
/// Replaces the file so that after a power failure either the old or the new content is there (write, fsync, rename,
/// fsync of the folder), readable by its owner alone. "card-image.not-written" otherwise.
base::Status save_card_image(const CardImage& image, const std::string& path);

} // namespace musubi::card
