"""The permissions that a check documents are those that its facts need: no fewer, no more.

Least privilege is made from them, and an operator who grants them all must leave no check unknown.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache

import pytest

from aksacr.azure.target import TargetError
from aksacr.catalogue import every_check
from aksacr.check import Check, Status
from aksacr.runner import run

from .refusing import judged
from .watching import FIELDS, facts_of_every_fixture, harder_ways, selected_networks, watching

CLUSTER = "Microsoft.ContainerService/managedClusters/read"
REGISTRY = "Microsoft.ContainerRegistry/registries/read"
GRAPH = "Application.Read.All (Microsoft Graph)"
NETWORK = "Microsoft.Network"
MACHINES = {"Microsoft.Compute/virtualMachineScaleSets/read", "Microsoft.Compute/virtualMachines/read"}

# What Azure asks for before it shows a field's value: refuse one of these, and the field is unseen.
NEEDS: dict[str, set[str]] = {
    "now": set(),
    "cloud": set(),
    "image": set(),
    "cluster": {CLUSTER},
    "registry": {REGISTRY},
    "machines": MACHINES,
    "pool_subnets": {CLUSTER, *MACHINES},  # a pool of a network that AKS made has its subnet from its scale set
    "subnet_rules": {REGISTRY},
    "replicas": {"Microsoft.ContainerRegistry/registries/replications/read"},
    "role_assignments": {"Microsoft.Authorization/roleAssignments/read"},
    "reached_through_groups": {"Microsoft.Authorization/roleAssignments/read"},
    "role_definitions": {"Microsoft.Authorization/roleDefinitions/read"},
    "deny_assignments": {"Microsoft.Authorization/denyAssignments/read"},
    "eligible_roles": {"Microsoft.Authorization/roleEligibilityScheduleInstances/read"},
    "holders": {GRAPH},
    "kubelet_identity": {"Microsoft.ManagedIdentity/userAssignedIdentities/read"},
    "instances": {"Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read"},
    "tenants": {"Microsoft.Resources/subscriptions/read"},
    "service_principal": {GRAPH},
    "application": {GRAPH},
    "virtual_networks": {f"{NETWORK}/virtualNetworks/read"},
    "route_tables": {f"{NETWORK}/routeTables/read"},
    "nat_gateways": {f"{NETWORK}/natGateways/read"},
    "security_groups": {f"{NETWORK}/networkSecurityGroups/read"},
    "firewalls": {f"{NETWORK}/azureFirewalls/read"},
    "firewall_policies": {f"{NETWORK}/firewallPolicies/read", f"{NETWORK}/firewallPolicies/ruleCollectionGroups/read"},
    "policy_heads": {f"{NETWORK}/firewallPolicies/read"},
    "ip_groups": {f"{NETWORK}/ipGroups/read"},
    "public_addresses": {f"{NETWORK}/publicIPAddresses/read", f"{NETWORK}/publicIPPrefixes/read"},
    "private_endpoints": {f"{NETWORK}/privateEndpoints/read"},
    "endpoint_addresses": {f"{NETWORK}/privateEndpoints/read", f"{NETWORK}/networkInterfaces/read"},
    "endpoint_zones": {f"{NETWORK}/privateEndpoints/privateDnsZoneGroups/read"},
    "zones": {f"{NETWORK}/privateDnsZones/read"},
    "zone_links": {f"{NETWORK}/privateDnsZones/virtualNetworkLinks/read"},
    "zone_records": {f"{NETWORK}/privateDnsZones/A/read"},
    "zone_search": set(),  # Azure lists the subscriptions that the caller sees, and no other
    "quoted_clients": set(),
    "throttling_hosts": set(),
    "observed_images": set(),
}
# They look at machines only to leave out node pools that have none; unseen machines leave them their verdict.
LOOK_FOR_EMPTY_POOLS = {"AKA131", "AKA601"}
# Fixtures that together make every kind of read.
READING_MUCH = [
    "condition_admits_repository",
    "deny_assignment_for_a_group",
    "dns_proxy_of_firewall_in_linked_hub",
    "dns_server_in_linked_hub",
    "egress_prefix_allowed_by_two_ranges",
    "firewall_ip_group_not_readable",
    "firewall_rule_in_parent_policy",
    "kubelet_identity_off_one_node_pool",
    "nat_gateway_address_not_allowed",
    "nsg_blocks_at_endpoint_subnet",
    "nsg_of_network_interfaces_blocks_registry",
    "peering_out_of_sync_harmless",
    "private_dns_data_record_missing",
    "private_dns_zone_of_same_name_without_record",
    "private_endpoint_behind_hub",
    "private_endpoint_behind_two_hubs",
    "private_endpoint_pending",
    "private_endpoint_pending_not_readable",
    "private_endpoint_through_firewall",
    "proxy_in_the_way",
    "pull_role_custom_at_management_group",
    "pull_role_on_deleted_principal",
    "pull_role_through_group",
    "recorded_private_endpoint",
    "recorded_service_principal",
    "registry_in_other_subscription",
    "replica_with_data_record",
    "service_principal_secret_valid",
    "subnet_rule_by_service_endpoint",
    "subnet_rule_without_service_endpoint",
    "virtual_machines_pool_without_identity",
]


@cache
def touched() -> dict[str, dict[str, str]]:
    """By check, the fields that it read, each with a situation in which it did."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    situations = {**facts_of_every_fixture(), **selected_networks(), **harder_ways()}
    for name, facts in situations.items():
        for check in every_check():
            asked_anew = replace(facts)  # without what another check has worked out of them
            with watching() as fields:
                run(asked_anew, [check])
            for field in fields:
                found[check.code].setdefault(field, name)
    return found


