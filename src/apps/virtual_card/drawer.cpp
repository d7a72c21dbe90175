#include "apps/virtual_card/drawer.h"

#include "lib/card/apdu.h"
#include "lib/json/json.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace musubi::virtual_card {

template <class Fields> void describe(Fields& fields, About& about) {
    fields("id", about.id);
    fields("holderId", about.holder_id);
    fields("name", about.name);
    fields("kana", about.kana);
    fields("birthDate", about.birth_date);
    fields("kind", about.kind);
    fields("note", about.note);
    fields("noteEnglish", about.note_english);
    fields("userPin", about.user_pin);
    fields("signaturePassword", about.signature_password);
    fields("textPin", about.text_pin);
    fields("numberB", about.number_b);
}

namespace {

namespace fs = std::filesystem;
using card::Application;

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

unsigned tries_of(const card::CardImage& image, uint16_t pin) {
    const auto found = image.secrets.find({Application::Jpki, pin});
    return found == image.secrets.end() ? 0 : found->second.tries_left;
}

Tries tries_of(const card::CardImage& image) { return {tries_of(image, 0x0018), tries_of(image, 0x001B)}; }

} // namespace

void StoredCard::reset() {
    const std::lock_guard lock(m_mutex);
    m_card.reset();
}

std::string StoredCard::transmit(std::string_view command) {
    const std::lock_guard lock(m_mutex);
    const auto before = m_card.revision();
    auto answer = m_card.transmit(command);
    if (m_card.revision() != before) {
        if (const auto saved = save_card_image(m_card.image(), m_path); !saved) {
            std::fprintf(stderr, "musubi-vcard: %s: %s\n", saved.error().code.c_str(), saved.error().detail.c_str());
            return card::encode(card::Response{{}, 0x6581}); // memory failure
        }
    }
    return answer;
}

Tries StoredCard::tries() {
    const std::lock_guard lock(m_mutex);
    return tries_of(m_card.image());
}

bool Drawer::valid_id(std::string_view id) {
    return !id.empty() && id.size() <= 64 &&
           std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

std::string Drawer::path(const std::string& id, std::string_view file) const {
    return m_folder + "/" + id + "/" + std::string(file);
}

std::optional<About> Drawer::find(const std::string& id) const {
    if (!valid_id(id)) return std::nullopt;
    auto about = json::parse<About>(read_text(path(id, "about.json")));
    if (!about || about->id != id) return std::nullopt;
    return std::move(*about);
}

std::vector<About> Drawer::cards() const {
    std::vector<About> out;
    std::error_code problem;
    for (const auto& entry : fs::directory_iterator(m_folder, problem)) {
        if (auto about = find(entry.path().filename().string())) out.push_back(std::move(*about));
    }
    std::sort(out.begin(), out.end(), [](const About& a, const About& b) { return a.id < b.id; });
    return out;
}

base::Result<std::shared_ptr<StoredCard>> Drawer::take(const std::string& id) {
    if (!valid_id(id)) return base::not_found("tray.card-unknown");
    auto image = card::load_card_image(path(id, "card.json"));
    if (!image) return base::not_found("tray.card-unknown").because(image.error().code);
    MUSUBI_TRY(auto software, card::SoftwareCard::make(std::move(*image), *m_random));
    return std::make_shared<StoredCard>(std::move(software), path(id, "card.json"));
}

base::Result<Tries> Drawer::tries(const std::string& id) const {
    if (!valid_id(id)) return base::not_found("tray.card-unknown");
    MUSUBI_TRY(const auto image, card::load_card_image(path(id, "card.json")));
    return tries_of(image);
}

base::Status Drawer::put(const About& about, const card::CardImage& image) {
    if (!valid_id(about.id)) return base::invalid("tray.card-unknown");
    std::error_code problem;
    fs::create_directories(m_folder + "/" + about.id, problem);
    fs::permissions(m_folder, fs::perms::owner_all, problem);
    MUSUBI_CHECK(card::save_card_image(image, path(about.id, "factory.json")));
    MUSUBI_CHECK(card::save_card_image(image, path(about.id, "card.json")));
    // Written last: a card without it is not shown.
    std::ofstream file(path(about.id, "about.json"), std::ios::binary | std::ios::trunc);
    file << json::write(about) << '\n';
    if (!file.flush()) return base::internal("about.json not written");
    return base::success();
}

base::Status Drawer::restore(const std::string& id) {
    if (!valid_id(id)) return base::not_found("tray.card-unknown");
    const auto image = card::load_card_image(path(id, "factory.json"));
    if (!image) return base::not_found("tray.card-unknown");
    return card::save_card_image(*image, path(id, "card.json"));
}

} // namespace musubi::virtual_card
