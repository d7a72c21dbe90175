// How both parts of the SQLite engine run a unit of work: at once, on this thread, to its end.
#pragma once

#include "base/task.h"

#include <string_view>

namespace musubi::db {

/// While one exists, this thread runs a unit; asking the Database for another one is then a mistake in the program and
/// throws DatabaseError, because it could only wait for itself.
class InsideUnit {
  public:
    InsideUnit();
    ~InsideUnit();
    InsideUnit(const InsideUnit&) = delete;
    InsideUnit& operator=(const InsideUnit&) = delete;
    static void refuse();
};

/// Ends the process: the unit waits for something else than its transaction, and so holds up the whole database.
[[noreturn]] void unit_waits_for_something_else();

namespace detail {
template <class T> base::Detached note_end(base::Task<T>& task, bool& ended) {
    co_await task.settled();
    ended = true;
}
} // namespace detail

template <class T> T run_at_once(base::Task<T> task) {
    bool ended = false;
    detail::note_end(task, ended);
    if (!ended) unit_waits_for_something_else();
    return task.handle().promise().take();
}

} // namespace musubi::db
