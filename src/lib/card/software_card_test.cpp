#include "lib/card/software_card.h"

#include "base/encoding.h"
#include "lib/card/test_card.h"

#include <gtest/gtest.h>

namespace musubi::card {
namespace {

using crypto::SignatureAlgorithm;

constexpr auto kSelectJpki = "00a4040c0ad392f000260100000001";
constexpr auto kSelectText = "00a4040c0ad3921000310001010408";
constexpr auto kSelectVisual = "00a4040c0ad3921000310001010402";
constexpr auto kSelectCommon = "00a4040c0ad3921000310001010100";
constexpr auto kSelectJuki = "00a4040c0ad3921000310001010401";

std::string ascii(std::string_view text) { return base::hex_encode(text); }

class SoftwareCardTest : public testing::Test {
  protected:
    /// Hexadecimal in, hexadecimal out.
    std::string send(std::string_view hex) { return base::hex_encode(card.transmit(*base::hex_decode(hex))); }
    std::string status(std::string_view hex) {
        const auto answer = send(hex);
        return answer.substr(answer.size() - 4);
    }
    std::string data(std::string_view hex) {
        const auto answer = card.transmit(*base::hex_decode(hex));
        return answer.substr(0, answer.size() - 2);
    }
    void prove_user() {
        ASSERT_EQ(send(kSelectJpki), "9000");
        ASSERT_EQ(send("0020009804" + ascii("1234")), "9000");
    }

