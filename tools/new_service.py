#!/usr/bin/env python3
"""Makes a new municipal service that compiles, has a migration, is tested on both databases and shows a page at once.

    ./dev new-service library_card
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

FILES = {
    "src/services/@name@/README.md": """# services/@name@

@Title@: what it is, in one sentence, and the law or ordinance it rests on.

Tables: `@name@_note`. Routes: `GET /api/v1/@path@`. Events: none.
""",
    "src/services/@name@/CMakeLists.txt":
        "musubi_module(services/@name@ NEEDS base lib/db lib/http lib/json PUBLIC routes.h)\n",
    "src/services/@name@/migrations/0001_create_note.sql": """CREATE TABLE @name@_note (
    person_id  TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    text       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (person_id, id)
);
""",
    "src/services/@name@/@name@.h": """// @Title@: types, decisions and queries. HTTP is in routes.cpp.
#pragma once

#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"
#include "lib/db/database.h"

#include <string>
#include <vector>

namespace musubi::@name@ {

using NoteId = base::Id<struct @Tag@NoteTag>;

struct Note {
    NoteId id;
    std::string text;
    base::Instant created_at;

    static Note from(db::Reader&);
};

/// Newest first.
base::Task<std::vector<Note>> list_for(db::ReadTx& tx, base::PersonId person);
base::Task<NoteId> add(db::WriteTx& tx, base::Random& random, base::PersonId person, std::string text, base::Instant now);

} // namespace musubi::@name@
""",
    "src/services/@name@/@name@.cpp": """#include "services/@name@/@name@.h"

namespace musubi::@name@ {
namespace {

constexpr db::Query kList{"@name@.list", "SELECT id, text, created_at FROM @name@_note"
                                        " WHERE person_id = $1 ORDER BY created_at DESC, id DESC"};
constexpr db::Query kAdd{"@name@.add", "INSERT INTO @name@_note (person_id, id, text, created_at)"
                                      " VALUES ($1, $2, $3, $4)"};

} // namespace

Note Note::from(db::Reader& row) { return {.id = row, .text = row, .created_at = row}; }

base::Task<std::vector<Note>> list_for(db::ReadTx& tx, base::PersonId person) {
    return tx.all<Note>(kList, person);
}

base::Task<NoteId> add(db::WriteTx& tx, base::Random& random, base::PersonId person, std::string text,
                       base::Instant now) {
    const NoteId id = NoteId::make(now, random);
    co_await tx.run(kAdd, person, id, text, now);
    co_return id;
}

} // namespace musubi::@name@
""",
    "src/services/@name@/routes.h": """// The routes of @Title@.
#pragma once

#include "lib/db/migration.h"
#include "lib/http/router.h"

namespace musubi::@name@ {

void install(http::Router& router);
db::Migrations migrations();

} // namespace musubi::@name@
""",
    "src/services/@name@/routes.cpp": """#include "services/@name@/routes.h"

#include "lib/json/json.h"
#include "services/@name@/@name@.h"

namespace musubi::@name@ {

struct NoteView {
    NoteId id;
    std::string text;
    base::Instant created_at;
};
template <class Fields> void describe(Fields& fields, NoteView& note) {
    fields("id", note.id);
    fields("text", note.text);
    fields("createdAt", note.created_at);
}
struct NoteList {
    std::vector<NoteView> items;
};
template <class Fields> void describe(Fields& fields, NoteList& list) { fields("items", list.items); }

void install(http::Router& router) {
    router.reads("GET", "/api/v1/@path@", "list@Tag@", http::Access::citizen(),
                 [](http::Call& call, db::ReadTx& tx) -> base::Task<base::Result<NoteList>> {
                     NoteList list;
                     for (const auto& note : co_await list_for(tx, call.person()))
                         list.items.push_back({note.id, note.text, note.created_at});
                     co_return list;
                 });
}

} // namespace musubi::@name@
""",
    "src/services/@name@/@name@_test.cpp": """#include "services/@name@/@name@.h"
#include "services/@name@/routes.h"
#include "testing/databases.h"

