// The asio side of an event loop, for lib/http and the PostgreSQL driver only.
#pragma once

#include "lib/event_loop/event_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <memory>
#include <vector>

namespace musubi::event_loop {

struct EventLoop::Native {
    // One thread runs it; others only post.
    boost::asio::io_context context{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{context.get_executor()};
    // Sockets and other things that live in the context and must go before it does. Touched on the loop's own thread,
    // or when nothing runs it.
    std::vector<std::shared_ptr<void>> attachments;

    ~Native() { attachments.clear(); }
};

} // namespace musubi::event_loop