    SoftwareCard card = test::software_card();
};

TEST_F(SoftwareCardTest, only_its_own_applications_answer) {
    for (const auto* select : {kSelectJpki, kSelectText, kSelectVisual, kSelectCommon, kSelectJuki})
        EXPECT_EQ(send(select), "9000") << select;
    EXPECT_EQ(send("00a4040007a0000000041010"), "6a82");
    EXPECT_EQ(send("00a4040c0bd392f00026010000000100"), "6a82"); // one byte more than the identifier
    EXPECT_EQ(send("00a4040c"), "6a82");
    EXPECT_EQ(send("00a4040c05d392f00026"), "9000"); // JICSAP: a beginning is enough
    EXPECT_EQ(send("00a4040c04d392f000"), "6a82");
}

TEST_F(SoftwareCardTest, the_master_file_behaves_as_surveyed) {
    EXPECT_EQ(send("00a40000"), "6a86");
    EXPECT_EQ(send("00a40000023f00"), "6a82");
    send(kSelectJpki);
    EXPECT_EQ(send("00a40000"), "9000");
    EXPECT_EQ(status("00a4020c02000a"), "9000"); // and the application is still selected
}

TEST_F(SoftwareCardTest, the_issuer_domain_brings_back_the_state_after_power_on) {
    prove_user();
    EXPECT_EQ(send("00a4040c07a0000001510000"), "9000");
    EXPECT_EQ(send("00a4020c020018"), "6a82");
    EXPECT_EQ(status("00ca004500"), "9000");
}

TEST_F(SoftwareCardTest, p2_zero_gives_a_template_with_the_name_of_the_application) {
    EXPECT_EQ(send("00a404000ad392f00026010000000100"), "6f0e840ad392f000260100000001a5009000");
    EXPECT_EQ(send("00a404000ad392f000260100000001"), "9000"); // nothing expected, nothing sent
    EXPECT_EQ(send("00a4020002000600"), "6f0b800200a082010183020006"
                                        "9000");
    EXPECT_EQ(send("00a4020202000600"), "6a86");
}

TEST_F(SoftwareCardTest, the_token_information_has_160_bytes_and_the_label_of_a_card) {
    send(kSelectJpki);
    send("00a4020c020006");
    const auto token = data("00b0000000");
    EXPECT_EQ(token.size(), 160u);
    EXPECT_EQ(token.substr(0, 32), "JPKIAPICCTOKEN2                 ");
    EXPECT_EQ(base::hex_encode(token.substr(96, 8)), "0000040d00000001");
    EXPECT_EQ(token.substr(140, 4), "0301");
    EXPECT_EQ(data("00b0860020"), token.substr(0, 32)); // by short identifier
}

TEST_F(SoftwareCardTest, reading_follows_offsets_and_lengths) {
    send(kSelectJpki);
    EXPECT_EQ(send("00b0000000"), "6986"); // nothing selected yet
    send("00a4020c02000a");
    EXPECT_EQ(send("00b0000004"), "308204b09000");
    EXPECT_EQ(data("00b0000000").size(), 256u);
    EXPECT_EQ(data("00b00400b4").size(), 180u);
    EXPECT_EQ(status("00b00400b4"), "9000");
    EXPECT_EQ(status("00b00400f0"), "6282"); // asked for more than there is
    EXPECT_EQ(status("00b0040000"), "9000"); // asked for what there is
    EXPECT_EQ(send("00b004b400"), "6b00");   // exactly behind the end
    EXPECT_EQ(send("00b07fff00"), "6b00");
    EXPECT_EQ(send("00b00000"), "6700");
    EXPECT_EQ(data("00b00000000000").size(), 1204u); // extended length
    EXPECT_EQ(send("00b0c00000"), "6a86");
    EXPECT_EQ(send("00b09f0000"), "6a82");
    EXPECT_EQ(send("00b0980000"), "6981"); // a PIN is not a file
}

TEST_F(SoftwareCardTest, the_signature_certificate_needs_the_password) {
    send(kSelectJpki);
    send("00a4020c020001");
    EXPECT_EQ(send("00b0000004"), "6982");
    EXPECT_EQ(send("0020009b0a" + ascii("MUSUBI2026")), "9000");
    EXPECT_EQ(send("00b0000004"), "308204b09000");
    send(kSelectJpki); // selecting again is logging out
    send("00a4020c020001");
    EXPECT_EQ(send("00b0000004"), "6982");
}

TEST_F(SoftwareCardTest, wrong_tries_count_down_to_the_lock_and_stay) {
    send(kSelectJpki);
    send("00a4020c020018");
    EXPECT_EQ(send("00200080"), "63c3");
    EXPECT_EQ(send("0020008004" + ascii("0000")), "63c2");
    EXPECT_EQ(send("00200080"), "63c2");
    EXPECT_EQ(send("0020008004" + ascii("1234")), "9000");
    EXPECT_EQ(send("00200080"), "63c3"); // asked after a success it still tells the number
    EXPECT_EQ(send("0020008004" + ascii("0000")), "63c2");
    EXPECT_EQ(send("0020008003" + ascii("123")), "63c1"); // another length is another secret
    EXPECT_EQ(send("0020008004" + ascii("0000")), "63c0");
    EXPECT_EQ(send("0020008004" + ascii("1234")), "6984");
    EXPECT_EQ(send("00200080"), "63c0");
    card.reset();
    send(kSelectJpki);
    EXPECT_EQ(send("0020009804" + ascii("1234")), "6984");
}

TEST_F(SoftwareCardTest, the_signature_password_has_five_tries_and_compares_case) {
    send(kSelectJpki);
    EXPECT_EQ(send("0020009b"), "63c5");
    EXPECT_EQ(send("0020009b0a" + ascii("musubi2026")), "63c4");
    EXPECT_EQ(send("0020009b0a" + ascii("MUSUBI2026")), "9000");
}

TEST_F(SoftwareCardTest, a_wrong_try_takes_back_what_was_proven) {
    prove_user();
    EXPECT_EQ(send("0020009804" + ascii("0000")), "63c2");
    EXPECT_EQ(send("802a009701aa00"), "6982");
}

TEST_F(SoftwareCardTest, every_change_of_a_counter_changes_the_revision_and_nothing_else_does) {
    send(kSelectJpki);
    const auto before = card.revision();
    send("00200098");
    send("0020009804" + ascii("1234"));
    send("00b08a0004");
    EXPECT_EQ(card.revision(), before);
    send("0020009804" + ascii("0000"));
    EXPECT_EQ(card.revision(), before + 1);
    send("0020009804" + ascii("1234"));
    EXPECT_EQ(card.revision(), before + 2);
}

TEST_F(SoftwareCardTest, verify_refuses_other_references) {
    EXPECT_EQ(send("00200080"), "6986");
    EXPECT_EQ(send("00200098"), "6a88");
    send(kSelectJpki);
    EXPECT_EQ(send("00200180"), "6a86");
    EXPECT_EQ(send("00200000"), "6a86");
    EXPECT_EQ(send("0020009d"), "6a88");
    EXPECT_EQ(send("00200097"), "6981"); // a key
}

TEST_F(SoftwareCardTest, all_six_forms_of_signing_verify_with_the_public_key) {
    prove_user();
    const auto key = test::keys().user_authentication.public_key();
    const std::string message = "むすび";
    const auto digest = crypto::sha256(message);
    const auto sign = [&](std::string_view form, const std::string& input) {
        const auto size = std::string(1, static_cast<char>(input.size()));
        return data("802a" + std::string(form) + "97" + base::hex_encode(size) + base::hex_encode(input) + "00");
    };
    const auto digest_info = crypto::digest_info(crypto::Hash::Sha256, digest);
    EXPECT_EQ(digest_info.size(), 51u);
    EXPECT_TRUE(key.verify(SignatureAlgorithm::RsaPkcs1Sha256, message, sign("00", digest_info)));
    EXPECT_EQ(sign("01", message), *test::keys().user_authentication.sign_raw_pkcs1(digest));
    EXPECT_TRUE(key.verify(SignatureAlgorithm::RsaPkcs1Sha256, message, sign("02", digest)));
    EXPECT_TRUE(key.verify(SignatureAlgorithm::RsaPkcs1Sha256, message, sign("03", message)));
    EXPECT_TRUE(key.verify(SignatureAlgorithm::RsaPssSha256, message, sign("04", digest)));
    EXPECT_TRUE(key.verify(SignatureAlgorithm::RsaPssSha256, message, sign("05", message)));
}

TEST_F(SoftwareCardTest, signing_refuses_what_a_card_refuses) {
    EXPECT_EQ(send("802a009701aa00"), "6a88"); // no application
    send(kSelectJpki);
    EXPECT_EQ(send("802a009701aa00"), "6982");
    prove_user();
    EXPECT_EQ(send("802a069701aa00"), "6a86");
    EXPECT_EQ(send("802a029701aa00"), "6985");
    EXPECT_EQ(send("802a049701aa00"), "6985");
    EXPECT_EQ(send("802a0097"), "6700");
    EXPECT_EQ(status("802a0097f6" + std::string(2 * 246, 'a') + "00"), "6700"); // 246 bytes leave no room to pad
    EXPECT_EQ(status("802a0097f5" + std::string(2 * 245, 'a') + "00"), "9000");
    EXPECT_EQ(send("802a009a01aa00"), "6982"); // the other key is behind the other secret
    EXPECT_EQ(send("802a009801aa00"), "6981");
    EXPECT_EQ(send("802a000001aa00"), "6a88"); // JPKI has no free key
    EXPECT_EQ(send("802a009601aa00"), "6982"); // the terminal authority's key is not ours to use
    EXPECT_EQ(status("802a008001aa00"), "6986");
}

TEST_F(SoftwareCardTest, a_changed_pin_works_and_the_old_one_counts_as_wrong) {
    send(kSelectJpki);
    send("00a4020c020018");
    EXPECT_EQ(send("0024018004" + ascii("4321")), "6982");
    EXPECT_EQ(send("0020008004" + ascii("1234")), "9000");
    EXPECT_EQ(send("0024018003" + ascii("432")), "6a80");
    EXPECT_EQ(send("0024018004" + ascii("43A1")), "6a80");
    EXPECT_EQ(send("0024008008" + ascii("12344321")), "6a86");
    EXPECT_EQ(send("0024018004" + ascii("4321")), "9000");
    card.reset();
    send(kSelectJpki);
    EXPECT_EQ(send("0020009804" + ascii("1234")), "63c2");
    EXPECT_EQ(send("0020009804" + ascii("4321")), "9000");
    EXPECT_EQ(send("0020009b0a" + ascii("MUSUBI2026")), "9000");
    EXPECT_EQ(send("0024019b0a" + ascii("musubi2027")), "6a80"); // lower case
    EXPECT_EQ(send("0024019b06" + ascii("ABC123")), "9000");
}

TEST_F(SoftwareCardTest, the_two_resident_register_pins_change_by_another_instruction_and_separately) {
    send(kSelectCommon);
    EXPECT_EQ(send("0020009c04" + ascii("9999")), "9000");
    EXPECT_EQ(send("0024019c04" + ascii("1111")), "6985");
    EXPECT_EQ(send("8032009c04" + ascii("1111")), "9000");
    send(kSelectJuki);
    EXPECT_EQ(send("0020009c04" + ascii("1111")), "63c2");
    EXPECT_EQ(send("0020009c04" + ascii("9999")), "9000");
    send(kSelectJpki);
    EXPECT_EQ(send("0020009804" + ascii("1234")), "9000");
    EXPECT_EQ(send("8032009804" + ascii("1111")), "6985");
}

TEST_F(SoftwareCardTest, the_counter_of_the_municipality_unlocks) {
    send(kSelectJpki);
    for (int i = 0; i < 5; ++i) send("0020009b06" + ascii("WRONG1"));
    EXPECT_EQ(send("0020009b0a" + ascii("MUSUBI2026")), "6984");
    EXPECT_EQ(card.unlock({Application::Jpki, 0x001B}, base::Secret("abc")).error().code, "card.pin-malformed");
    EXPECT_EQ(card.unlock({Application::Jpki, 0x0017}, base::Secret("1234")).error().code, "card.reference-unknown");
    EXPECT_TRUE(card.unlock({Application::Jpki, 0x001B}, base::Secret("NEWPASS9")));
    EXPECT_EQ(send("0020009b"), "63c5");
    EXPECT_EQ(send("0020009b08" + ascii("NEWPASS9")), "9000");
}

// The attribute file of the published survey of a test card, byte for byte (section 1.2 of its write-up).
TEST_F(SoftwareCardTest, the_attribute_file_equals_a_real_cards) {
    send(kSelectText);
    EXPECT_EQ(send("00b0820000"), "6982");
    EXPECT_EQ(send("0020009104" + ascii("5678")), "9000");
    const auto expected = *base::hex_decode("ff2065df2108000e002000590064df220f") + "黒桐　幹也" + "\xDF\x23\x36" +
                          "東京都清瀬市観布子南１２－７－２０２" + "\xDF\x24\x08" + "19800217" + "\xDF\x25\x01" + "1";
    EXPECT_EQ(data("00b0820000"), expected);
    EXPECT_EQ(data("00b0810011"), *base::hex_decode("ff100c") + "123456789018" + "\xFF\xFF");
    EXPECT_EQ(data("00b08300000000").size(), 336u);
    EXPECT_EQ(data("00b08400000000").size(), 568u);
}

TEST_F(SoftwareCardTest, the_printed_numbers_open_only_their_own_files) {
    send(kSelectText);
    EXPECT_EQ(send("002000950e" + ascii("55021720352285")), "9000");
    EXPECT_EQ(status("00b0820000"), "9000");
    EXPECT_EQ(status("00b0810011"), "6982");
    send(kSelectText);
    EXPECT_EQ(send("002000940c" + ascii("123456789018")), "9000");
    EXPECT_EQ(status("00b0810011"), "9000");
    EXPECT_EQ(status("00b0820000"), "6982");
    EXPECT_EQ(send("00200092"), "63c0"); // blocked on every card seen
    EXPECT_EQ(send("0020009204" + ascii("0000")), "6984");
}

TEST_F(SoftwareCardTest, the_card_face_is_signed_and_proves_to_be_live) {
    send(kSelectVisual);
    EXPECT_EQ(status("00b0820000"), "6982");
    EXPECT_EQ(send("002000920e" + ascii("55021720352285")), "9000");
    const auto face = data("00b08200000000");
    std::string_view rest = face;
    const auto outer = read_tlv(rest);
    ASSERT_TRUE(outer);
    const auto objects = read_tlv_list(outer->value);
    ASSERT_TRUE(objects);
    EXPECT_EQ(find_tlv(*objects, 0xDF29), "20350217");
    EXPECT_EQ(find_tlv(*objects, 0xDF27), "photo in JPEG 2000");
    // The offsets of the table point at the objects.
    const auto table = *find_tlv(*objects, 0xDF21);
    const size_t third = static_cast<uint8_t>(table[4]) * 256u + static_cast<uint8_t>(table[5]);
    EXPECT_EQ(base::hex_encode(face.substr(third, 2)), "df24");
    // The key in the record verifies what the card signs without any secret.
    const auto key_objects = read_tlv_list(*find_tlv(*objects, 0xDF24));
    const auto key = crypto::PublicKey::from_rsa(*find_tlv(*key_objects, 0x91), *find_tlv(*key_objects, 0x90));
    ASSERT_TRUE(key);
    send(kSelectVisual);
    const auto digest_info = crypto::digest_info(crypto::Hash::Sha256, crypto::sha256("challenge"));
    const auto signature = data("802a000033" + base::hex_encode(digest_info) + "00");
    EXPECT_TRUE(key->verify(SignatureAlgorithm::RsaPkcs1Sha256, "challenge", signature));
    EXPECT_EQ(send("0020009106" + ascii("550217")), "9000");
    EXPECT_EQ(status("00b0810000"), "9000");
    EXPECT_EQ(status("00b0850000"), "6982"); // the picture of the My Number needs the My Number
}

TEST_F(SoftwareCardTest, the_common_application_answers_records_and_internal_authenticate) {
    send(kSelectCommon);
    EXPECT_EQ(data("00b2010c00"), "\x01\x1C"
                                  "000000000012345"
                                  "13221"
                                  "20350217");
    EXPECT_EQ(send("00b2020c00"), "6a83");
    EXPECT_EQ(send("00b2010d00"), "6a86");
    EXPECT_EQ(send("00b0810000"), "6981");
    const auto signature = data("0088009904" + ascii("abcd") + "00");
    EXPECT_TRUE(test::keys().face.public_key().verify(SignatureAlgorithm::RsaPkcs1Sha256, "abcd", signature));
    EXPECT_EQ(send("802a009904" + ascii("abcd") + "00"), "6985");
    prove_user();
    EXPECT_EQ(send("0088009704" + ascii("abcd") + "00"), "6985"); // JPKI keys do not answer it
    EXPECT_EQ(send("00b2010400"), "6986");
}

TEST_F(SoftwareCardTest, data_objects_are_given_outside_of_applications_only) {
    EXPECT_EQ(data("00ca00f000"), "13221");
    EXPECT_EQ(data("00ca00f200"), "20350217");
    EXPECT_EQ(send("00ca00f002"), "6c05");
    EXPECT_EQ(send("00ca7f2100"), "6700");
    EXPECT_EQ(data("00ca7f21000000").size(), 568u);
    EXPECT_EQ(send("00cadf3005"), "6a88");
    send(kSelectJpki);
    EXPECT_EQ(send("00ca00f000"), "6a88");
}

TEST_F(SoftwareCardTest, challenges_have_the_length_asked_for_and_differ) {
    EXPECT_EQ(data("0084000008").size(), 8u);
    EXPECT_EQ(data("0084000000").size(), 256u);
    EXPECT_NE(data("0084000010"), data("0084000010"));
    EXPECT_EQ(send("00840000"), "6700");
    EXPECT_EQ(send("0084010008"), "6a86");
    EXPECT_EQ(send("00840000000101"), "6700"); // 257 bytes
}

TEST_F(SoftwareCardTest, unknown_classes_and_instructions_are_refused) {
    EXPECT_EQ(send("00cb3fff035c017e08"), "6d00");
    EXPECT_EQ(send("80ae0000"), "6d00");
    EXPECT_EQ(send("a0a4000000"), "6e00");
    EXPECT_EQ(send("08b0000000"), "6882");
    EXPECT_EQ(send("80fc0000"), "6700");
    EXPECT_EQ(send("00"), "6700");
    EXPECT_EQ(send("00a4030c"), "6a86");
}

TEST_F(SoftwareCardTest, a_child_under_fifteen_has_no_signature_certificate) {
    card = test::software_card(test::image(test::Age::UnderFifteen));
    send(kSelectJpki);
    EXPECT_EQ(send("00b0880003"), "008f009000");
    EXPECT_EQ(send("0020009b"), "63c0");
    EXPECT_EQ(send("00b0810004"), "6982");
    EXPECT_EQ(status("00b0820004"), "9000");
}

TEST_F(SoftwareCardTest, a_phone_keeps_the_user_certificate_behind_its_pin) {
    card = test::software_card(test::image(test::Age::Adult, TokenKind::Android));
    send(kSelectJpki);
    EXPECT_EQ(send("00b08a0004"), "6982");
    EXPECT_EQ(send("0020009804" + ascii("1234")), "9000");
    EXPECT_EQ(send("00b08a0004"), "308204b09000");
    EXPECT_EQ(data("00b086000f"), "JPKIAPGPSETOKEN");
    EXPECT_EQ(send("80fc0000"), "6700");
    card = test::software_card(test::image(test::Age::Adult, TokenKind::Iphone));
    EXPECT_EQ(send("80fc0000"), "9000");
}

TEST_F(SoftwareCardTest, reset_forgets_everything_but_the_counters) {
    prove_user();
    send("0020009b06" + ascii("WRONG1"));
    card.reset();
    EXPECT_EQ(send("00b0000004"), "6986");
    send(kSelectJpki);
    EXPECT_EQ(send("802a009701aa00"), "6982");
    EXPECT_EQ(send("0020009b"), "63c4");
}

} // namespace
} // namespace musubi::card
