"""Pull errors as people paste them: text → attempts → symptoms, causes and fixes. No Azure, no network.

`read_errors` reads, `render_explanation_json`, `render_explanation_text` and `render_explanation_markdown` write.
"""

from __future__ import annotations

from .model import AddressKind, Cause, Explanation, PullError, Stage
from .reading import read_errors
from .vocabulary import SYMPTOMS, Symptom

__all__ = [
    "SYMPTOMS",
    "AddressKind",
    "Cause",
    "Explanation",
    "PullError",
    "Stage",
    "Symptom",
    "read_errors",
]
