#include "apps/virtual_card/vpcd.h"

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>

namespace musubi::virtual_card {

namespace {

constexpr auto kRetry = std::chrono::milliseconds(300);
// The reader looks for a card about three times a second; a shorter absence than this may go unnoticed.
constexpr auto kAbsence = std::chrono::milliseconds(1200);

enum Control : uint8_t { kPowerOff = 0, kPowerOn = 1, kReset = 2, kAtr = 4 };

int connect_to(uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return -1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
    ::close(socket);
    return -1;
}

bool receive(int socket, char* bytes, size_t size) {
    while (size > 0) {
        // vpcd sends length and body separately; without this, every command waits 40 ms for a delayed acknowledgement.
        // The kernel forgets the wish, so it is repeated.
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
        const auto count = ::recv(socket, bytes, size, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        bytes += count;
        size -= static_cast<size_t>(count);
    }
    return true;
}

std::optional<std::string> receive_message(int socket) {
    char head[2];
    if (!receive(socket, head, sizeof head)) return std::nullopt;
    std::string body(static_cast<uint8_t>(head[0]) * 256u + static_cast<uint8_t>(head[1]), '\0');
    if (!receive(socket, body.data(), body.size())) return std::nullopt;
    return body;
}

bool send_message(int socket, std::string_view body) {
    std::string bytes{static_cast<char>(body.size() >> 8), static_cast<char>(body.size())};
    bytes += body;
    std::string_view rest = bytes;
    while (!rest.empty()) {
        const auto count = ::send(socket, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        rest.remove_prefix(static_cast<size_t>(count));
    }
    return true;
}

} // namespace

Slot::Slot(uint16_t port) : m_port(port), m_thread([this] { run(); }) {}

Slot::~Slot() {
    {
        const std::lock_guard lock(m_mutex);
        m_ending = true;
        ++m_turn;
        if (m_socket >= 0) ::shutdown(m_socket, SHUT_RDWR);
    }
    m_changed.notify_all();
    m_thread.join();
}

void Slot::insert(std::shared_ptr<InsertedCard> card) {
    {
        const std::lock_guard lock(m_mutex);
        m_card = std::move(card);
        ++m_turn;
        if (m_socket >= 0) ::shutdown(m_socket, SHUT_RDWR);
    }
    m_changed.notify_all();
}

void Slot::pull() { insert(nullptr); }

bool Slot::current(uint64_t turn) {
    const std::lock_guard lock(m_mutex);
    return !m_ending && m_turn == turn;
}

void Slot::run() {
    std::unique_lock lock(m_mutex);
    while (!m_ending) {
        m_changed.wait(lock, [this] { return m_ending || m_card; });
        if (m_ending) break;
        const auto turn = m_turn;
        const auto card = m_card;
        lock.unlock();
        const int socket = connect_to(m_port);
        lock.lock();
        if (socket < 0) {
            m_changed.wait_for(lock, kRetry, [&] { return m_ending || m_turn != turn; });
            continue;
        }
        m_socket = socket;
        const bool still_wanted = !m_ending && m_turn == turn;
        lock.unlock();
        if (still_wanted) serve(socket, *card, turn);
        lock.lock();
        m_socket = -1;
        ::close(socket);
        m_connected = false;
        // After a pull the reader needs time to notice; after a lost reader we simply try again.
        const bool pulled = m_turn != turn;
        m_changed.wait_for(lock, pulled ? kAbsence : kRetry, [this] { return m_ending; });
    }
}

void Slot::serve(int socket, InsertedCard& card, uint64_t turn) {
    card.reset();
    while (current(turn)) {
        const auto message = receive_message(socket);
        if (!message) return;
        m_connected = true;
        if (message->size() != 1) {
            if (!send_message(socket, card.transmit(*message))) return;
            continue;
        }
        switch (static_cast<uint8_t>((*message)[0])) {
        case kPowerOff:
        case kPowerOn:
        case kReset:
            card.reset();
            break;
        // Asked for all the time, also between the commands of one program: it must not disturb anything.
        case kAtr:
            if (!send_message(socket, card.atr())) return;
            break;
        default:
            break;
        }
    }
}

} // namespace musubi::virtual_card
