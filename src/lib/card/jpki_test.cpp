#include "lib/card/jpki.h"

#include "base/encoding.h"
#include "lib/card/apdu.h"
#include "lib/card/errors.h"
#include "lib/card/test_card.h"
#include "lib/card/text.h"
#include "lib/card/visual.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>

namespace musubi::card {
namespace {

using base::Secret;

std::string parameter(const base::Error& error, std::string_view name) {
    for (const auto& [key, value] : error.parameters) {
        if (key == name) return value;
    }
    return "absent";
}

class JpkiTest : public testing::Test {
  protected:
    Jpki open() { return *Jpki::open(transport); }
    unsigned tries(uint16_t pin) { return card.image().secrets.at({Application::Jpki, pin}).tries_left; }
    void block(uint16_t pin) {
        CardImage image = card.image();
        image.secrets[{Application::Jpki, pin}].tries_left = 0;
        card = test::software_card(image);
    }

    SoftwareCard card = test::software_card();
    SoftwareCardTransport transport{card};
    const std::string digest = crypto::sha256("nonce");
};

TEST_F(JpkiTest, tells_the_kind_and_what_is_present) {
    auto jpki = open();
    EXPECT_EQ(*jpki.kind(), TokenKind::Card);
    const auto present = jpki.certificates_present();
    EXPECT_TRUE(present->signature);
    EXPECT_TRUE(present->user_authentication);
    card = test::software_card(test::image(test::Age::Adult, TokenKind::Iphone));
    EXPECT_EQ(*open().kind(), TokenKind::Iphone);
}

TEST_F(JpkiTest, reads_all_four_certificates_whole) {
    auto jpki = open();
    EXPECT_EQ(*jpki.certificate(CertificateFile::UserAuthentication), test::filler_certificate('u'));
    EXPECT_EQ(*jpki.certificate(CertificateFile::UserAuthenticationAuthority), test::filler_certificate('U'));
    EXPECT_EQ(*jpki.certificate(CertificateFile::SignatureAuthority), test::filler_certificate('S'));
    EXPECT_EQ(jpki.certificate(CertificateFile::Signature).error().code, "card.communication");
    EXPECT_TRUE(jpki.verify(Credential::Signature, Secret("musubi2026"))->accepted());
    EXPECT_EQ(*jpki.certificate(CertificateFile::Signature), test::filler_certificate('s'));
}

TEST_F(JpkiTest, registration_signs_one_digest_with_both_keys) {
    auto jpki = open();
    const auto proof = read_and_sign(jpki, digest, Secret("1234"), Secret("musubi2026"));
    ASSERT_TRUE(proof) << proof.error().detail;
    EXPECT_EQ(proof->user_authentication.certificate, test::filler_certificate('u'));
    EXPECT_EQ(proof->signature.certificate, test::filler_certificate('s'));
    using enum crypto::SignatureAlgorithm;
    EXPECT_TRUE(test::keys().user_authentication.public_key().verify_digest(RsaPkcs1Sha256, digest,
                                                                            proof->user_authentication.signature));
    EXPECT_TRUE(test::keys().signature->public_key().verify_digest(RsaPkcs1Sha256, digest, proof->signature.signature));
}

TEST_F(JpkiTest, what_people_type_is_brought_into_the_form_of_the_card) {
    auto jpki = open();
    EXPECT_TRUE(authenticate(jpki, digest, Secret("１２３４")));
    EXPECT_TRUE(read_and_sign(jpki, digest, Secret("1234"), Secret("ｍｕｓｕｂｉ２０２６")));
    EXPECT_TRUE(read_and_sign(jpki, digest, Secret("1234"), Secret("MuSuBi2026")));
}

TEST_F(JpkiTest, what_cannot_be_the_secret_costs_no_try) {
    auto jpki = open();
    for (const auto* typed : {"", "123", "12345", "12a4", "１２３", "一二三四"}) {
        const auto answer = authenticate(jpki, digest, Secret(typed));
        EXPECT_EQ(answer.error().code, "card.pin-malformed") << typed;
        EXPECT_EQ(parameter(answer.error(), "pin"), "user-authentication");
    }
    for (const auto* typed : {"", "ABC12", "ABCDEFGHIJKLMNOPQ", "ABC-123", "あいうえおか"}) {
        const auto answer = read_and_sign(jpki, digest, Secret("1234"), Secret(typed));
        EXPECT_EQ(answer.error().code, "card.pin-malformed") << typed;
        EXPECT_EQ(parameter(answer.error(), "pin"), "signature");
    }
    EXPECT_EQ(tries(0x0018), 3u);
    EXPECT_EQ(tries(0x001B), 5u);
}

TEST_F(JpkiTest, a_wrong_secret_tells_which_and_how_many_tries_are_left) {
    auto jpki = open();
    const auto wrong_pin = authenticate(jpki, digest, Secret("0000"));
    EXPECT_EQ(wrong_pin.error().code, "card.pin-wrong");
    EXPECT_EQ(parameter(wrong_pin.error(), "tries_left"), "2");
    const auto wrong_password = read_and_sign(jpki, digest, Secret("1234"), Secret("WRONG1"));
    EXPECT_EQ(wrong_password.error().code, "card.pin-wrong");
    EXPECT_EQ(parameter(wrong_password.error(), "pin"), "signature");
    EXPECT_EQ(parameter(wrong_password.error(), "tries_left"), "4");
}

TEST_F(JpkiTest, the_last_wrong_try_and_every_later_one_say_blocked) {
    auto jpki = open();
    for (int i = 0; i < 2; ++i) EXPECT_EQ(authenticate(jpki, digest, Secret("0000")).error().code, "card.pin-wrong");
    EXPECT_EQ(authenticate(jpki, digest, Secret("0000")).error().code, "card.pin-blocked");
    EXPECT_EQ(authenticate(jpki, digest, Secret("1234")).error().code, "card.pin-blocked");
    EXPECT_EQ(*jpki.tries_left(Credential::UserAuthentication), 0u);
}

TEST_F(JpkiTest, registration_tries_neither_secret_when_one_is_blocked) {
    block(0x001B);
    auto jpki = open();
    EXPECT_EQ(read_and_sign(jpki, digest, Secret("0000"), Secret("MUSUBI2026")).error().code, "card.pin-blocked");
    EXPECT_EQ(tries(0x0018), 3u);
    card = test::software_card();
    block(0x0018);
    jpki = open();
    EXPECT_EQ(read_and_sign(jpki, digest, Secret("1234"), Secret("WRONG1")).error().code, "card.pin-blocked");
    EXPECT_EQ(tries(0x001B), 5u);
}

TEST_F(JpkiTest, a_child_can_sign_in_but_not_register_alone) {
    card = test::software_card(test::image(test::Age::UnderFifteen));
    auto jpki = open();
    EXPECT_EQ(read_and_sign(jpki, digest, Secret("0000"), Secret("WRONG1")).error().code,
              "card.signature-certificate-missing");
    EXPECT_EQ(tries(0x0018), 3u);
    EXPECT_TRUE(authenticate(jpki, digest, Secret("1234")));
}

TEST_F(JpkiTest, both_secrets_can_be_changed) {
    auto jpki = open();
    EXPECT_TRUE(jpki.change_pin(Credential::UserAuthentication, Secret("1234"), Secret("8765"))->accepted());
    EXPECT_TRUE(jpki.change_pin(Credential::Signature, Secret("musubi2026"), Secret("kawaru99"))->accepted());
    EXPECT_EQ(jpki.change_pin(Credential::UserAuthentication, Secret("1234"), Secret("1111"))->tries_left, 2u);
    EXPECT_EQ(jpki.change_pin(Credential::UserAuthentication, Secret("8765"), Secret("11")).error().code,
              "card.pin-malformed");
    EXPECT_TRUE(read_and_sign(jpki, digest, Secret("8765"), Secret("KAWARU99")));
}

TEST_F(JpkiTest, another_card_is_told_apart) {
    FunctionTransport other([](std::string_view) { return base::Result<std::string>(std::string("\x6A\x82")); });
    EXPECT_EQ(Jpki::open(other).error().code, "card.not-a-my-number-card");
}

// Pull the card at every single command: the error is always "removed", and nothing half done is returned.
TEST_F(JpkiTest, a_card_pulled_at_any_command_is_an_error_of_its_own) {
    for (int pull_at = 0;; ++pull_at) {
        card = test::software_card();
        int count = 0;
        FunctionTransport pulled([&](std::string_view command) -> base::Result<std::string> {
            if (count++ == pull_at) return removed("test");
            return card.transmit(command);
        });
        auto jpki = Jpki::open(pulled);
        if (!jpki) {
            EXPECT_EQ(jpki.error().code, "card.removed");
            continue;
        }
        const auto proof = read_and_sign(*jpki, digest, Secret("1234"), Secret("MUSUBI2026"));
        if (proof) {
            EXPECT_GT(pull_at, 20);
            break;
        }
        EXPECT_EQ(proof.error().code, "card.removed") << pull_at;
        EXPECT_EQ(tries(0x0018), 3u);
        EXPECT_EQ(tries(0x001B), 5u);
    }
}

// A file without a readable length, of a wrong length, or longer than READ BINARY reaches.
TEST_F(JpkiTest, files_that_make_no_sense_are_communication_errors) {
    for (const auto& content :
         {std::string("\x30"), std::string("\x30\x80\x00\x00"), std::string("\x30\x82\xFF\xFF\x01"),
          std::string("\x30\x82\x04\x00") + std::string(100, 'x')}) {
        CardImage image = test::image();
        image.files[{Application::Jpki, 0x000A}] = content;
        card = test::software_card(image);
        auto jpki = open();
        EXPECT_EQ(jpki.certificate(CertificateFile::UserAuthentication).error().code, "card.communication");
    }
}

TEST_F(JpkiTest, a_length_within_the_first_block_and_beyond_is_read_exactly) {
    for (const size_t size : {5u, 127u, 128u, 252u, 253u, 256u, 300u, 2000u}) {
        CardImage image = test::image();
        const auto object = write_tlv(0x30, std::string(size, 'c'));
        image.files[{Application::Jpki, 0x000A}] = object + "\xFF\xFF\xFF";
        card = test::software_card(image);
        auto jpki = open();
        EXPECT_EQ(*jpki.certificate(CertificateFile::UserAuthentication), object) << size;
    }
}

TEST_F(JpkiTest, the_text_application_gives_the_attributes_with_its_pin_or_the_printed_number) {
    for (const auto& attributes : {read_attributes(transport, Secret("5678")),
                                   read_attributes_with_number_b(transport, Secret("55021720352285"))}) {
        ASSERT_TRUE(attributes);
        EXPECT_EQ(attributes->name, "黒桐　幹也");
        EXPECT_EQ(attributes->address, "東京都清瀬市観布子南１２－７－２０２");
        EXPECT_EQ(attributes->birth_date, base::CivilDate::of(1980, 2, 17));
        EXPECT_EQ(attributes->sex, Sex::Male);
    }
    EXPECT_EQ(parameter(read_attributes(transport, Secret("0000")).error(), "tries_left"), "2");
    EXPECT_TRUE(change_text_pin(transport, Secret("5678"), Secret("0246")));
    EXPECT_TRUE(read_attributes(transport, Secret("0246")));
    EXPECT_EQ(*text_tries_left(transport), 3u);
}

TEST_F(JpkiTest, attributes_are_found_by_tag_wherever_they_stand) {
    const auto object = [](uint32_t tag, std::string_view value) { return write_tlv(tag, value); };
    const auto file = write_tlv(0xFF20, object(0xDF30, "new") + object(0xDF25, "2") + object(0xDF24, "00000000") +
                                            object(0xDF23, std::string(300, 'a')) + object(0xDF22, "名"));
    const auto attributes = parse_attributes(file);
    ASSERT_TRUE(attributes);
    EXPECT_EQ(attributes->sex, Sex::Female);
    EXPECT_FALSE(attributes->birth_date);
    EXPECT_EQ(attributes->address.size(), 300u);
    EXPECT_FALSE(parse_attributes(file.substr(0, 200)));
    EXPECT_FALSE(parse_attributes(write_tlv(0xFF20, object(0xDF22, "\xFF"))));
}

TEST_F(JpkiTest, the_card_face_gives_photograph_and_expiry) {
    const auto face = read_card_face(transport, Secret("55021720352285"));
    ASSERT_TRUE(face);
    EXPECT_EQ(face->photo, "photo in JPEG 2000");
    EXPECT_EQ(face->expiry, base::CivilDate::of(2035, 2, 17));
    EXPECT_EQ(face->sex, Sex::Male);
    EXPECT_EQ(read_card_face(transport, Secret("55021720352280")).error().code, "card.pin-wrong");
}

TEST(CardMaker, the_birth_date_is_written_in_the_era_of_the_day) {
    const auto date = [](int year, unsigned month, unsigned day) {
        return era_birth_date(*base::CivilDate::of(year, month, day));
    };
    EXPECT_EQ(date(1980, 2, 17), "550217");
    EXPECT_EQ(date(1989, 1, 7), "640107");
    EXPECT_EQ(date(1989, 1, 8), "010108");
    EXPECT_EQ(date(2019, 4, 30), "310430");
    EXPECT_EQ(date(2019, 5, 1), "010501");
    EXPECT_EQ(date(1926, 12, 24), "151224");
    EXPECT_EQ(date(1926, 12, 25), "011225");
    EXPECT_EQ(date(1912, 7, 29), "450729");
}

TEST(CardImage, survives_a_file_with_its_counters) {
    const auto path = std::filesystem::temp_directory_path() / ("musubi-card-image-" + std::to_string(::getpid()));
    SoftwareCard card = test::software_card();
    SoftwareCardTransport transport(card);
    auto jpki = *Jpki::open(transport);
    for (int i = 0; i < 3; ++i) (void)authenticate(jpki, crypto::sha256(""), Secret("0000"));
    ASSERT_TRUE(save_card_image(card.image(), path));
    const auto loaded = load_card_image(path);
    ASSERT_TRUE(loaded);
    EXPECT_EQ(write_card_image(*loaded), write_card_image(card.image()));
    EXPECT_EQ(loaded->secrets.at({Application::Jpki, 0x0018}).tries_left, 0u);
    EXPECT_EQ(std::filesystem::status(path).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::filesystem::remove(path);
    EXPECT_EQ(load_card_image(path).error().code, "card-image.unreadable");
    EXPECT_FALSE(save_card_image(card.image(), "/nonexistent/folder/card"));
}

TEST(CardImage, malformed_files_are_refused) {
    const auto good = write_card_image(test::image());
    EXPECT_TRUE(parse_card_image(good));
    const auto replaced = [&](std::string_view from, std::string_view to) {
        auto text = good;
        text.replace(text.find(from), from.size(), to);
        return text;
    };
    for (const auto& text :
         {std::string(), std::string("[]"), good.substr(0, good.size() / 2), replaced("musubi-card-image/1", "other"),
          replaced("\"card\"", "\"tank\""), replaced("jpki/000A", "jpki/00FA"), replaced("jpki/000A", "moon/000A"),
          replaced("\"triesLeft\":3", "\"triesLeft\":-1"), replaced("\"triesLeft\":3", "\"triesLeft\":\"3\""),
          replaced("3be0", "3be")})
        EXPECT_FALSE(parse_card_image(text));
    auto broken = test::image();
    broken.keys[{Application::Jpki, 0x0017}] = "not a key";
    base::SeededRandom random(1);
    EXPECT_EQ(SoftwareCard::make(broken, random).error().code, "crypto.key-malformed");
}

} // namespace
} // namespace musubi::card
