// One-time passcodes sent to a person (mail, letter): few digits, so they are short-lived, counted and keyed.
#pragma once

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "lib/db/database.h"

#include <optional>
#include <string>

namespace musubi::identity {

/// HMAC key of the installation: someone who has only the database cannot try all codes. 32 bytes.
class CodeKey {
  public:
    explicit CodeKey(base::Secret key) : m_key(std::move(key)) {}
    std::string hash(std::string_view purpose, std::string_view subject, std::string_view code) const;

  private:
    base::Secret m_key;
};

struct CodeRule {
    size_t digits = 6;
    int tries = 5;
    base::Duration lifetime = std::chrono::minutes(10);
    base::Duration pause = std::chrono::seconds(30); // least time between two codes for one subject
};

/// Replaces an earlier code of the same purpose and subject. `payload` comes back with the right code. Nothing when the
/// last one is younger than the pause (a second click: the first code is on its way).
base::Task<std::optional<base::Secret>> make_code(db::WriteTx& tx, const CodeKey& key, base::Random& random,
                                                  std::string_view purpose, std::string_view subject,
                                                  std::string_view payload, const CodeRule& rule, base::Instant now);

enum class CodeOutcome { Right, Wrong, Expired };
struct CodeCheck {
    CodeOutcome outcome = CodeOutcome::Expired;
    int tries_left = 0;
    std::string payload;
};
/// Counts the try. The transaction must commit whatever the outcome. A right code stays right until it expires, so that
/// a repeated submit gets the same answer; `forget_code` ends it. No tries left: Expired.
base::Task<CodeCheck> check_code(db::WriteTx& tx, const CodeKey& key, std::string_view purpose,
                                 std::string_view subject, std::string_view code, base::Instant now);
base::Task<> forget_code(db::WriteTx& tx, std::string_view purpose, std::string_view subject);
base::Task<int64_t> clean_codes(db::WriteTx& tx, base::Instant now);

} // namespace musubi::identity
