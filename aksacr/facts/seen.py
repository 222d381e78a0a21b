"""A fact is seen, or it is not seen and says why. Nothing stands in for it.

`Fact[T]` is `Seen[T] | Unseen`. Reading `.value` of an unseen fact raises `UnseenError`, which the
check runner turns into the verdict *unknown*, naming the permission that was missing.
A 404 is a fact: it is `Seen(None)` where the type allows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NoReturn, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Seen(Generic[T_co]):
    """A value that Azure showed. `source` is the resource id or the API it was read from."""

    value: T_co
    source: str = ""

    def __bool__(self) -> NoReturn:
        raise TypeError("a fact has no truth value: read .value, or match Seen and Unseen")


@dataclass(frozen=True, slots=True)
class Unseen:
    """A value that could not be read.

    source: resource id or API that was asked; action: the permission that would let us see it
    (`Microsoft.Network/virtualNetworks/read`), or what else would where no permission helps (`the end of …`);
    reason: what came back instead (`denied (AuthorizationFailed)`).
    """

    source: str
    action: str
    reason: str

    @property
    def value(self) -> NoReturn:
        raise UnseenError(self)

    def __bool__(self) -> NoReturn:
        raise TypeError("a fact has no truth value: read .value, or match Seen and Unseen")


class UnseenError(Exception):
    """Raised by reading `.value` of an unseen fact; the runner turns it into *unknown*."""

    def __init__(self, unseen: Unseen) -> None:
        super().__init__(f"could not read {unseen.source} ({unseen.reason}); needs {unseen.action}")
        self.unseen = unseen


Fact: TypeAlias = Seen[T_co] | Unseen


def mapped(fact: Fact[T], change: Callable[[T], S]) -> Fact[S]:
    """The same fact with its value changed; what was not seen stays unseen."""
    return fact if isinstance(fact, Unseen) else Seen(change(fact.value), fact.source)
