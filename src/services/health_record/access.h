// Private to services/health_record: whose record a call is about, and that looking at somebody else's leaves an entry.
#pragma once

#include "core/identity/guardianship.h"
#include "services/health_record/routes.h"

#include <functional>
#include <optional>
#include <string>

namespace musubi::health_record {

struct Subject {
    base::PersonId person;
    identity::Relation relation;
};

/// person.not-found unless the caller is the person of the path or acts for them.
base::Task<base::Result<Subject>> subject_of(db::ReadTx& tx, const http::Call& call);

/// The person behind a subject; person.not-found when erased.
base::Task<base::Result<identity::Person>> person_of(db::ReadTx& tx, const base::PersonId& person);

/// Runs a reading handler. One's own record is read in a read transaction; that of a child in a write transaction that
/// also holds the audit entry, because every look at another person's data is recorded.
template <class T>
base::Task<base::Result<T>> look(const Dependencies& dependencies, http::Call& call, std::string_view operation,
                                 std::function<base::Task<base::Result<T>>(db::ReadTx&, Subject)> handler) {
    const auto own = [&](db::ReadTx& tx) -> base::Task<base::Result<std::optional<T>>> {
        auto subject = co_await subject_of(tx, call);
        if (!subject) co_return std::move(subject).error();
        if (subject->relation != identity::Relation::Self) co_return std::optional<T>();
        auto value = co_await handler(tx, *subject);
        if (!value) co_return std::move(value).error();
        co_return std::optional<T>(std::move(*value));
    };
    auto read = co_await dependencies.database.read(own);
    if (!read) co_return std::move(read).error();
    if (*read) co_return std::move(**read);

    const auto of_child = [&](db::WriteTx& tx) -> base::Task<base::Result<T>> {
        auto subject = co_await subject_of(tx, call);
        if (!subject) co_return std::move(subject).error();
        auto value = co_await handler(tx, *subject);
        if (!value) co_return std::move(value).error();
        call.audit.person = subject->person;
        co_await dependencies.audit.record(tx, call, operation);
        co_return std::move(*value);
    };
    auto looked = co_await dependencies.database.write(of_child);
    co_return looked;
}

} // namespace musubi::health_record
