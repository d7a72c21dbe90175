#include "lib/http/watched_socket.h"

#include "lib/event_loop/event_loop_asio.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace musubi::http {

using boost::asio::posix::stream_descriptor;

namespace {
constexpr int kEventsAtOnce = 128; // then others of the loop have their turn
} // namespace

struct SocketWatch::Native {
    stream_descriptor descriptor;
};

SocketWatch::SocketWatch(event_loop::EventLoop& loop) : m_loop(loop), m_epoll(::epoll_create1(EPOLL_CLOEXEC)) {
    if (m_epoll < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    m_native = std::make_unique<Native>(Native{stream_descriptor(loop.native().context, m_epoll)});
    wait();
}

SocketWatch::~SocketWatch() = default; // the descriptor closes the epoll

void SocketWatch::wait() {
    m_native->descriptor.async_wait(stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
        if (error) return;
        dispatch();
        wait();
    });
}

void SocketWatch::dispatch() {
    epoll_event events[kEventsAtOnce];
    const int count = ::epoll_wait(m_epoll, events, kEventsAtOnce, 0);
    for (int i = 0; i < count; ++i) static_cast<WatchedSocket*>(events[i].data.ptr)->happened(events[i].events);
}

WatchedSocket::WatchedSocket(SocketWatch& watch, int descriptor) : m_watch(watch), m_descriptor(descriptor) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = this;
    if (::epoll_ctl(watch.m_epoll, EPOLL_CTL_ADD, descriptor, &event) == 0) return;
    ::shutdown(descriptor, SHUT_RDWR); // no memory: nothing would ever come
    m_read.ended = m_write.ended = true;
}

void WatchedSocket::Side::resume() {
    if (!waiting) return;
    pending = false;
    std::exchange(waiting, {}).resume();
}

bool WatchedSocket::take(Wish wish) {
    Side& wished = side(wish);
    return std::exchange(wished.pending, false) || wished.ended;
}

void WatchedSocket::happened(uint32_t events) {
    if ((events & EPOLLRDHUP) != 0) m_read.ended = true; // the other side may still be reading
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) m_read.ended = m_write.ended = true;
    m_read.pending |= (events & EPOLLIN) != 0;
    m_write.pending |= (events & EPOLLOUT) != 0;
    if (m_read.pending || m_read.ended) m_read.resume();
    if (m_write.pending || m_write.ended) m_write.resume();
}

void WatchedSocket::wake() {
    if (!m_read.waiting && !m_write.waiting) return;
    m_watch.loop().post([this] {
        m_read.resume();
        m_write.resume();
    });
}

void WatchedSocket::close() {
    if (m_descriptor >= 0) ::close(std::exchange(m_descriptor, -1)); // leaves the epoll with it
}

} // namespace musubi::http
