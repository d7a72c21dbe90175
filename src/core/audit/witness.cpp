#include "core/audit/witness.h"

#include "core/audit/log_store.h"

namespace musubi::audit {
namespace {

constexpr db::Query kWitnessed{"audit.witnessed", "SELECT size, root FROM audit_witnessed WHERE origin = $1"};
constexpr db::Query kKeep{"audit.keep_witnessed",
                          "INSERT INTO audit_witnessed (origin, size, root, at) VALUES ($1, $2, $3, $4)"
                          " ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root,"
                          " at = excluded.at"};

struct Witnessed {
    uint64_t size = 0;
    std::string root;
    static Witnessed from(db::Reader& row) { return {.size = row, .root = row}; }
};

WitnessAnswer refusal(int status, std::string why) {
    WitnessAnswer answer;
    answer.status = status;
    answer.body = std::move(why) + "\n";
    return answer;
}

} // namespace

base::Task<WitnessAnswer> add_checkpoint(db::WriteTx& tx, const Cosigning& cosigning, std::string_view body,
                                         base::Instant now) {
    const auto request = tlog::parse_add_checkpoint(body);
    if (!request) co_return refusal(400, "malformed");
    const auto offered = tlog::parse_checkpoint(request->checkpoint.text);
    if (!offered || request->old_size > offered->size) co_return refusal(400, "malformed");
    bool known = false;
    bool genuine = false;
    for (const tlog::VerifierKey& log : cosigning.logs) {
        if (log.name != offered->origin) continue;
        known = true;
        genuine = genuine || tlog::verify_note(request->checkpoint, log);
    }
    if (!known) co_return refusal(404, "unknown origin");
    if (!genuine) co_return refusal(403, "not signed by the log");
    const auto before = co_await tx.one<Witnessed>(kWitnessed, offered->origin);
    const uint64_t size = before ? before->size : 0;
    const std::string root = tlog::hash_text(offered->root);
    if (request->old_size != size || (before && size == offered->size && before->root != root)) {
        WitnessAnswer conflict = refusal(409, std::to_string(size));
        conflict.content_type = "text/x.tlog.size";
        co_return conflict;
    }
    const auto old_root = before ? tlog::parse_hash(before->root) : std::optional(tlog::empty_root());
    if (!old_root || !tlog::verify_consistency(size, *old_root, offered->size, offered->root, request->consistency))
        co_return refusal(422, "not consistent");
    co_await tx.run(kKeep, offered->origin, offered->size, root, now);
    WitnessAnswer signed_answer;
    signed_answer.body = cosigning.signer.cosign(request->checkpoint.text, now).line();
    co_return signed_answer;
}

base::Task<base::Status> WitnessClient::submit() {
    base::Status first = base::success();
    for (const Witness& witness : m_witnesses) {
        auto status = co_await submit_to(witness);
        if (!status && first) first = std::move(status);
    }
    co_return first;
}

base::Task<base::Status> WitnessClient::submit_to(const Witness& witness) {
    for (int attempt = 0; attempt < 2; ++attempt) {
        tlog::AddCheckpoint request;
        request.old_size = m_known[witness.key.name];
        tlog::Checkpoint offered;
        const bool anything = co_await m_database.read([&](db::ReadTx& tx) -> base::Task<bool> {
            const auto latest = co_await latest_checkpoint(tx);
            if (!latest || latest->size < request.old_size) co_return false;
            auto note = tlog::parse_note(latest->note);
            if (!note) co_return false;
            // A witness reads our signature; those of other witnesses are nothing to it.
            note->signatures.resize(1);
            auto parsed = tlog::parse_checkpoint(note->text);
            if (!parsed) co_return false;
            offered = std::move(*parsed);
            request.checkpoint = std::move(*note);
            request.consistency = co_await consistency(tx, request.old_size, latest->size);
            co_return true;
        });
        if (!anything) co_return base::success();
        const std::string url = witness.url + "/add-checkpoint";
        const std::string body = request.to_string();
        MUSUBI_CO_TRY(const auto answer, co_await m_client.post(url, "text/plain", body));
        if (answer.status == 409 && attempt == 0) {
            std::string_view size = answer.body;
            if (size.ends_with('\n')) size.remove_suffix(1);
            const auto known = tlog::parse_decimal(size);
            if (!known) co_return base::error(base::ErrorKind::Unavailable, "log.witness-malformed");
            m_known[witness.key.name] = *known;
            continue;
        }
        if (answer.status != 200) co_return base::error(base::ErrorKind::Unavailable, "log.witness-refused");
        const auto lines = tlog::parse_signatures(answer.body);
        if (!lines) co_return base::error(base::ErrorKind::Unavailable, "log.witness-malformed");
        for (const tlog::NoteSignature& signature : *lines) {
            tlog::Note note{request.checkpoint.text, {signature}};
            if (!tlog::cosigned_at(note, witness.key)) continue;
            m_known[witness.key.name] = offered.size;
            co_await m_database.write([&](db::WriteTx& tx) { return add_cosignature(tx, offered, signature); });
            co_return base::success();
        }
        co_return base::error(base::ErrorKind::Unavailable, "log.witness-malformed");
    }
    co_return base::error(base::ErrorKind::Unavailable, "log.witness-refused");
}

} // namespace musubi::audit
