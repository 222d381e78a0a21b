"""Who may pull: assignments at the registry and above, permissions with wildcards, and the two registry modes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksacr.facts import (
    ACR_PULL,
    BUILT_IN_ROLES,
    REPOSITORY_READER,
    Facts,
    KubeletIdentity,
    Permission,
    ResourceId,
    RoleAssignment,
    RoleDefinition,
    Seen,
    UnseenError,
)
from aksacr.semantics.authorization import (
    PULL_ACTION,
    PULL_DATA_ACTIONS,
    access,
    grants_pull,
)
from aksacr.semantics.patterns import matches

from .building import (
    GROUP,
    PRINCIPAL,
    REFUSED,
    REGISTRY_ID,
    SUBSCRIPTION,
    assignment,
    cluster,
    facts,
    permission,
    registry,
    role,
)

CUSTOM = "cccccccc-0000-0000-0000-000000000001"
CONTENT, METADATA = PULL_DATA_ACTIONS
ABAC = "AbacRepositoryPermissions"
NARROW = "@Request[Microsoft.ContainerRegistry/registries/repositories:name] StringEquals 'shop/cart'"
UNKNOWN_ATTRIBUTE = "@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:a_b] StringEquals 'x'"

# Whether a role grants pull: in the mode "RBAC Registry Permissions", and in the one with ABAC (conditions aside).
GRANTS = {
    "AcrPull": (True, False),
    "AcrPush": (True, False),
    "AcrDelete": (False, False),
    "AcrImageSigner": (False, False),
    "Container Registry Repository Reader": (False, True),
    "Container Registry Repository Writer": (False, True),
    "Container Registry Repository Contributor": (False, True),
    "Container Registry Repository Catalog Lister": (False, False),
    "Container Registry Data Importer and Data Reader": (True, True),
    "Owner": (True, False),
    "Contributor": (True, False),
    "Reader": (True, False),
    "User Access Administrator": (True, False),
    "Role Based Access Control Administrator": (True, False),
}


def test_every_built_in_role_is_judged() -> None:
    assert {found.name for found in BUILT_IN_ROLES.values()} == set(GRANTS)
    assert all(guid == found.guid == guid.lower() for guid, found in BUILT_IN_ROLES.items())


@pytest.mark.parametrize("found", BUILT_IN_ROLES.values(), ids=lambda found: found.name)
def test_built_in_roles(found: RoleDefinition) -> None:
    assert (grants_pull(found, abac=False), grants_pull(found, abac=True)) == GRANTS[found.name]


@pytest.mark.parametrize(
    ("pattern", "covers"),
    [
        (PULL_ACTION, True),
        ("*", True),
        ("*/read", True),
        ("*read", True),
        ("Microsoft.ContainerRegistry/*", True),
        ("Microsoft.ContainerRegistry/registries/*/read", True),
        ("Microsoft.ContainerRegistry/registries/*", True),
        ("Microsoft.ContainerRegistry/*/pull/*", True),
        ("*/registries/*/read", True),
        ("**", True),
        ("*/*/*/*", True),
        ("Microsoft.ContainerRegistry/registries/pull/read*", True),
        ("MICROSOFT.CONTAINERREGISTRY/REGISTRIES/PULL/READ", True),
        ("", False),
        ("Microsoft.ContainerRegistry/registries/read", False),
        ("Microsoft.ContainerRegistry/registries/pull", False),
        ("Microsoft.ContainerRegistry/registries/pull/rea", False),
        ("icrosoft.ContainerRegistry/registries/pull/read", False),
        ("*/write", False),
        ("*/pull", False),
        ("Microsoft.ContainerRegistry/registries/*/pull/read", False),
        ("*/pull/*/read", False),
        ("*read*read", False),
        ("Microsoft.ContainerRegistry/registries/push/*", False),
        ("Microsoft.ContainerRegistryX/*", False),
        ("microsoft?containerregistry/*", False),
        ("Microsoft.Container[R]egistry/*", False),
    ],
)
def test_action_patterns(pattern: str, covers: bool) -> None:
    assert matches(pattern, PULL_ACTION) is covers


words = st.text(st.sampled_from("ab/*"), max_size=8)


@given(pattern=words, action=st.text(st.sampled_from("ab/"), max_size=8))
def test_a_wildcard_stands_for_any_text(pattern: str, action: str) -> None:
    """Held against the plain definition, by trying every length for the first piece."""
    assert matches(pattern, action) is _covers(pattern, action)


def _covers(pattern: str, action: str) -> bool:
    if not pattern:
        return not action
    if pattern[0] == "*":
        return any(_covers(pattern[1:], action[start:]) for start in range(len(action) + 1))
    return bool(action) and pattern[0] == action[0] and _covers(pattern[1:], action[1:])


@given(pattern=words, action=words)
def test_letter_case_of_actions_never_counts(pattern: str, action: str) -> None:
    assert matches(pattern.upper(), action) is matches(pattern, action.upper()) is matches(pattern, action)


@pytest.mark.parametrize(
    ("permissions", "grants"),
    [
        ([permission(PULL_ACTION)], True),
        ([permission("*", but=["*/read"])], False),
        ([permission("*", but=["Microsoft.ContainerRegistry/registries/PULL/*"])], False),
        ([permission("*", but=["Microsoft.ContainerRegistry/registries/push/*"])], True),
        ([permission("*", but=["*"]), permission(PULL_ACTION)], True),
        ([permission(PULL_ACTION), permission("*", but=["*"])], True),
        ([permission(data=[CONTENT, METADATA])], False),
        ([permission(data=["*"])], False),
        ([permission()], False),
        ([], False),
    ],
)
def test_not_actions_count_within_their_permission_object(permissions: list[Permission], grants: bool) -> None:
    assert grants_pull(role(*permissions), abac=False) is grants


@pytest.mark.parametrize(
    ("permissions", "grants"),
    [
        ([permission(data=[CONTENT, METADATA])], True),
        ([permission(data=["Microsoft.ContainerRegistry/registries/repositories/*/read"])], True),
        ([permission(data=["*"])], True),
        ([permission(data=[CONTENT]), permission(data=[METADATA])], True),
        ([permission(data=[CONTENT])], False),
        ([permission(data=[METADATA])], False),
        ([permission(data=["*"], but_data=[CONTENT])], False),
        ([permission(data=["*"], but=["*"])], True),
        ([permission("*")], False),
        ([permission(PULL_ACTION)], False),
    ],
)
def test_the_abac_mode_asks_for_data_actions(permissions: list[Permission], grants: bool) -> None:
    assert grants_pull(role(*permissions), abac=True) is grants


def granted(found: Facts) -> bool:
    return bool(access(found).granting)


def holding(*found: RoleAssignment, **changes: Any) -> Facts:
    return facts(role_assignments=Seen(found), **changes)


@pytest.mark.parametrize(
    "scope",
    [REGISTRY_ID, ResourceId(GROUP), ResourceId(SUBSCRIPTION), ResourceId("/"), ResourceId("/providers/x/y/z")],
    ids=str,
)
def test_assignments_above_the_registry_count(scope: ResourceId) -> None:
    assert granted(holding(assignment(scope=scope)))


@pytest.mark.parametrize(
    "definition_scope",
    [
        "",
        SUBSCRIPTION,
        SUBSCRIPTION.upper(),
        f"{SUBSCRIPTION}9",
        "/providers/Microsoft.Management/managementGroups/top",
    ],
)
def test_roles_are_told_apart_by_guid_alone(definition_scope: str) -> None:
    """The same role's id has the prefix of whatever scope it was assigned at."""
    assert granted(holding(assignment(definition_scope=definition_scope)))


