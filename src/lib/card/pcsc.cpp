#include "lib/card/pcsc.h"

#include "lib/card/errors.h"
#include "lib/card/jpki.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <mutex>
#include <thread>
#include <winscard.h>

namespace musubi::card {

namespace {

constexpr DWORD kLongestAnswer = 65536 + 2;
constexpr auto kExclusiveWait = std::chrono::seconds(3);
constexpr auto kExclusivePause = std::chrono::milliseconds(100);
constexpr auto kRemovalNotice = std::chrono::milliseconds(2500);
constexpr auto kRemovalPause = std::chrono::milliseconds(50);
// Pseudo reader whose state changes when readers come and go (pcsc-lite, SCardGetStatusChange).
constexpr auto kReaderListChange = "\\\\?PnP?\\Notification";

std::string reason(LONG code) { return pcsc_stringify_error(code); }

base::Error error_of(LONG code) {
    switch (code) {
    case SCARD_E_NO_SERVICE:
    case SCARD_E_SERVICE_STOPPED:
    case SCARD_E_NO_READERS_AVAILABLE:
    case SCARD_E_UNKNOWN_READER:
    case SCARD_E_READER_UNAVAILABLE:
        return reader_missing(reason(code));
    case SCARD_E_NO_SMARTCARD:
        return not_inserted();
    case SCARD_W_REMOVED_CARD:
    case SCARD_W_RESET_CARD: // in the middle of our transaction only a pulled and returned card is reset
    case SCARD_W_UNPOWERED_CARD:
        return removed(reason(code));
    default:
        return communication(reason(code));
    }
}

bool service_lost(LONG code) {
    return code == SCARD_E_NO_SERVICE || code == SCARD_E_SERVICE_STOPPED || code == SCARD_E_INVALID_HANDLE ||
           code == SCARD_F_COMM_ERROR;
}

std::vector<std::string> split_names(std::string_view names) {
    std::vector<std::string> out;
    while (!names.empty() && names.front() != '\0') {
        const auto end = std::min(names.find('\0'), names.size());
        out.emplace_back(names.substr(0, end));
        names.remove_prefix(std::min(end + 1, names.size()));
    }
    return out;
}

} // namespace

struct PcscCard::State {
    SCARDCONTEXT context = 0; // its own: a handle ends with its context
    SCARDHANDLE handle = 0;
    DWORD protocol = 0;
    bool in_transaction = false;
    std::string reader;

    bool gone() const {
        if (SCardStatus(handle, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr) != SCARD_S_SUCCESS) return true;
        SCARD_READERSTATE now{};
        now.szReader = reader.c_str();
        return SCardGetStatusChange(context, 0, &now, 1) == SCARD_S_SUCCESS &&
               (now.dwEventState & (SCARD_STATE_EMPTY | SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE));
    }
    bool gone_within(std::chrono::milliseconds patience) const {
        const auto give_up = std::chrono::steady_clock::now() + patience;
        while (!gone()) {
            if (std::chrono::steady_clock::now() > give_up) return false;
            std::this_thread::sleep_for(kRemovalPause);
        }
        return true;
    }

    ~State() {
        if (in_transaction) SCardEndTransaction(handle, SCARD_RESET_CARD);
        if (handle) SCardDisconnect(handle, SCARD_LEAVE_CARD);
        if (context) SCardReleaseContext(context);
    }
};

PcscCard::PcscCard(std::unique_ptr<State> state) : m_state(std::move(state)) {}
PcscCard::~PcscCard() = default;
const std::string& PcscCard::reader() const { return m_state->reader; }

base::Result<std::string> PcscCard::transmit(std::string_view command) {
    SCARD_IO_REQUEST sent{m_state->protocol, sizeof(SCARD_IO_REQUEST)};
    SCARD_IO_REQUEST received{m_state->protocol, sizeof(SCARD_IO_REQUEST)};
    thread_local std::string buffer(kLongestAnswer, '\0');
    DWORD size = kLongestAnswer;
    const LONG code =
        SCardTransmit(m_state->handle, &sent, reinterpret_cast<LPCBYTE>(command.data()),
                      static_cast<DWORD>(command.size()), &received, reinterpret_cast<LPBYTE>(buffer.data()), &size);
    if (code == SCARD_S_SUCCESS) return buffer.substr(0, size);
    // A pulled card is first seen as a failed transmission; the service notices only when it looks at the reader next.
    if (code == SCARD_E_NOT_TRANSACTED || code == SCARD_F_COMM_ERROR) {
        if (m_state->gone_within(kRemovalNotice)) return removed(reason(code));
    }
    return error_of(code);
}

struct Pcsc::State {
    std::mutex mutex; // guards `context` against cancel
    SCARDCONTEXT context = 0;
    std::atomic<bool> cancelled = false;

    LONG establish() {
        const std::lock_guard lock(mutex);
        if (context && SCardIsValidContext(context) == SCARD_S_SUCCESS) return SCARD_S_SUCCESS;
        context = 0;
        return SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &context);
    }
    void release() {
        const std::lock_guard lock(mutex);
        if (context) SCardReleaseContext(context);
        context = 0;
    }

    LONG list(std::vector<std::string>& names) {
        LONG code = establish();
        if (code != SCARD_S_SUCCESS) return code;
        for (int attempt = 0; attempt < 3; ++attempt) {
            DWORD size = 0;
            code = SCardListReaders(context, nullptr, nullptr, &size);
            if (code != SCARD_S_SUCCESS) break;
            std::string buffer(size, '\0');
            code = SCardListReaders(context, nullptr, buffer.data(), &size);
            if (code == SCARD_E_INSUFFICIENT_BUFFER) continue; // a reader came in between
            if (code == SCARD_S_SUCCESS) names = split_names(std::string_view(buffer).substr(0, size));
            break;
        }
        if (service_lost(code)) release();
        return code;
    }
};

