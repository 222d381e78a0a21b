"""Names that are one slip of the keyboard apart."""

from __future__ import annotations


def one_slip_apart(first: str, second: str) -> bool:
    """Whether one letter more, less or other, or two neighbours exchanged, makes the one name of the other.

    Letter case does not count, and equal names are not apart (optimal string alignment distance of exactly 1).
    """
    short, long = sorted((first.lower(), second.lower()), key=len)
    if short == long or len(long) - len(short) > 1:
        return False
    at = next((n for n, letter in enumerate(short) if letter != long[n]), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    other = short[at + 1 :] == long[at + 1 :]
    exchanged = short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    return other or exchanged
