#include "lib/http/router.h"

#include "base/encoding.h"
#include "lib/http/metrics.h"
#include "lib/http/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace musubi::http {
namespace {

using base::Result;
using base::Task;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

struct Greeting {
    std::string text;
};
template <class Fields> void describe(Fields& fields, Greeting& greeting) {
    fields("text", greeting.text, json::Rule{.max_length = 10, .min_length = 1});
}

using NoticeId = base::Id<struct NoticeTag>;
constexpr auto kPerson = "01890a5d-ac96-774b-bcce-b302099a8057";

/// Units of work without a database: the router's use of transactions is what is tested here.
class UnitCounter final : public db::Database, private db::Connection {
  public:
    int reads = 0, commits = 0, rollbacks = 0, runs_per_write = 1;
    db::Engine engine() const override { return db::Engine::Sqlite; }
    base::Status migrate(const std::vector<db::Migrations>&) override { return base::success(); }
    base::Status check_migrations(const std::vector<db::Migrations>&) override { return base::success(); }
    base::Status backup(const std::string&) override { return base::success(); }
    std::vector<db::QueryStatistics> statistics() const override { return {}; }

  private:
    Task<> read_unit(std::function<Task<>(db::ReadTx&)> unit) override {
        ++reads;
        db::ReadTx tx(*this);
        co_await unit(tx);
    }
    Task<> write_unit(std::function<Task<Outcome>(db::WriteTx&)> unit) override {
        db::WriteTx tx(*this);
        Outcome outcome = Outcome::RollBack;
        for (int i = 0; i < runs_per_write; ++i) outcome = co_await unit(tx);
        ++(outcome == Outcome::Commit ? commits : rollbacks);
    }
    Task<Answer> execute(const db::Query&, std::vector<db::Value>) override {
        throw db::DatabaseError("no statements");
    }
};

struct CookieAuthenticator final : Authenticator {
    Task<Result<Principal>> authenticate(const Request& request, base::Instant) override {
        Principal principal;
        const auto cookie = request.cookie("session");
        if (!cookie) co_return principal;
        if (*cookie == "expired") co_return base::error(base::ErrorKind::Unauthenticated, "auth.session-expired");
        principal.subject = kPerson;
        if (*cookie == "letter" || *cookie == "card") {
            principal.kind = PrincipalKind::Citizen;
            principal.assurance = *cookie == "card" ? Assurance::UserCertificate : Assurance::Letter;
        } else {
            principal.kind = PrincipalKind::Staff;
            principal.permissions = {*cookie};
        }
        co_return principal;
    }
};

struct AuditNotes final : AuditSink {
    std::vector<std::string> notes;
    Task<> record(db::WriteTx&, const Call& call, std::string_view operation) override {
        notes.push_back(std::string(operation) + " " + call.audit.purpose);
        co_return;
    }
};

Task<Result<Greeting>> greet_again(Call&, db::ReadTx&) { co_return Greeting{"again"}; }

class RouterTest : public ::testing::Test {
  protected:
    RouterTest() {
        router.use(authenticator);
        router.use(audit);
        router.configure({.access_log = AccessLog::Off});
    }
    UnitCounter database;
    base::FixedClock clock{base::Instant::from_milliseconds(1'800'000'000'000)};
    CookieAuthenticator authenticator;
    AuditNotes audit;
    Router router{database, clock};
    testing::Client client{router};
};

void echo_route(Router& router, Access access = Access::anyone()) {
    router.acts("POST", "/echo", "echo", std::move(access),
                [](Call&, Greeting body) -> Task<Result<Greeting>> { co_return body; });
}

TEST_F(RouterTest, GivesJsonFromReadsAndNothingFromUnit) {
    router.reads("GET", "/greeting", "getGreeting", Access::anyone(),
                 [](Call& call, db::ReadTx&) -> Task<Result<Greeting>> {
                     co_return Greeting{"hi " + std::string(base::language_tag(call.language))};
                 });
    router.reads("GET", "/again", "again", Access::anyone(), &greet_again);
    router.acts("DELETE", "/greeting", "deleteGreeting", Access::anyone(),
                [](Call&) -> Task<base::Status> { co_return base::success(); });
    client.headers = {{"Accept-Language", "fr, en-GB;q=0.8, ja;q=0.5"}};
    auto response = client.get("/greeting");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.content_type, "application/json");
    EXPECT_EQ(response.body, R"({"text":"hi en"})");
    EXPECT_EQ(database.reads, 1);
    EXPECT_EQ(client.get("/again").body, R"({"text":"again"})");
    auto nothing = client.remove("/greeting");
    EXPECT_EQ(nothing.status, 204);
    EXPECT_EQ(nothing.body, "");
    client.headers.push_back({"X-Musubi-Language", "ja-easy"});
    EXPECT_EQ(client.get("/greeting").body, R"({"text":"hi ja-easy"})");
}