def test_only_the_pulling_principal_counts() -> None:
    other = assignment(principal="bbbbbbbb-0000-0000-0000-000000000002")
    client = assignment(principal="client-id-of-kubelet")
    assert not granted(holding(other, client))
    assert access(holding(other, client)).held == ()


def test_a_group_counts_when_azure_says_that_it_reaches_the_principal() -> None:
    by_group = assignment(principal="group-id", name="by-group")
    assert not granted(holding(by_group))
    reached = facts(role_assignments=Seen((by_group,)), reached_through_groups=Seen(frozenset({by_group.id})))
    [held] = access(reached).granting
    assert held.through_group


def test_a_direct_grant_needs_no_word_about_groups() -> None:
    found = access(facts(reached_through_groups=REFUSED))
    assert [held.through_group for held in found.granting] == [False]


def test_unseen_assignments_are_no_missing_role() -> None:
    with pytest.raises(UnseenError) as caught:
        access(facts(role_assignments=REFUSED))
    assert caught.value.unseen is REFUSED


def test_an_unread_definition_is_kept_apart() -> None:
    unread = facts(role_assignments=Seen((assignment(CUSTOM),)), role_definitions={CUSTOM: REFUSED})
    assert (access(unread).held, access(unread).unread) == ((), (REFUSED,))
    never_asked = access(facts(role_assignments=Seen((assignment(CUSTOM),))))
    assert [gap.source for gap in never_asked.unread] == [f"role definition {CUSTOM}"]


