/* The peer for bench/run: libh2o with its own event loop, one thread, the same 1 KiB JSON built per request; or, with a
 * folder, its files below /file/.
 *   h2o_server PORT [FOLDER]
 */
#include <arpa/inet.h>
#include <h2o.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static h2o_globalconf_t config;
static h2o_context_t context;
static h2o_accept_ctx_t accept_context;
static char filler[981];

static int answer(h2o_handler_t* self, h2o_req_t* request) {
    static h2o_generator_t generator = {NULL, NULL};
    (void)self;
    const size_t skip = 3; /* "/x/" */
    const size_t length = request->path_normalized.len > skip ? request->path_normalized.len - skip : 0;
    char* text = h2o_mem_alloc_pool(&request->pool, 1100 + length);
    const int size =
        sprintf(text, "{\"id\":\"%.*s\",\"text\":\"%s\"}", (int)length, request->path_normalized.base + skip, filler);
    h2o_iovec_t body = h2o_iovec_init(text, (size_t)size);
    request->res.status = 200;
    request->res.reason = "OK";
    request->res.content_length = body.len;
    h2o_add_header(&request->pool, &request->res.headers, H2O_TOKEN_CONTENT_TYPE, NULL, H2O_STRLIT("application/json"));
    h2o_start_response(request, &generator);
    h2o_send(request, &body, 1, H2O_SEND_STATE_FINAL);
    return 0;
}

static void on_accept(h2o_socket_t* listener, const char* error) {
    h2o_socket_t* socket;
    if (error != NULL) return;
    while ((socket = h2o_evloop_socket_accept(listener)) != NULL) h2o_accept(&accept_context, socket);
}

int main(int count, char** arguments) {
    if (count != 2 && count != 3) return 2;
    signal(SIGPIPE, SIG_IGN);
    memset(filler, 'x', sizeof filler - 1);
    h2o_config_init(&config);
    h2o_hostconf_t* host = h2o_config_register_host(&config, h2o_iovec_init(H2O_STRLIT("default")), 65535);
    /* Before "/": the first that fits is taken. */
    if (count == 3) h2o_file_register(h2o_config_register_path(host, "/file", 0), arguments[2], NULL, NULL, 0);
    h2o_pathconf_t* path = h2o_config_register_path(host, "/", 0);
    h2o_handler_t* handler = h2o_create_handler(path, sizeof *handler);
    handler->on_req = answer;
    h2o_context_init(&context, h2o_evloop_create(), &config);
    accept_context.ctx = &context;
    accept_context.hosts = config.hosts;

    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)atoi(arguments[1]));
    const int on = 1;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr*)&address, sizeof address) != 0 || listen(listener, SOMAXCONN) != 0) {
        perror("listen");
        return 1;
    }
    h2o_socket_read_start(h2o_evloop_socket_create(context.loop, listener, H2O_SOCKET_FLAG_DONT_READ), on_accept);
    while (h2o_evloop_run(context.loop, INT32_MAX) == 0) {
    }
    return 0;
}
