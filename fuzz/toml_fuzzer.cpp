// Configuration files: any bytes give a configuration or one clear error, never a crash; getters never throw.
#include "base/config.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace musubi::base;
    auto config = Config::parse(std::string_view(reinterpret_cast<const char*>(data), size), "fuzz");
    if (!config) {
        if (config.error().detail.empty()) std::abort();
        return 0;
    }
    config->text("server.public_url", "http://localhost");
    config->integer("server.port", {.minimum = 1, .maximum = 65535}, 8080);
    config->duration("server.timeout", {}, Duration(1000));
    config->size("server.limit", {}, 1000);
    config->texts("server.origins");
    config->flag("server.demo", false);
    config->choice<int>("log.level", {{"info", 1}, {"debug", 2}}, 1);
    for (auto& table : config->tables("key")) table.text("name");
    auto status = config->finish();
    if (!status && status.error().detail.empty()) std::abort();
    return 0;
}
