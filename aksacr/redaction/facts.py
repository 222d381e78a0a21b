"""Every name that Azure told in a run, read from its facts: whatever a sentence says was taken from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, cast

from aksacr.facts import ResourceId, Seen

from .ids import group_kind, segments_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aksacr.facts import Facts

# The kind of a value's name, by its class.
_KIND_OF_CLASS: dict[str, str] = {
    "AzureFirewall": "firewall",
    "Cluster": "cluster",
    "DenyAssignment": "deny-assignment",
    "EndpointConnection": "connection",
    "FirewallPolicy": "firewall-policy",
    "FirewallRule": "rule",
    "FirewallRuleCollection": "collection",
    "Instance": "machine",
    "Machine": "scale-set",
    "NatGateway": "nat-gateway",
    "NodePool": "pool",
    "Peering": "peering",
    "PrivateEndpoint": "endpoint",
    "PublicAddress": "public-ip",
    "Registry": "registry",
    "RoleDefinition": "role",
    "Route": "route",
    "RouteTable": "route-table",
    "SecurityGroup": "nsg",
    "SecurityRule": "rule",
    "Subnet": "subnet",
    "VirtualNetwork": "vnet",
    "ZoneLink": "link",
}
_KIND_OF_FIELD: dict[str, str] = {
    "group_name": "collection-group",
    "display_name": "service-principal",
    "tenant_id": "tenant",
    "home_tenant_id": "tenant",
    "app_id": "application",
    "client_id": "client",
    "service_principal_client_id": "client",
    "object_id": "principal",
    "principal_id": "principal",
    "key_id": "credential",
}
_MIXED = frozenset({"AddressRecord", "PrivateZone"})  # names of DNS, which have rules of their own


def named_in(facts: Facts) -> list[tuple[str, str]]:
    """Every name and id in the facts with its kind: those of cluster and registry first, the others in alphabet."""
    cluster, registry = facts.cluster, facts.registry
    first = [
        (cluster.name, "cluster"),
        (registry.name, "registry"),
        *(
            (segment.value, segment.kind)
            for segment in segments_in(f"{cluster.id.text} {registry.id.text}")
            if segment.kind
        ),
        *((pool.name, "pool") for pool in cluster.node_pools),
    ]
    if cluster.node_resource_group:
        first.append((cluster.node_resource_group, group_kind(cluster.node_resource_group)))
    first += [(tenant.value, "tenant") for tenant in facts.tenants.values() if isinstance(tenant, Seen)]
    return [*first, *sorted(_Walk().found_in(facts))]


class _Walk:
    """Looks at every value once, however many others hold it: a network is in the facts of each of its node pools."""

    def __init__(self) -> None:
        self._looked_at: set[object] = set()
        self._names: set[tuple[str, str]] = set()

    def found_in(self, facts: Facts) -> set[tuple[str, str]]:
        self._look(facts)
        return self._names

    def _look(self, value: object) -> None:
        if isinstance(value, ResourceId):
            if value.text not in self._looked_at:
                self._looked_at.add(value.text)
                self._names.update((segment.value, segment.kind) for segment in segments_in(value.text) if segment.kind)
        elif isinstance(value, (str, int, float, type(None))):
            pass
        elif id(value) not in self._looked_at:
            self._looked_at.add(id(value))
            self._look_inside(value)

    def _look_inside(self, value: object) -> None:
        if is_dataclass(value) and not isinstance(value, type):
            owner = type(value).__name__
            for field in fields(value):
                if field.init:  # what rules keep beside the facts is made of the same values
                    self._look_at_field(owner, field.name, getattr(value, field.name))
        elif isinstance(value, Mapping):
            table = cast("Mapping[object, object]", value)
            for key, item in table.items():
                self._look(key)
                self._look(item)
        elif isinstance(value, (tuple, list, frozenset, set)):
            for item in cast("Iterable[object]", value):
                self._look(item)

    def _look_at_field(self, owner: str, name: str, content: object) -> None:
        if not isinstance(content, str):
            self._look(content)
        elif content and owner not in _MIXED and (kind := _kind(owner, name)):
            self._names.add((content, kind))


def _kind(owner: str, field: str) -> str | None:
    if owner == "Credential" and field == "display_name":
        return "secret"
    return _KIND_OF_CLASS.get(owner) if field == "name" else _KIND_OF_FIELD.get(field)
