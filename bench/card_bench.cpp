// What a sign-in with the card costs, from its arithmetic to the whole way through PC/SC, in one run:
//
//   rsa_sign           the signature of the card alone: the floor
//   software_card      select, tries left, VERIFY, sign, certificate on the software card in process
//   through_pcsc       the same through pcscd and the virtual reader vpcd (aim: 20 ms)
//
// through_pcsc needs a running pcscd with vpcd on port 35963 and an empty slot; otherwise it is skipped.
#include "apps/virtual_card/vpcd.h"
#include "lib/card/jpki.h"
#include "lib/card/pcsc.h"
#include "lib/card/test_card.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <thread>

namespace {

using namespace musubi;

constexpr uint16_t kFirstSlot = 35963;
constexpr auto kPatience = std::chrono::seconds(10);

class CardInSlot final : public virtual_card::InsertedCard {
  public:
    std::string atr() override { return m_card.atr(); }
    void reset() override { m_card.reset(); }
    std::string transmit(std::string_view command) override { return m_card.transmit(command); }

  private:
    card::SoftwareCard m_card = card::test::software_card();
};

bool sign_in(card::Transport& transport) {
    static const std::string digest = crypto::sha256("nonce");
    auto jpki = card::Jpki::open(transport);
    return jpki && card::authenticate(*jpki, digest, base::Secret("1234"));
}

void rsa_sign(benchmark::State& state) {
    const auto& key = card::test::keys().user_authentication;
    const auto input = crypto::digest_info(crypto::Hash::Sha256, crypto::sha256("nonce"));
    for (auto _ : state) benchmark::DoNotOptimize(key.sign_raw_pkcs1(input));
}

void software_card(benchmark::State& state) {
    auto card = card::test::software_card();
    card::SoftwareCardTransport transport(card);
    for (auto _ : state) {
        if (!sign_in(transport)) state.SkipWithError("refused");
    }
}

void through_pcsc(benchmark::State& state) {
    virtual_card::Slot slot(kFirstSlot);
    slot.insert(std::make_shared<CardInSlot>());
    card::Pcsc pcsc;
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (!pcsc.connect_my_number_card()) {
        if (std::chrono::steady_clock::now() > give_up) return state.SkipWithError("no pcscd with an empty vpcd slot");
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    for (auto _ : state) {
        auto opened = pcsc.connect_my_number_card();
        if (!opened || !sign_in(**opened)) state.SkipWithError("refused");
    }
}

} // namespace

BENCHMARK(rsa_sign)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(software_card)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(through_pcsc)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_MAIN();
