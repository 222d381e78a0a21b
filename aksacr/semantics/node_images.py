"""Node images: how old a pool's is."""

from __future__ import annotations

import re
from datetime import date

# `AKSUbuntu-2204gen2containerd-202408.12.0`: year, month, day, patch.
_DATE = re.compile(r"-(?P<year>\d{4})(?P<month>\d{2})\.(?P<day>\d{1,2})\.\d+$")


def image_date(node_image_version: str) -> date | None:
    """The day a node image was made, by its version; None when the version does not tell."""
    match = _DATE.search(node_image_version.strip())
    if match is None:
        return None
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError:
        return None
