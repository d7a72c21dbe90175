// Thousands of random operations against the routes and against a model of a few lines; the two must agree after each.
#include "services/fhir_api/town_test.h"

namespace musubi::fhir_api {
namespace {

using namespace town;
using http::Method;

std::vector<db::Migrations> test_migrations() { return town::migrations(); }

/// What a resource is, as far as the operations below can tell.
struct Model {
    struct Version {
        bool deleted = false;
        std::string value;
    };
    std::map<std::string, std::vector<Version>> resources; // by id

    bool lives(const std::string& id) const {
        const auto found = resources.find(id);
        return found != resources.end() && !found->second.back().deleted;
    }
    std::multiset<std::string> with_value(const std::string& value) const {
        std::multiset<std::string> out;
        for (const auto& [id, versions] : resources)
            if (!versions.back().deleted && (value.empty() || versions.back().value == value))
                out.insert("Observation/" + id);
        return out;
    }
};

class Players {
  public:
    Players(Town& town, uint64_t seed)
        : m_random(seed), m_hanako(town.person("山田　花子")), m_client(town.citizen(m_hanako)) {}

    void step() {
        switch (m_random.below(8)) {
        case 0:
            return m_model.resources.size() < 40 ? create() : update();
        case 1:
        case 2:
            return update();
        case 3:
            return update_with_match();
        case 4:
            return remove();
        case 5:
            return read();
        case 6:
            return search();
        default:
            return history();
        }
    }

  private:
    std::string value() { return std::to_string(50 + m_random.below(6)); }
    /// Any id of a small range, so that the operations meet.
    std::string some_id() { return "m" + std::to_string(m_random.below(12)); }
    std::string path(const std::string& id) const { return "/fhir/Observation/" + id; }
    std::string body(const std::string& value, const std::string& id) const {
        return weight(m_hanako, value, "2026-11-01", id.empty() ? "" : R"(,"id":")" + id + R"(")");
    }

    void create() {
        const std::string number = value();
        const auto made = send(m_client, Method::Post, "/fhir/Observation", body(number, ""));
        ASSERT_EQ(made.status, 201) << made.body;
        m_model.resources[id_of(made)].push_back({false, number});
    }
    void update() {
        const std::string id = some_id();
        const std::string number = value();
        const bool lived = m_model.lives(id);
        const auto stored = send(m_client, Method::Put, path(id), body(number, id));
        ASSERT_EQ(stored.status, lived ? 200 : 201) << stored.body;
        auto& versions = m_model.resources[id];
        // Saying the same again is no new version.
        if (!lived || versions.back().value != number) versions.push_back({false, number});
        EXPECT_EQ(stored.header("ETag"), "W/\"" + std::to_string(versions.size()) + "\"");
    }
    void update_with_match() {
        const std::string id = some_id();
        const size_t version = 1 + m_random.below(6);
        const std::string number = value();
        const auto found = m_model.resources.find(id);
        const bool matches = found != m_model.resources.end() && found->second.size() == version;
        const bool lived = m_model.lives(id);
        const auto stored = send(m_client, Method::Put, path(id), body(number, id),
                                 {{"If-Match", "W/\"" + std::to_string(version) + "\""}});
        ASSERT_EQ(stored.status, !matches ? 412 : lived ? 200 : 201) << stored.body;
        if (matches && (!lived || found->second.back().value != number)) found->second.push_back({false, number});
    }
    void remove() {
        const std::string id = some_id();
        ASSERT_EQ(m_client.remove(path(id)).status, 204);
        if (m_model.lives(id)) m_model.resources[id].push_back({true, ""});
    }
    void read() {
        const std::string id = some_id();
        const auto found = m_client.get(path(id));
        const auto model = m_model.resources.find(id);
        if (model == m_model.resources.end()) {
            ASSERT_EQ(found.status, 404);
        } else if (model->second.back().deleted) {
            ASSERT_EQ(found.status, 410);
        } else {
            ASSERT_EQ(found.status, 200);
            const auto document = parsed(found);
            EXPECT_EQ(document.root().find("valueQuantity").find("value").raw(), model->second.back().value);
        }
    }
    void search() {
        const std::string number = m_random.below(3) == 0 ? "" : value();
        std::multiset<std::string> found;
        std::string target = "/fhir/Observation?_count=11" + (number.empty() ? "" : "&value-quantity=" + number);
        for (; !target.empty();) {
            const auto page = m_client.get(target);
            ASSERT_EQ(page.status, 200) << page.body;
            found.merge(entries_of(page));
            target = link_of(page, "next");
        }
        EXPECT_EQ(found, m_model.with_value(number)) << number;
    }
    void history() {
        const std::string id = some_id();
        const auto found = m_client.get(path(id) + "/_history");
        const auto model = m_model.resources.find(id);
        ASSERT_EQ(found.status, model == m_model.resources.end() ? 404 : 200);
        if (found.status == 404) return;
        EXPECT_EQ(entries_of(found).size(), model->second.size());
        const size_t version = 1 + m_random.below(model->second.size());
        const auto one = m_client.get(path(id) + "/_history/" + std::to_string(version));
        ASSERT_EQ(one.status, model->second[version - 1].deleted ? 410 : 200);
    }

    base::SeededRandom m_random;
    base::PersonId m_hanako;
    http::testing::Client m_client;
    Model m_model;
};

TEST_ON_BOTH(Model, random_operations_agree_with_a_model_of_a_few_lines) {
    Town town(database, 11);
    Players players(town, 11);
    const int steps = engine == db::Engine::Sqlite ? 1500 : 300;
    for (int i = 0; i < steps && !HasFatalFailure(); ++i) {
        SCOPED_TRACE(i);
        players.step();
        town.clock.advance(std::chrono::milliseconds(3));
    }
}

TEST_ON_BOTH(Model, writers_at_the_same_time_leave_one_history_without_gaps) {
    Town town(database, 12);
    const auto hanako = town.person("山田　花子");
    auto client = town.citizen(hanako);
    send(client, Method::Put, "/fhir/Observation/shared", weight(hanako, "0", "2026-11-01", R"(,"id":"shared")"));
    std::vector<base::Task<>> tasks;
    std::vector<http::Request> requests;
    size_t stored = 1;
    for (int i = 1; i <= 24; ++i) {
        auto request = client.request(Method::Put, "/fhir/Observation/shared",
                                      weight(hanako, std::to_string(i), "2026-11-01", R"(,"id":"shared")"));
        for (auto& header : request.headers)
            if (header.name == "Content-Type") header.value = "application/fhir+json";
        if (i % 3 == 0) request.headers.push_back({"If-Match", "W/\"1\""});
        requests.push_back(std::move(request));
    }
    const auto one = [&](http::Request request) -> base::Task<> {
        const auto response = co_await town.router.handle(std::move(request));
        EXPECT_TRUE(response.status == 200 || response.status == 412) << response.body;
        if (response.status == 200) ++stored;
    };
    for (auto& request : requests) tasks.push_back(one(std::move(request)));
    for (const auto& thrown : testing::run_all(std::move(tasks))) EXPECT_EQ(thrown, nullptr);
    const auto history = client.get("/fhir/Observation/shared/_history");
    EXPECT_EQ(entries_of(history).size(), stored) << "acknowledged is there, refused is not";
    for (size_t version = 1; version <= stored; ++version)
        EXPECT_EQ(client.get("/fhir/Observation/shared/_history/" + std::to_string(version)).status, 200);
}

} // namespace
} // namespace musubi::fhir_api
