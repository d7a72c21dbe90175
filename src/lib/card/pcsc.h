// Readers and cards through PC/SC (pcsc-lite's winscard.h; nothing else includes that header).
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "lib/card/transport.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::card {

struct ReaderState {
    std::string name;
    bool card_present = false;
    bool in_use_elsewhere = false; // another program holds the card exclusively
    uint32_t event_count = 0;      // grows with every insertion and removal
    friend bool operator==(const ReaderState&, const ReaderState&) = default;
};

/// One connection with one exclusive transaction: from its making to its end no other program can speak to the card.
/// Ending it resets the card, so that nothing proven in it is left for the next program.
class PcscCard final : public Transport {
  public:
    ~PcscCard() override;
    PcscCard(const PcscCard&) = delete;
    PcscCard& operator=(const PcscCard&) = delete;

    base::Result<std::string> transmit(std::string_view command) override;
    const std::string& reader() const;

  private:
    friend class Pcsc;
    struct State;
    explicit PcscCard(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

/// A connection to the PC/SC service. One per thread; `cancel` alone may be called from another. Survives a restart of
/// the service: each call connects again when needed.
class Pcsc {
  public:
    Pcsc();
    ~Pcsc();
    Pcsc(const Pcsc&) = delete;
    Pcsc& operator=(const Pcsc&) = delete;

    /// Connected readers. "card.reader-missing" if there is none or the service does not run.
    base::Result<std::vector<ReaderState>> readers();

    /// "card.not-inserted" if the reader is empty, "card.reader-missing" if it is gone. While another program is in the
    /// middle of a transaction this waits; against a program that holds the card for itself it gives up after three
    /// seconds with "card.communication".
    base::Result<std::unique_ptr<PcscCard>> connect(const std::string& reader);

    /// Connects to the first card that knows the JPKI application, in `reader` or, if that is empty, in any reader.
    /// "card.reader-missing", "card.not-inserted", "card.not-a-my-number-card".
    base::Result<std::unique_ptr<PcscCard>> connect_my_number_card(const std::string& reader = {});

    /// Returns when readers or cards differ from `known` (a result of `readers`, or empty), or after `timeout`.
    void wait_for_change(const std::vector<ReaderState>& known, base::Duration timeout);
    /// Ends a wait_for_change of another thread.
    void cancel();

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace musubi::card
