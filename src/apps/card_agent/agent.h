// The loopback agent: lets pages of allowed sites ask for proofs from the card in this computer's reader. Interface and
// reasons: README.md.
#pragma once

#include "apps/card_agent/card_source.h"
#include "apps/card_agent/consents.h"
#include "lib/loopback/server.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace musubi::card_agent {

struct Site {
    std::string origin; // "https://phr.example.jp", exactly as browsers write it
    std::string name;   // shown to the person; empty: the origin alone
};

struct AgentSettings {
    uint16_t port = 27180;
    std::vector<Site> sites;
};

/// Text for GET /v1/status and the WebSocket's `status`.
std::string status_json(const std::vector<CardStatus>& readers, const std::string& problem);

class Agent final : public loopback::Handler {
  public:
    Agent(AgentSettings settings, CardSource& source, base::Random& random, base::Clock& clock);
    ~Agent() override;

    /// Where the server listens; consent addresses are made with it. Call before the first request.
    void set_port(uint16_t port) { m_port = port; }

    loopback::Response handle(const loopback::Request& request) override;
    std::optional<loopback::Response> refuse(const loopback::Request& request) override;
    void opened(const std::shared_ptr<loopback::Peer>& peer) override;
    void received(const std::shared_ptr<loopback::Peer>& peer, std::string_view text) override;
    void closed(const std::shared_ptr<loopback::Peer>& peer) override;

  private:
    const Site* site(std::string_view origin) const;
    void watch();
    void look_again();
    void broadcast(const std::string& message);
    std::string current_status();
    void ask(const std::shared_ptr<loopback::Peer>& peer, const std::string& request_id, std::string_view method,
             std::string_view params);

    loopback::Response consent_page(const std::string& id, const loopback::Request& request);
    loopback::Response consent_state(const std::string& id, const loopback::Request& request);
    loopback::Response consent_action(const std::string& id, std::string_view action, const loopback::Request& request);

    const AgentSettings m_settings;
    CardSource& m_source;
    Consents m_consents;
    uint16_t m_port;

    std::mutex m_card_mutex; // one use of the card at a time
    std::mutex m_mutex;      // peers and status
    std::set<std::weak_ptr<loopback::Peer>, std::owner_less<>> m_peers;
    std::vector<CardStatus> m_status;
    std::string m_problem = "card.reader-missing"; // why m_status is empty
    uint64_t m_looked = 0;                         // grows when the cards are to be inspected afresh
    std::atomic<bool> m_ending = false;
    std::thread m_watcher;
};

} // namespace musubi::card_agent
