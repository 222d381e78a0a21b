"""What checks of identity say where anonymous pull, an unknown mode, split grants or idle pools bear on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from aksacr.catalogue import find
from aksacr.check import Status, Verdict
from aksacr.facts import (
    Credential,
    DenyAssignment,
    DirectoryObject,
    Facts,
    NamedPrincipal,
    Permission,
    RoleDefinition,
    Seen,
)
from aksacr.runner import run
from aksacr.semantics.authorization import PULL_DATA_ACTIONS

from .building import NOW, PRINCIPAL, REGISTRY_ID, assignment, cluster, facts, pool, registry, resource

CONTENT, METADATA = PULL_DATA_ACTIONS
READS_CONTENT = "cccccccc-0000-0000-0000-000000000001"
READS_METADATA = "cccccccc-0000-0000-0000-000000000002"
REPOSITORY_READER = "b93aa761-3e63-49ed-ac28-beffa264f7ac"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
NAME = "@Request[Microsoft.ContainerRegistry/registries/repositories:name]"
CART = f"{NAME} StringEquals 'shop/cart'"
OTHER = f"{NAME} StringEquals 'shop/other'"
CONTROL_PLANE = "aaaaaaaa-0000-0000-0000-00000000000c"


def said(code: str, given: Facts) -> Verdict:
    [judged] = run(given, [find(code)])
    return judged.verdict


def none_held(**changes: object) -> Facts:
    return replace(facts(), role_assignments=Seen(()), registry=registry(**changes))


def test_without_a_role_pulls_go_on_anonymously_where_the_registry_admits_that() -> None:
    found = said("AKA101", none_held(anonymous_pull=True))
    assert found.status is Status.WARN
    assert "Pulls go on anonymously, because shopacr has anonymous pull on" in found.message
    assert "with anonymous pull off they end with 401" in found.message
    assert "Every pull" not in found.message
    assert any(item.path == "properties.anonymousPullEnabled" for item in found.evidence)


@pytest.mark.parametrize("changes", [{}, {"anonymous_pull": True, "sku": "Basic"}])
def test_without_anonymous_pull_it_is_a_fault(changes: dict[str, object]) -> None:
    assert said("AKA101", none_held(**changes)).status is Status.FAIL


@pytest.mark.parametrize("code", ["AKA101", "AKA103", "AKA104"])
def test_an_unknown_permission_mode_is_unknown_and_named(code: str) -> None:
    found = said(code, replace(facts(), registry=registry(role_assignment_mode="FutureMode")))
    assert found.status is Status.UNKNOWN
    assert '"FutureMode"' in found.message


def abac(*held: tuple[str, str], image: str | None = "shopacr.azurecr.io/shop/cart:1") -> Facts:
    roles = {
        guid: Seen(RoleDefinition(guid, name, (Permission((), (), (action,), ()),)))
        for guid, name, action in (
            (READS_CONTENT, "content-reader", CONTENT),
            (READS_METADATA, "metadata-reader", METADATA),
        )
    }
    made = tuple(
        replace(assignment(guid), condition=condition, condition_version="2.0" if condition else "")
        for guid, condition in held
    )
    return replace(
        facts(),
        registry=registry(role_assignment_mode="AbacRepositoryPermissions"),
        role_assignments=Seen(made),
        role_definitions=roles,
        image=image,
    )


@pytest.mark.parametrize(
    ("condition", "status", "condition_status"),
    [(CART, Status.PASS, Status.PASS), (OTHER, Status.PASS, Status.FAIL)],
)
def test_grants_add_up_for_the_repositories_that_their_conditions_admit(
    condition: str, status: Status, condition_status: Status
) -> None:
    given = abac((READS_CONTENT, condition), (READS_METADATA, ""))
    assert said("AKA101", given).status is status
    assert said("AKA104", given).status is condition_status


def test_one_half_of_the_data_actions_is_no_grant() -> None:
    assert said("AKA101", abac((READS_CONTENT, CART))).status is Status.FAIL


@pytest.mark.parametrize("code", ["AKA106", "AKA107"])
def test_a_grant_for_another_repository_is_none(code: str) -> None:
    given = abac((REPOSITORY_READER, OTHER))
    assert said(code, given).status is Status.NOT_APPLICABLE
    assert "AKA104" in said(code, given).message


@pytest.mark.parametrize("image", [None, "shopacr.azurecr.io/shop/cart:1"])
@pytest.mark.parametrize(
    "condition",
    [
        "@Environment[UtcNow] DateTimeGreaterThan '2026-01-01T00:00:00Z'",
        "@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:a_b] StringEquals 'x'",
        f"{NAME} FutureOperator 'shop'",
    ],
)
def test_a_condition_that_no_repository_decides_is_unknown_with_its_text(condition: str, image: str | None) -> None:
    found = said("AKA104", abac((REPOSITORY_READER, condition), image=image))
    assert found.status is Status.UNKNOWN
    assert condition in found.message
    assert "--image" not in found.message


def test_a_condition_on_the_repository_asks_for_the_image() -> None:
    found = said("AKA104", abac((REPOSITORY_READER, CART), image=None))
    assert (found.status, "--image" in found.message) == (Status.WARN, True)


@pytest.mark.parametrize("image", ["docker.io/library/nginx", "ghcr.io/shop/cart:1"])
def test_an_image_of_another_registry_has_no_condition_here(image: str) -> None:
    found = said("AKA104", abac((REPOSITORY_READER, OTHER), image=image))
    assert found.status is Status.NOT_APPLICABLE
    assert "AKA402" in found.message


def test_a_role_that_does_not_count_is_not_another_principals() -> None:
    given = replace(facts(), registry=registry(role_assignment_mode="AbacRepositoryPermissions"))
    assert said("AKA103", given).status is Status.FAIL
    found = said("AKA102", given)
    assert found.status is Status.NOT_APPLICABLE
    assert "AKA103" in found.message


def test_owner_of_the_control_plane_identity_is_an_effective_grant() -> None:
    theirs = NamedPrincipal("control-plane identity", CONTROL_PLANE, "", None)
    held = replace(assignment(OWNER), principal_id=CONTROL_PLANE)
    given = replace(facts(), cluster=cluster(other_principals=(theirs,)), role_assignments=Seen((held,)))
    found = said("AKA102", given)
    assert found.status is Status.FAIL
    assert "Owner at registry shopacr is held by the cluster's control-plane identity" in found.message


@pytest.mark.parametrize(
    "idle",
    [
        {"power_state": "Stopped"},
        {"provisioning_state": "Deleting"},
        {"count": 0},
        {"count": 0, "autoscales": True, "kind": "VirtualMachines", "subnet_id": None},
    ],
)
def test_a_pool_without_nodes_is_not_judged(idle: dict[str, object]) -> None:
    old = "AKSUbuntu-2204-202401.01.0"
    pools = (pool(), pool("idle", node_image_version=old, **idle))
    refusing = registry(arm_audience_tokens="disabled")
    given = replace(facts(), registry=refusing, machines=Seen(()), cluster=cluster(node_pools=pools))
    assert said("AKA131", given).status is Status.PASS
    assert said("AKA131", replace(given, cluster=cluster(node_pools=pools[1:]))).status is Status.NOT_APPLICABLE
    running = replace(given, cluster=cluster(node_pools=(pool(), pool("idle", node_image_version=old))))
    assert said("AKA131", running).status is Status.FAIL


@pytest.mark.parametrize(
    ("state", "one", "every"),
    [
        ("Deleting", Status.WARN, Status.FAIL),
        ("Stopping", Status.WARN, Status.FAIL),
        ("Creating", Status.UNKNOWN, Status.UNKNOWN),
    ],
)
def test_states_of_pools_count_as_the_clusters_own(state: str, one: Status, every: Status) -> None:
    changed = pool("other", provisioning_state=state)
    for pools, status in (((pool(), changed), one), ((changed,), every)):
        found = said("AKA601", replace(facts(), cluster=cluster(node_pools=pools)))
        assert found.status is status
        assert state in found.message


def with_secrets(*spans: tuple[timedelta, timedelta]) -> Facts:
    made = tuple(
        Credential("client secret", f"key{place}", "", "", NOW + start, NOW + end, "application")
        for place, (start, end) in enumerate(spans)
    )
    held = DirectoryObject("object", "app", "shop", account_enabled=True, home_tenant_id="", credentials=made)
    on_secret = cluster(kubelet_identity=None, service_principal_client_id="app")
    return replace(facts(), cluster=on_secret, application=Seen(held), service_principal=Seen(held), now=NOW)


@pytest.mark.parametrize(
    ("spans", "words"),
    [
        ([(timedelta(5), timedelta(405))], "is valid yet: the first (key key0) begins on 2026-11-27, in 5 days"),
        ([(timedelta(-9), timedelta(hours=-1))], "has expired, the last one (key key0) on 2026-11-22, 1 hour ago"),
        ([(timedelta(-9), timedelta(hours=-36))], "1 day ago"),
        ([(timedelta(-9), timedelta(-2)), (timedelta(3), timedelta(9))], "2 days ago; the next (key key1) begins on"),
    ],
)
def test_secrets_that_have_not_begun_are_not_called_expired(
    spans: list[tuple[timedelta, timedelta]], words: str
) -> None:
    found = said("AKA111", with_secrets(*spans))
    assert found.status is Status.FAIL
    assert words in found.message


def test_a_deny_assignment_under_a_condition_is_unknown() -> None:
    condition = f"{NAME} StringEquals 'shop/cart'"
    denial = DenyAssignment(
        resource("Microsoft.Authorization/denyAssignments", "d"),
        "lock",
        REGISTRY_ID,
        (Permission(("*",), (), (), ()),),
        frozenset({PRINCIPAL}),
        frozenset(),
    )
    assert said("AKA105", replace(facts(), deny_assignments=Seen((denial,)))).status is Status.FAIL
    narrowed = replace(denial, condition=condition)
    found = said("AKA105", replace(facts(), deny_assignments=Seen((narrowed,))))
    assert found.status is Status.UNKNOWN
    assert condition in found.message
