#include "apps/card_agent/card_source.h"

#include "base/random.h"
#include "lib/card/errors.h"
#include "lib/card/software_card.h"

#include <condition_variable>
#include <mutex>

namespace musubi::card_agent {

namespace {

class ReaderSource final : public CardSource {
  public:
    base::Result<std::vector<card::ReaderState>> readers() override { return m_pcsc.readers(); }
    base::Result<std::unique_ptr<card::Transport>> open(const std::string& reader) override {
        card::Pcsc own; // one per thread
        MUSUBI_TRY(auto opened, own.connect_my_number_card(reader));
        return std::unique_ptr<card::Transport>(std::move(opened));
    }
    void wait_for_change(const std::vector<card::ReaderState>& known, base::Duration timeout) override {
        m_pcsc.wait_for_change(known, timeout);
    }
    void cancel() override { m_pcsc.cancel(); }

  private:
    card::Pcsc m_pcsc;
};

class ImageSource final : public CardSource {
  public:
    ImageSource(card::SoftwareCard software, std::string path) : m_card(std::move(software)), m_path(std::move(path)) {}

    base::Result<std::vector<card::ReaderState>> readers() override {
        return std::vector<card::ReaderState>{{kName, true, false, 1}};
    }
    base::Result<std::unique_ptr<card::Transport>> open(const std::string& reader) override {
        if (!reader.empty() && reader != kName) return card::reader_missing("no reader of this name");
        return std::unique_ptr<card::Transport>(new Session(*this));
    }
    void wait_for_change(const std::vector<card::ReaderState>&, base::Duration timeout) override {
        std::unique_lock lock(m_wait_mutex);
        m_wake.wait_for(lock, timeout, [this] { return std::exchange(m_cancelled, false); });
    }
    void cancel() override {
        const std::lock_guard lock(m_wait_mutex);
        m_cancelled = true;
        m_wake.notify_all();
    }

  private:
    static constexpr const char* kName = "software card";

    class Session final : public card::Transport {
      public:
        explicit Session(ImageSource& source) : m_source(source), m_lock(source.m_card_mutex) {}
        ~Session() override { m_source.m_card.reset(); }
        base::Result<std::string> transmit(std::string_view command) override {
            const auto before = m_source.m_card.revision();
            auto answer = m_source.m_card.transmit(command);
            if (m_source.m_card.revision() != before)
                MUSUBI_CHECK(card::save_card_image(m_source.m_card.image(), m_source.m_path));
            return answer;
        }

      private:
        ImageSource& m_source;
        std::unique_lock<std::mutex> m_lock;
    };

    std::mutex m_card_mutex;
    card::SoftwareCard m_card;
    std::string m_path;
    std::mutex m_wait_mutex;
    std::condition_variable m_wake;
    bool m_cancelled = false;
};

} // namespace

std::unique_ptr<CardSource> reader_source() { return std::make_unique<ReaderSource>(); }

base::Result<std::unique_ptr<CardSource>> image_source(const std::string& path) {
    MUSUBI_TRY(auto image, card::load_card_image(path));
    MUSUBI_TRY(auto software, card::SoftwareCard::make(std::move(image), base::system_random()));
    return std::unique_ptr<CardSource>(new ImageSource(std::move(software), path));
}

base::Result<CardStatus> inspect(CardSource& source, const card::ReaderState& reader) {
    CardStatus status;
    status.reader = reader.name;
    if (!reader.card_present) return status;
    status.card = CardStatus::Card::Unknown;
    auto opened = source.open(reader.name);
    if (!opened) {
        if (opened.error().code == "card.not-a-my-number-card") return status;
        return std::move(opened).error();
    }
    MUSUBI_TRY(auto jpki, card::Jpki::open(**opened));
    MUSUBI_TRY(status.kind, jpki.kind());
    MUSUBI_TRY(const auto present, jpki.certificates_present());
    status.has_signature_certificate = present.signature;
    MUSUBI_TRY(status.user_tries, jpki.tries_left(card::Credential::UserAuthentication));
    if (present.signature) {
        MUSUBI_TRY(status.signature_tries, jpki.tries_left(card::Credential::Signature));
    }
    status.card = CardStatus::Card::MyNumber;
    return status;
}

} // namespace musubi::card_agent
