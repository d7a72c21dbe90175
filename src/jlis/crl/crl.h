// Issuing and serving revocation lists.
#pragma once

#include "jlis/ca/authorities.h"
#include "lib/db/database.h"
#include "lib/db/migration.h"
#include "lib/http/router.h"

#include <string>

namespace musubi::crl {

db::Migrations migrations();

struct Settings {
    base::Duration interval = std::chrono::hours(24); // a list older than this is made anew when someone asks
    base::Duration validity = std::chrono::hours(48); // nextUpdate: how long verifiers may rely on it
};

/// Makes a new list now, whatever stands. Its DER, after it is durable.
base::Task<base::Result<std::string>> issue_list(db::Database& database, const ca::Authorities& authorities,
                                                 pki::CertificateKind kind, std::string municipality, base::Instant now,
                                                 Settings settings);
/// The kept list if it is young enough, otherwise a new one. "crl.unknown" for a municipality without holders.
base::Task<base::Result<std::string>> current_list(db::Database& database, const ca::Authorities& authorities,
                                                   pki::CertificateKind kind, std::string municipality,
                                                   base::Instant now, Settings settings);
enum class Which { All, OutOfDate };
/// Both authorities, every municipality: the daily work. The number of lists made.
base::Task<base::Result<int64_t>> issue_lists(db::Database& database, const ca::Authorities& authorities, Which which,
                                              base::Instant now, Settings settings);

/// `authorities` must outlive the router.
void add_routes(http::Router& router, const ca::Authorities& authorities, Settings settings);

} // namespace musubi::crl
