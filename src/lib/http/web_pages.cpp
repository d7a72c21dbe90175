#include "lib/http/web_pages.h"

#include "lib/http/text.h"
#include "lib/json/json.h"

#include <algorithm>
#include <deque>
#include <fstream>

namespace musubi::http {

namespace {

// The shape of assets.json.
struct EncodingEntry {
    std::string encoding;
    std::string file;
    int64_t size = 0;
};
template <class Fields> void describe(Fields& fields, EncodingEntry& entry) {
    fields("encoding", entry.encoding);
    fields("file", entry.file);
    fields("size", entry.size);
}
struct AssetEntry {
    std::string path, file, type, sha256, cache;
    int64_t size = 0;
    std::vector<EncodingEntry> encodings;
};
template <class Fields> void describe(Fields& fields, AssetEntry& entry) {
    fields("path", entry.path);
    fields("file", entry.file);
    fields("type", entry.type);
    fields("size", entry.size);
    fields("sha256", entry.sha256);
    fields("cache", entry.cache);
    fields("encodings", entry.encodings);
}
struct ApplicationEntry {
    std::string entry, csp;
    std::vector<std::string> paths;
};
template <class Fields> void describe(Fields& fields, ApplicationEntry& entry) {
    fields("entry", entry.entry);
    fields("paths", entry.paths);
    fields("csp", entry.csp);
}
struct AssetList {
    std::vector<ApplicationEntry> applications;
    std::string page_csp;
    std::vector<AssetEntry> assets;
};
template <class Fields> void describe(Fields& fields, AssetList& list) {
    fields("applications", list.applications);
    fields("pageCsp", list.page_csp);
    fields("assets", list.assets, json::Rule{.max_items = 100'000});
}

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

} // namespace

base::Result<WebBundle> read_web_folder(const std::string& folder) {
    const auto unreadable = [&folder](std::string_view file, std::string_view why) {
        return base::invalid("web.unreadable").because(folder + "/" + std::string(file) + ": " + std::string(why));
    };
    const auto text = read_file(folder + "/assets.json");
    if (!text) return unreadable("assets.json", "cannot be read");
    auto list = json::parse<AssetList>(*text, {.max_bytes = 64 << 20});
    if (!list) return unreadable("assets.json", list.error().code);

    auto contents = std::make_shared<std::deque<std::string>>();
    WebBundle bundle;
    bundle.page_content_policy = list->page_csp;
    for (auto& application : list->applications)
        bundle.applications.push_back({"/" + application.entry, std::move(application.paths), application.csp});
    for (auto& entry : list->assets) {
        WebAsset asset{entry.path, entry.type, entry.sha256, entry.cache == "immutable", {}, {}, {}};
        const auto load = [&](const std::string& file, std::string_view& out) {
            auto bytes = read_file(folder + "/" + file);
            if (!bytes) return false;
            out = contents->emplace_back(std::move(*bytes));
            return true;
        };
        if (!load(entry.file, asset.bytes)) return unreadable(entry.file, "cannot be read");
        for (const auto& encoding : entry.encodings)
            if (!load(encoding.file, encoding.encoding == "br" ? asset.brotli : asset.gzip))
                return unreadable(encoding.file, "cannot be read");
        bundle.assets.push_back(std::move(asset));
    }
    bundle.keeps = std::move(contents);
    return bundle;
}

WebPages::WebPages(WebBundle bundle) : m_bundle(std::move(bundle)) {
    for (const WebAsset& asset : m_bundle.assets) m_by_path.emplace(asset.path, &asset);
}

const WebApplication* WebPages::application_of(std::string_view path) const {
    for (const WebApplication& application : m_bundle.applications) {
        if (path == application.entry) return &application;
        for (const std::string& prefix : application.prefixes)
            if (path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/'))
                return &application;
    }
    return nullptr;
}

std::optional<Response> WebPages::find(const Request& request) const {
    if (request.path.starts_with("/api/")) return std::nullopt;
    if (const auto found = m_by_path.find(request.path); found != m_by_path.end()) {
        const auto* application = application_of(request.path);
        const bool is_entry = application && request.path == application->entry;
        return respond(request, *found->second, is_entry ? application->content_policy : m_bundle.page_content_policy);
    }
    if (const auto* application = application_of(request.path))
        if (const auto entry = m_by_path.find(application->entry); entry != m_by_path.end())
            return respond(request, *entry->second, application->content_policy);
    const auto missing = m_by_path.find("/404");
    if (missing == m_by_path.end() || request.header("Accept").find("text/html") == std::string_view::npos)
        return std::nullopt;
    Response response = respond(request, *missing->second, m_bundle.page_content_policy);
    if (response.status == 200) response.status = 404;
    return response;
}

Response WebPages::respond(const Request& request, const WebAsset& asset, std::string_view content_policy) const {
    Response response;
    const auto encoding =
        choose_encoding(request.header("Accept-Encoding"), !asset.brotli.empty(), !asset.gzip.empty());
    std::string_view bytes = encoding == "br" ? asset.brotli : encoding == "gzip" ? asset.gzip : asset.bytes;
    // One tag per representation (RFC 9110 section 8.8.3.3).
    const std::string etag =
        "\"" + asset.hash.substr(0, 32) + (encoding.empty() ? "" : "-") + std::string(encoding) + "\"";
    response.headers.push_back({"ETag", etag});
    response.headers.push_back({"Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache"});
    if (!asset.brotli.empty() || !asset.gzip.empty()) response.headers.push_back({"Vary", "Accept-Encoding"});
    if (asset.content_type.starts_with("text/html"))
        response.headers.push_back({"Content-Security-Policy", std::string(content_policy)});
    if (etag_matches(request.header("If-None-Match"), etag)) {
        response.status = 304;
        return response;
    }
    response.content_type = asset.content_type;
    if (!encoding.empty()) response.headers.push_back({"Content-Encoding", std::string(encoding)});
    if (m_bundle.keeps) {
        response.body = bytes;
    } else {
        response.lasting_body = bytes;
    }
    return response;
}

} // namespace musubi::http