TEST_F(RouterTest, TellsMissingPathsFromMissingMethods) {
    echo_route(router);
    EXPECT_EQ(client.get("/nowhere").status, 404);
    EXPECT_THAT(client.get("/nowhere").body, HasSubstr(R"("code":"request.not-found")"));
    auto response = client.get("/echo");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.header("Allow"), "POST");
    EXPECT_EQ(client.get("/echo/").status, 404);
    EXPECT_EQ(client.get("/" + std::string(5000, 'a')).status, 414);
}

TEST_F(RouterTest, BindsPathParametersAndPrefersFixedSegments) {
    const auto show = [](Call& call, db::ReadTx&) -> Task<Result<Greeting>> {
        co_return Greeting{std::string(call.path_text("id")) + "|" + std::string(call.path_text("rest"))};
    };
    router.reads("GET", "/n/{id}", "a", Access::anyone(), show);
    router.reads("GET", "/n/new", "b", Access::anyone(),
                 [](Call&, db::ReadTx&) -> Task<Result<Greeting>> { co_return Greeting{"fixed"}; });
    router.reads("GET", "/n/{id}/x/{rest...}", "c", Access::anyone(), show);
    router.reads("GET", "/typed/{id}", "d", Access::anyone(), [](Call& call, db::ReadTx&) -> Task<Result<Greeting>> {
        MUSUBI_CO_TRY(const auto id, call.path<NoticeId>("id"));
        co_return Greeting{id.to_string()};
    });
    EXPECT_EQ(client.get("/n/new").body, R"({"text":"fixed"})");
    EXPECT_EQ(client.get("/n/new/x/").body, R"({"text":"new|"})");
    EXPECT_EQ(client.get("/n/7").body, R"({"text":"7|"})");
    EXPECT_EQ(client.get("/n/7/x/a/b").body, R"({"text":"7|a/b"})");
    EXPECT_EQ(client.get("/n/").status, 404);
    EXPECT_EQ(client.get("/n/7/y").status, 404);
    EXPECT_EQ(client.get("/typed/7").status, 404);
    EXPECT_EQ(client.get("/typed/" + std::string(kPerson)).status, 200);
}

TEST_F(RouterTest, RefusesTwoRoutesOrOperationsThatCannotBeToldApart) {
    echo_route(router);
    EXPECT_THROW(echo_route(router), std::logic_error);
    const auto handler = [](Call&) -> Task<Result<Greeting>> { co_return Greeting{"x"}; };
    EXPECT_THROW(router.acts("POST", "/echo", "other", Access::anyone(), handler), std::logic_error);
    EXPECT_THROW(router.acts("FETCH", "/x", "third", Access::anyone(), handler), std::logic_error);
}

