// Witnessing (C2SP tlog-witness), both ways: this installation cosigns the logs of others after checking that they only
// grew, and asks others to cosign its own.
#pragma once

#include "core/audit/log.h"
#include "lib/http_client/http_client.h"

#include <map>

namespace musubi::audit {

struct Cosigning {
    tlog::Signer signer;                 // of type Cosignature
    std::vector<tlog::VerifierKey> logs; // whose checkpoints are cosigned; a key's name is the log's origin
};

/// What a witness answers, as the specification's statuses.
struct WitnessAnswer {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
};
/// Checks and keeps the new checkpoint in one transaction, so that a log cannot be rolled back between two requests.
base::Task<WitnessAnswer> add_checkpoint(db::WriteTx& tx, const Cosigning& cosigning, std::string_view body,
                                         base::Instant now);

struct Witness {
    std::string url; // its submission prefix, without a final slash
    tlog::VerifierKey key;
};

/// Sends our newest checkpoint to witnesses and keeps what they sign.
class WitnessClient {
  public:
    WitnessClient(db::Database& database, http_client::Client& client, std::vector<Witness> witnesses)
        : m_database(database), m_client(client), m_witnesses(std::move(witnesses)) {}

    /// The first failure, after all were asked. "log.witness-refused", "log.witness-malformed", "http-client.*".
    base::Task<base::Status> submit();

  private:
    base::Task<base::Status> submit_to(const Witness& witness);
    db::Database& m_database;
    http_client::Client& m_client;
    std::vector<Witness> m_witnesses;
    std::map<std::string, uint64_t> m_known; // what each has cosigned, as far as we know
};

} // namespace musubi::audit
