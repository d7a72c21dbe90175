#include "services/letter_registration/routes.h"

#include "services/letter_registration/messages.h"
#include "services/letter_registration/office.h"

#include <memory>

namespace musubi::letter_registration {

using http::Access;
using http::Call;

void install(http::Router& router, Dependencies dependencies) {
    const auto to = std::make_shared<const Dependencies>(std::move(dependencies));
    const auto applying = Access::anyone(http::Limit::per_address(60, std::chrono::minutes(10)));
    router.writes(
        "POST", "/api/v1/registration/letter", "askForLetter", applying,
        [to](Call& call, db::WriteTx& tx, LetterBody body) { return ask_for_letter(*to, call, tx, std::move(body)); });
    router.acts("POST", "/api/v1/registration/letter-code", "enterLetterCode", applying,
                [to](Call& call, CodeBody body) { return enter_code(*to, call, std::move(body)); });

    const auto office = Access::staff("letters.manage");
    // `writes`, because the queue shows people's data and every look at them is recorded.
    router.writes("GET", "/api/v1/staff/letters", "listLetters", office,
                  [](Call& call, db::WriteTx& tx) { return list_letters(call, tx); });
    router.acts("POST", "/api/v1/staff/letters/print", "printLetters", office,
                [to](Call& call, PrintBody body) { return print_chosen(*to, call, std::move(body)); });
    router.writes("POST", "/api/v1/staff/letters/{id}/approve", "approveLetter", office,
                  [](Call& call, db::WriteTx& tx, ApproveBody body) { return approve_letter(call, tx, body); });
    router.writes("POST", "/api/v1/staff/letters/{id}/reject", "rejectLetter", office,
                  [to](Call& call, db::WriteTx& tx, RejectBody body) { return reject_letter(*to, call, tx, body); });
    router.writes("POST", "/api/v1/staff/letters/{id}/returned", "letterReturned", office,
                  [to](Call& call, db::WriteTx& tx) { return letter_returned(*to, call, tx); });
}

base::Task<int64_t> waiting(db::ReadTx& tx) {
    static constexpr db::Query kCount{"letter_registration.waiting",
                                      "SELECT COUNT(*) FROM letter_registration_request"
                                      " WHERE status IN ('new', 'doubtful', 'approved', 'returned')"};
    const auto count = co_await tx.one<int64_t>(kCount);
    co_return count.value_or(0);
}

base::Task<int64_t> clean_requests(db::WriteTx& tx, base::Instant now) { return clean(tx, now); }

std::span<const base::Message> mail_texts() { return messages::kAll; }

} // namespace musubi::letter_registration
