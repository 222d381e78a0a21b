"""The subjects of the examination; importing them enters their clusters."""

from __future__ import annotations

from . import (
    corners,
    doors,
    edges,
    egress,
    finer,
    firewalls,
    healthy_private,
    healthy_public,
    layers,
    names,
    servers,
    shared,
    two_faults,
    unknown,
    way,
)

SUBJECTS = (
    names,
    servers,
    way,
    finer,
    doors,
    egress,
    firewalls,
    layers,
    healthy_private,
    healthy_public,
    unknown,
    two_faults,
    shared,
    corners,
    edges,
)
