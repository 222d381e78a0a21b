"""From lines to records: a record is one event, one log line or one paragraph, put together where it was wrapped.

A line that has the form of an event row, a log line or a table row begins a record. Any other line continues the one
before it, unless it opens like a message of its own.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from .patterns import lazily
from .phrases import phrases, words
from .unwrap import Line, is_rule, unwrap_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_EVENT_ROW = lazily(r"^\s{0,40}(?:\S{1,253}\s{1,200}){0,9}(?:Normal|Warning)\s{1,200}[A-Z]\w{2,60}\b")
_ROW_OBJECT = lazily(r"(?:Normal|Warning)\s{1,200}\w{3,60}\s{1,200}(?:[Pp]ods?)/([\w.-]{1,253})\s")
_LOG_LINE = lazily(
    r"^\s{0,8}(?:[IWEF]\d{4} \d\d:\d\d:\d\d|time=\"|time=\d|ts=\d|level=|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d"
    r"|\[?\d{4}/\d\d/\d\d \d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d |(?:FATA|ERRO|WARN|INFO|DEBU)\[\d{4}\])"
)
_POD_ROW = lazily(
    r"^\s{0,8}(?:([\w.-]{1,253})\s{1,80})?([\w.-]{1,253})\s{1,200}\d{1,3}/\d{1,3}\s{1,40}\S{1,60}\s{1,40}\d"
)
_FIELD = lazily(
    r"^\s{0,40}(?:- )?\"?(?:[Mm]essage|note|[Rr]eason|State|Last State|Image|image|Image ID|Container ID|Ready|Name"
    r"|Namespace|Node|Status|Events|Conditions|Volumes|Containers|kind|apiVersion|metadata)\"?:(?:\s|$)"
)
_CSV_ROW = lazily(r"^\"?[^\",\s]{0,60}\"?,\"?[^\",]{0,80}\"?,\"?\S")
_OPENING = lazily(
    r"^\s{0,40}(?:Failed to |Failed |Error response |Error from |Error:|ERROR\b|\[ERROR|Warning:|WARNING:|Unable to "
    r"|Liveness |Readiness |Startup |Back-off |Pulling image|Successfully |Created |Started |Container image "
    r"|failed to pull |failed to register |Persistent |MountVolume|AttachVolume|Traceback |DockerApiException"
    r"|CONNECTIVITY_|docker: |Get \"?https|\$ |# |The image )"
)
_UNFINISHED = (":", ':"', '="', ",", "(", "[", "=", "{", "->", "-", "\\")
# A message is over after these, wherever the line ends; after the others only where there was room for more.
_SURELY_FINISHED = phrases(
    "no such host | i/o timeout | EOF | 401 Unauthorized | 403 Forbidden | ErrImagePull | ImagePullBackOff | "
    "HTTPS client | already present on machine | FAILED | SUCCEEDED"
)
_FINISHED = phrases(". | ) | ] | } | not found | refused | authority | registry | exceeded | Unavailable | entries")
_POD_FIELD = lazily(r"^Name:\s{1,40}([\w.-]{1,253})\s*$")
_LOGGED_POD = lazily(r"\bpod=\"?([\w.-]{1,253}/[\w.-]{1,253})")
_LIST_OPENS = lazily(r"(?:^\s*|:\s{0,4})\[(?:\s*$|(?=rpc |failed |Error ))")
_MAX_RECORD = 65_536
_MOST_LINES = 150
_NARROWEST_TERMINAL = 40
_WIDEST_TERMINAL = 250
_NEARBY = 40
_HANGING = 12
_DEEPER = 2
_DIALLED_TO_PORT = lazily(r"\d{1,3}(?:\.\d{1,3}){3}:")
_NUMBER = lazily(r"\d{3}\.?")
_INTRODUCES = lazily(r"An error occurred: \w+$|\boutput$")
# Words of the messages we read. Where a full line ends or begins with one, the break fell between words.
_WORDS = words(
    "a access allowed and anonymous at authentication authorize authorized be by canceled client code connect "
    "connection "
    "context copy daemon deadline denied desc dial does error exceeded failed fetch for forbidden found from get grant "
    "handshake has head host http https i/o if image in io ip is it layer level lookup manifest match may media no not "
    "oauth of on open or peer platform post pull pulling read refused repository reference request required reset "
    "resolve response rpc signed space status such tag tcp that the timeout tls to token unauthorized unexpected "
    "unknown "
    "unpack was while with x509 net/http eof received service body output output: too many requests bad gateway "
    "internal server refer => ="
)


class Record(msgspec.Struct):
    """A piece of text that belongs together, and the pod it speaks of where the text says so.

    `width`: the longest line seen near it, which is where a terminal or an editor broke its lines.
    """

    lines: list[Line] = []
    pod: str | None = None
    width: int = 0
    size: int = 0
    open: bool = False
    joined: str = ""

    @property
    def text(self) -> str:
        """The record on one line, blanks collapsed. Words that a terminal broke at its width are whole again."""
        if not self.joined:
            parts = [self.lines[0].text]
            for before, line in pairwise(self.lines):
                parts.append(_joint(before, line.text, self.width))
                parts.append(line.text)
            self.joined = " ".join("".join(parts).split())
        return self.joined

    @property
    def wrapped(self) -> bool:
        """Whether the record was put together from several lines, so that words in it may still be broken."""
        return len(self.lines) > 1

    @property
    def is_full(self) -> bool:
        """Whether it is longer than any message is, so that what follows begins another."""
        return self.size >= _MAX_RECORD or len(self.lines) >= _MOST_LINES

    def add(self, line: Line, width: int) -> None:
        """Take a further line."""
        self.width = max(self.width, width)
        self.joined = ""
        self.lines.append(line)
        self.size += len(line.text) + 1
        if opened := _LIST_OPENS().search(line.text):
            self.open = "]" not in line.text[opened.end() :]
        elif self.open:
            self.open = "]" not in line.text

    def parts(self) -> list[Record]:
        """The record cut where a line ended although the next word would have had room: no wrap breaks there."""
        parts = [Record([self.lines[0]], self.pod, self.width)]
        for before, line in pairwise(self.lines):
            if _ended(before, line.text, self.width):
                parts.append(Record([line], self.pod, self.width))
            else:
                parts[-1].lines.append(line)
        return parts


def _ended(line: Line, after: str, width: int) -> bool:
    """Whether the break between two lines is the text's own, because a wrap would have come later."""
    if _runs_on(line.text, after):
        return False
    has_room = line.width + 1 + len(after.split(None, 1)[0]) <= width
    return has_room or _breaks_off(line, after, width)


