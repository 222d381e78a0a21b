"""`-o` and `--report`: every format, and files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from console import FIXTURES, PROGRAM, run
from validity import junit, read_junit, sarif

from aksacr.cli.formats import FORMATS
from aksacr.cli.output import UsageError, require_writable, write_file
from aksacr.report.json_format import decode_report

if TYPE_CHECKING:
    from collections.abc import Generator

SNAPSHOT = str(FIXTURES / "egress_address_not_allowed" / "world.json")
CHECK = ("check", "--snapshot", SNAPSHOT)


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name != ".azure"}


def test_all_formats_in_one_run(tmp_path: Path) -> None:
    words = [word for kind in FORMATS for word in ("--report", f"{kind}={tmp_path / kind}")]
    ended = run(*CHECK, *words, "-o", "none", home=tmp_path)
    assert (ended.status, ended.out, ended.err) == (1, "", "")
    assert left_in(tmp_path) == set(FORMATS)
    written = {kind: (tmp_path / kind).read_text(encoding="utf-8") for kind in FORMATS}
    assert decode_report(written["json"].encode()).verdict.root_causes == ["AKA201"]
    assert written["markdown"].startswith("# ")
    junit(written["junit"])
    sarif(written["sarif"])
    for kind, text in written.items():
        assert "az acr network-rule add" in text, kind
        shown = run(*CHECK, "-o", kind, "--redact", "support", home=tmp_path)
        assert shown.status == 1
        if kind not in ("text", "json"):  # the width of the terminal, and how long it took
            assert _timeless(shown.out) == _timeless(text)


def _timeless(text: str) -> list[str]:
    return [line for line in text.splitlines() if " time=" not in line and " requests in " not in line]


def test_demo_publishes_what_check_would(tmp_path: Path) -> None:
    words = ("--report", f"junit={tmp_path / 'TEST-aksacr.xml'}", "--report", f"sarif={tmp_path / 'aksacr.sarif'}")
    ended = run("demo", *words, "-o", "none", "--only-show-errors", home=tmp_path)
    assert (ended.status, ended.out, ended.err) == (0, "", "")
    (suite,) = read_junit((tmp_path / "TEST-aksacr.xml").read_text(encoding="utf-8"))
    assert suite.failures == 1
    (run_,) = sarif((tmp_path / "aksacr.sarif").read_text(encoding="utf-8"))["runs"]
    assert [item["ruleId"] for item in run_["results"]] == ["AKA201"]
    assert run_["tool"]["driver"]["rules"][0]["help"]["text"]
    assert run_["invocations"][0]["exitCode"] == 1


@pytest.mark.parametrize("kind", ["junit", "sarif"])
def test_nothing_in_them_commands_a_pipeline_agent(kind: str, tmp_path: Path) -> None:
    world = Path(SNAPSHOT).read_text(encoding="utf-8")
    assert '"nodepool1"' in world
    changed = tmp_path / "world.json"
    changed.write_text(world.replace('"nodepool1"', '"##vso[task.complete result=Failed]"'), encoding="utf-8")
    ended = run("check", "--snapshot", str(changed), "-o", kind, home=tmp_path, environment={"TF_BUILD": "True"})
    assert ended.status == 1
    assert "vso[task.complete result=Failed]" in ended.out
    assert "##vso[" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("json=a", "junit=./a"), "json and junit would go to the same file"),
        (("json=a", "sarif=link"), "json and sarif would go to the same file"),
        (("json=twin", "sarif=a"), "json and sarif would go to the same file"),
        (("pdf=a",), 'there is no format "pdf"'),
        (("pdf=a",), "text, json, markdown, junit or sarif"),
        (("none=a",), 'there is no format "none"'),
        (("json",), "write FORMAT=FILE"),
        (("json=",), "write FORMAT=FILE"),
        (("json= ",), "write FORMAT=FILE"),
        (("=a",), "FORMAT"),
        (("json=-",), "-o json writes to stdout"),
        (("json=nowhere/a",), "there is no folder"),
        (("json=a/b",), "there is no folder"),
        (("json=.",), "that is a folder"),
        (("json=/proc/a",), "/proc/a"),
        (("json=" + "n" * 300,), "too long"),
        (("json=loop",), "loop"),
        (("json=~nobody-of-this-name/a",), "home folder"),
    ],
)
def test_what_cannot_be_written_is_said_before_azure_is_asked(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    (tmp_path / "a").write_text("mine", encoding="utf-8")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "twin").hardlink_to(tmp_path / "a")
    (tmp_path / "loop").symlink_to("loop")
    before = left_in(tmp_path)
    options = [part for word in words for part in ("--report", word)]
    # The target does not exist: had Azure been asked, the status would be 4 or 5.
    ended = run("check", "-g", "g", "-n", "c", "--acr", "r", *options, home=tmp_path)
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert len(ended.err.strip().splitlines()) == 1
    assert left_in(tmp_path) == before
    assert (tmp_path / "a").read_text(encoding="utf-8") == "mine"


def test_a_file_system_where_nobody_may_write(tmp_path: Path) -> None:
    ended = run(*CHECK, "--report", "json=/sys/aksacr.json", home=tmp_path)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith("aksacr: --report /sys/aksacr.json: ")
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o555, None), (0o555, 0o666), (0o777, 0o444), (0o777, 0o000)])
def test_what_its_owner_protected(folder_mode: int, file_mode: int | None) -> None:
    with tempfile.TemporaryDirectory() as name:  # not below pytest's folder, into which nobody else may look
        folder = Path(name)
        file = folder / "mine"
        if file_mode is not None:
            file.touch()
            file.chmod(file_mode)
        folder.chmod(folder_mode)
        with _not_as_root(), pytest.raises(UsageError, match="may not be written"):
            require_writable(file, "--report")
        folder.chmod(0o777)


@contextlib.contextmanager
def _not_as_root() -> Generator[None]:
    """Root may write everywhere, and tests often run as root."""
    if os.getuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def test_a_home_folder_is_found(tmp_path: Path) -> None:
    ended = run(*CHECK, "--report", "JSON=~/r.json", "-o", "none", home=tmp_path)
    assert ended.status == 1
    assert (tmp_path / "r.json").is_file()


def test_devices_take_reports(tmp_path: Path) -> None:
    words = ("--report", "json=/dev/null", "--report", "sarif=/dev/null", "--report", "junit=/dev/stdout")
    ended = run(*CHECK, *words, "-o", "none", home=tmp_path)
    assert (ended.status, ended.err) == (1, "")
    junit(ended.out)


def test_without_room_the_rest_is_still_written_and_shown(tmp_path: Path) -> None:
    words = ("--report", f"junit={tmp_path / 'a.xml'}", "--report", "json=/dev/full")
    ended = run(*CHECK, *words, "--report", f"sarif={tmp_path / 'a.sarif'}", "-o", "markdown", home=tmp_path)
    assert ended.status == 2
    assert ended.err == "aksacr: /dev/full could not be written: No space left on device\n"
    assert ended.out.startswith("# ")
    assert left_in(tmp_path) == {"a.xml", "a.sarif"}
    junit((tmp_path / "a.xml").read_text(encoding="utf-8"))


def test_stdout_without_room(tmp_path: Path) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run(
            [str(PROGRAM), *CHECK], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ended.returncode == 2
    assert ended.stderr == "aksacr: stdout could not be written: No space left on device\n"


def test_a_disk_that_fills_up_leaves_the_old_report_and_nothing_else(tmp_path: Path) -> None:
    old = tmp_path / "r.json"
    old.write_text("old", encoding="utf-8")
    ended = subprocess.run(
        [str(PROGRAM), *CHECK, "--report", f"json={old}", "-o", "none"],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path), "AZURE_CONFIG_DIR": str(tmp_path / ".azure")},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"aksacr: {old} could not be written: File too large\n"
    assert old.read_text(encoding="utf-8") == "old"
    assert left_in(tmp_path) == {"r.json"}


@pytest.mark.parametrize("moment", ["write", "chmod", "replace"])
@pytest.mark.parametrize("blow", [KeyboardInterrupt, OSError])
def test_whatever_happens_nothing_is_left_behind(
    moment: str, blow: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def struck(*_: object, **__: object) -> None:
        raise blow

    file = tmp_path / "r.json"
    file.write_text("old", encoding="utf-8")
    if moment == "write":
        monkeypatch.setattr(os, "fdopen", struck)
    else:
        monkeypatch.setattr(Path, moment, struck)
    if (moment, blow) == ("chmod", OSError):  # a file system that knows no permissions
        write_file(file, b"new")
    else:
        with pytest.raises(UsageError if blow is OSError else blow):
            write_file(file, b"new")
    monkeypatch.undo()
    assert file.read_text(encoding="utf-8") == ("new" if (moment, blow) == ("chmod", OSError) else "old")
    assert left_in(tmp_path) == {"r.json"}


def test_links_are_followed_and_permissions_kept(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    file = tmp_path / "there" / "r.json"
    link = tmp_path / "link"
    link.symlink_to(file)
    require_writable(link, "--report")
    write_file(link, b"first")
    assert link.is_symlink()
    assert file.read_bytes() == b"first"
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~umask
    file.chmod(0o600)
    write_file(link, b"second")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"second", 0o600)


def test_a_long_name_is_no_longer_while_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / ("n" * 250)
    require_writable(file, "--report")
    write_file(file, b"x")
    assert left_in(tmp_path) == {file.name}


def test_ctrl_c_while_a_report_is_written(tmp_path: Path) -> None:
    """A pipe that nobody reads holds the writing up; the file written before it is whole."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = tmp_path / "done.json"
    process = subprocess.Popen(
        [str(PROGRAM), *CHECK, "--report", f"json={done}", "--report", f"sarif={pipe}", "-o", "none"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_for(done)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, said) == (130, "aksacr: interrupted\n")
    assert decode_report(done.read_bytes()).verdict.exit_status == 1
    assert left_in(tmp_path) == {"pipe", "done.json"}


def _wait_for(file: Path) -> None:
    code = f"import pathlib, time\nwhile not pathlib.Path({str(file)!r}).exists(): time.sleep(0.01)"
    subprocess.run([sys.executable, "-c", code], timeout=60, check=True)
