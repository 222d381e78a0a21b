"""How long something takes, whatever else is in this process."""

from __future__ import annotations

import gc
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def within(seconds: float) -> Generator[None]:
    """The block takes less processor time than that; the collector's walks over other tests' objects do not count."""
    gc.disable()
    start = time.process_time()
    try:
        yield
        taken = time.process_time() - start
    finally:
        gc.enable()
    assert taken < seconds, f"took {taken:.2f} s of processor time, and has {seconds} s"
