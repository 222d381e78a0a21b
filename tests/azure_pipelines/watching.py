"""Who runs below a process, seen as the machine's other users see it: through /proc."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

_EVERY = 0.01


@dataclass(frozen=True)
class Seen:
    """A process that was seen: its command line and its environment."""

    pid: int
    words: tuple[str, ...]
    environment: dict[str, str] = field(repr=False)


class Watch:
    """Looks for the descendants of a process until it is stopped."""

    def __init__(self, pid: int) -> None:
        self._root = pid
        self._seen: dict[tuple[int, tuple[str, ...]], Seen] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    @property
    def children(self) -> list[Seen]:
        return list(self._seen.values())

    def running(self, *words: str) -> list[Seen]:
        """Those whose command line has these words, the first that was seen first.

        More than one does not mean that it was started twice: a child is its parent's copy until it is another program.
        """
        return [one for one in self.children if set(words) <= set(one.words)]

    def wait_for(self, *words: str, seconds: float = 30) -> Seen:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := self.running(*words):
                return found[0]
            time.sleep(_EVERY)
        raise AssertionError(f"no child ran {words}")

    def _look(self) -> None:
        while not self._stopped.wait(_EVERY):
            for pid in _below(self._root):
                words = _read(pid, "cmdline")
                if words and (pid, words) not in self._seen:
                    pairs = (pair.partition("=") for pair in _read(pid, "environ"))
                    self._seen[pid, words] = Seen(pid, words, {name: value for name, _, value in pairs})


def _below(pid: int) -> list[int]:
    """The descendants of a process."""
    found: list[int] = []
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += [int(child), *_below(int(child))]
    except OSError:
        pass  # it has ended
    return found


def _read(pid: int, name: str) -> tuple[str, ...]:
    try:
        data = Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return ()
    return tuple(data.decode(errors="replace").rstrip("\0").split("\0")) if data else ()


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
