// Issuing for a card. The card makes its keys; only public keys arrive here.
#pragma once

#include "jlis/ca/authorities.h"
#include "jlis/registry/certificate.h"
#include "lib/db/transaction.h"

#include <optional>
#include <string>

namespace musubi::ca {

/// From this age a signature certificate may be issued.
inline constexpr int kAgeOfSignature = 15;

struct IssueRequest {
    std::string holder_id;
    std::string user_key;                           // SubjectPublicKeyInfo
    std::optional<std::string> signature_key;       // absent: no signature certificate wanted
    std::optional<base::CivilDate> card_expires_on; // default by age, see card_expiry
    // Only where backdating is allowed; the end is moved to the end of its day in Japan.
    std::optional<base::Instant> not_before;
    std::optional<base::Instant> not_after;
    enum class Occasion { NewCard, Renewal } occasion = Occasion::NewCard;
};

struct Issued {
    std::string card_id;
    std::string user_certificate;
    std::optional<std::string> signature_certificate;
};

/// Issues both certificates, or the user certificate alone, and ends what they replace. Errors: "holder.unknown",
/// "holder.not-resident" (dead or abroad), "key.unsuitable" (parameter key), "key.reused", "certificate.under-fifteen",
/// "certificate.nothing-to-renew", "certificate.backdating-not-allowed", "certificate.period-invalid".
base::Task<base::Result<Issued>> issue(db::WriteTx& tx, const Authorities& authorities, IssueRequest request,
                                       registry::Change change);

/// Cards of adults live until the tenth birthday after issue, of others until the fifth.
base::CivilDate card_expiry(base::CivilDate birth_date, base::CivilDate today);
/// The end of the day, in Japan, of the `count`th birthday after `today`. Born on 29 February: the 28th in common
/// years.
base::Instant end_of_birthday(base::CivilDate birth_date, base::CivilDate today, int count);

} // namespace musubi::ca
