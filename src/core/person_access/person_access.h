// Whose data a citizen's call is about, and that looking at somebody else's leaves an entry in the audit log.
#pragma once

#include "core/identity/guardianship.h"
#include "lib/db/database.h"
#include "lib/http/router.h"

#include <functional>
#include <optional>
#include <string_view>

namespace musubi::person_access {

struct Subject {
    base::PersonId person;
    identity::Relation relation;
};

/// Of the path parameter {person}. person.not-found unless the caller is that person or acts for them.
base::Task<base::Result<Subject>> subject_of(db::ReadTx& tx, const http::Call& call);

/// The person behind a subject; person.not-found when erased.
base::Task<base::Result<identity::Person>> person_of(db::ReadTx& tx, const base::PersonId& person);

/// Names the person and the object in the audit entry the router writes with this call.
void note(http::Call& call, const base::PersonId& person, std::string object);

/// Runs a reading handler: a read transaction for one's own data, a write transaction with the audit entry for a
/// child's.
template <class T>
base::Task<base::Result<T>> look(db::Database& database, http::AuditSink& audit, http::Call& call,
                                 std::string_view operation,
                                 std::function<base::Task<base::Result<T>>(db::ReadTx&, Subject)> handler) {
    const auto own = [&](db::ReadTx& tx) -> base::Task<base::Result<std::optional<T>>> {
        auto subject = co_await subject_of(tx, call);
        if (!subject) co_return std::move(subject).error();
        if (subject->relation != identity::Relation::Self) co_return std::optional<T>();
        auto value = co_await handler(tx, *subject);
        if (!value) co_return std::move(value).error();
        co_return std::optional<T>(std::move(*value));
    };
    auto read = co_await database.read(own);
    if (!read) co_return std::move(read).error();
    if (*read) co_return std::move(**read);

    const auto of_child = [&](db::WriteTx& tx) -> base::Task<base::Result<T>> {
        auto subject = co_await subject_of(tx, call);
        if (!subject) co_return std::move(subject).error();
        auto value = co_await handler(tx, *subject);
        if (!value) co_return std::move(value).error();
        call.audit.person = subject->person;
        co_await audit.record(tx, call, operation);
        co_return std::move(*value);
    };
    auto looked = co_await database.write(of_child);
    co_return looked;
}

} // namespace musubi::person_access
