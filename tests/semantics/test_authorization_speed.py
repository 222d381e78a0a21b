"""Large directories are judged at once: a management group of thousands of assignments above a registry."""

from __future__ import annotations

from aksacr.catalogue import every_check
from aksacr.check import Status
from aksacr.facts import ACR_PULL, REPOSITORY_READER, ResourceId, Seen
from aksacr.runner import run
from aksacr.semantics.authorization import PULL_DATA_ACTIONS, access

from .building import PRINCIPAL, REGISTRY_ID, SUBSCRIPTION, assignment, facts, permission, registry, role
from .timing import within

MANY = 5000
CODES = frozenset({"AKA101", "AKA102", "AKA103", "AKA104", "AKA105", "AKA106", "AKA107"})
NARROW = "@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringStartsWith 'shop/'"
ABAC = registry(role_assignment_mode="AbacRepositoryPermissions")
SCOPES = (REGISTRY_ID, ResourceId(SUBSCRIPTION), ResourceId("/"))


def custom(number: int) -> str:
    return f"cccccccc-0000-0000-0000-{number % 200:012}"


DEFINITIONS = {
    custom(number): Seen(role(permission("x/y/read", "*/write", but=["z/*"], data=["*/list"]), guid=custom(number)))
    for number in range(200)
}
OF_OTHERS = [
    assignment(ACR_PULL, f"{number:08}-0000-0000-0000-000000000000", SCOPES[number % 3], name=str(number))
    for number in range(MANY)
]
OF_THE_IDENTITY = [
    assignment(custom(number), PRINCIPAL, SCOPES[number % 3], name=str(number)) for number in range(MANY)
]
UNDER_CONDITIONS = [
    assignment(REPOSITORY_READER, PRINCIPAL, SCOPES[number % 3], name=str(number), condition=f"{NARROW} || {NARROW}")
    for number in range(MANY)
]


def test_five_thousand_assignments_are_judged_within_a_second() -> None:
    judged = facts(role_assignments=Seen((*OF_OTHERS, assignment(name="mine"))))
    with within(1):
        verdicts = {item.check.code: item.verdict.status for item in run(judged, every_check(), only=CODES)}
    assert verdicts["AKA101"] is Status.PASS


def test_five_thousand_roles_of_the_identity_itself_too() -> None:
    judged = facts(role_assignments=Seen(tuple(OF_THE_IDENTITY)), role_definitions=DEFINITIONS)
    with within(1):
        verdicts = {item.check.code: item.verdict.status for item in run(judged, every_check(), only=CODES)}
    assert verdicts["AKA101"] is Status.FAIL


def test_custom_roles_that_are_joined_and_conditions_that_are_read_too() -> None:
    data = {
        guid: Seen(role(permission(data=[PULL_DATA_ACTIONS[place % 2]]), guid=guid))
        for place, guid in enumerate(DEFINITIONS)
    }
    joined = facts(role_assignments=Seen(tuple(OF_THE_IDENTITY)), role_definitions=data, registry=ABAC)
    narrowed = facts(role_assignments=Seen(tuple(UNDER_CONDITIONS)), registry=ABAC, image="shop/cart")
    with within(1):
        assert len(access(joined).granting) == len(PULL_DATA_ACTIONS)  # one role an action is enough
        found = access(narrowed)
    assert {held.condition for held in found.held} == {"admits"}
