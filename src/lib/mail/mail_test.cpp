#include "lib/mail/mail.h"

#include "base/encoding.h"
#include "lib/mail/smtp.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace musubi::mail {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

Message greeting() {
    Message message;
    message.from = {"noreply@kenko.city.example.jp", "見本市 健康ポータル"};
    message.to = {"hanako@example.jp", "𠮷田 花子"};
    message.subject =
        "メールアドレスの確認のお願い(見本市健康ポータルへの登録手続きを続けるには、このメールをお読みください)";
    message.text =
        "花子 様\n\n登録を続けるには次を開いてください。\nhttps://kenko.city.example.jp/start#x\n.\nおわり\n";
    message.id = "01890a5d-ac96-774b-bcce-b302099a8057";
    message.date = *base::Instant::parse("2026-11-22T15:04:05+09:00");
    return message;
}

/// Read back by Python's mail library, which shares nothing with ours.
std::string read_with_python(const std::string& bytes, const std::string& expression) {
    const std::string path =
        (std::filesystem::temp_directory_path() / ("musubi-mail-" + std::to_string(::getpid()))).string();
    std::ofstream(path, std::ios::binary) << bytes;
    const std::string command =
        "python3 -c \"import email, email.policy, sys; m = email.message_from_binary_file(open('" + path +
        "','rb'), policy=email.policy.default); sys.stdout.write(str(" + expression + "))\"";
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string out;
    char buffer[4096];
    for (size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, got);
    ::pclose(pipe);
    std::filesystem::remove(path);
    return out;
}

TEST(Compose, WritesJapaneseThatOtherProgramsRead) {
    const Message message = greeting();
    const auto bytes = compose(message);
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(read_with_python(*bytes, "m['Subject']"), message.subject);
    EXPECT_EQ(read_with_python(*bytes, "m['To'].addresses[0].display_name"), "𠮷田 花子");
    EXPECT_EQ(read_with_python(*bytes, "m['To'].addresses[0].addr_spec"), "hanako@example.jp");
    EXPECT_EQ(read_with_python(*bytes, "m['From'].addresses[0].display_name"), "見本市 健康ポータル");
    EXPECT_EQ(read_with_python(*bytes, "m['Date'].datetime.isoformat()"), "2026-11-22T15:04:05+09:00");
    EXPECT_EQ(read_with_python(*bytes, "m['Message-ID']"),
              "<01890a5d-ac96-774b-bcce-b302099a8057@kenko.city.example.jp>");
    EXPECT_EQ(read_with_python(*bytes, "m.get_content().replace(chr(13), '')"), message.text);
    EXPECT_EQ(read_with_python(*bytes, "m['Auto-Submitted']"), "auto-generated");
}

TEST(Compose, OffersHtmlBesidesPlainText) {
    Message message = greeting();
    message.html = "<p>花子 様</p>";
    const auto bytes = compose(message);
    ASSERT_TRUE(bytes.ok());
    EXPECT_EQ(read_with_python(*bytes, "m.get_content_type()"), "multipart/alternative");
    EXPECT_EQ(read_with_python(*bytes, "m.get_body(('html',)).get_content().strip()"), "<p>花子 様</p>");
    EXPECT_EQ(read_with_python(*bytes, "m.get_body(('plain',)).get_content().replace(chr(13), '')"), message.text);
}

TEST(Compose, KeepsLinesShortAndAscii) {
    Message message = greeting();
    message.text = std::string(5000, 'x') + "あ";
    message.from.name = "A \"quoted\" name";
    const auto bytes = compose(message);
    ASSERT_TRUE(bytes.ok());
    size_t begin = 0;
    for (size_t end; (end = bytes->find("\r\n", begin)) != std::string::npos; begin = end + 2)
        EXPECT_LE(end - begin, 78u) << bytes->substr(begin, end - begin);
    EXPECT_EQ(begin, bytes->size());
    for (const char c : *bytes) ASSERT_TRUE((c >= 0x20 && c < 0x7F) || c == '\r' || c == '\n');
    EXPECT_EQ(read_with_python(*bytes, "m['From'].addresses[0].display_name"), message.from.name);
}

TEST(Compose, LetsNothingBeginAnotherHeader) {
    Message message = greeting();
    message.to.address = "a@b.jp>\r\nBcc: <c@d.jp";
    EXPECT_EQ(compose(message).error().code, "mail.address-malformed");
    message = greeting();
    message.id = "x\r\ny";
    EXPECT_EQ(compose(message).error().code, "mail.id-malformed");
    message = greeting();
    message.subject = "Hello\r\nBcc: c@d.jp";
    message.to.name = "x\r\nBcc: c@d.jp";
    EXPECT_EQ(read_with_python(*compose(message), "m['Bcc']"), "None");
}

