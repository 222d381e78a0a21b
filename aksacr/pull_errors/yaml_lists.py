"""The YAML that `kubectl get -o yaml` writes, and no more of YAML than that: block style, with every scalar as text.

A full YAML parser would be a dependency and would turn some words into other things. What does not have the form that
kubectl writes is not read as YAML at all; the caller then reads it as text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .patterns import lazily

if TYPE_CHECKING:
    from .kubernetes import Plain

_KEY = lazily(
    r"(?:\"([^\"]{0,512})\"|'([^']{0,512})'|([^\s:#\"'\[\]{}&*!|>%@`,-][^:#]{0,512}|-[^\s:][^:]{0,512}))\s{0,4}:(?:\s+|$)"
)
_BLOCK_SCALAR = lazily(r"[|>][+-]?\d?[+-]?\s*(?:#.*)?$")
_ESCAPE = lazily(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))")
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "e": "\x1b"}
_MOST_LEVELS = 60


class NotOurYamlError(ValueError):
    """The text is no YAML, or uses more of YAML than kubectl writes."""


def read_yaml(text: str) -> Plain:
    """The document as dicts, lists and strings; several documents (`---`) as a list.

    Raises NotOurYamlError for anything else.
    """
    parts = re.split(r"(?m)^---[^\n]*\n?", text)
    documents = [_Reader(part.splitlines()).document() for part in parts if part.strip()]
    if not documents:
        raise NotOurYamlError
    return documents[0] if len(documents) == 1 else documents


class _Reader:
    def __init__(self, lines: list[str]) -> None:
        self._lines = [line.rstrip() for line in lines]
        self._at = 0

    def document(self) -> Plain:
        self._skip_blank()
        value = self._value(self._indent(), 0)
        self._skip_blank()
        if self._at < len(self._lines) and self._lines[self._at] != "...":
            raise NotOurYamlError
        return value

    def _skip_blank(self) -> None:
        while self._at < len(self._lines) and (not self._lines[self._at] or self._lines[self._at].lstrip()[0] == "#"):
            self._at += 1

    def _indent(self) -> int:
        if self._at >= len(self._lines):
            return -1
        line = self._lines[self._at]
        return len(line) - len(line.lstrip(" "))

    def _value(self, indent: int, level: int) -> Plain:
        if level > _MOST_LEVELS or self._at >= len(self._lines):
            raise NotOurYamlError
        body = self._lines[self._at][indent:]
        if body == "-" or body.startswith("- "):
            return self._sequence(indent, level)
        if _KEY().match(body):
            return self._mapping(indent, level)
        raise NotOurYamlError

    def _sequence(self, indent: int, level: int) -> list[Plain]:
        items: list[Plain] = []
        while self._skip_blank() or self._indent() == indent:
            line = self._lines[self._at]
            if line[indent:] != "-" and not line[indent:].startswith("- "):
                break
            rest = line[indent + 1 :]
            if not rest.strip():
                self._at += 1
                self._skip_blank()
                items.append(self._value(self._indent(), level + 1) if self._indent() > indent else None)
                continue
            inner = indent + 1 + len(rest) - len(rest.lstrip(" "))
            if _KEY().match(line[inner:]) or line[inner:].startswith("- "):
                # The item begins on the line of its dash: read it as if the dash were a blank.
                self._lines[self._at] = " " * inner + line[inner:]
                items.append(self._value(inner, level + 1))
            else:
                self._at += 1
                items.append(self._scalar(line[inner:], indent))
        return items

    def _mapping(self, indent: int, level: int) -> dict[str, Plain]:
        found: dict[str, Plain] = {}
        while self._skip_blank() or self._indent() == indent:
            line = self._lines[self._at]
            key = _KEY().match(line, indent)
            if key is None:
                break
            name = key[1] or key[2] or key[3] or ""
            self._at += 1
            found[name] = self._field(line[key.end() :].strip(), indent, level)
        return found

    def _field(self, rest: str, indent: int, level: int) -> Plain:
        if rest and not rest.startswith("#"):
            return self._scalar(rest, indent)
        self._skip_blank()
        below = self._indent()
        starts_list = below == indent and self._lines[self._at][indent:].startswith("-")
        return self._value(below, level + 1) if below > indent or starts_list else None

    def _scalar(self, first: str, indent: int) -> Plain:
        if _BLOCK_SCALAR().match(first):
            return self._block(indent, folded=first[0] == ">")
        if first[0] in "{[&*!":
            return _empty(first)
        parts = [first]
        quote = first[0] if first[0] in "\"'" else ""
        while not _ends(parts, quote) if quote else self._continues(indent):
            if self._at >= len(self._lines):
                raise NotOurYamlError
            parts.append(self._lines[self._at].strip() or "\n")
            self._at += 1
        text = " ".join(parts)
        if quote:
            return _unquoted(text, quote)
        return None if text in {"null", "~"} else text

    def _continues(self, indent: int) -> bool:
        return self._at < len(self._lines) and bool(self._lines[self._at]) and self._indent() > indent

    def _block(self, indent: int, *, folded: bool) -> str:
        lines: list[str] = []
        while self._at < len(self._lines) and (not self._lines[self._at] or self._indent() > indent):
            lines.append(self._lines[self._at].strip())
            self._at += 1
        return (" " if folded else "\n").join(lines).strip()


def _ends(parts: list[str], quote: str) -> bool:
    last = parts[-1]
    body = last[1:] if len(parts) == 1 else last
    if quote == "'":
        return body.replace("''", "").endswith("'")
    return body.endswith('"') and (len(body) - len(body[:-1].rstrip("\\")) - 1) % 2 == 0


def _unquoted(text: str, quote: str) -> str:
    inner = text[1:-1]
    if quote == "'":
        return inner.replace("''", "'")
    return _ESCAPE().sub(_escaped, inner.replace("\\ ", " "))


def _escaped(match: re.Match[str]) -> str:
    if code := match[1] or match[2]:
        return chr(int(code, 16))
    return _NAMED.get(match[3], match[3])


def _empty(first: str) -> Plain:
    if first == "{}":
        return {}
    if first == "[]":
        return []
    raise NotOurYamlError
