// A value that is replaced as a whole while others read it. Readers keep the version they took; nobody waits for a
// writer longer than it takes to swap two pointers.
#pragma once

#include <memory>
#include <mutex>
#include <shared_mutex>

namespace musubi::pki {

template <class T> class Snapshot {
  public:
    explicit Snapshot(std::shared_ptr<const T> first) : m_value(std::move(first)) {}

    std::shared_ptr<const T> take() const {
        std::shared_lock lock(m_mutex);
        return m_value;
    }
    void put(std::shared_ptr<const T> next) {
        {
            std::unique_lock lock(m_mutex);
            m_value.swap(next);
        }
        // The old version may be large: it is given back after the lock, here or by its last reader.
    }

  private:
    mutable std::shared_mutex m_mutex;
    std::shared_ptr<const T> m_value;
};

} // namespace musubi::pki
