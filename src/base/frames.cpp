#include "base/frames.h"

#include <array>
#include <cstdint>
#include <new>
#include <utility>

namespace musubi::base::task_detail {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kPooled = false; // the sanitizers are to see every frame come and go
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kPooled = false;
#else
constexpr bool kPooled = true;
#endif
#else
constexpr bool kPooled = true;
#endif

constexpr size_t kStep = 64;
constexpr size_t kClasses = 32;     // frames of up to 2 KiB; larger ones are rare
constexpr uint32_t kMostKept = 256; // of one size; work that came and went all at once gives the rest back

struct Free {
    Free* next;
};
struct List {
    Free* first;
    uint32_t count;
};
struct Pool {
    std::array<List, kClasses> lists;
    bool used;
    bool closed; // the thread is ending
};
// Without constructor and destructor: frames may be released while the thread's other variables are being destroyed.
thread_local constinit Pool t_pool{};

/// Empties the pool at the end of the thread.
struct Closer {
    ~Closer() {
        t_pool.closed = true;
        for (List& list : t_pool.lists) {
            while (list.first) ::operator delete(std::exchange(list.first, list.first->next));
            list.count = 0;
        }
    }
};

void begin_use() {
    static thread_local const Closer closer;
    static_cast<void>(closer);
    t_pool.used = true;
}

size_t class_of(size_t size) { return (size + kStep - 1) / kStep - 1; }

} // namespace

void* allocate_frame(size_t size) {
    const size_t number = class_of(size);
    if (!kPooled || number >= kClasses) return ::operator new(size);
    List& list = t_pool.lists[number];
    if (!list.first) return ::operator new((number + 1) * kStep);
    --list.count;
    return std::exchange(list.first, list.first->next);
}

void release_frame(void* frame, size_t size) noexcept {
    const size_t number = class_of(size);
    if (!kPooled || number >= kClasses || t_pool.closed) return ::operator delete(frame);
    List& list = t_pool.lists[number];
    if (list.count >= kMostKept) return ::operator delete(frame);
    if (!t_pool.used) begin_use();
    list.first = new (frame) Free{list.first};
    ++list.count;
}

} // namespace musubi::base::task_detail
