// Small texts compressed one by one (Zstandard, RFC 8878).
#pragma once

#include "base/result.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace musubi::compression {

/// A dictionary as `zstd --train` writes it, prepared for both directions. May be used by many threads at once.
class Dictionary {
  public:
    explicit Dictionary(std::string_view bytes);
    ~Dictionary();
    Dictionary(const Dictionary&) = delete;
    Dictionary& operator=(const Dictionary&) = delete;

    std::string compress(std::string_view text) const;
    /// Appends to `out`. Internal: not from this dictionary, damaged, or longer than `limit`.
    base::Status expand(std::string_view packed, size_t limit, std::string& out) const;

  private:
    struct Prepared;
    std::unique_ptr<Prepared> m_prepared;
};

} // namespace musubi::compression
