"""Whatever comes in: an answer, in bounded time and memory, as valid JSON, and never an exception."""

from __future__ import annotations

import json
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aksacr.pull_errors import (
    SYMPTOMS,
    read_errors,
    render_explanation_json,
    render_explanation_markdown,
    render_explanation_text,
)

from .corpus import ALL, Labelled

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEGABYTE = 1_000_000
# Generous, because a test machine may be busy; a pattern that backtracks without bound takes minutes.
_SECONDS_FOR_100_KB = 5.0
_SIZE = 100_000


def _answered(source: bytes | str) -> None:
    found = read_errors(source)
    assert found.errors
    assert all(error.symptom in SYMPTOMS and error.count > 0 for error in found.errors)
    assert json.loads(render_explanation_json(found))["errors"]
    assert all(character.isprintable() or character == "\n" for character in render_explanation_text(found))
    assert render_explanation_markdown(found)


@pytest.mark.parametrize("empty", ["", b"", " \r\n\t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n", b"\xff\xfe"])
def test_empty_input_asks_for_the_event(empty: bytes | str) -> None:
    error = read_errors(empty).errors[0]
    assert error.symptom in {"unknown", "not-a-pull-error"}
    _answered(empty)


def test_nothing_at_all_asks_for_the_event() -> None:
    error = read_errors(iter(())).errors[0]
    assert (error.symptom, error.causes[0].slug) == ("unknown", "text-cut-short")


@pytest.mark.parametrize(
    "binary", [bytes(range(256)) * 40, b"\x7fELF" + b"\0" * 5_000, b"\xff" * 9_999, b"\0" * 70_000]
)
def test_binary_is_no_pull_error(binary: bytes) -> None:
    assert read_errors(binary).errors[0].symptom == "not-a-pull-error"
    _answered(binary)


_PIECES = st.sampled_from(
    [
        *(row.text for row in ALL),
        *"\"'`[](){}<>│\\|,:;/@#%&=?*-_. \n\t\r\x1b\x00\ud800",
        'Failed to pull image "',
        "[rpc error: code = Unknown desc = ",
        ", rpc error: code = NotFound desc = ",
        "https://contosoreg.azurecr.io/v2/",
        "dial tcp ",
        "lookup ",
        "10.1.4.5:443",
        ": 401 Unauthorized",
        '{"kind": "List", "items": [',
        "apiVersion: v1\nitems:\n- ",
        "  Warning  Failed  3s  kubelet  ",
        '\\\\\\"',
        "##vso[task.setvariable variable=a]b",
    ]
)


@settings(max_examples=250, deadline=2_000, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(_PIECES, st.text(max_size=40)), max_size=12).map("".join))
def test_any_text_is_answered(text: str) -> None:
    _answered(text)


@settings(max_examples=150, deadline=2_000, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(st.binary(max_size=200), _PIECES.map(lambda piece: piece.encode("utf-16", "surrogatepass"))),
        max_size=8,
    )
)
def test_any_bytes_are_answered(chunks: list[bytes]) -> None:
    _answered(b"".join(chunks))
    assert read_errors(iter(chunks)).errors == read_errors(b"".join(chunks)).errors


@settings(max_examples=100, deadline=2_000)
@given(st.sampled_from(ALL), st.integers(1, 9))
def test_the_size_of_the_chunks_changes_nothing(row: Labelled, size: int) -> None:
    data = row.text.replace("\n", "\r\n").encode()
    chunks = (data[start : start + size] for start in range(0, len(data), size))
    assert read_errors(chunks).errors == read_errors(data).errors


ADVERSARIAL = {
    "stars": 'Failed to pull image "' + "*" * _SIZE + '"',
    "labels": "Failed to pull image " + "a." * (_SIZE // 2),
    "separators": 'pull image "' + "a_" * (_SIZE // 2) + '"',
    "hyphens": 'image "a' + "-" * _SIZE + 'b" pull',
    "masks": 'pull image "' + "<a>" * (_SIZE // 3) + '/x:1"',
    "openings": "Failed to pull image x: " + "[rpc error: " * (_SIZE // 12),
    "attempts": "Failed to pull image x: [" + ", rpc error: code = Unknown desc = x" * (_SIZE // 36),
    "urls": "pull image get https://a.azurecr.io/v2/ " * (_SIZE // 40),
    "slashes": "failed to pull https://" + "/" * _SIZE,
    "backslashes": "\\" * _SIZE + '" pull image',
    "escapes": '\\"' * (_SIZE // 2) + "pull image",
    "colours": "\x1b[" * (_SIZE // 2) + "pull image",
    "title": "\x1b]" + "a" * _SIZE + "pull image",
    "boxes": "│" * _SIZE + "pull image",
    "lookups": "pull image lookup " * (_SIZE // 18),
    "dials": "pull image dial tcp " + "1." * (_SIZE // 2),
    "manifests": "pull image manifest " * (_SIZE // 20),
    "short lines": "a\n" * (_SIZE // 2) + "pull image",
    "rows": ("x " * 9 + "Warning Failed y\n") * (_SIZE // 40),
    "open json": '{"a":' * (_SIZE // 5),
    "open arrays": "[" * _SIZE,
    "deep yaml": "kind: x\n" + "\n".join(" " * depth + "a:" for depth in range(400)),
    "dashes": "apiVersion: v1\n" + "- " * (_SIZE // 2),
    "secrets": "pull image password=eyJ" * (_SIZE // 23),
}


@pytest.mark.parametrize("name", ADVERSARIAL)
def test_nothing_backtracks_without_bound(name: str) -> None:
    begun = time.perf_counter()
    _answered(ADVERSARIAL[name])
    assert time.perf_counter() - begun < _SECONDS_FOR_100_KB


def _log(megabytes: int) -> Iterator[bytes]:
    line = b"2026-11-22 10:00:00 GET /healthz 200 12ms request=0123456789abcdef user=- bytes=512\n"
    error = b'Failed to pull image "contosoreg.azurecr.io/shop/ui:4": pull QPS exceeded\n'
    for _ in range(megabytes):
        yield line * (_MEGABYTE // len(line))
        yield error


def test_a_long_log_needs_little_memory() -> None:
    read_errors(_log(1))
    tracemalloc.start()
    found = read_errors(_log(40))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(error.symptom, error.count) for error in found.errors] == [("pull-qps", 40)]
    assert peak < 12 * _MEGABYTE


def test_many_different_errors_need_little_memory() -> None:
    reason = "pull QPS exceeded"
    lines = (
        f'3m  Warning  Failed  pod/p{number}  Failed to pull image "contoso.azurecr.io/a{number}": {reason}\n'.encode()
        for number in range(20_000)
    )
    tracemalloc.start()
    found = read_errors(lines)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.errors) < 1_000
    assert sum(error.count for error in found.errors) == 20_000
    assert peak < 40 * _MEGABYTE


def test_a_line_without_end_is_read_to_its_end() -> None:
    text = "x" * 300_000 + ' Failed to pull image "contosoreg.azurecr.io/shop/ui:4": pull QPS exceeded ' + "y" * 300_000
    assert read_errors(text).errors[0].symptom == "pull-qps"


def test_an_error_after_much_blank_is_found() -> None:
    assert (
        read_errors(b"\n" * 200_000 + b'Failed to pull image "a/b:1": pull QPS exceeded').errors[0].symptom
        == "pull-qps"
    )
