#!/usr/bin/env python3
"""Fails when code crosses a module boundary. Run from the repository root; takes no options.

Each module declares itself once, in its CMakeLists.txt:
    musubi_module(services/notices NEEDS base lib/db lib/http PUBLIC routes.h)
The compiler already refuses unlawful includes; this explains them, and refuses what the compiler cannot see: private
headers, another module's tables, third-party headers outside their home, cycles, needless needs, files that grew too long,
modules without a README, programs that reach what they must not.
"""
import re
import sys
from pathlib import Path

SRC = Path("src")
MAY_NEED = {  # layer -> layers it may name in NEEDS
    "base": [],
    "lib": ["base", "lib"],
    "core": ["base", "lib", "core"],
    "contracts": ["base"],
    "services": ["base", "lib", "core", "contracts"],
    "jlis": ["base", "lib", "jlis"],
    "apps": ["base", "lib", "core", "contracts", "services", "jlis", "apps"],
    "testing": ["base", "lib", "core", "contracts"],
}
# Third-party header -> modules that may include it, and why. Tests may use them as an independent oracle.
OWNED_HEADERS = {
    "sqlite3.h": (["lib/db"], "SQL goes through lib/db so that it runs on both engines"),
    "libpq-fe.h": (["lib/db"], "SQL goes through lib/db so that it runs on both engines"),
    "winscard.h": (["lib/card", "apps/card_library"], "only lib/card talks to a reader"),
    "PCSC/": (["lib/card"], "only lib/card talks to a reader"),
    "openssl/": (["lib/crypto", "lib/pki", "lib/http"], "cryptography lives where it is fuzzed and reviewed"),
    "sodium.h": (["lib/crypto"], "cryptography lives where it is fuzzed and reviewed"),
    "boost/": (["lib/event_loop", "lib/http", "lib/db", "lib/card", "lib/loopback"], "services and core never see an event loop"),
    "simdjson.h": (["lib/json"], "JSON from outside is parsed in one place, with limits"),
    "curl/": (["lib/mail", "lib/http_client"], "outgoing connections are made in one place, with limits"),
    "toml++/": (["base"], "configuration is read through base/config.h"),
    "spdlog/": (["base"], "the log is written through base/log.h, which withholds by type"),
    "cbor.h": (["lib/webauthn"], "CBOR from outside is parsed in one place, with limits"),
    "unicode/": (["lib/japanese", "lib/csv"], "text folding is decided once"),
    "cairo": (["lib/print"], "pages are drawn in one place"),
    "pango/": (["lib/print", "lib/card_art"], "pages are drawn in one place"),
    "zstd.h": (["lib/compression"], "stored bytes are packed and unpacked in one place, with limits"),
    "qrencode.h": (["lib/print"], "pages are drawn in one place"),
    "prometheus/": (["lib/http"], "metrics are served in one place"),
}
# Program -> module (or, ending in /, every module below) it must never reach, and why.
FORBIDDEN = [
    ("apps/server", "jlis/", "the municipality's server must not be able to sign certificates"),
    ("apps/server", "lib/card", "card input and output belong to the card agent beside the reader"),
    ("apps/jlis_server", "core/", "the certification side is another organisation"),
    ("apps/jlis_server", "services/", "the certification side is another organisation"),
    ("apps/card_agent", "lib/db", "the citizen's PC stores nothing"),
]
# The one module of apps that other apps may need: what the server and the operator's tool share.
SHARED_APPS = {"apps/city"}
# What only the tests of a module need, because it is the other side of the wire.
TEST_NEEDS = {"lib/http_client": {"lib/http"}}
LINE_LIMIT = 500
# Files over the limit, each with its reason.
LONG_FILES = {
    "web/src/api/schema.d.ts": "generated from doc/api/openapi.json",
    "src/lib/http/router.cpp": "the way of a request reads as one list from top to bottom",
    "src/lib/http/router_test.cpp": "one short case for each refusal of the router",
    "src/lib/http/server_test.cpp": "one short case for each thing a connection can do wrong",
}
DECLARATION = re.compile(r"^musubi_module\(\s*([\w/]+)([^)]*)\)", re.M)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.M)
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|R"(\w*)\((?:.*?)\)\1"', re.S)
TABLE = re.compile(
    r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE|ON|REFERENCES)\s+(?:IF NOT EXISTS\s+)?([a-z][a-z0-9]*(?:_[a-z0-9]+)+)\b")
SQL_WORDS = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|FROM|JOIN|WHERE)\b")


class Module:
    def __init__(self, name, words):
        self.name, self.layer, self.needs, self.public, bucket = name, name.split("/")[0], [], [], None
        for word in words:
            if word in ("NEEDS", "PUBLIC"):
                bucket = self.needs if word == "NEEDS" else self.public
            elif bucket is not None:
                bucket.append(word)
        self.used = set()

    def linked_by_tests(self, other):
        """Whether the test program alone links another module: the other side of a wire, for example."""
        text = (SRC / self.name / "CMakeLists.txt").read_text(encoding="utf-8")
        target = f"musubi_{self.name}_test".replace("/", "_")
        links = re.findall(rf"target_link_libraries\(\s*{target}\b([^)]*)\)", text)
        return any(re.search(rf"\bmusubi_{other.replace('/', '_')}\b", words) for words in links)

    @property
    def table_prefix(self):
        return self.name.split("/")[-1]


def read_modules(errors):
    modules = {}
    for cmake in sorted(SRC.rglob("CMakeLists.txt")):
        for name, rest in DECLARATION.findall(cmake.read_text(encoding="utf-8")):
            modules[name] = Module(name, rest.split())
            if SRC / name != cmake.parent:
                errors.append(f"{cmake}: declares {name} but lies elsewhere")
            if not (cmake.parent / "README.md").exists():
                errors.append(f"{cmake.parent}: has no README.md (what it is, its law or RFC, tables, routes)")
    return modules


