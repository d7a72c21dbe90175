// Where cards come from: the readers of this computer, or a software card in a file (for trying things out).
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "lib/card/jpki.h"
#include "lib/card/pcsc.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace musubi::card_agent {

class CardSource {
  public:
    virtual ~CardSource() = default;
    virtual base::Result<std::vector<card::ReaderState>> readers() = 0;
    /// One exclusive session with the first My Number Card found (in `reader`, if named). May be called from any
    /// thread.
    virtual base::Result<std::unique_ptr<card::Transport>> open(const std::string& reader) = 0;
    virtual void wait_for_change(const std::vector<card::ReaderState>& known, base::Duration timeout) = 0;
    /// Ends a wait of another thread.
    virtual void cancel() = 0;
};

std::unique_ptr<CardSource> reader_source();
/// A card image (lib/card/card_image.h); counters are written back to the file.
base::Result<std::unique_ptr<CardSource>> image_source(const std::string& path);

/// What can be learnt of a card without any secret.
struct CardStatus {
    std::string reader;
    enum class Card { None, Unknown, MyNumber } card = Card::None;
    card::TokenKind kind = card::TokenKind::Unknown;
    bool has_signature_certificate = false;
    unsigned user_tries = 0;
    unsigned signature_tries = 0;
    friend bool operator==(const CardStatus&, const CardStatus&) = default;
};

/// Looks at the card in one reader.
base::Result<CardStatus> inspect(CardSource& source, const card::ReaderState& reader);

} // namespace musubi::card_agent