def _runs_on(before: str, after: str) -> bool:
    stripped = before.rstrip()
    deeper = _indent(after) >= _indent(before) + _DEEPER
    return deeper or stripped.endswith(_UNFINISHED) or _INTRODUCES().search(stripped) is not None


def _breaks_off(line: Line, after: str, width: int) -> bool:
    """Whether a line that a wrap could have broken ends like a message, or the next begins like one."""
    stripped, first = line.text.rstrip(), after.split(None, 1)[0]
    if len(stripped) > _WIDEST_TERMINAL or first[0] in "[{":
        return True
    word = first.rstrip(":,.")
    if word != "Error" and word.lower() in _WORDS:
        return False
    finished = stripped.endswith(_SURELY_FINISHED) or (line.width < width and stripped.endswith(_FINISHED))
    return finished or (first[0].isupper() and word.replace("_", "").isalpha())


def _joint(line: Line, after: str, width: int) -> str:
    """What stood between two lines: nothing where the line was full and broke inside a word, else a blank."""
    stripped = line.text.rstrip()
    if stripped != line.text or after[:1] == " " or not stripped or not after:
        return " "
    last, first = stripped.rsplit(None, 1)[-1], after.split(None, 1)[0]
    if last.endswith("-") and last[-2:-1].isalnum():
        return ""
    if (
        not line.width >= width >= _NARROWEST_TERMINAL
        or last.lower() in _WORDS
        or first.lower().rstrip(":,.") in _WORDS
    ):
        return " "
    if last.endswith(":") and "/" in last and last[-2:-1].isalnum() and not first[:3].isdigit():
        return ""
    if _DIALLED_TO_PORT().fullmatch(last) and first[:1].isdigit():
        return ""
    return " " if last.endswith((":", ",", ";")) or _NUMBER().fullmatch(last) else ""


def records(lines: Iterable[str]) -> Iterator[Record]:
    """The records of a text, one at a time; nothing but the current one is kept."""
    current = Record()
    described: str | None = None
    recent: deque[int] = deque(maxlen=_NEARBY)
    for raw in lines:
        line = unwrap_line(raw)
        if line.width <= _WIDEST_TERMINAL:
            recent.append(line.width)
        if not line.text.strip() or is_rule(line.text):
            if current.lines:
                yield current
            current = Record(pod=described)
            continue
        if named := _POD_FIELD().match(line.text):
            described = named[1]
        if current.lines and (line.logged or current.is_full or _begins(line.text, current)):
            yield current
            current = Record()
        if not current.lines:
            current.pod = _pod_of(line.text) or described
        current.add(line, max(recent, default=0))
    if current.lines:
        yield current


def _begins(text: str, current: Record) -> bool:
    if _is_row(text):
        return True
    last = current.lines[-1].text.rstrip()
    if last.endswith(_UNFINISHED) or current.open or _indent(text) >= _indent(current.lines[0].text) + _HANGING:
        return False
    if _FIELD().match(text) or _CSV_ROW().match(text):
        return True
    if _is_row(current.lines[0].text) and not current.lines[-1].boxed and not _runs_on(last, text):
        return _breaks_off(current.lines[-1], text, current.width) or _OPENING().match(text) is not None
    return _OPENING().match(text) is not None and not current.lines[-1].boxed


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _is_row(text: str) -> bool:
    if _LOG_LINE().match(text):
        return True
    if ("Normal" in text or "Warning" in text) and _EVENT_ROW().match(text):
        return True
    return "/" in text and _POD_ROW().match(text) is not None


def _pod_of(text: str) -> str | None:
    if "/" in text and (found := _ROW_OBJECT().search(text)):
        return found[1]
    if "pod=" in text and (found := _LOGGED_POD().search(text)):
        return found[1]
    if "/" in text and (found := _POD_ROW().match(text)):
        return found[2]
    return None