def test_the_table_names_every_fact() -> None:
    assert set(NEEDS) == FIELDS, "a fact was added or renamed: say in NEEDS which permission shows it"


def test_the_table_names_permissions_that_checks_document() -> None:
    documented = {permission for check in every_check() for permission in check.permissions}
    assert set[str]().union(*NEEDS.values()) == documented


@pytest.mark.parametrize("check", every_check(), ids=lambda check: check.code)
def test_what_a_check_reads_is_documented(check: Check) -> None:
    missing = {
        permission: f"{field} (in {situation})"
        for field, situation in sorted(touched()[check.code].items())
        for permission in NEEDS[field]
        if permission not in check.permissions
    }
    assert not missing, (
        f"{check.code} reads facts that need permissions which it does not document; add them to its `permissions`, or "
        f"read less: {missing}"
    )


@pytest.mark.parametrize("check", every_check(), ids=lambda check: check.code)
def test_what_a_check_documents_is_read(check: Check) -> None:
    needed = set[str]().union(*(NEEDS[field] for field in touched()[check.code]))
    spare = set(check.permissions) - needed
    assert not spare, (
        f"{check.code} documents {sorted(spare)}, which nothing that it read in any fixture needs. Either its "
        "`permissions` are wrong, or no fixture shows the situation that needs them: compose one"
    )


@pytest.mark.parametrize("check", every_check(), ids=lambda check: check.code)
def test_permissions_are_documented_once(check: Check) -> None:
    assert len(set(check.permissions)) == len(check.permissions)


def paths(fixture: str) -> list[str]:
    """The reads of a fixture without which there is something to judge."""
    _, asked = judged(fixture)
    return sorted(path for path in asked if kind_of(path) not in {"managedclusters", "registries"})


def kind_of(path: str) -> str:
    """The last type in a path (`registries`); a list has its own."""
    return "/".join(path.split("/")[-2:-1])


# Without Graph nobody says that the holder of a role is gone, and a living stranger with AcrPull says nothing.
ONLY_A_REMARK = {("pull_role_on_deleted_principal", "graph", "AKA102")}


@pytest.mark.parametrize("fixture", READING_MUCH)
def test_no_verdict_comes_from_what_could_not_be_seen(fixture: str) -> None:
    """Refused reads take a verdict to unknown, or leave it: they never make a fault, or the absence of one."""
    before, _ = judged(fixture)
    changed = [
        f"without {path}, {code} is {item.verdict.status} instead of {before[code].verdict.status}"
        for path in paths(fixture)
        for code, item in judged(fixture, path)[0].items()
        if item.verdict.status not in {before[code].verdict.status, Status.UNKNOWN}
        if (fixture, path, code) not in ONLY_A_REMARK or item.verdict.status is not Status.NOT_APPLICABLE
    ]
    assert not changed, "\n  ".join(["a check passed or failed because it could not look:", *changed])


@pytest.mark.parametrize("fixture", READING_MUCH)
def test_unknown_names_what_was_refused(fixture: str) -> None:
    before, _ = judged(fixture)
    silent = [
        f"without {path}, {code} is unknown and names {[gap.source for gap in item.verdict.unseen] or 'nothing'}"
        for path in paths(fixture)
        for code, item in judged(fixture, path)[0].items()
        if item.verdict.status is Status.UNKNOWN is not before[code].verdict.status
        if not any(_is_at(gap.source, path) for gap in item.verdict.unseen)
    ]
    assert not silent, "\n  ".join(["unknown names resource and permission, or nobody can mend it:", *silent])


def _is_at(source: str, path: str) -> bool:
    return source.startswith("Microsoft Graph ") if path == "graph" else source.lower() == path


@pytest.mark.parametrize("check", every_check(), ids=lambda check: check.code)
def test_the_permission_that_unknown_asks_for_is_documented(check: Check) -> None:
    asked = {
        gap.action: f"{fixture} without {path}"
        for fixture in READING_MUCH
        for path in paths(fixture)
        for gap in judged(fixture, path)[0][check.code].verdict.unseen
        if gap.action.startswith("Microsoft.") or "Microsoft Graph" in gap.action  # else no permission would help
    }
    # Without cluster or registry nothing is judged: a check that reads no more than them can ask for nothing.
    assert asked or check.code in LOOK_FOR_EMPTY_POOLS or set(check.permissions) <= {CLUSTER, REGISTRY}, (
        f"{check.code} asks for no permission in any fixture: add one to READING_MUCH that makes it"
    )
    undocumented = {action: place for action, place in asked.items() if action.split(",")[0] not in check.permissions}
    assert not undocumented, f"{check.code} tells operators to grant what it does not document: {undocumented}"


@pytest.mark.parametrize("kind", ["managedclusters", "registries"])
def test_without_cluster_or_registry_there_is_nothing_to_judge(kind: str) -> None:
    _, asked = judged("recorded_public_attached")
    [path] = [path for path in asked if kind_of(path) == kind]
    with pytest.raises(TargetError, match=r"denied .*; needs Microsoft\.Container.*/read"):
        judged("recorded_public_attached", path)
