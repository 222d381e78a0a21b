r"""Take off what a terminal, a log, a quotation or an export wrapped around a line.

Colours, box drawings, `> ` quoting, typographic quotes, doubled quotes of a CSV file, the backslashes of JSON, journald
and logfmt, Azure DevOps timestamps and `##[error]` marks. What is left is the line as the kubelet wrote it.
"""

from __future__ import annotations

import re

import msgspec

from .patterns import lazily

_ANSI = lazily(r"(?:\x1b|␛|\^\[)(?:\[[0-9;?]{0,32}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,256}(?:\x07|\x1b\\)|[()][0-9A-B])")
_LOST_COLOUR = lazily(r"\[(?:0|1|3\d|4\d|9\d)?(?:;\d{1,3}){0,4}m(?![\w.-])|\[(?:0|1|3\d|4\d|9\d)(?:;\d{1,3}){0,4}m")
_CONTROL = lazily(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2060-\u2064\ufeff\ufffe]")
_BOX = lazily(r"[\u2500-\u259f]")
_BOX_EDGE = lazily(r"^\s{0,8}[\u2500-\u259f]{1,4}|[\u2500-\u259f]{1,4}\s{0,8}$")
_RULE = lazily(r"[\s\u2500-\u259f+=|-]{0,512}")
_ASCII_EDGE = lazily(r"^\|\s(.{0,4000})\s\|$")
_QUOTING = lazily(r"^(?:\s{0,3}>{1,6} ?){1,6}|^\s{0,8}`{1,3}(?=\S)|`{1,3}\s{0,8}$")
_AGENT_STAMP = lazily(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,9}Z\s")
_AGENT_MARK = lazily(r"#{1,2}_?\[(?:error|warning|section|command|debug|group|endgroup)\]|##_?vso\[[^\]]{0,400}\]")
_CRI_STAMP = lazily(r"^\d{4}-\d\d-\d\dT[\d:.]{8,20}(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [FP] ")
_DOUBLED = lazily(r'""(?=[^"\s,][^"\n]{0,2000}"")')
_BACKSLASHED = lazily(r"\\{1,15}([\"'/`])")
_UNICODE_ESCAPE = lazily(r"\\{1,8}u((?!d[89a-f])(?!00[01])(?!007f)(?!00[89])[0-9a-fA-F]{4})", re.IGNORECASE)
_LINE_ESCAPE = lazily(r"\\{1,8}[nrt]")
_WINDOWS_PATH = lazily(r"(?<![A-Za-z])[A-Za-z]:\\")
_QUOTES = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»「」『』＂〝〞", '"'),
        **dict.fromkeys("‘’‚‛′＇", "'"),
        **dict.fromkeys("\u00a0\u2007\u202f\u3000\t", " "),
        "：": ":",
        "，": ",",
        "（": "(",
        "）": ")",
        "‐": "-",
        "‑": "-",
        "–": "-",
    }
)
_MAX_PASSES = 3


class Line(msgspec.Struct, frozen=True):
    """A line without its wrapping. `boxed`: it came out of a drawn box, which breaks lines anywhere, inside words too.

    `width`: how wide it was on the screen, before escapes were undone. `logged`: a container runtime wrote it to
    a log as one whole line.
    """

    text: str
    boxed: bool = False
    width: int = 0
    logged: bool = False


def unwrap_line(line: str) -> Line:
    """What the line says, with its inner spaces and its indentation kept."""
    boxed = False
    if not line.isascii() or not line.isprintable():
        line = _without_colours(line)
        boxed = _BOX().search(line) is not None
        if boxed:
            line = _without_box(line)
        line = line.translate(_QUOTES)
    if "[" in line and "m" in line:
        line = _LOST_COLOUR().sub("", line)
    if line[:1] == "|" and (edged := _ASCII_EDGE().match(line)):
        line, boxed = edged[1].rstrip(), True
    if ">" in line[:8] or "`" in line:
        line = _QUOTING().sub("", line)
    logged = False
    if line[4:5] == "-" and line[:4].isdigit():
        stamped = line
        line = _CRI_STAMP().sub("", line)
        logged = line is not stamped and len(line) < len(stamped)
        line = _AGENT_STAMP().sub("", line)
    if "#" in line:
        line = _AGENT_MARK().sub("", line)
    return Line(unescape(line), boxed, len(line), logged)


def unescape(text: str) -> str:
    """Undo the escapes of JSON, journald, logfmt and CSV, however often they were applied."""
    if '""' in text:
        text = _undoubled(text)
    if "\\" not in text:
        return text
    for _ in range(_MAX_PASSES):
        plain = _UNICODE_ESCAPE().sub(_character, _BACKSLASHED().sub(r"\1", text))
        if not _WINDOWS_PATH().search(plain):
            plain = _LINE_ESCAPE().sub(" ", plain)
        if plain == text:
            break
        text = plain
    return text.translate(_QUOTES) if not text.isascii() else text


def is_rule(line: str) -> bool:
    """Whether a line only draws: the edge of a box, a ruler of dashes."""
    return bool(line) and _RULE().fullmatch(line) is not None


def _without_colours(line: str) -> str:
    return _CONTROL().sub(" ", _ANSI().sub("", line).replace("\t", "    ")) if not line.isprintable() else line


def _without_box(line: str) -> str:
    inner = _BOX_EDGE().sub("", _BOX_EDGE().sub("", line))
    # A box leaves one blank at each edge; more of them are the text's own.
    inner = inner.removeprefix(" ")
    return _BOX().sub("", inner).rstrip()


def _undoubled(text: str) -> str:
    return text.replace('""', '"') if _DOUBLED().search(text) else text


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))
