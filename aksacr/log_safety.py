"""Text that others wrote, made safe for a terminal and for the log of an Azure Pipelines agent."""

from __future__ import annotations

import re
import unicodedata

# What a .NET search that follows the culture does not look at. The agent finds its prefix with such a search
# (`message.IndexOf("##vso[")` in Command.TryParse), so a soft hyphen between the letters hides nothing from it.
_IGNORED = (
    "[\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u180e\\u200b-\\u200f\\u202a-\\u202e"
    "\\u2060-\\u206f\\ufe00-\\ufe0f\\ufeff\\U000e0000-\\U000e0fff]*"
)
AGENT_COMMAND = re.compile(
    f"(#{_IGNORED}#)(?={_IGNORED}(?:v{_IGNORED}s{_IGNORED}o{_IGNORED})?\\[)",
    re.IGNORECASE,
)
_VISIBLE = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def neutralise(text: str) -> str:
    """Break what an agent would execute: `##vso[` becomes `##_vso[` and `##[` becomes `##_[`, in any letter case.

    All other text is left alone, and a second call changes nothing. `##_vso[` is the form that the agent's own
    task library writes for output that it does not trust.
    """
    return AGENT_COMMAND.sub(r"\1_", text)


def printable(text: str) -> str:
    r"""Make control, format and bidirectional characters and line separators visible (`\x1b`, `\u202e`, `\n`).

    The result is one line that no terminal acts on. All other text is left alone; a second call changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _INVISIBLE:
        return character
    if character in _VISIBLE:
        return _VISIBLE[character]
    number = ord(character)
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
