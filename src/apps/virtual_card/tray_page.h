// The page of the card tray, as HTML. Works without scripts; tray.js keeps it fresh.
#pragma once

#include "apps/virtual_card/drawer.h"
#include "lib/loopback/server.h"

#include <optional>
#include <string>
#include <vector>

namespace musubi::virtual_card {

enum class PageLanguage { Japanese, English };

struct PageContent {
    struct Card {
        About about;
        std::optional<Tries> tries;
    };
    struct SlotView {
        std::string card_id; // empty: nothing in it
        bool connected = false;
    };
    PageLanguage language = PageLanguage::Japanese;
    std::vector<Card> cards;
    std::vector<SlotView> slots;
    bool certification = false; // cards for everyone can be issued
    std::string error;          // code of the last action's failure
};

/// ?lang=ja or en, otherwise what the browser prefers.
PageLanguage page_language(const loopback::Request& request);
std::string render_page(const PageContent& content);

} // namespace musubi::virtual_card
