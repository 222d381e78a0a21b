"""The registry is not provisioned, or not ready.

What is read
    The registry's `provisioningState`, and its `status` where it has one; of a Premium registry, its replicas' too.

Why pulls fail
    A registry that is being made or deleted, or whose status is other than Ready, answers 5xx, resets connections, or
    does not answer. One whose last operation failed may serve its images all the same, but not with the settings that
    were asked for. A replica that is not ready bears on the pulls that Azure sends to it, those from near its region.

What to do
    Wait for what is under way, or repeat what failed and read its error. A registry that stays so is a case for
    Azure support: Resource Health in the portal says whether Azure knows of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Check, Fix, Gap, Status, Verdict, passed, unknown
from aksacr.facts import same
from aksacr.semantics.admission import serves_nothing

from ._wording import REGISTRY_READ, REPLICAS_READ, counted, seen

if TYPE_CHECKING:
    from aksacr.check import Evidence
    from aksacr.facts import Facts, Replica

_ENDED_BADLY = {"failed", "canceled"}


def judge(facts: Facts) -> Verdict:
    registry = facts.registry
    state = registry.provisioning_state
    if not same(registry.status or "Ready", "Ready"):
        said = ": ".join(word for word in (registry.status, registry.status_message.rstrip(".")) if word)
        return _fault(facts, f'{registry.name} is not ready: its status is "{said}"')
    if serves_nothing(registry):
        return _fault(facts, f"{registry.name} is {state}")
    if state.lower() in _ENDED_BADLY:
        return Verdict(
            Status.WARN,
            f"The last operation on {registry.name} ended {state}. It may serve its images, but without the settings "
            "that were asked for then.",
            evidence=_states(facts),
            fixes=(_look(facts),),
        )
    if not state:
        gap = Gap(registry.id.text, "", "its body has no provisioningState")
        return unknown(f"Azure does not say whether {registry.name} is provisioned.", gap)
    out_of_order = [replica for replica in facts.replicas.value if replica.is_routed and _is_out_of_order(replica)]
    if out_of_order:
        return _of_replicas(facts, out_of_order)
    under_way = "" if same(state, "Succeeded") else f" An operation is under way ({state})."
    return passed(f"{registry.name} is provisioned and ready.{under_way}", *_states(facts))


def _is_out_of_order(replica: Replica) -> bool:
    return not same(replica.status or "Ready", "Ready") or replica.provisioning_state.lower() in _ENDED_BADLY


def _of_replicas(facts: Facts, replicas: list[Replica]) -> Verdict:
    registry = facts.registry
    said = " and ".join(f"{item.name} in {item.location} ({_state(item)})" for item in replicas)
    return Verdict(
        Status.WARN,
        f"{registry.name} is ready, but {counted(len(replicas), 'replica')} of it may not serve: {said}. Pulls from "
        "near there, which Azure sends to it, may end with 5xx or a reset connection.",
        evidence=tuple(
            seen(f"{registry.id.text}/replications/{item.name}", path, value or None)
            for item in replicas
            for path, value in (
                ("properties.provisioningState", item.provisioning_state),
                ("properties.status.displayStatus", item.status),
            )
        ),
        fixes=(_look(facts),),
    )


def _state(replica: Replica) -> str:
    return replica.provisioning_state if same(replica.status or "Ready", "Ready") else replica.status


def _fault(facts: Facts, what: str) -> Verdict:
    return Verdict(
        Status.FAIL,
        f"{what}. It serves no images, or not reliably: pulls end with 5xx, a reset connection, or no answer.",
        evidence=_states(facts),
        fixes=(_look(facts),),
    )


def _states(facts: Facts) -> tuple[Evidence, ...]:
    registry = facts.registry
    return (
        seen(registry.id, "properties.provisioningState", registry.provisioning_state or None),
        seen(registry.id, "properties.status.displayStatus", registry.status or None),
    )


def _look(facts: Facts) -> Fix:
    registry = facts.registry
    return Fix(
        f"Look at Resource Health of {registry.name} and at the activity log of resource group "
        f"{registry.id.resource_group}: they say what is under way or went wrong; repeat the operation that failed, or "
        "open a support case",
        manual=True,
        needs=f"Contributor on {registry.name}",
    )


CHECK = Check(
    code="AKA602",
    name="registry-not-ready",
    title="The registry is provisioned and ready",
    explains=("server-error-5xx", "connection-reset"),
    judge=judge,
    page=__doc__ or "",
    permissions=(REGISTRY_READ, REPLICAS_READ),
    docs=(
        "https://learn.microsoft.com/azure/container-registry/resource-health",
        "https://learn.microsoft.com/rest/api/containerregistry/registries/get",
    ),
)