def check_needs(modules, errors):
    for m in modules.values():
        for need in m.needs:
            if need not in modules:
                errors.append(f"{m.name}: NEEDS {need}, which does not exist")
            elif need.split("/")[0] not in MAY_NEED[m.layer]:
                errors.append(f"{m.name}: a module in {m.layer}/ may not need {need}")
            elif m.layer == "apps" and need.startswith("apps/") and need not in SHARED_APPS:
                errors.append(f"{m.name}: a program may not need another program ({need})")
        for header in m.public:
            if not (SRC / m.name / header).exists():
                errors.append(f"{m.name}: PUBLIC {header}, which does not exist")


def check_includes(rel, text, me, owner, errors):
    is_test = rel.stem.endswith("_test") or me.layer == "testing"
    for kind, target in INCLUDE.findall(text):
        for header, (homes, why) in OWNED_HEADERS.items():
            matches = target == header or (header.endswith("/") and target.startswith(header))
            if matches and me.name not in homes and not is_test:
                errors.append(f"{rel}: includes <{target}>; only {', '.join(homes)} may: {why}")
        if kind == "<":
            continue
        if Path(target).name == "messages.h" and (SRC / Path(target).parent / "messages").is_dir():
            other = owner(Path(target))
        elif not (SRC / target).exists():
            errors.append(f'{rel}: include "{target}" is not a path from src/')
            continue
        else:
            other = owner(Path(target))
        if other is None or other is me or (is_test and target.startswith("testing/")):
            continue
        if is_test and other.name in TEST_NEEDS.get(me.name, ()):
            continue
        me.used.add(other.name)
        if me.layer == "testing":
            continue
        if is_test and me.linked_by_tests(other.name):
            continue
        if other.name not in me.needs:
            errors.append(f"{rel}: includes {target} but {me.name} does not need {other.name}")
        elif other.public and str(Path(target).relative_to(other.name)) not in other.public:
            errors.append(f"{rel}: {target} is private to {other.name}")


def check_tables(rel, text, me, prefixes, errors):
    pieces = [text] if rel.suffix == ".sql" else [m.group(0) for m in STRING.finditer(text)]
    for piece in pieces:
        if rel.suffix != ".sql" and not SQL_WORDS.search(piece):
            continue
        for table in TABLE.findall(piece):
            theirs = prefixes.get(max((p for p in prefixes if table.startswith(p + "_")), key=len, default=""))
            if theirs and theirs is not me:
                errors.append(f"{rel}: touches table {table}, which belongs to {theirs.name}")


def check_programs(modules, errors):
    def reach(name, seen):
        for need in modules[name].needs if name in modules else []:
            if need not in seen:
                seen.add(need)
                reach(need, seen)
        return seen

    for name in modules:
        if name in reach(name, set()):
            errors.append(f"{name}: depends on itself through its needs")
    for app, banned, why in FORBIDDEN:
        if not any(name == banned or (banned.endswith("/") and name.startswith(banned)) for name in modules):
            errors.append(f"FORBIDDEN names {banned}, which no longer exists")
        for reached in sorted(reach(app, set())) if app in modules else []:
            if reached == banned or (banned.endswith("/") and reached.startswith(banned)):
                errors.append(f"{app}: must not reach {reached}: {why}")


def check_length(paths, errors):
    for path in paths:
        lines = path.read_text(encoding="utf-8").count("\n")
        if str(path) in LONG_FILES:
            if lines <= LINE_LIMIT:
                errors.append(f"{path}: stands in LONG_FILES but has only {lines} lines; take it out")
        elif lines > LINE_LIMIT:
            errors.append(f"{path}: {lines} lines; the limit is {LINE_LIMIT}. Split it, or list it with its reason")
    for path in LONG_FILES:
        if not Path(path).exists():
            errors.append(f"LONG_FILES names {path}, which no longer exists")


def main():
    errors = []
    modules = read_modules(errors)

    def owner(path):
        for parent in path.parents:
            if str(parent) in modules:
                return modules[str(parent)]
        return None

    check_needs(modules, errors)
    testing = Module("testing", [])
    prefixes = {m.table_prefix: m for m in modules.values()}
    for path in sorted(p for p in SRC.rglob("*") if p.suffix in (".h", ".cpp", ".c", ".sql")):
        rel = path.relative_to(SRC)
        me = testing if rel.parts[0] == "testing" else owner(rel)
        if me is None:
            errors.append(f"{rel}: belongs to no module")
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".sql":
            check_includes(rel, text, me, owner, errors)
        if not rel.stem.endswith("_test") and me is not testing:
            check_tables(rel, text, me, prefixes, errors)

    for m in modules.values():
        for need in m.needs:
            has_code = any((SRC / m.name).glob("*.cpp"))
            if need in modules and need not in m.used and m.layer != "apps" and has_code:
                errors.append(f"{m.name}: NEEDS {need} but never includes it")
    check_programs(modules, errors)
    code = [p for top in ("src", "fuzz", "bench", "tests", "tools", "web/src", "web/tests", "web/tools")
            for p in Path(top).rglob("*") if p.suffix in (".h", ".cpp", ".c", ".py", ".ts", ".tsx", ".css", ".mjs", ".sh")
            and "node_modules" not in p.parts]
    check_length(code, errors)

    print("\n".join(errors) or f"{len(modules)} modules, no boundary crossed")
    return bool(errors)


if __name__ == "__main__":
    sys.exit(main())