namespace musubi::@name@ {
namespace {

std::vector<db::Migrations> test_migrations() { return {migrations()}; }

base::SeededRandom& random() {
    static base::SeededRandom made(1);
    return made;
}
const base::PersonId kHanako = base::PersonId::make(testing::at(0), random());
const base::PersonId kTaro = base::PersonId::make(testing::at(1), random());

TEST_ON_BOTH(@Tag@, shows_the_newest_first_and_only_ones_own) {
    testing::write(database, [](db::WriteTx& tx) -> base::Task<> {
        co_await add(tx, random(), kHanako, "older", testing::at(1000));
        co_await add(tx, random(), kHanako, "newer", testing::at(2000));
        co_await add(tx, random(), kTaro, "of somebody else", testing::at(3000));
    });
    const auto notes = testing::read(database, [](db::ReadTx& tx) { return list_for(tx, kHanako); });
    ASSERT_EQ(notes.size(), 2U);
    EXPECT_EQ(notes[0].text, "newer");
}

} // namespace
} // namespace musubi::@name@
""",
}


def insert(path, marker, line, after=False):
    text = path.read_text(encoding="utf-8")
    if marker not in text:
        raise SystemExit(f"{path}: the place marked by {marker!r} is gone")
    new = f"{marker}{line}" if after else f"{line}{marker}"
    path.write_text(text.replace(marker, new, 1), encoding="utf-8")


def main():
    if len(sys.argv) != 2 or not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", sys.argv[1]):
        raise SystemExit("usage: ./dev new-service NAME     (small letters, digits and _: library_card)")
    name = sys.argv[1]
    tag = "".join(part.capitalize() for part in name.split("_"))
    words = {"@name@": name, "@Tag@": tag, "@path@": name.replace("_", "-"),
             "@Title@": " ".join(part.capitalize() for part in name.split("_"))}
    if (ROOT / "src/services" / name).exists():
        raise SystemExit(f"src/services/{name} is there already")

    def filled(text):
        for word, value in words.items():
            text = text.replace(word, value)
        return text

    templates = dict(FILES)
    web = ROOT / "tools/new_service"
    for template in sorted(web.rglob("*.template")):
        templates[str(template.relative_to(web)).removesuffix(".template")] = template.read_text(encoding="utf-8")
    made = []
    for path, text in templates.items():
        target = ROOT / filled(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(filled(text), encoding="utf-8")
        made.append(target)

    # The one list of services: needs, migrations, routes.
    city = ROOT / "src/apps/city"
    insert(city / "CMakeLists.txt", "services/sign_in", f"services/{name} ")
    services = city / "services.cpp"
    insert(services, '#include "services/sign_in/routes.h"\n', f'#include "services/{name}/routes.h"\n')
    insert(services, "        // new services above this line\n    };", f"        {name}::migrations(),\n")
    insert(services, "    // new services above this line\n}", f"    {name}::install(router);\n")
    citizen = ROOT / "web/src/entries/citizen/app.tsx"
    insert(citizen, "const family = () => import('@/services/family/family');\n",
           filled("const @name@ = () => import('@/services/@name@/@name@');\n"), after=True)
    insert(citizen, "  '/family': page(family, 'Family'),\n", filled("  '/mine/@path@': page(@name@, '@Tag@'),\n"))
    insert(ROOT / "web/catalogues.json", '"services/family"', filled(', "services/@name@"'), after=True)
    keys = ROOT / "web/src/language/keys.ts"
    camel = name.split("_")[0] + "".join(part.capitalize() for part in name.split("_")[1:])
    insert(keys, "import type signIn from", f"import type {camel} from '../services/{name}/messages.json';\n")
    insert(keys, "typeof signIn", f"typeof {camel} & ")
    sources = [str(p) for p in made if p.suffix in (".h", ".cpp")] + [str(services)]
    subprocess.run(["clang-format-19", "-i", *sources], check=True)

    print(f"""Made services/{name}:
""" + "\n".join(f"  {p.relative_to(ROOT)}" for p in made) + f"""
and named it in src/apps/city/, web/src/entries/citizen/ and web/catalogues.json. Now:
  ./dev test services/{name}     compiles it and tests it on both databases
  ./dev openapi                  adds its route to doc/api/openapi.json
  ./run                          shows it at /mine/{name.replace("_", "-")}""")


if __name__ == "__main__":
    main()
