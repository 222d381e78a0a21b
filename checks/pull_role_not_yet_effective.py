"""The role was granted so lately that nodes may still be refused.

What is read
    When the assignments that grant pull were made or changed.

Why pulls fail
    A new assignment takes up to ten minutes to be effective, and a node keeps the credential that it was given before
    for up to an hour. Pulls that fail now may succeed by themselves.

What to do
    Wait. To hasten it on one node, restart its kubelet; deleting the pod does not help.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Status, Verdict, not_applicable, passed
from aksacr.facts import UnseenError
from aksacr.semantics.authorization import access

from ._roles import ASSIGNMENTS_READ, DEFINITIONS_READ, DIRECTORY_READ, no_principal, scope_words
from ._wording import CLUSTER_READ, REGISTRY_READ, counted, seen

if TYPE_CHECKING:
    from datetime import datetime

    from aksacr.facts import Facts

# Azure RBAC: up to 10 minutes; credentials on the node: 60 minutes by the provider of 2026-02-27, less before.
_PROPAGATION = timedelta(minutes=10)
_CACHE = timedelta(minutes=60)


def judge(facts: Facts) -> Verdict:
    if (gone := no_principal(facts)) is not None:
        return gone
    found = access(facts)
    if not found.granting and found.unread:
        raise UnseenError(found.unread[0])
    if not found.effective:
        return not_applicable(f"No role is held that grants pull; see {'AKA104' if found.granting else 'AKA101'}.")
    oldest = min(found.effective, key=lambda held: held.assignment.changed_on or facts.now - timedelta(days=36500))
    changed = oldest.assignment.changed_on
    if changed is None or facts.now - changed >= _PROPAGATION + _CACHE:
        since = f" since {changed.date().isoformat()}" if changed else ""
        return passed(f"{oldest.role_name} at {scope_words(facts, oldest.assignment.scope)} is in force{since}.")
    age = max(0, int((facts.now - changed).total_seconds() // 60))
    ready = changed + _PROPAGATION + _CACHE
    return Verdict(
        Status.WARN,
        f"{oldest.role_name} was granted {counted(age, 'minute')} ago ({_time(changed)}). The registry may know it "
        f"from {_time(changed + _PROPAGATION)} on; nodes may keep what they were refused with until {_time(ready)}.",
        evidence=(seen(oldest.assignment.id, "properties.createdOn", changed.isoformat()),),
        fixes=(
            Fix(
                f"Wait until {_time(ready)}, then look at the pods again",
                manual=True,
                caveat="Deleting pods does not help; restarting kubelet on a node does.",
            ),
        ),
    )


def _time(moment: datetime) -> str:
    return moment.strftime("%H:%M UTC")


CHECK = Check(
    code="AKA106",
    name="pull-role-not-yet-effective",
    title="The grant is old enough to have reached the nodes",
    explains=("unauthorized-401", "anonymous-token-401"),
    judge=judge,
    page=__doc__ or "",
    permissions=(CLUSTER_READ, REGISTRY_READ, ASSIGNMENTS_READ, DEFINITIONS_READ, DIRECTORY_READ),
    docs=("https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",),
)
