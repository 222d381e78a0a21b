"""Action patterns of role definitions."""

from __future__ import annotations


def matches(pattern: str, action: str) -> bool:
    """Whether an action pattern covers an action: letter case never counts, `*` stands for any text, slashes too."""
    first, *rest = pattern.lower().split("*")
    action = action.lower()
    if not rest:
        return first == action
    if not action.startswith(first):
        return False
    *middle, last = rest
    position = len(first)
    for piece in middle:
        found = action.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return len(action) - len(last) >= position and action.endswith(last)
