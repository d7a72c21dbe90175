// Puts a software card into a slot of vpcd, the virtual reader of the vsmartcard project: real PC/SC software then sees
// a reader with a card.
//
// The protocol: we connect (127.0.0.1:35963 is the first slot, the next port the second); each message is two bytes of
// length, big-endian, and as many bytes. One byte alone is a control: 00 power off, 01 power on, 02 reset (unanswered),
// 04 "tell the ATR". Everything else is a command APDU. Closing the connection is pulling the card.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace musubi::virtual_card {

/// What lies in a slot. All functions are called from the slot's thread.
class InsertedCard {
  public:
    virtual ~InsertedCard() = default;
    virtual std::string atr() = 0;
    virtual void reset() = 0;
    /// The answer is sent only after this returns: changes of counters must be durable by then.
    virtual std::string transmit(std::string_view command) = 0;
};

class Slot {
  public:
    /// Connects only while a card is in; keeps trying, so that a restart of pcscd is survived.
    explicit Slot(uint16_t port);
    ~Slot();
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

    /// A card that is in already is pulled first.
    void insert(std::shared_ptr<InsertedCard> card);
    void pull();
    uint16_t port() const { return m_port; }
    /// Whether the reader has taken the card (pcscd runs and its virtual reader listens).
    bool connected() const { return m_connected; }

  private:
    void run();
    void serve(int socket, InsertedCard& card, uint64_t turn);
    bool current(uint64_t turn);

    const uint16_t m_port;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::shared_ptr<InsertedCard> m_card;
    uint64_t m_turn = 0; // grows with every insert and pull
    int m_socket = -1;
    bool m_ending = false;
    std::atomic<bool> m_connected = false;
    std::thread m_thread;
};

} // namespace musubi::virtual_card
