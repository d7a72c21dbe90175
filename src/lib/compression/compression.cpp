#include "lib/compression/compression.h"

#include <new>
#include <zstd.h>

namespace musubi::compression {
namespace {

// Level 3 with a dictionary: higher levels cost several times the time for a few bytes of such short texts.
constexpr int kLevel = 3;

struct Contexts {
    ZSTD_CCtx* compressing = ZSTD_createCCtx();
    ZSTD_DCtx* expanding = ZSTD_createDCtx();
    Contexts() {
        if (!compressing || !expanding) throw std::bad_alloc();
        ZSTD_CCtx_setParameter(compressing, ZSTD_c_checksumFlag, 0);
        ZSTD_CCtx_setParameter(compressing, ZSTD_c_dictIDFlag, 0);
    }
    ~Contexts() {
        ZSTD_freeCCtx(compressing);
        ZSTD_freeDCtx(expanding);
    }
    Contexts(const Contexts&) = delete;
    Contexts& operator=(const Contexts&) = delete;
};

Contexts& contexts() {
    thread_local Contexts own;
    return own;
}

base::Error malformed(std::string why) { return base::internal(std::move(why)); }

} // namespace

struct Dictionary::Prepared {
    ZSTD_CDict* compressing;
    ZSTD_DDict* expanding;
};

Dictionary::Dictionary(std::string_view bytes) : m_prepared(std::make_unique<Prepared>()) {
    m_prepared->compressing = ZSTD_createCDict(bytes.data(), bytes.size(), kLevel);
    m_prepared->expanding = ZSTD_createDDict(bytes.data(), bytes.size());
    if (!m_prepared->compressing || !m_prepared->expanding) throw std::bad_alloc();
}

Dictionary::~Dictionary() {
    ZSTD_freeCDict(m_prepared->compressing);
    ZSTD_freeDDict(m_prepared->expanding);
}

std::string Dictionary::compress(std::string_view text) const {
    ZSTD_CCtx* context = contexts().compressing;
    std::string out(ZSTD_compressBound(text.size()), '\0');
    ZSTD_CCtx_refCDict(context, m_prepared->compressing);
    const size_t length = ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size());
    if (ZSTD_isError(length)) throw std::bad_alloc(); // the only failure left with an output of this size
    out.resize(length);
    return out;
}

base::Status Dictionary::expand(std::string_view packed, size_t limit, std::string& out) const {
    const unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > limit)
        return malformed("no length of at most the limit in the frame");
    const size_t at = out.size();
    out.resize(at + static_cast<size_t>(size));
    const size_t length = ZSTD_decompress_usingDDict(contexts().expanding, out.data() + at, static_cast<size_t>(size),
                                                     packed.data(), packed.size(), m_prepared->expanding);
    if (!ZSTD_isError(length) && length == size) return base::success();
    out.resize(at);
    return malformed("does not expand to its length");
}

} // namespace musubi::compression
