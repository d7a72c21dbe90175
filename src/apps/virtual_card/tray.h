// The card tray: a page with the demo city's cards, on which a visitor puts one into the virtual reader and pulls it
// out again.
//
//   GET  /                     the page (ja, en)
//   GET  /api/state            {slots: [{slot, port, card?, connected}], cards: [{id, name, …, tries?}], certification}
//   POST /api/insert           {card, slot}              409 tray.card-in-other-slot
//   POST /api/pull             {slot}
//   POST /api/restore          {card}                    back to the memory as issued
//   POST /api/search           {text} → {items}          people of the demo city
//   POST /api/insert-holder    {holderId, slot}          issues a card for the person if there is none
#pragma once

#include "apps/virtual_card/drawer.h"
#include "apps/virtual_card/issuer.h"
#include "lib/loopback/server.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace musubi::virtual_card {

class Tray final : public loopback::Handler {
  public:
    Tray(Drawer& drawer, Issuer& issuer, std::vector<WantedCard> wanted, const std::vector<uint16_t>& slot_ports);

    loopback::Response handle(const loopback::Request& request) override;

    /// For the command line, as the page does it. Slots count from 0.
    base::Status insert(const std::string& card, size_t slot);
    base::Status pull(size_t slot);

  private:
    struct Place {
        std::unique_ptr<Slot> slot;
        std::string card_id;
        std::shared_ptr<StoredCard> card;
    };
    struct Shown {
        About about;
        std::optional<Tries> tries; // none while the card is not issued yet
    };

    base::Status restore(const std::string& card);
    base::Status insert_holder(const std::string& holder, size_t slot);
    base::Status issue(const WantedCard& wanted);
    std::vector<Shown> shown();
    std::string state_json();
    loopback::Response act(const loopback::Request& request);
    loopback::Response act_from_form(const loopback::Request& request);
    std::string page(const loopback::Request& request);

    Drawer& m_drawer;
    Issuer& m_issuer;
    const std::vector<WantedCard> m_wanted;
    std::mutex m_mutex;       // places
    std::mutex m_issue_mutex; // one card is issued at a time
    std::vector<Place> m_places;
};

} // namespace musubi::virtual_card
