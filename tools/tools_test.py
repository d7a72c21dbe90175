"""Tests of the tools that others rely on: each has been seen to refuse what it must."""
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import check_docs  # noqa: E402
import compile_messages  # noqa: E402
import make_changelog  # noqa: E402
import steps  # noqa: E402


def messages(folder, **texts):
    folder = folder / "messages"
    folder.mkdir()
    for language in ("ja", "ja-easy", "en"):
        (folder / f"{language}.toml").write_text(texts.get(language.replace("-", "_"), texts["every"]), encoding="utf-8")
    return folder


def test_messages_become_constants(tmp_path):
    output = tmp_path / "messages.h"
    folder = messages(tmp_path, every='[mail]\nhello-you = "{name} {漢字|かんじ} {{x}}"\n')
    assert compile_messages.main("musubi::x", folder, output) == 0
    assert 'kMailHelloYou{"mail.hello-you"' in output.read_text(encoding="utf-8")


@pytest.mark.parametrize("english", ['[mail]\n', '[mail]\nhello = "{nam}"\n', '[mail]\nhello = "{name} {漢字|}"\n',
                                     '[mail]\nhello = "{name"\n', '[mail]\nhello = ""\n'])
def test_a_language_that_differs_fails_the_build(tmp_path, english, capsys):
    folder = messages(tmp_path, every='[mail]\nhello = "{name}"\n', en=english)
    assert compile_messages.main("musubi::x", folder, tmp_path / "messages.h") == 1
    assert "mail.hello" in capsys.readouterr().err


def test_fragments_become_a_section(tmp_path):
    (tmp_path / "0001-a.md").write_text("Added: one\nthing.\n")
    (tmp_path / "0002-b.md").write_text("Fixed: another.\n")
    text = make_changelog.section("1.0", "2026-12-01", make_changelog.gather(tmp_path))
    assert "### Added\n\n- One thing." in text and "### Fixed" in text


def test_a_fragment_of_no_kind_is_refused(tmp_path):
    (tmp_path / "0001-a.md").write_text("Some thing.\n")
    with pytest.raises(ValueError):
        make_changelog.gather(tmp_path)


def test_braces_in_paths_are_expanded():
    assert check_docs.expand("src/{a,b}/x") == ["src/a/x", "src/b/x"]


def test_reports_are_counted(tmp_path):
    report = tmp_path / "r.xml"
    report.write_text('<testsuites><testsuite><testcase name="a" classname="S"/><testcase name="b" classname="S"><failure/>'
                      '</testcase><testcase name="c"><skipped/></testcase></testsuite></testsuites>')
    assert steps.junit_counts([report]) == (1, 1, ["S.b"])
