"""What was once worked out from facts is kept with those facts, and goes when they go.

Checks ask the same questions of the same facts, and so does the report. Facts never change, so an answer holds as long
as they live; another run has other facts, and knows nothing of these.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar, cast

from aksacr.facts import ResourceId, Unseen, UnseenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aksacr.facts import Facts

P = ParamSpec("P")
T = TypeVar("T")


def remembered(work: Callable[Concatenate[Facts, P], T]) -> Callable[Concatenate[Facts, P], T]:
    """`work`, done once for the same facts and arguments: ids and texts by value, all else by being the same object.

    The arguments are kept beside the answer, so that no other object can come to have their place in memory. An
    `UnseenError` is kept, too. The answer must not be changed by whoever gets it.
    """

    @wraps(work)
    def answer(facts: Facts, /, *args: P.args, **kwargs: P.kwargs) -> T:
        given: tuple[object, ...] = (*args, *kwargs.values())
        key = (work, *kwargs, *(item if isinstance(item, (str, ResourceId)) else id(item) for item in given))
        if key not in facts.worked_out:
            try:
                facts.worked_out[key] = (work(facts, *args, **kwargs), None, given)
            except UnseenError as error:
                facts.worked_out[key] = (None, error.unseen, given)
        found, unseen, _ = cast("tuple[T, Unseen | None, object]", facts.worked_out[key])
        if unseen is not None:
            raise UnseenError(unseen)
        return found

    return answer
