#include "jlis/ocsp/cache.h"

namespace musubi::ocsp {

std::string Question::key() const {
    std::string out(pki::to_string(kind));
    out += id.hash == crypto::Hash::Sha1 ? '1' : '2';
    return out.append(id.serial.bytes());
}

std::shared_ptr<const ReadyAnswer> AnswerCache::find(const std::string& key) {
    std::lock_guard lock(m_mutex);
    const auto found = m_answers.find(key);
    if (found == m_answers.end()) return nullptr;
    found->second.used = true;
    return found->second.answer;
}

void AnswerCache::put(const Question& question, std::shared_ptr<const ReadyAnswer> answer, base::Instant now) {
    std::string key = question.key();
    std::lock_guard lock(m_mutex);
    const bool full = m_answers.size() >= m_capacity && !m_answers.contains(key);
    if (full) std::erase_if(m_answers, [now](const auto& entry) { return entry.second.answer->next_update <= now; });
    if (m_answers.size() >= m_capacity && !m_answers.contains(key)) return;
    m_answers.insert_or_assign(std::move(key), Kept{question, std::move(answer), false});
}

std::vector<Question> AnswerCache::worth_renewing(base::Instant now, base::Duration age) {
    std::vector<Question> out;
    std::lock_guard lock(m_mutex);
    for (auto entry = m_answers.begin(); entry != m_answers.end();) {
        const Kept& kept = entry->second;
        if (now - kept.answer->this_update < age) {
            ++entry;
        } else if (kept.used) {
            out.push_back(kept.question);
            ++entry;
        } else {
            entry = m_answers.erase(entry);
        }
    }
    return out;
}

size_t AnswerCache::size() const {
    std::lock_guard lock(m_mutex);
    return m_answers.size();
}

} // namespace musubi::ocsp
