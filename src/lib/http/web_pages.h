// The built web pages: compiled into the program by musubi_embed_web (cmake/musubi_embed_web.cmake), or read from the
// folder while developing. web/tools/build.mjs writes the list (assets.json): paths, types, hashes, compressed twins,
// and which addresses are answered by which application's page under which Content-Security-Policy.
#pragma once

#include "base/result.h"
#include "lib/http/call.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::http {

struct WebAsset {
    std::string path;
    std::string content_type;
    std::string hash; // hexadecimal SHA-256 of the uncompressed bytes
    bool immutable = false;
    std::string_view bytes;
    std::string_view brotli; // empty: none
    std::string_view gzip;
};

/// Addresses at or below one of `prefixes` that are no asset answer with the page at `entry`.
struct WebApplication {
    std::string entry;
    std::vector<std::string> prefixes;
    std::string content_policy;
};

struct WebBundle {
    std::vector<WebAsset> assets;
    std::vector<WebApplication> applications;
    std::string page_content_policy;
    std::shared_ptr<const void> keeps; // what the bytes live in; null: the program itself
};

/// Defined in programs that were given their pages by musubi_embed_web.
WebBundle embedded_web();

/// Reads a folder written by web/tools/build.mjs. Error "web.unreadable".
base::Result<WebBundle> read_web_folder(const std::string& folder);

class WebPages {
  public:
    explicit WebPages(WebBundle bundle);

    /// GET and HEAD; nothing for what is not ours. Router::set_fallback takes it.
    std::optional<Response> find(const Request& request) const;
    bool empty() const { return m_bundle.assets.empty(); }

  private:
    const WebApplication* application_of(std::string_view path) const;
    Response respond(const Request& request, const WebAsset& asset, std::string_view content_policy) const;

    WebBundle m_bundle;
    std::map<std::string, const WebAsset*, std::less<>> m_by_path;
};

} // namespace musubi::http
