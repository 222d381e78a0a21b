"""The command line: one module a command, `options.py` for az's habits. The only place that prints."""

from __future__ import annotations

from .app import main

__all__ = ["main"]