TEST_F(RouterTest, ReportsFieldErrorsAsAProblemDocument) {
    echo_route(router);
    auto response = client.post("/echo", R"({"text":"","more":1})");
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.content_type, "application/problem+json");
    const auto id = std::string(response.header("X-Request-Id"));
    EXPECT_EQ(id.size(), 24u);
    EXPECT_EQ(response.body,
              R"({"type":"/problems/request.fields-invalid","title":"Bad Request","status":400,)"
              R"("code":"request.fields-invalid","params":{},"fields":[{"path":"/text","code":"too-short"},)"
              R"({"path":"/more","code":"unknown-field"}],"requestId":")" +
                  id + "\"}");
    EXPECT_THAT(client.post("/echo", "{").body, HasSubstr(R"("code":"json.malformed")"));
}

TEST_F(RouterTest, MapsEveryKindOfErrorToItsStatus) {
    using base::ErrorKind;
    const std::pair<ErrorKind, int> expected[] = {
        {ErrorKind::Invalid, 400},  {ErrorKind::Unauthenticated, 401}, {ErrorKind::Forbidden, 403},
        {ErrorKind::NotFound, 404}, {ErrorKind::Conflict, 409},        {ErrorKind::Gone, 410},
        {ErrorKind::Locked, 423},   {ErrorKind::TooLarge, 413},        {ErrorKind::TooMany, 429},
        {ErrorKind::Internal, 500}, {ErrorKind::Unavailable, 503},     {ErrorKind::StepUpRequired, 403}};
    static ErrorKind kind;
    router.acts("POST", "/fail", "fail", Access::anyone(), [](Call& call) -> Task<Result<Greeting>> {
        call.set_cookie("session", "must-not-be-set");
        co_return base::error(kind, "a.b").with("triesLeft", "2").because("secret detail");
    });
    for (const auto& [each, status] : expected) {
        kind = each;
        auto response = client.post("/fail");
        EXPECT_EQ(response.status, status);
        EXPECT_THAT(response.body, Not(HasSubstr("detail")));
        EXPECT_EQ(response.header("Set-Cookie"), "");
        if (each == ErrorKind::Internal) {
            EXPECT_THAT(response.body, HasSubstr(R"("code":"internal","params":{},"fields":[])"));
        } else if (each == ErrorKind::StepUpRequired) {
            EXPECT_THAT(response.body, HasSubstr(R"("code":"auth.step-up-required")"));
        } else {
            EXPECT_THAT(response.body, HasSubstr(R"("code":"a.b","params":{"triesLeft":"2"})"));
        }
    }
}

TEST_F(RouterTest, AnswersAnExceptionWithABare500) {
    router.reads("GET", "/broken", "broken", Access::anyone(), [](Call&, db::ReadTx& tx) -> Task<Result<Greeting>> {
        co_await tx.all<std::string>(db::Query{"x", "SELECT 1"});
        co_return Greeting{"never"};
    });
    auto response = client.get("/broken");
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(response.body, HasSubstr(R"("code":"internal","params":{},"fields":[])"));
    EXPECT_THAT(response.body, Not(HasSubstr("statements")));
}

TEST_F(RouterTest, AdmitsOnlyWhomTheRouteNames) {
    const auto handler = [](Call& call) -> Task<Result<Greeting>> {
        co_return Greeting{call.principal.kind == PrincipalKind::Citizen ? "citizen" : "staff"};
    };
    router.acts("POST", "/citizen", "a", Access::citizen(), handler);
    router.acts("POST", "/card", "b", Access::citizen(Assurance::UserCertificate), handler);
    router.acts("POST", "/staff", "c", Access::staff("letters.print"), handler);
    const auto outcome = [this](const std::string& session, std::string_view path) {
        client.cookies.clear();
        if (!session.empty()) client.cookies["session"] = session;
        const auto response = client.post(path);
        const size_t at = response.body.find("\"code\":\"");
        return std::to_string(response.status) +
               (at == std::string::npos ? ""
                                        : " " + response.body.substr(at + 8, response.body.find('"', at + 8) - at - 8));
    };
    EXPECT_EQ(outcome("", "/citizen"), "401 auth.sign-in-required");
    EXPECT_EQ(outcome("expired", "/citizen"), "401 auth.session-expired");
    EXPECT_EQ(outcome("letter", "/citizen"), "200");
    EXPECT_EQ(outcome("letter", "/card"), "403 auth.step-up-required");
    EXPECT_EQ(outcome("card", "/card"), "200");
    EXPECT_EQ(outcome("card", "/staff"), "403 auth.not-allowed");
    EXPECT_EQ(outcome("letters.print", "/citizen"), "403 auth.not-allowed");
    EXPECT_EQ(outcome("people.read", "/staff"), "403 auth.permission-missing");
    EXPECT_EQ(outcome("letters.print", "/staff"), "200");
}

