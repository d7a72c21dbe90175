// Whose compartment a resource lies in, and the ids the server gives, which say it.
#pragma once

#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"
#include "lib/db/value.h"

#include <optional>
#include <string>
#include <string_view>

namespace musubi::records {

/// A person, or nobody: organisations, questionnaires and the like belong to the installation.
class Owner {
  public:
    Owner(const base::PersonId& person)
        : m_key(person.to_string()) {} // NOLINT(google-explicit-constructor): a person
                                       // is an owner
    static Owner nobody() { return Owner(std::string()); }
    /// As it stands in the tables: a person's id, or "".
    static Owner from_key(std::string key) { return Owner(std::move(key)); }

    const std::string& key() const { return m_key; }
    bool is_nobody() const { return m_key.empty(); }
    std::optional<base::PersonId> person() const;

    friend auto operator<=>(const Owner&, const Owner&) = default;

  private:
    explicit Owner(std::string key) : m_key(std::move(key)) {}
    std::string m_key;
};
inline db::Value to_value(const Owner& owner) { return owner.key(); }

/// A new FHIR id: of a person's resource 38 characters that begin with the person (so that it is found without a
/// lookup) and go on with the time (so that neighbours in time lie together); of others a UUID.
std::string make_resource_id(const Owner& owner, base::Instant now, base::Random& random);
/// The owner that an id made by make_resource_id names; nothing for any other id.
std::optional<Owner> owner_named_by(std::string_view id);

} // namespace musubi::records