/// An SMTP server with the replies of a script; remembers what it was told.
class SmtpServer {
  public:
    explicit SmtpServer(std::function<std::string(const std::string&)> reply)
        : m_reply(std::move(reply)), m_listener(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(m_listener, reinterpret_cast<sockaddr*>(&address), size);
        ::listen(m_listener, 4);
        ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin_port);
        m_thread = std::thread([this] { serve(); });
    }
    ~SmtpServer() {
        ::shutdown(m_listener, SHUT_RDWR);
        ::close(m_listener);
        m_thread.join();
    }
    uint16_t port = 0;
    std::vector<std::string> commands;
    std::string data;

  private:
    void serve() {
        for (int client; (client = ::accept(m_listener, nullptr, nullptr)) >= 0; ::close(client)) talk(client);
    }
    void talk(int client) {
        const auto say = [client](const std::string& line) { ::send(client, line.data(), line.size(), MSG_NOSIGNAL); };
        say("220 test ESMTP\r\n");
        std::string in;
        bool in_data = false;
        char buffer[4096];
        for (ssize_t got; (got = ::recv(client, buffer, sizeof buffer, 0)) > 0;) {
            in.append(buffer, static_cast<size_t>(got));
            for (size_t end; (end = in.find("\r\n")) != std::string::npos; in.erase(0, end + 2)) {
                const std::string line = in.substr(0, end);
                if (in_data && line != ".") {
                    data += (line.starts_with("..") ? line.substr(1) : line) + "\r\n";
                    continue;
                }
                commands.push_back(in_data ? "." : line);
                in_data = line == "DATA";
                say(m_reply(commands.back()) + "\r\n");
                if (line == "QUIT") return;
            }
        }
    }
    std::function<std::string(const std::string&)> m_reply;
    int m_listener;
    std::thread m_thread;
};

std::string willing(const std::string& command) {
    if (command.starts_with("EHLO")) return "250-test\r\n250 8BITMIME";
    if (command == "DATA") return "354 go on";
    if (command == "QUIT") return "221 bye";
    return "250 ok";
}

class SmtpTest : public ::testing::Test {
  protected:
    base::Status send(uint16_t port, Security security = Security::None) {
        SmtpOptions options;
        options.port = port;
        options.security = security;
        options.timeout = 5s;
        SmtpSender sender(pool, std::move(options));
        return event_loop::run(sender.send(greeting()));
    }
    static std::string outcome(const base::Status& status) {
        if (status) return "sent";
        return (status.error().kind == base::ErrorKind::Unavailable ? "later: " : "never: ") + status.error().code;
    }
    event_loop::BlockingPool pool{1};
};

TEST_F(SmtpTest, HandsTheExactBytesOver) {
    SmtpServer server(willing);
    EXPECT_EQ(outcome(send(server.port)), "sent");
    EXPECT_THAT(server.commands, ::testing::Contains("MAIL FROM:<noreply@kenko.city.example.jp>"));
    EXPECT_THAT(server.commands, ::testing::Contains("RCPT TO:<hanako@example.jp>"));
    EXPECT_EQ(server.data, *compose(greeting()));
}

TEST_F(SmtpTest, TellsLaterFromNever) {
    const auto refusing = [](std::string prefix, std::string reply) {
        return [prefix, reply](const std::string& command) {
            return command.starts_with(prefix) ? reply : willing(command);
        };
    };
    const auto attempt = [this](const auto& reply) {
        SmtpServer server(reply);
        return outcome(send(server.port));
    };
    EXPECT_EQ(attempt(refusing("RCPT", "550 no such user")), "never: mail.refused");
    EXPECT_EQ(attempt(refusing("RCPT", "451 try later")), "later: mail.deferred");
    EXPECT_EQ(attempt(refusing(".", "554 spam")), "never: mail.refused");
    EXPECT_EQ(attempt(refusing(".", "452 full")), "later: mail.deferred");
}

TEST_F(SmtpTest, DoesNotSendInTheClearWhereTlsIsDemanded) {
    SmtpServer server(willing);
    EXPECT_EQ(outcome(send(server.port, Security::StartTls)), "later: mail.server-untrusted");
    EXPECT_EQ(server.data, "");
}

TEST_F(SmtpTest, SaysWhenThereIsNoServer) {
    uint16_t port = 0;
    {
        port = SmtpServer(willing).port;
    }
    EXPECT_EQ(outcome(send(port)), "later: mail.server-unreachable");
}

} // namespace
} // namespace musubi::mail