Pcsc::Pcsc() : m_state(std::make_unique<State>()) {}
Pcsc::~Pcsc() { m_state->release(); }

base::Result<std::vector<ReaderState>> Pcsc::readers() {
    std::vector<std::string> names;
    LONG code = m_state->list(names);
    if (service_lost(code)) code = m_state->list(names); // the service was restarted since the last call
    if (code != SCARD_S_SUCCESS) return error_of(code);
    if (names.empty()) return reader_missing("no reader");
    std::vector<SCARD_READERSTATE> states(names.size());
    for (size_t i = 0; i < names.size(); ++i) states[i].szReader = names[i].c_str();
    code = SCardGetStatusChange(m_state->context, 0, states.data(), states.size());
    if (code != SCARD_S_SUCCESS && code != SCARD_E_TIMEOUT) return error_of(code);
    std::vector<ReaderState> out;
    for (size_t i = 0; i < names.size(); ++i) {
        const auto state = states[i].dwEventState;
        out.push_back({names[i], (state & SCARD_STATE_PRESENT) != 0, (state & SCARD_STATE_EXCLUSIVE) != 0,
                       static_cast<uint32_t>(state >> 16)});
    }
    return out;
}

base::Result<std::unique_ptr<PcscCard>> Pcsc::connect(const std::string& reader) {
    auto state = std::make_unique<PcscCard::State>();
    state->reader = reader;
    LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &state->context);
    if (code != SCARD_S_SUCCESS) return error_of(code);
    const auto give_up = std::chrono::steady_clock::now() + kExclusiveWait;
    for (;;) {
        code = SCardConnect(state->context, reader.c_str(), SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                            &state->handle, &state->protocol);
        if (code != SCARD_E_SHARING_VIOLATION || std::chrono::steady_clock::now() > give_up) break;
        std::this_thread::sleep_for(kExclusivePause);
    }
    if (code != SCARD_S_SUCCESS) {
        state->handle = 0;
        // A reader that has just lost its card says so in several ways.
        if (code == SCARD_W_REMOVED_CARD) return not_inserted();
        return error_of(code);
    }
    code = SCardBeginTransaction(state->handle);
    if (code == SCARD_W_RESET_CARD) { // the program before us left it reset: take note and go on
        code = SCardReconnect(state->handle, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                              SCARD_LEAVE_CARD, &state->protocol);
        if (code == SCARD_S_SUCCESS) code = SCardBeginTransaction(state->handle);
    }
    if (code != SCARD_S_SUCCESS) return error_of(code);
    state->in_transaction = true;
    return std::unique_ptr<PcscCard>(new PcscCard(std::move(state)));
}

base::Result<std::unique_ptr<PcscCard>> Pcsc::connect_my_number_card(const std::string& reader) {
    MUSUBI_TRY(const auto known, readers());
    base::Error problem = not_inserted();
    bool found = reader.empty();
    for (const auto& candidate : known) {
        if (!reader.empty() && candidate.name != reader) continue;
        found = true;
        if (!candidate.card_present) continue;
        auto card = connect(candidate.name);
        if (!card) {
            problem = std::move(card).error();
            continue;
        }
        const auto jpki = Jpki::open(**card);
        if (jpki) return std::move(*card);
        problem = jpki.error();
    }
    if (!found) return reader_missing("no reader of this name");
    return problem;
}

void Pcsc::wait_for_change(const std::vector<ReaderState>& known, base::Duration timeout) {
    m_state->cancelled = false;
    if (m_state->establish() != SCARD_S_SUCCESS) {
        // Without the service there is nothing to be told of: look again soon.
        const auto until = std::chrono::steady_clock::now() + std::min(timeout, base::Duration(1000));
        while (!m_state->cancelled && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        return;
    }
    std::vector<SCARD_READERSTATE> states(known.size() + 1);
    for (size_t i = 0; i < known.size(); ++i) {
        states[i].szReader = known[i].name.c_str();
        states[i].dwCurrentState =
            known[i].event_count << 16 | (known[i].card_present ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY);
    }
    states.back().szReader = kReaderListChange;
    const auto begin = std::chrono::steady_clock::now();
    // Other programs' connecting and leaving wakes us too: only insertion, removal and readers count.
    for (;;) {
        const auto elapsed = std::chrono::duration_cast<base::Duration>(std::chrono::steady_clock::now() - begin);
        if (elapsed >= timeout || m_state->cancelled) return;
        const LONG code = SCardGetStatusChange(m_state->context, static_cast<DWORD>((timeout - elapsed).count()),
                                               states.data(), states.size());
        if (code == SCARD_E_TIMEOUT) return;
        if (code != SCARD_S_SUCCESS) {
            if (service_lost(code)) m_state->release();
            return;
        }
        if (states.back().dwEventState & SCARD_STATE_CHANGED) return;
        for (size_t i = 0; i < known.size(); ++i) {
            const auto now = states[i].dwEventState;
            if (((now & SCARD_STATE_PRESENT) != 0) != known[i].card_present || (now >> 16) != known[i].event_count ||
                (now & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE)))
                return;
            states[i].dwCurrentState = now & ~static_cast<DWORD>(SCARD_STATE_CHANGED);
        }
    }
}

void Pcsc::cancel() {
    const std::lock_guard lock(m_state->mutex);
    m_state->cancelled = true;
    if (m_state->context) SCardCancel(m_state->context);
}

} // namespace musubi::card
