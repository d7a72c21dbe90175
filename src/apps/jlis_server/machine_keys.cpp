#include "apps/jlis_server/machine_keys.h"

#include "lib/crypto/digest.h"

namespace musubi::jlis_server {

MachineKeys::MachineKeys(const std::vector<MachineKey>& keys) {
    for (const auto& key : keys) {
        http::Principal principal;
        principal.kind = http::PrincipalKind::Machine;
        principal.subject = key.name;
        principal.permissions = key.permissions;
        m_known.push_back({crypto::sha256(key.key.reveal()), std::move(principal)});
    }
}

base::Task<base::Result<http::Principal>> MachineKeys::authenticate(const http::Request& request, base::Instant) {
    constexpr std::string_view scheme = "Bearer ";
    const std::string_view header = request.header("Authorization");
    if (header.empty()) co_return http::Principal{};
    if (header.substr(0, scheme.size()) == scheme) {
        const std::string digest = crypto::sha256(header.substr(scheme.size()));
        for (const auto& known : m_known)
            if (base::equal_in_constant_time(known.digest, digest)) co_return known.principal;
    }
    co_return base::error(base::ErrorKind::Unauthenticated, "authentication.key-unknown");
}

} // namespace musubi::jlis_server
