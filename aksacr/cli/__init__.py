"""The command line: one module a command, `options.py` for az's habits. The only place that prints."""

from __future__ import annotations

import sys

from aksacr.log_safety import neutralise

from .output import in_pipeline

_INTERRUPTED = 130


def main() -> None:
    """Run the command line. Ctrl-C ends it with 130 from the first moment on, while it still imports."""
    try:
        if in_pipeline():  # what is wrong with the words is said with the words, and the agent reads it
            sys.argv[1:] = [neutralise(word) for word in sys.argv[1:]]
        if sys.argv[1:2] == ["explain"]:
            from .explain import explain, plain_words  # noqa: PLC0415

            words = plain_words(sys.argv[2:])
            if words is not None:
                explain(*words)
                return
        from .app import app  # noqa: PLC0415 - inside the guard

        app()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
