#include "lib/http/policy.h"

namespace musubi::http {

Policies make_policies(std::string_view public_origin, const std::vector<std::string>& connect_to) {
    std::string connect = "'self'";
    for (const std::string& source : connect_to) connect += " " + source;
    // Trusted Types keep strings out of the document's sinks; the service worker and manifest are our own files.
    const std::string page = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
                             "font-src 'self'; connect-src " +
                             connect +
                             "; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
                             "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
    const std::string other = "default-src 'none'; frame-ancestors 'none'; sandbox";
    Policies policies;
    for (size_t i = 0; i < policies.lines.size(); ++i) {
        std::string& lines = policies.lines[i];
        if ((i & 8) == 0) lines += "Content-Security-Policy: " + ((i & 4) != 0 ? page : other) + "\r\n";
        lines += "X-Content-Type-Options: nosniff\r\n"
                 "Referrer-Policy: no-referrer\r\n"
                 "Cross-Origin-Opener-Policy: same-origin\r\n"
                 "Cross-Origin-Resource-Policy: same-origin\r\n"
                 "Permissions-Policy: camera=(self), geolocation=(), microphone=(), payment=(), usb=(), "
                 "publickey-credentials-get=(self), publickey-credentials-create=(self)\r\n";
        // Two years, RFC 6797; only said over https, where it means something.
        if ((i & 2) != 0 || public_origin.starts_with("https://"))
            lines += "Strict-Transport-Security: max-age=63072000; includeSubDomains\r\n";
        if ((i & 1) == 0) lines += "Cache-Control: no-store\r\n";
    }
    return policies;
}

} // namespace musubi::http