def test_a_deleted_definition_grants_nothing() -> None:
    gone = access(facts(role_assignments=Seen((assignment(CUSTOM),)), role_definitions={CUSTOM: Seen(None)}))
    assert [held.grants_pull for held in gone.held] == [False]
    assert gone.unread == ()


@pytest.mark.parametrize(
    ("mode", "guid", "condition", "granting", "unconditional"),
    [
        ("LegacyRegistryPermissions", ACR_PULL, "", 1, 1),
        ("", ACR_PULL, "", 1, 1),
        ("LegacyRegistryPermissions", ACR_PULL, NARROW, 1, 1),  # conditions restrict data actions only
        ("LegacyRegistryPermissions", REPOSITORY_READER, "", 0, 0),
        (ABAC, ACR_PULL, "", 0, 0),
        (ABAC, REPOSITORY_READER, "", 1, 1),
        (ABAC, REPOSITORY_READER, "  ", 1, 1),
        (ABAC, REPOSITORY_READER, NARROW, 1, 0),
        (ABAC, REPOSITORY_READER, "what is this?", 1, 0),
        (ABAC.upper(), REPOSITORY_READER, "", 1, 1),
        (ABAC, ACR_PULL, NARROW, 0, 0),
    ],
)
def test_modes_and_conditions(mode: str, guid: str, condition: str, granting: int, unconditional: int) -> None:
    found = access(holding(assignment(guid, condition=condition), registry=registry(role_assignment_mode=mode)))
    assert (len(found.granting), len(found.unconditional)) == (granting, unconditional)


def test_roles_add_up() -> None:
    """Azure joins what all roles of a principal grant."""
    other = "cccccccc-0000-0000-0000-000000000002"
    found = facts(
        registry=registry(role_assignment_mode=ABAC),
        role_assignments=Seen((assignment(CUSTOM, name="first"), assignment(other, name="second"))),
        role_definitions={
            CUSTOM: Seen(role(permission(data=[CONTENT]))),
            other: Seen(role(permission(data=[METADATA]), guid=other)),
        },
    )
    assert access(found).granting


def test_halves_that_a_condition_narrows_add_up_for_the_repositories_that_it_admits() -> None:
    other = "cccccccc-0000-0000-0000-000000000002"
    found = facts(
        registry=registry(role_assignment_mode=ABAC),
        role_assignments=Seen((assignment(CUSTOM, name="first", condition=NARROW), assignment(other, name="second"))),
        role_definitions={
            CUSTOM: Seen(role(permission(data=[CONTENT]))),
            other: Seen(role(permission(data=[METADATA]), guid=other)),
        },
    )
    assert {held.condition for held in access(found).granting} == {"needs-repository"}
    assert {held.condition for held in access(replace(found, image="shop/cart")).granting} == {"admits"}
    assert {held.condition for held in access(replace(found, image="shop/other")).granting} == {"excludes"}


def test_a_role_that_the_other_mode_would_honour_is_told() -> None:
    [held] = access(holding(assignment(), registry=registry(role_assignment_mode=ABAC))).held
    assert (held.grants_pull, held.grants_in_other_mode) == (False, True)
    [held] = access(holding(assignment())).held
    assert (held.grants_pull, held.grants_in_other_mode) == (True, False)


# --- who pulls ---


def test_a_cluster_that_is_being_created_is_unknown() -> None:
    young = facts(cluster=cluster(kubelet_identity=None, provisioning_state="Creating"))
    with pytest.raises(UnseenError, match="is Creating"):
        access(young)


