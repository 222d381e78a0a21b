"""Pull errors as people paste them: text → attempts → symptoms, causes and fixes. No Azure, no network.

`read_errors` reads; `render_explanation_json`, `render_explanation_text` and `render_explanation_markdown` write.
Reading order of the files: decode, unwrap, records (a text in pieces) · attempts, context, wordings, classify, details
(what a piece says) · findings, collected, kubernetes (what the input says) · ranking, remedies, causes_* (what to do).
"""

from __future__ import annotations

from .advice import left_open, next_command
from .entries import entries_of
from .model import AddressKind, Cause, Explanation, PullError, Stage
from .reading import read_errors
from .render import render_explanation_json, render_explanation_markdown, render_explanation_text
from .vocabulary import SYMPTOMS, Symptom

__all__ = [
    "SYMPTOMS",
    "AddressKind",
    "Cause",
    "Explanation",
    "PullError",
    "Stage",
    "Symptom",
    "entries_of",
    "left_open",
    "next_command",
    "read_errors",
    "render_explanation_json",
    "render_explanation_markdown",
    "render_explanation_text",
]
