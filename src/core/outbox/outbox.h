// The outbox: mail and events that must happen exactly when a change is committed. A message is written in the
// caller's transaction and delivered after it, at least once, with growing pauses between tries.
#pragma once

#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"
#include "lib/crypto/aead.h"
#include "lib/db/database.h"

#include <string>
#include <utility>
#include <vector>

namespace musubi::outbox {

using MessageId = base::Id<struct OutboxMessageTag>;

/// A mail by template: the text comes from the catalogues when it is sent. `key` makes enqueuing idempotent: a second
/// message with the same key is not written.
struct Mail {
    std::string to;            // one address
    std::string template_name; // "registration-link": catalogue keys mail.<template>.subject and mail.<template>.text
    std::string language;      // ja, ja-easy, en
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string key;
    std::string order = {}; // messages of one order ("person:…") are delivered one after the other
};

/// Something another module reacts to. Handlers see it at least once and must be idempotent.
struct Event {
    std::string topic;   // "identity.person-erased"
    std::string payload; // JSON
    std::string key;
    std::string order = {};
};

/// Message bodies hold links and passcodes, so they lie sealed in the database and are wiped once delivered.
class Outbox {
  public:
    Outbox(crypto::AeadKey key, base::Random& random) : m_key(std::move(key)), m_random(random) {}

    base::Task<> mail(db::WriteTx& tx, const Mail& mail, base::Instant now);
    base::Task<> event(db::WriteTx& tx, const Event& event, base::Instant now);

  private:
    friend class Worker;
    base::Task<> put(db::WriteTx& tx, std::string topic, std::string body, std::string key, std::string order,
                     base::Instant now);
    crypto::AeadKey m_key;
    base::Random& m_random;
};

/// Forgets messages delivered before `before`, and with them their keys; dead letters stay.
base::Task<int64_t> clean(db::WriteTx& tx, base::Instant before);

/// Counts for /metrics and the operator.
struct Backlog {
    int64_t waiting = 0;
    int64_t dead = 0;
};
base::Task<Backlog> backlog(db::ReadTx& tx);

db::Migrations migrations();

} // namespace musubi::outbox
