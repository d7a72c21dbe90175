#include "lib/card/apdu.h"

#include "base/encoding.h"
#include "lib/card/errors.h"
#include "lib/card/tlv.h"

#include <deque>
#include <gtest/gtest.h>

namespace musubi::card {
namespace {

std::string bytes(std::string_view hex) { return *base::hex_decode(hex); }

/// Answers a script and remembers what it was sent.
class Script final : public Transport {
  public:
    explicit Script(std::deque<std::string> answers) : m_answers(std::move(answers)) {}
    base::Result<std::string> transmit(std::string_view command) override {
        sent.push_back(base::hex_encode(command));
        if (m_answers.empty()) return removed("script is over");
        auto answer = bytes(m_answers.front());
        m_answers.pop_front();
        return answer;
    }
    std::vector<std::string> sent;

  private:
    std::deque<std::string> m_answers;
};

TEST(Apdu, the_four_short_cases_of_iso_7816_4_are_written_and_read_back) {
    EXPECT_EQ(base::hex_encode(encode(Command{0x00, 0x20, 0x00, 0x80})), "00200080");
    EXPECT_EQ(base::hex_encode(encode(Command{0x00, 0xB0, 0x01, 0x00, {}, 256})), "00b0010000");
    EXPECT_EQ(base::hex_encode(encode(Command{0x00, 0xA4, 0x02, 0x0C, bytes("000a")})), "00a4020c02000a");
    EXPECT_EQ(base::hex_encode(encode(Command{0x80, 0x2A, 0x00, 0x80, "ab", 256})), "802a008002616200");
    const auto command = decode_command(bytes("802a008002616200"));
    ASSERT_TRUE(command);
    EXPECT_EQ(command->data, "ab");
    EXPECT_EQ(command->expected_length, 256u);
}

TEST(Apdu, lengths_beyond_a_byte_use_the_extended_form) {
    const Command long_data{0x00, 0xD6, 0x00, 0x00, std::string(300, 'x')};
    EXPECT_EQ(base::hex_encode(encode(long_data)).substr(0, 14), "00d6000000012c");
    EXPECT_EQ(base::hex_encode(encode(Command{0x00, 0xCA, 0x7F, 0x21, {}, 65536})), "00ca7f21000000");
    const Command both{0x00, 0x2A, 0x00, 0x00, std::string(300, 'x'), 1000};
    LengthForm form = LengthForm::Shortest;
    const auto read = decode_command(encode(both), &form);
    ASSERT_TRUE(read);
    EXPECT_EQ(form, LengthForm::Extended);
    EXPECT_EQ(read->data, both.data);
    EXPECT_EQ(read->expected_length, 1000u);
}

TEST(Apdu, bytes_that_are_no_command_are_refused) {
    for (const auto* hex :
         {"", "00", "00a404", "00a4040c05d392f0", "00a4040c0100000000", "00b0000000000000", "00a4040c00000200"})
        EXPECT_FALSE(decode_command(bytes(hex))) << hex;
}

TEST(Apdu, a_response_needs_two_bytes) {
    EXPECT_FALSE(decode_response(bytes("90")));
    const auto response = decode_response(bytes("01029000"));
    ASSERT_TRUE(response);
    EXPECT_TRUE(response->ok());
    EXPECT_EQ(response->data, bytes("0102"));
}

TEST(Apdu, more_data_is_fetched_with_get_response) {
    Script card({"aa6102", "bbcc9000"});
    const auto response = exchange(card, {0x00, 0xCA, 0x00, 0x45, {}, 256});
    ASSERT_TRUE(response);
    EXPECT_EQ(response->data, bytes("aabbcc"));
    EXPECT_EQ(card.sent, (std::vector<std::string>{"00ca004500", "00c0000002"}));
}

TEST(Apdu, a_wrong_length_is_repeated_with_the_length_the_card_names) {
    Script card({"6c03", "0102039000"});
    const auto response = exchange(card, {0x00, 0xB0, 0x00, 0x00, {}, 256});
    ASSERT_TRUE(response);
    EXPECT_EQ(response->data, bytes("010203"));
    EXPECT_EQ(card.sent.back(), "00b0000003");
}

TEST(Apdu, a_card_that_promises_without_end_is_given_up) {
    Script refuses_twice({"6c03", "6c03"});
    EXPECT_EQ(exchange(refuses_twice, {0x00, 0xB0}).error().code, "card.communication");
    Script empty({"6100", "6100"});
    EXPECT_EQ(exchange(empty, {0x00, 0xB0}).error().code, "card.communication");
    std::deque<std::string> endless(400, std::string(512, 'a') + "6100");
    Script flood(endless);
    EXPECT_EQ(exchange(flood, {0x00, 0xB0}).error().code, "card.communication");
}

TEST(Apdu, a_short_answer_and_a_pulled_card_are_different_errors) {
    Script garbage({"90"});
    EXPECT_EQ(exchange(garbage, {0x00, 0xB0}).error().code, "card.communication");
    Script pulled({});
    EXPECT_EQ(exchange(pulled, {0x00, 0xB0}).error().code, "card.removed");
}

TEST(Tlv, multi_byte_tags_and_long_lengths_are_read_back) {
    for (const size_t size : {0, 1, 127, 128, 255, 256, 4000, 70000}) {
        for (const uint32_t tag : {0x30u, 0xDF22u, 0xFF20u, 0x7F21u}) {
            const auto written = write_tlv(tag, std::string(size, 'v'));
            std::string_view rest = written;
            const auto read = read_tlv(rest);
            ASSERT_TRUE(read) << tag << ' ' << size;
            EXPECT_EQ(read->tag, tag);
            EXPECT_EQ(read->value.size(), size);
            EXPECT_TRUE(rest.empty());
            EXPECT_EQ(tlv_size(written.substr(0, 7)), written.size());
        }
    }
}

TEST(Tlv, cut_and_endless_objects_are_refused) {
    for (const auto* hex : {"30", "3001", "308200", "30840000000100", "3080", "1fffffff01", "df"}) {
        const auto input = bytes(hex);
        std::string_view rest = input;
        EXPECT_FALSE(read_tlv(rest)) << hex;
    }
    EXPECT_FALSE(read_tlv_list(std::string(65 * 2, '\x01') + std::string()));
    EXPECT_TRUE(read_tlv_list(bytes("df220141ffff")));
}

} // namespace
} // namespace musubi::card