TEST_F(RouterTest, LetsAnExpiredSessionReachWhatIsOpenToAnyone) {
    echo_route(router);
    client.cookies["session"] = "expired";
    EXPECT_EQ(client.post("/echo", R"({"text":"hi"})").status, 200);
}

TEST_F(RouterTest, GivesTheHandlerThePersonAndRefusesToInventOne) {
    router.acts("POST", "/me", "me", Access::anyone(),
                [](Call& call) -> Task<Result<Greeting>> { co_return Greeting{call.person().to_string()}; });
    client.cookies["session"] = "letter";
    EXPECT_THAT(client.post("/me").body, HasSubstr(kPerson));
    client.cookies.clear();
    EXPECT_EQ(client.post("/me").status, 500);
}

TEST_F(RouterTest, WritesTheAuditEntryInTheTransactionOfTheChange) {
    router.writes("POST", "/w", "change", Access::anyone(),
                  [](Call& call, db::WriteTx&, Greeting body) -> Task<base::Status> {
                      call.audit.purpose = body.text;
                      if (body.text == "fail") co_return base::conflict("w.stale");
                      co_return base::success();
                  });
    EXPECT_EQ(client.post("/w", R"({"text":"ok"})").status, 204);
    EXPECT_EQ(audit.notes, std::vector<std::string>{"change ok"});
    EXPECT_EQ(database.commits, 1);
    EXPECT_EQ(client.post("/w", R"({"text":"fail"})").status, 409);
    EXPECT_EQ(database.rollbacks, 1);
    EXPECT_EQ(client.post("/w", R"({"text":""})").status, 400);
    EXPECT_EQ(database.commits + database.rollbacks, 2) << "a wrong body opens no transaction";
    EXPECT_EQ(audit.notes.size(), 1u);
}

TEST_F(RouterTest, ShowsARepeatedUnitOfWorkAFreshCall) {
    router.writes("POST", "/w", "change", Access::anyone(),
                  [](Call& call, db::WriteTx&, Greeting body) -> Task<Result<Greeting>> {
                      call.set_cookie("once", "1");
                      call.set_status(201);
                      body.text += "!";
                      co_return body;
                  });
    database.runs_per_write = 3;
    auto response = client.post("/w", R"({"text":"ok"})");
    EXPECT_EQ(response.status, 201);
    EXPECT_EQ(response.body, R"({"text":"ok!"})");
    EXPECT_EQ(std::count_if(response.headers.begin(), response.headers.end(),
                            [](const Header& header) { return header.name == "Set-Cookie"; }),
              1);
}

TEST_F(RouterTest, RecordsALookAtSomebodysDataBeforeShowingIt) {
    router.reads("GET", "/people/{id}", "getPerson", Access::staff("people.read"),
                 [](Call& call, db::ReadTx&) -> Task<Result<Greeting>> {
                     MUSUBI_CO_TRY(call.audit.person, call.path<base::PersonId>("id"));
                     call.audit.purpose = "window";
                     co_return Greeting{"data"};
                 });
    client.cookies["session"] = "people.read";
    EXPECT_EQ(client.get("/people/" + std::string(kPerson)).status, 200);
    EXPECT_EQ(audit.notes, std::vector<std::string>{"getPerson window"});
    EXPECT_EQ(client.get("/people/nobody").status, 404);
    EXPECT_EQ(audit.notes.size(), 1u);
}

