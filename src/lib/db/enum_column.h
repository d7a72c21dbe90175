// Enums as text columns, under the names their JSON has (`json_names`, see lib/json/describe.h).
#pragma once

#include "lib/db/value.h"

#include <string>
#include <string_view>

namespace musubi::db {

template <class E> std::string_view enum_name(E value) {
    for (const auto& [candidate, name] : json_names(E{}))
        if (candidate == value) return name;
    throw DatabaseError("enum value without a name");
}

template <class E> E enum_value(const std::string& text) {
    for (const auto& [candidate, name] : json_names(E{}))
        if (text == name) return candidate;
    throw DatabaseError("column holds an unknown name");
}

} // namespace musubi::db