def test_a_service_principal_is_known_by_graph_alone() -> None:
    """The cluster names the application's id; assignments hold the object id."""
    by_principal = cluster(kubelet_identity=None, service_principal_client_id="app-id")
    with pytest.raises(UnseenError, match="service principal app-id"):
        access(facts(cluster=by_principal))
    with pytest.raises(UnseenError):
        access(facts(cluster=by_principal, service_principal=REFUSED))


def test_an_identity_without_an_object_id_yet_is_unknown() -> None:
    nameless = KubeletIdentity(ResourceId(f"{GROUP}/providers/x/y/agentpool"), "client", "")
    with pytest.raises(UnseenError, match="no object id yet"):
        access(facts(cluster=cluster(kubelet_identity=nameless)))


# --- properties ---

GUIDS = (*BUILT_IN_ROLES, CUSTOM)
SCOPES = (REGISTRY_ID, ResourceId(GROUP), ResourceId(SUBSCRIPTION), ResourceId("/"))
patterns = st.sampled_from(["*", "*/read", PULL_ACTION, "Microsoft.ContainerRegistry/*", CONTENT, METADATA, "x/y", ""])
some = st.lists(patterns, max_size=3).map(tuple)
permissions = st.builds(Permission, some, some, some, some)
assignments = st.lists(
    st.builds(
        assignment,
        st.sampled_from(GUIDS),
        st.sampled_from([PRINCIPAL, "somebody-else"]),
        st.sampled_from(SCOPES),
        condition=st.sampled_from(["", NARROW, UNKNOWN_ATTRIBUTE, "what is this?"]),
        name=st.uuids().map(str),
    ),
    max_size=4,
)


def situation(found: list[RoleAssignment], mode: str, custom: list[Permission]) -> Facts:
    return facts(
        role_assignments=Seen(tuple(found)),
        registry=registry(role_assignment_mode=mode),
        role_definitions={CUSTOM: Seen(role(*custom))},
    )


situations = st.builds(
    situation,
    assignments,
    st.sampled_from(["", "LegacyRegistryPermissions", ABAC]),
    st.lists(permissions, max_size=3),
)


def counts(found: Facts) -> tuple[int, int]:
    held = access(found)
    return len(held.unconditional), len(held.granting)


def may(found: Facts) -> tuple[bool, bool]:
    """Whether something is granted without a condition, and whether anything is."""
    unconditional, granting = counts(found)
    return bool(unconditional), bool(granting)


@settings(max_examples=60)
@given(situations, assignments)
def test_one_assignment_more_never_takes_a_right_away(before: Facts, more: list[RoleAssignment]) -> None:
    after = facts(
        role_assignments=Seen((*more, *before.role_assignments.value)),
        registry=before.registry,
        role_definitions=before.role_definitions,
    )
    assert all(now or not then for now, then in zip(may(after), may(before), strict=True))


@settings(max_examples=60)
@given(situations, st.sampled_from([str.upper, str.lower, str.swapcase]))
def test_letter_case_of_principals_never_counts(before: Facts, fold: Any) -> None:
    folded = [
        assignment(item.role_guid, fold(item.principal_id), ResourceId(fold(item.scope.text)), condition=item.condition)
        for item in before.role_assignments.value
    ]
    after = facts(
        role_assignments=Seen(tuple(folded)), registry=before.registry, role_definitions=before.role_definitions
    )
    assert counts(after) == counts(before)


@settings(max_examples=60)
@given(situations)
def test_the_same_assignments_further_up_grant_the_same(before: Facts) -> None:
    raised = [
        assignment(
            item.role_guid, item.principal_id, SCOPES[min(SCOPES.index(item.scope) + 1, 3)], condition=item.condition
        )
        for item in before.role_assignments.value
    ]
    after = facts(
        role_assignments=Seen(tuple(raised)), registry=before.registry, role_definitions=before.role_definitions
    )
    assert counts(after) == counts(before)


@settings(max_examples=60)
@given(st.lists(permissions, max_size=3), permissions, st.booleans())
def test_one_permission_object_more_never_takes_a_right_away(
    held: list[Permission], more: Permission, abac: bool
) -> None:
    assert grants_pull(role(*held, more), abac=abac) >= grants_pull(role(*held), abac=abac)
