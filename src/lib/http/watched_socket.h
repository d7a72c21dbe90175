// Waiting for sockets without a system call for each wait. All sockets of a loop are entered once, edge-triggered, into
// an epoll of their own, and the loop waits for that one; asio alone would arm its epoll anew for every wait, which is
// a system call more per request. Private to lib/http; used on the loop's thread.
#pragma once

#include "lib/event_loop/event_loop.h"

#include <coroutine>
#include <cstdint>
#include <memory>

namespace musubi::http {

/// The sockets of one loop.
class SocketWatch {
  public:
    explicit SocketWatch(event_loop::EventLoop& loop);
    ~SocketWatch();
    SocketWatch(const SocketWatch&) = delete;
    SocketWatch& operator=(const SocketWatch&) = delete;
    event_loop::EventLoop& loop() { return m_loop; }

  private:
    friend class WatchedSocket;
    struct Native;
    void wait();
    void dispatch();

    event_loop::EventLoop& m_loop;
    int m_epoll = -1;
    std::unique_ptr<Native> m_native;
};

/// A non-blocking socket. Whoever waits must first have met EAGAIN since it last waited in that direction, or know that
/// there was nothing left: an edge is told once. Not to be destroyed by what its own event resumes, only later.
class WatchedSocket {
  public:
    enum class Wish { Read, Write };

    /// Takes the descriptor over.
    WatchedSocket(SocketWatch& watch, int descriptor);
    ~WatchedSocket() { close(); }
    WatchedSocket(const WatchedSocket&) = delete;
    WatchedSocket& operator=(const WatchedSocket&) = delete;

    int native_handle() const { return m_descriptor; }
    /// True when there is no need to wait, as the event has come already or that side has closed.
    bool take(Wish wish);
    /// Resumes it once, at the event or after wake(). One may wait for each direction.
    void wait(Wish wish, std::coroutine_handle<> waiting) { side(wish).waiting = waiting; }
    /// Resumes whoever waits, from the loop.
    void wake();
    void close();

  private:
    friend class SocketWatch;
    struct Side {
        bool pending = false; // an event has come that nobody waited for
        bool ended = false;   // every try has an answer from now on, as that side is closed or broken
        std::coroutine_handle<> waiting;
        void resume();
    };
    Side& side(Wish wish) { return wish == Wish::Read ? m_read : m_write; }
    void happened(uint32_t events);

    SocketWatch& m_watch;
    int m_descriptor;
    Side m_read;
    Side m_write;
};

} // namespace musubi::http
