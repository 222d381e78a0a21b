"""Rules, groups and flows that tests of security rules are about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aksacr.facts import ResourceId, SecurityGroup, SecurityRule
from aksacr.semantics.security_rules import (
    Flow,
    decide,
)
from aksacr.semantics.service_tags import (
    REGISTRY_TAG,
    Hosts,
    Service,
    Space,
    ranges_of,
)

GROUP_ID = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nodes-nsg")
ASG = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationSecurityGroups/web")
NODES = Hosts(ranges_of(("10.1.0.0/24",)), frozenset())
ENDPOINT = Hosts(ranges_of(("10.1.9.4",)))
SPACE = Space(ranges_of(("10.1.0.0/16", "10.2.0.0/16", "168.63.129.16")))
REGISTRY = Service(REGISTRY_TAG, frozenset({"westus2"}), every_region=True)
TO_REGISTRY = Flow("Outbound", NODES, REGISTRY, SPACE)
TO_ENDPOINT = Flow("Outbound", NODES, ENDPOINT, SPACE)
AT_ENDPOINT = Flow("Inbound", NODES, ENDPOINT, SPACE)


def rule(priority: int = 200, access: str = "Deny", **changes: Any) -> SecurityRule:
    made = SecurityRule(
        f"{access}-{priority}", "Outbound", access, "*", priority, ("*",), ("*",), (), ("*",), ("*",), ()
    )
    return replace(made, **changes)


def to(*prefixes: str, access: str = "Deny", priority: int = 200, **changes: Any) -> SecurityRule:
    return rule(priority, access, destination_prefixes=prefixes, **changes)


def group(*rules: SecurityRule) -> SecurityGroup:
    return SecurityGroup(GROUP_ID, "nodes-nsg", rules)


def outcome(flow: Flow, *rules: SecurityRule) -> tuple[str, str]:
    found = decide(group(*rules), flow)
    return found.kind, found.rule.name
