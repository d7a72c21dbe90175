// The commands of musubi-card apart from the agent.
#pragma once

#include "apps/card_agent/card_source.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::card_agent {

enum class Language { Japanese, English };
enum class OutputForm { Text, Json };

/// Exit codes, the same for all commands: scripts may rely on them.
enum ExitCode {
    kExitOk = 0,
    kExitFailed = 1,
    kExitUsage = 2,
    kExitReaderMissing = 3,
    kExitNotInserted = 4,
    kExitRemoved = 5,
    kExitOtherCard = 6,
    kExitPinWrong = 7,
    kExitPinBlocked = 8,
    kExitPinMalformed = 9,
    kExitCertificateMissing = 10,
};

struct CommandContext {
    CardSource& source;
    std::string reader;
    Language language = Language::Japanese;
    OutputForm form = OutputForm::Text;
    /// Asks for a secret; `name` says which ("pin", "password", "new-pin" …). Never a command-line argument: those can
    /// be read by everyone on the computer.
    std::function<base::Secret(std::string_view name, std::string_view prompt)> ask_secret;
    std::function<void(std::string_view)> out;   // result
    std::function<void(std::string_view)> error; // messages to people
};

/// `words` is the command and its arguments: show | tries | read user|user-ca|sign|sign-ca|text|photo | sign user|sign
/// HEX-SHA256 | change-pin user|sign|text | wait inserted|removed.
int run_command(const CommandContext& context, const std::vector<std::string>& words);

std::string error_message(const base::Error& error, Language language);
int exit_code(const base::Error& error);

} // namespace musubi::card_agent
