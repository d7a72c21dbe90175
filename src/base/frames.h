// Memory for coroutine frames. One request is a dozen coroutines of the same few sizes, so each thread keeps what they
// leave behind and hands it out again, without the general allocator's search. Used by task.h alone.
#pragma once

#include <cstddef>

namespace musubi::base::task_detail {

void* allocate_frame(size_t size);
/// On any thread. `size` is the one that was asked for.
void release_frame(void* frame, size_t size) noexcept;

/// Base of promises whose frames come from here.
struct PooledFrame {
    static void* operator new(size_t size) { return allocate_frame(size); }
    static void operator delete(void* frame, size_t size) noexcept { release_frame(frame, size); }
};

} // namespace musubi::base::task_detail
