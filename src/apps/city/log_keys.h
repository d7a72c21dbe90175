// The installation's transparency log as the configuration has it: keys out of the data key, its name out of the public
// address, and who witnesses whom.
#pragma once

#include "apps/city/settings.h"
#include "core/audit/witness.h"

namespace musubi::city {

/// "kenko.city.example.jp/log". "config.data-key-malformed".
base::Result<tlog::Signer> log_signer(const Settings& settings);
base::Result<audit::Cosigning> cosigning(const Settings& settings);

} // namespace musubi::city
