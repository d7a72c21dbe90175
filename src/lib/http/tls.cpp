#include "lib/http/tls.h"

#include <climits>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace musubi::http {

namespace {

std::string last_reason() {
    char text[256];
    ERR_error_string_n(ERR_get_error(), text, sizeof text);
    ERR_clear_error();
    return text;
}

int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned int in_size, void*) {
    static constexpr unsigned char kOurs[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    const int found = SSL_select_next_proto(&chosen, out_size, kOurs, sizeof kOurs, in, in_size);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

TlsStep step(SSL* session, int result, size_t bytes) {
    if (result == 1) return {bytes, TlsWant::Nothing};
    switch (SSL_get_error(session, result)) {
    case SSL_ERROR_WANT_READ:
        return {0, TlsWant::Read};
    case SSL_ERROR_WANT_WRITE:
        return {0, TlsWant::Write};
    default:
        ERR_clear_error();
        return {0, TlsWant::Closed};
    }
}

} // namespace

base::Result<std::shared_ptr<TlsContext>> TlsContext::load(const TlsFiles& files) {
    const auto unusable = [](std::string what) {
        return base::invalid("server.tls-unusable").because(std::move(what) + ": " + last_reason());
    };
    SSL_CTX* native = SSL_CTX_new(TLS_server_method());
    if (!native) return unusable("context");
    auto context = std::make_shared<TlsContext>(native);
    SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(native,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Tickets resume without state here; one is enough, as browsers open few connections.
    SSL_CTX_set_num_tickets(native, 1);
    static constexpr unsigned char kSessionContext[] = "musubi";
    SSL_CTX_set_session_id_context(native, kSessionContext, sizeof kSessionContext - 1);
    SSL_CTX_set_alpn_select_cb(native, choose_protocol, nullptr);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(native, files.certificate.c_str()) != 1) return unusable(files.certificate);
    if (SSL_CTX_use_PrivateKey_file(native, files.key.c_str(), SSL_FILETYPE_PEM) != 1) return unusable(files.key);
    if (SSL_CTX_check_private_key(native) != 1) return unusable("the key does not belong to the certificate");
    return context;
}

TlsContext::~TlsContext() { SSL_CTX_free(m_context); }

SSL* TlsContext::session(int socket) const {
    SSL* session = SSL_new(m_context);
    if (!session) throw std::bad_alloc();
    SSL_set_fd(session, socket);
    SSL_set_accept_state(session);
    return session;
}

TlsStep tls_accept(SSL* session) { return step(session, SSL_accept(session), 0); }

TlsStep tls_read(SSL* session, char* out, size_t size) {
    size_t bytes = 0;
    const int result = SSL_read_ex(session, out, size, &bytes);
    return step(session, result, bytes);
}

TlsStep tls_write(SSL* session, const char* data, size_t size) {
    size_t bytes = 0;
    const int result = SSL_write_ex(session, data, size, &bytes);
    return step(session, result, bytes);
}

void tls_end(SSL* session) {
    if (SSL_is_init_finished(session)) SSL_shutdown(session);
    ERR_clear_error();
}

void tls_release(SSL* session) { SSL_free(session); }

} // namespace musubi::http
