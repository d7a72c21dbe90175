#include "lib/card/card_image.h"

#include "base/encoding.h"
#include "lib/json/describe.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <unistd.h>

namespace musubi::card {

const std::string CardImage::kContactAtr("\x3B\xE0\x00\xFF\x81\x31\xFE\x45\x14", 9);

namespace {

constexpr std::string_view kFormat = "musubi-card-image/1";
constexpr size_t kMaximumSize = 1 << 20;

base::Error malformed(std::string where) { return base::invalid("card-image.malformed").because(std::move(where)); }

std::string hex_number(uint16_t value) {
    const char bytes[] = {static_cast<char>(value >> 8), static_cast<char>(value)};
    auto text = base::hex_encode(std::string_view(bytes, 2));
    for (auto& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

std::optional<uint16_t> parse_number(std::string_view text) {
    if (text.size() != 4) return std::nullopt;
    uint16_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string address_text(const ElementAddress& address) {
    return std::string(application_name(address.application)) + "/" + hex_number(address.id);
}

std::optional<ElementAddress> parse_address(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto application = application_named(text.substr(0, slash));
    const auto id = parse_number(text.substr(slash + 1));
    if (!application || !id || !find_element(*application, *id)) return std::nullopt;
    return ElementAddress{*application, *id};
}

class ObjectWriter {
  public:
    explicit ObjectWriter(std::string& out) : m_out(out) { m_out += '{'; }
    void key(std::string_view name) {
        m_out += m_first ? "" : ",";
        m_first = false;
        json::append_string(m_out, name);
        m_out += ':';
    }
    void text(std::string_view name, std::string_view value) {
        key(name);
        json::append_string(m_out, value);
    }
    void end() { m_out += '}'; }

  private:
    std::string& m_out;
    bool m_first = true;
};

void write_bytes(std::string& out, ObjectWriter& outer, std::string_view name,
                 const std::map<ElementAddress, std::string>& values) {
    outer.key(name);
    ObjectWriter inner(out);
    for (const auto& [address, bytes] : values) inner.text(address_text(address), base::base64_encode(bytes));
    inner.end();
}

void write_secrets(std::string& out, ObjectWriter& outer, const std::map<ElementAddress, StoredSecret>& secrets) {
    outer.key("secrets");
    ObjectWriter inner(out);
    for (const auto& [address, secret] : secrets) {
        inner.key(address_text(address));
        ObjectWriter object(out);
        object.text("value", secret.value);
        object.key("triesLeft");
        out += std::to_string(secret.tries_left);
        object.end();
    }
    inner.end();
}

using Type = json::Element::Type;
using Members = std::vector<std::pair<std::string_view, json::Element>>;

base::Result<Members> members_of(const json::Element& root, std::string_view name) {
    const auto element = root.find(name);
    if (!element) return Members();
    if (element->type() != Type::Object) return malformed(std::string(name));
    return element->members();
}

base::Result<std::map<ElementAddress, std::string>> parse_bytes(const json::Element& root, std::string_view name) {
    MUSUBI_TRY(const auto members, members_of(root, name));
    std::map<ElementAddress, std::string> values;
    for (const auto& [key, element] : members) {
        const auto address = parse_address(key);
        if (!address || element.type() != Type::String) return malformed(std::string(key));
        auto bytes = base::base64_decode(element.string());
        if (!bytes || bytes->size() > 0x7FFF) return malformed(std::string(key));
        values[*address] = std::move(*bytes);
    }
    return values;
}

base::Result<std::map<ElementAddress, StoredSecret>> parse_secrets(const json::Element& root) {
    MUSUBI_TRY(const auto members, members_of(root, "secrets"));
    std::map<ElementAddress, StoredSecret> secrets;
    for (const auto& [key, element] : members) {
        const auto address = parse_address(key);
        if (!address || element.type() != Type::Object) return malformed(std::string(key));
        if (find_element(address->application, address->id)->kind != ElementKind::Pin)
            return malformed(std::string(key));
        const auto value = element.find("value");
        const auto tries = element.find("triesLeft");
        if (!value || value->type() != Type::String || !tries || tries->type() != Type::Integer)
            return malformed(std::string(key));
        const auto count = tries->integer();
        if (!count || *count < 0 || *count > 15) return malformed(std::string(key));
        secrets[*address] = {std::string(value->string()), static_cast<unsigned>(*count)};
    }
    return secrets;
}

base::Result<std::map<uint16_t, std::string>> parse_objects(const json::Element& root) {
    MUSUBI_TRY(const auto members, members_of(root, "objects"));
    std::map<uint16_t, std::string> objects;
    for (const auto& [key, element] : members) {
        const auto tag = parse_number(key);
        if (!tag || element.type() != Type::String) return malformed(std::string(key));
        auto bytes = base::base64_decode(element.string());
        if (!bytes) return malformed(std::string(key));
        objects[*tag] = std::move(*bytes);
    }
    return objects;
}

std::optional<TokenKind> kind_named(std::string_view name) {
    for (const auto kind : {TokenKind::Card, TokenKind::Android, TokenKind::Iphone}) {
        if (token_kind_name(kind) == name) return kind;
    }
    return std::nullopt;
}

base::Error not_written(const std::string& path) {
    return base::error(base::ErrorKind::Internal, "card-image.not-written").because(path + ": " + std::strerror(errno));
}

class FileDescriptor {
  public:
    explicit FileDescriptor(int number) : m_number(number) {}
    ~FileDescriptor() {
        if (m_number >= 0) ::close(m_number);
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    int number() const { return m_number; }

  private:
    int m_number;
};

bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<size_t>(written));
    }
    return true;
}

} // namespace

std::string write_card_image(const CardImage& image) {
    std::string out;
    ObjectWriter writer(out);
    writer.text("format", kFormat);
    writer.text("kind", token_kind_name(image.kind));
    writer.text("atr", base::hex_encode(image.atr));
    write_bytes(out, writer, "files", image.files);
    write_secrets(out, writer, image.secrets);
    write_bytes(out, writer, "keys", image.keys);
    writer.key("objects");
    ObjectWriter objects(out);
    for (const auto& [tag, bytes] : image.objects) objects.text(hex_number(tag), base::base64_encode(bytes));
    objects.end();
    writer.end();
    out += '\n';
    return out;
}

base::Result<CardImage> parse_card_image(std::string_view text) {
    auto document = json::Document::parse(text, {.max_bytes = kMaximumSize, .max_depth = 4});
    if (!document) return malformed(document.error().code);
    const auto root = document->root();
    if (root.type() != Type::Object) return malformed("root");
    const auto text_of = [&](std::string_view name) {
        const auto element = root.find(name);
        return element && element->type() == Type::String ? element->string() : std::string_view();
    };
    if (text_of("format") != kFormat) return malformed("format");
    CardImage image;
    const auto kind = kind_named(text_of("kind"));
    const auto atr = base::hex_decode(text_of("atr"));
    if (!kind) return malformed("kind");
    if (!atr || atr->size() < 2 || atr->size() > 33) return malformed("atr");
    image.kind = *kind;
    image.atr = *atr;
    MUSUBI_TRY(image.files, parse_bytes(root, "files"));
    MUSUBI_TRY(image.secrets, parse_secrets(root));
    MUSUBI_TRY(image.keys, parse_bytes(root, "keys"));
    MUSUBI_TRY(image.objects, parse_objects(root));
    return image;
}

base::Result<CardImage> load_card_image(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return base::not_found("card-image.unreadable").because(path);
    std::string content(kMaximumSize + 1, '\0');
    file.read(content.data(), static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<size_t>(file.gcount()));
    return parse_card_image(content);
}

base::Status save_card_image(const CardImage& image, const std::string& path) {
    const auto temporary = path + ".new";
    {
        const FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (file.number() < 0 || !write_all(file.number(), write_card_image(image)) || ::fsync(file.number()) != 0)
            return not_written(temporary);
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0) return not_written(path);
    auto folder = std::filesystem::path(path).parent_path().string();
    if (folder.empty()) folder = ".";
    const FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.number() < 0 || ::fsync(directory.number()) != 0) return not_written(folder);
    return base::success();
}

} // namespace musubi::card
