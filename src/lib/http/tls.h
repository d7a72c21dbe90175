// TLS of the server: TLS 1.3 only by default settings of today's clients, resumption by tickets, buffers released while
// a connection is idle. Private to lib/http.
#pragma once

#include "base/result.h"
#include "lib/http/server.h"

#include <memory>

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace musubi::http {

class TlsContext {
  public:
    /// Error "server.tls-unusable" with the reason for the log.
    static base::Result<std::shared_ptr<TlsContext>> load(const TlsFiles& files);
    explicit TlsContext(SSL_CTX* context) : m_context(context) {}
    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    /// A server session over a non-blocking socket.
    SSL* session(int socket) const;

  private:
    SSL_CTX* m_context;
};

enum class TlsWant { Nothing, Read, Write, Closed };
struct TlsStep {
    size_t bytes = 0;
    TlsWant want = TlsWant::Nothing;
};
TlsStep tls_accept(SSL* session);
TlsStep tls_read(SSL* session, char* out, size_t size);
TlsStep tls_write(SSL* session, const char* data, size_t size);
void tls_end(SSL* session);     // says goodbye without waiting
void tls_release(SSL* session); // frees

} // namespace musubi::http
