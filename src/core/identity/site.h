// What mails and pages say about this installation.
#pragma once

#include "base/i18n.h"

#include <string>
#include <string_view>

namespace musubi::identity {

struct Site {
    std::string public_url; // "https://phr.example.jp", no final slash: the web origin that cards and passkeys sign for
    std::string municipality_code;
    std::string name; // 見本市
    std::string name_english;
    std::string telephone;
    std::string hours;
    bool demo = false;

    const std::string& name_in(std::string_view language) const {
        return language == "en" && !name_english.empty() ? name_english : name;
    }
    /// Host of the public address without port: what passkeys are bound to.
    std::string host() const {
        const auto scheme = public_url.find("://");
        std::string rest = scheme == std::string::npos ? public_url : public_url.substr(scheme + 3);
        return rest.substr(0, rest.find_first_of(":/"));
    }
};

} // namespace musubi::identity
