// Private to jlis/ocsp: answers that were signed already and are given out again (RFC 5019 section 4).
#pragma once

#include "base/time.h"
#include "lib/pki/ocsp.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace musubi::ocsp {

/// One finished OCSPResponse about one certificate, without a nonce.
struct ReadyAnswer {
    std::string der;
    base::Instant this_update;
    base::Instant next_update;
};

/// What a ready answer is about.
struct Question {
    pki::CertificateKind kind;
    pki::OcspCertificateId id;
    std::string key() const; // authority, hash and serial number
};

/// Bounded: when it is full and nothing in it has ended, further answers are simply not kept.
class AnswerCache {
  public:
    explicit AnswerCache(size_t capacity) : m_capacity(capacity) {}

    std::shared_ptr<const ReadyAnswer> find(const std::string& key);
    void put(const Question& question, std::shared_ptr<const ReadyAnswer> answer, base::Instant now);
    /// Questions whose answers are as old as `age` and were given out since they were made; those nobody asked for
    /// meanwhile are dropped.
    std::vector<Question> worth_renewing(base::Instant now, base::Duration age);
    size_t size() const;

  private:
    struct Kept {
        Question question;
        std::shared_ptr<const ReadyAnswer> answer;
        bool used = false;
    };
    mutable std::mutex m_mutex;
    size_t m_capacity;
    std::unordered_map<std::string, Kept> m_answers;
};

} // namespace musubi::ocsp
