// Calls a router without sockets, as one browser or program would: cookies it was given come back with the next call.
//
//     http::testing::Client client(router);
//     auto response = client.post("/api/v1/login", R"({"name":"hanako"})");
//     EXPECT_EQ(response.status, 204);
//     EXPECT_EQ(client.get("/api/v1/notices").status, 200);
#pragma once

#include "lib/event_loop/event_loop.h"
#include "lib/http/router.h"

#include <map>
#include <string>
#include <string_view>

namespace musubi::http::testing {

class Client {
  public:
    explicit Client(Router& router) : m_router(router) {}

    /// Sent with every call: {"X-Musubi-Language", "en"}.
    std::vector<Header> headers;
    std::map<std::string, std::string> cookies;
    std::string address = "192.0.2.1";

    Response get(std::string_view target) { return send(request(Method::Get, target)); }
    Response post(std::string_view target, std::string body = {}) {
        return send(request(Method::Post, target, std::move(body)));
    }
    Response put(std::string_view target, std::string body = {}) {
        return send(request(Method::Put, target, std::move(body)));
    }
    Response patch(std::string_view target, std::string body = {}) {
        return send(request(Method::Patch, target, std::move(body)));
    }
    Response remove(std::string_view target) { return send(request(Method::Delete, target)); }

    /// A request as the page of this server would send it; a body is JSON.
    Request request(Method method, std::string_view target, std::string body = {}) const {
        Request made;
        made.method = method;
        const size_t question = target.find('?');
        made.path = target.substr(0, question);
        if (question != std::string_view::npos) made.query = target.substr(question + 1);
        made.client_address = address;
        made.headers = {{"Host", "test.example"}};
        if (method != Method::Get) made.headers.push_back({"Sec-Fetch-Site", "same-origin"});
        if (!body.empty()) made.headers.push_back({"Content-Type", "application/json"});
        made.body = std::move(body);
        std::string jar;
        for (const auto& [name, value] : cookies) jar += (jar.empty() ? "" : "; ") + name + "=" + value;
        if (!jar.empty()) made.headers.push_back({"Cookie", jar});
        made.headers.insert(made.headers.end(), headers.begin(), headers.end());
        return made;
    }

    Response send(Request made) {
        Response response = event_loop::run(m_router.handle(std::move(made)));
        for (const Header& header : response.headers)
            if (header.name == "Set-Cookie") keep(header.value);
        return response;
    }

  private:
    void keep(std::string_view cookie) {
        const auto pair = cookie.substr(0, cookie.find(';'));
        const size_t equals = pair.find('=');
        const std::string name(pair.substr(0, equals));
        if (cookie.find("; Max-Age=0") != std::string_view::npos) {
            cookies.erase(name);
        } else {
            cookies[name] = pair.substr(equals + 1);
        }
    }
    Router& m_router;
};

} // namespace musubi::http::testing