TEST_F(RouterTest, StopsForeignPagesFromUsingASession) {
    echo_route(router);
    const auto attempt = [this](std::vector<Header> headers) {
        Request request;
        request.method = Method::Post;
        request.path = "/echo";
        request.headers = std::move(headers);
        request.headers.push_back({"Host", "city.example"});
        request.headers.push_back({"Content-Type", "application/json; charset=utf-8"});
        request.body = R"({"text":"hi"})";
        return client.send(std::move(request)).status;
    };
    EXPECT_EQ(attempt({{"Cookie", "session=letter"}}), 403);
    EXPECT_EQ(attempt({}), 200) << "a program without cookies";
    EXPECT_EQ(attempt({{"Cookie", "session=letter"}, {"Sec-Fetch-Site", "same-origin"}}), 200);
    EXPECT_EQ(attempt({{"Cookie", "session=letter"}, {"Sec-Fetch-Site", "none"}}), 200);
    EXPECT_EQ(attempt({{"Cookie", "session=letter"}, {"Sec-Fetch-Site", "same-site"}}), 403);
    EXPECT_EQ(attempt({{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://city.example"}}), 403);
    EXPECT_EQ(attempt({{"Cookie", "session=letter"}, {"Origin", "https://city.example"}}), 200);
    EXPECT_EQ(attempt({{"Cookie", "session=letter"}, {"Origin", "https://city.example.evil"}}), 403);
    EXPECT_EQ(attempt({{"Cookie", "session=letter"}, {"Origin", "null"}}), 403);
    router.configure({.public_origin = "https://kenko.example", .access_log = AccessLog::Off});
    EXPECT_EQ(attempt({{"Cookie", "session=letter"}, {"Origin", "https://city.example"}}), 403);
    EXPECT_EQ(attempt({{"Cookie", "session=letter"}, {"Origin", "https://kenko.example"}}), 200);
}

TEST_F(RouterTest, TakesOnlyTheDeclaredContentType) {
    echo_route(router);
    router.acts(
        "POST", "/csv", "csv", Access::anyone(),
        [](Call& call) -> Task<Result<Greeting>> { co_return Greeting{call.request.body}; },
        BodyLimit{.bytes = 4, .content_type = "text/csv"});
    auto form = client.request(Method::Post, "/echo", "text=hi");
    for (auto& header : form.headers)
        if (header.name == "Content-Type") header.value = "text/plain";
    EXPECT_EQ(client.send(form).status, 415);
    auto csv = client.request(Method::Post, "/csv", "a,b");
    EXPECT_EQ(client.send(csv).status, 415);
    for (auto& header : csv.headers)
        if (header.name == "Content-Type") header.value = "text/csv; charset=utf-8";
    EXPECT_EQ(client.send(csv).body, R"({"text":"a,b"})");
    csv.body = "12345";
    EXPECT_EQ(client.send(csv).status, 413);
}

TEST_F(RouterTest, LimitsTheRatePerAddressAndPerPrincipal) {
    const auto handler = [](Call&) -> Task<base::Status> { co_return base::success(); };
    router.acts("POST", "/a", "a", Access::anyone(Limit::per_address(2, 1min)), handler);
    router.acts("POST", "/b", "b", Access::citizen(Assurance::Letter, Limit::per_principal(1, 10s)), handler);
    EXPECT_EQ(client.post("/a").status, 204);
    EXPECT_EQ(client.post("/a").status, 204);
    auto refused = client.post("/a");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.header("Retry-After"), "30");
    client.address = "192.0.2.2";
    EXPECT_EQ(client.post("/a").status, 204);
    client.address = "2001:db8::1";
    EXPECT_EQ(client.post("/a").status, 204);
    client.address = "2001:db8::2";
    EXPECT_EQ(client.post("/a").status, 204);
    client.address = "2001:db8::3";
    EXPECT_EQ(client.post("/a").status, 429) << "one IPv6 subscriber has the whole /64";
    client.address = "192.0.2.1";
    clock.advance(30s);
    EXPECT_EQ(client.post("/a").status, 204);
    EXPECT_EQ(client.post("/a").status, 429);
    client.cookies["session"] = "letter";
    EXPECT_EQ(client.post("/b").status, 204);
    client.address = "192.0.2.77";
    EXPECT_EQ(client.post("/b").status, 429);
}

TEST_F(RouterTest, SparesTheClientAnAnswerItHas) {
    router.reads("GET", "/g", "g", Access::anyone(),
                 [](Call&, db::ReadTx&) -> Task<Result<Greeting>> { co_return Greeting{"same"}; });
    router.reads("GET", "/v", "v", Access::anyone(), [](Call& call, db::ReadTx&) -> Task<Result<Greeting>> {
        call.set_header("ETag", "W/\"7\"");
        co_return Greeting{"versioned"};
    });
    const std::string etag(client.get("/g").header("ETag"));
    EXPECT_EQ(client.get("/g").header("ETag"), etag);
    client.headers = {{"If-None-Match", "\"other\", W/" + etag}};
    auto unchanged = client.get("/g");
    EXPECT_EQ(unchanged.status, 304);
    EXPECT_EQ(unchanged.body, "");
    EXPECT_EQ(unchanged.header("ETag"), etag);
    EXPECT_EQ(client.get("/v").status, 200);
    client.headers = {{"If-None-Match", "W/\"7\""}};
    EXPECT_EQ(client.get("/v").status, 304);
}

TEST_F(RouterTest, SendsRawAnswersWithTheirOwnTypeAndStatus) {
    router.reads("GET", "/letter.pdf", "letter", Access::anyone(), [](Call&, db::ReadTx&) -> Task<Result<Raw>> {
        co_return Raw{.status = 200, .content_type = "application/pdf", .body = "%PDF", .headers = {{"X-A", "b"}}};
    });
    auto response = client.get("/letter.pdf");
    EXPECT_EQ(response.content_type, "application/pdf");
    EXPECT_EQ(response.body, "%PDF");
    EXPECT_EQ(response.header("x-a"), "b");
    EXPECT_EQ(client.send(client.request(Method::Head, "/letter.pdf")).without_body, true);
}

TEST_F(RouterTest, PutsTheSecurityHeadersOnEveryAnswer) {
    echo_route(router);
    router.set_fallback([](const Request& request) -> std::optional<Response> {
        if (request.path != "/") return std::nullopt;
        Response page;
        page.content_type = "text/html; charset=utf-8";
        page.lasting_body = "<!doctype html>";
        page.headers = {{"Cache-Control", "no-cache"}};
        return page;
    });
    router.configure({.connect_to = {"ws://127.0.0.1:27180"}, .access_log = AccessLog::Off});
    for (const auto& response : {client.post("/echo", "{"), client.get("/none"), client.get("/")}) {
        EXPECT_EQ(response.header("X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(response.header("Referrer-Policy"), "no-referrer");
        EXPECT_EQ(response.header("Cross-Origin-Opener-Policy"), "same-origin");
        EXPECT_EQ(response.header("Strict-Transport-Security"), "");
    }
    EXPECT_THAT(client.post("/echo", "{").header("Content-Security-Policy"), HasSubstr("default-src 'none'; frame"));
    EXPECT_EQ(client.post("/echo", "{").header("Cache-Control"), "no-store");
    auto page = client.get("/");
    EXPECT_EQ(page.content(), "<!doctype html>");
    EXPECT_EQ(page.header("Cache-Control"), "no-cache");
    EXPECT_THAT(page.header("Content-Security-Policy"), HasSubstr("connect-src 'self' ws://127.0.0.1:27180;"));
    EXPECT_THAT(page.header("Content-Security-Policy"), HasSubstr("require-trusted-types-for 'script'"));
    auto secure = client.request(Method::Get, "/");
    secure.secure = true;
    EXPECT_THAT(client.send(secure).header("Strict-Transport-Security"), HasSubstr("max-age=63072000"));
}

TEST_F(RouterTest, SetsCookiesThatScriptsCannotRead) {
    router.acts("POST", "/login", "login", Access::anyone(), [](Call& call) -> Task<base::Status> {
        call.set_cookie("session", "letter", {.lifetime = 2h});
        co_return base::success();
    });
    router.acts("POST", "/logout", "logout", Access::anyone(), [](Call& call) -> Task<base::Status> {
        call.set_cookie("session", "", {.lifetime = base::Duration(-1)});
        co_return base::success();
    });
    EXPECT_EQ(client.post("/login").header("Set-Cookie"),
              "session=letter; Path=/; HttpOnly; SameSite=Lax; Max-Age=7200");
    EXPECT_EQ(client.cookies.at("session"), "letter");
    auto secure = client.request(Method::Post, "/login");
    secure.secure = true;
    EXPECT_THAT(client.send(secure).header("Set-Cookie"), HasSubstr("; Secure"));
    client.post("/logout");
    EXPECT_TRUE(client.cookies.empty());
}

TEST_F(RouterTest, OpensItselfOnlyToTheOriginsItWasTold) {
    echo_route(router);
    router.configure({.cross_origin = [](std::string_view origin) { return origin == "https://city.example"; },
                      .access_log = AccessLog::Off});
    const auto from = [this](Method method, std::string_view origin, std::vector<Header> more = {}) {
        Request request;
        request.method = method;
        request.path = "/echo";
        request.headers = std::move(more);
        request.headers.push_back({"Host", "127.0.0.1:27180"});
        request.headers.push_back({"Origin", std::string(origin)});
        request.headers.push_back({"Sec-Fetch-Site", "cross-site"});
        request.headers.push_back({"Content-Type", "application/json"});
        if (method == Method::Post) request.body = R"({"text":"hi"})";
        return client.send(std::move(request));
    };
    auto preflight =
        from(Method::Options, "https://city.example", {{"Access-Control-Request-Private-Network", "true"}});
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.header("Access-Control-Allow-Origin"), "https://city.example");
    EXPECT_EQ(preflight.header("Access-Control-Allow-Private-Network"), "true");
    EXPECT_EQ(from(Method::Options, "https://evil.example").header("Access-Control-Allow-Origin"), "");
    auto allowed = from(Method::Post, "https://city.example");
    EXPECT_EQ(allowed.status, 200);
    EXPECT_EQ(allowed.header("Access-Control-Allow-Origin"), "https://city.example");
    EXPECT_EQ(from(Method::Post, "https://evil.example").status, 403);
    EXPECT_EQ(from(Method::Post, "https://city.example", {{"Cookie", "session=letter"}}).status, 403);
}

TEST_F(RouterTest, CountsRequestsByOperationAndStatus) {
    echo_route(router);
    client.post("/echo", R"({"text":"hi"})");
    client.post("/echo", R"({"text":"hi"})");
    client.post("/echo", "{");
    client.get("/nowhere");
    router.metrics().add_source([] { return std::string("musubi_more 1\n"); });
    const std::string text = router.metrics().text();
    EXPECT_THAT(text, HasSubstr("musubi_http_requests_total{operation=\"echo\",status=\"200\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("musubi_http_requests_total{operation=\"echo\",status=\"400\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("musubi_http_requests_total{operation=\"none\",status=\"404\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("musubi_http_request_duration_seconds_bucket{operation=\"echo\",le=\"+Inf\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("musubi_http_request_duration_seconds_count{operation=\"echo\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("musubi_http_in_flight 0\n"));
    EXPECT_THAT(text, HasSubstr("musubi_more 1\n"));
}

TEST_F(RouterTest, KeepsAWellFormedRequestIdAndReplacesOthers) {
    echo_route(router);
    client.headers = {{"X-Request-Id", "abcdef-0123456789"}};
    EXPECT_EQ(client.post("/echo", "{").header("X-Request-Id"), "abcdef-0123456789");
    client.headers = {{"X-Request-Id", "x\"y\nz"}};
    EXPECT_EQ(client.post("/echo", "{").header("X-Request-Id").size(), 24u);
}

TEST_F(RouterTest, DescribesItselfAsOpenApi) {
    echo_route(router, Access::citizen());
    router.reads("GET", "/notices/{id}", "getNotice", Access::machine("notices.read"), &greet_again,
                 {{"since", "Only what is newer."}});
    router.acts(
        "POST", "/csv", "uploadCsv", Access::anyone(), [](Call&) -> Task<base::Status> { co_return base::success(); },
        BodyLimit{.content_type = "text/csv"});
    const std::string text = router.openapi("Musubi", "1.0");
    auto document = json::Document::parse(text);
    ASSERT_TRUE(document.ok());
    const auto paths = *document->root().find("paths");
    EXPECT_EQ(document->root().find("openapi")->string(), "3.1.0");
    EXPECT_EQ(
        paths.find("/echo")->find("post")->raw(),
        R"({"operationId":"echo","security":[{"session":[]}],"requestBody":{"required":true,"content":)"
        R"({"application/json":{"schema":{"$ref":"#/components/schemas/Greeting"}}}},"responses":{"200":)"
        R"({"description":"OK","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Greeting"}}}},)"
        R"("default":{"description":"Refused","content":{"application/problem+json":{"schema":)"
        R"({"$ref":"#/components/schemas/Problem"}}}}}})");
    const auto notice = paths.find("/notices/{id}")->find("get");
    EXPECT_EQ(notice->find("parameters")->raw(),
              R"([{"name":"id","in":"path","required":true,"schema":{"type":"string"}},)"
              R"({"name":"since","in":"query","description":"Only what is newer.","schema":{"type":"string"}}])");
    EXPECT_EQ(notice->find("security")->raw(), R"([{"bearer":[]}])");
    EXPECT_THAT(paths.find("/csv")->raw(), HasSubstr("text/csv"));
    EXPECT_TRUE(document->root().find("components")->find("schemas")->find("Greeting").has_value());
    EXPECT_EQ(router.openapi("Musubi", "1.0"), text);
}

TEST_F(RouterTest, ReadsQueriesAndCookiesStrictly) {
    Request request;
    request.query = "q=%E3%81%82+b&empty=&flag&bad=%zz&nul=a%00b";
    request.headers = {{"Cookie", "a=1; session=\"x=y\"; ab=2"}};
    EXPECT_EQ(request.query_value("q"), "あ b");
    EXPECT_EQ(request.query_value("empty"), "");
    EXPECT_EQ(request.query_value("flag"), "");
    EXPECT_EQ(request.query_value("bad"), std::nullopt);
    EXPECT_EQ(request.query_value("nul"), std::nullopt);
    EXPECT_EQ(request.query_value("none"), std::nullopt);
    EXPECT_EQ(request.cookie("session"), "x=y");
    EXPECT_EQ(request.cookie("a"), "1");
    EXPECT_EQ(request.cookie("b"), std::nullopt);
}

TEST(RouterWithoutDatabase, RefusesRoutesThatWouldNeedOne) {
    base::FixedClock clock{base::Instant{}};
    Router router(clock);
    EXPECT_THROW(router.reads("GET", "/x", "x", Access::anyone(), &greet_again), std::logic_error);
    echo_route(router);
    testing::Client client(router);
    EXPECT_EQ(client.post("/echo", R"({"text":"hi"})").status, 200);
}

} // namespace
} // namespace musubi::http
