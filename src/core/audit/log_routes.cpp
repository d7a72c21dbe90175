#include "core/audit/log_routes.h"

#include <memory>

namespace musubi::audit {
namespace {

using http::Access;
using http::Call;
using http::Limit;
using Answer = base::Task<base::Result<http::Raw>>;

http::Raw raw(std::string content_type, std::string body, std::string cache) {
    http::Raw out;
    out.content_type = std::move(content_type);
    out.body = std::move(body);
    out.headers = {{"Cache-Control", std::move(cache)}};
    return out;
}

Answer read_checkpoint(db::ReadTx& tx) {
    MUSUBI_CO_TRY(std::string note, co_await checkpoint(tx));
    co_return raw("text/plain; charset=utf-8", std::move(note), "no-cache");
}

Answer read_tile(const Call& call, db::ReadTx& tx) {
    const std::string path = "tile/" + std::string(call.path_text("path"));
    MUSUBI_CO_TRY(std::string bytes, co_await tile(tx, path));
    // A tile never changes once it is there.
    co_return raw("application/octet-stream", std::move(bytes), "public, max-age=31536000, immutable");
}

Answer read_key(const Log& log) {
    co_return raw("text/plain; charset=utf-8", log.key().to_string() + "\n", "no-cache");
}

Answer cosign(db::Database& database, const Cosigning& cosigning, const Call& call) {
    WitnessAnswer answer = co_await database.write(
        [&](db::WriteTx& tx) { return add_checkpoint(tx, cosigning, call.request.body, call.now); });
    http::Raw out = raw(std::move(answer.content_type), std::move(answer.body), "no-store");
    out.status = answer.status;
    co_return out;
}

} // namespace

void install_log(http::Router& router, const Log& log, Cosigning cosigning) {
    const auto readers = Access::anyone(Limit::per_address(6000, std::chrono::minutes(1)));
    router.reads("GET", "/log/checkpoint", "readLogCheckpoint", readers,
                 [](Call&, db::ReadTx& tx) { return read_checkpoint(tx); });
    router.reads("GET", "/log/tile/{path...}", "readLogTile", readers,
                 [](Call& call, db::ReadTx& tx) { return read_tile(call, tx); });
    router.acts("GET", "/log/key", "readLogKey", readers, [&log](Call&) { return read_key(log); });
    const auto kept = std::make_shared<const Cosigning>(std::move(cosigning));
    http::BodyLimit limit;
    limit.bytes = 128 * 1024;
    limit.content_type = "*/*";
    db::Database& database = router.database();
    router.acts(
        "POST", "/log/witness/add-checkpoint", "cosignCheckpoint",
        Access::anyone(Limit::per_address(60, std::chrono::minutes(1))),
        [kept, &database](Call& call) { return cosign(database, *kept, call); }, limit);
}

} // namespace musubi::audit
