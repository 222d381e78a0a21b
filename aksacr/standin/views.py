"""How stored bodies look to a request: by api-version, as agent pools, as entries of general lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .json_values import as_object, as_objects, as_text, properties
from .paths import ArmPath, key_of, type_of

if TYPE_CHECKING:
    from .json_values import JsonObject, JsonValue
    from .store import Store

_REGISTRY = "microsoft.containerregistry/registries"
_CLUSTER = "microsoft.containerservice/managedclusters"
_NOT_IN_GENERAL_LISTS = "microsoft.authorization/"
_TRACKED_BELOW = frozenset(
    {"microsoft.network/privatednszones/virtualnetworklinks", "microsoft.containerregistry/registries/replications"}
)


def shown(body: JsonObject, kind: str, version: str) -> JsonObject:
    """`body` of the lower-case type `kind` as an api-version shows it."""
    return _registry(body, version) if kind == _REGISTRY else body


def _registry(body: JsonObject, version: str) -> JsonObject:
    """A registry without what that api-version does not know.

    `roleAssignmentMode` came with 2025-03-01-preview, was left out of 2025-04-01 and is back since 2025-11-01;
    subnet rules are answered up to 2021-08-01-preview, and again, under another key, since 2026-01-01-preview;
    regional endpoints came with 2026-03-01-preview. (Recorded answers of one registry in several versions.)
    """
    date = version[:10]
    inside = dict(properties(body))
    if date < "2025-03-01" or version == "2025-04-01":
        inside.pop("roleAssignmentMode", None)
    if date < "2026-03-01":
        for name in ("regionalEndpoints", "regionalEndpointHostNames", "endpointProtocol"):
            inside.pop(name, None)
    if isinstance(inside.get("networkRuleSet"), dict):
        inside["networkRuleSet"] = _network_rules(as_object(inside["networkRuleSet"]), date)
    return {**body, "properties": inside}


def _network_rules(rules: JsonObject, date: str) -> JsonObject:
    key = "id" if date <= "2021-08-01" else "virtualNetworkSubnetResourceId"
    kept = {name: value for name, value in rules.items() if name != "virtualNetworkRules"}
    if "virtualNetworkRules" in rules and (key == "id" or date >= "2026-01-01"):
        found: list[JsonValue] = [
            {"action": rule.get("action", "Allow"), key: subnet_of_rule(rule)}
            for rule in as_objects(rules["virtualNetworkRules"])
        ]
        kept["virtualNetworkRules"] = found
    return kept


def subnet_of_rule(rule: JsonObject) -> str:
    """The subnet that a registry's rule names, under either of the two keys Azure has used."""
    return as_text(rule.get("virtualNetworkSubnetResourceId")) or as_text(rule.get("id"))


def agent_pools(store: Store, cluster_key: str) -> list[JsonObject]:
    """A cluster's agent pools: its own sub-resources, or else those that the cluster's body describes."""
    cluster = store.get(cluster_key)
    own = store.children(f"{cluster_key}/agentpools")
    if own or cluster is None:
        return own
    prefix = as_text(cluster.get("id")) or cluster_key
    return [_agent_pool(profile, prefix) for profile in as_objects(properties(cluster).get("agentPoolProfiles"))]


def _agent_pool(profile: JsonObject, cluster_id: str) -> JsonObject:
    name = as_text(profile.get("name"))
    return {
        "id": f"{cluster_id}/agentPools/{name}",
        "name": name,
        "type": "Microsoft.ContainerService/managedClusters/agentPools",
        "properties": {member: value for member, value in profile.items() if member != "name"},
    }


def children_of(store: Store, path: ArmPath) -> list[JsonObject]:
    """What the collection `path` holds; it may be a list that gathers several types (`ALL` of a DNS zone)."""
    parent, kind = path.key.rsplit("/", 1)
    parent_type = type_of(parent) if path.has_parent_resource else ""
    if parent_type == _CLUSTER and kind == "agentpools":
        return agent_pools(store, parent)
    if parent_type == "microsoft.network/privatednszones" and kind in {"all", "recordsets"}:
        return _record_sets(store, parent)
    if parent_type == "microsoft.compute/virtualmachinescalesets" and kind in {
        "networkinterfaces",
        "publicipaddresses",
    }:
        return [body for key, body in store.below(parent) if key.rsplit("/", 2)[1] == kind]
    if len(path.rest) == 1 and path.subscription and not path.group:
        return store.of_type(path.subscription, f"{path.namespace}/{kind}")
    return store.children(path.key)


def _record_sets(store: Store, zone: str) -> list[JsonObject]:
    links = f"{zone}/virtualnetworklinks/"
    return [
        body for key, body in store.below(zone) if key.count("/") == zone.count("/") + 2 and not key.startswith(links)
    ]


def one_of(store: Store, path: ArmPath) -> JsonObject | None:
    """The resource at `path`, or None."""
    found = store.get(path.key)
    if found is None and f"{path.namespace}/{'/'.join(path.rest[::2])}" == f"{_CLUSTER}/agentpools":
        pools = agent_pools(store, path.parent.key)
        return next((pool for pool in pools if as_text(pool.get("name")).lower() == path.lower[-1]), None)
    return found


def subscription_body(store: Store, subscription: str, tenant_id: str) -> JsonObject:
    """A subscription: as the world stores it, or a plain enabled one."""
    stored = store.get(key_of(f"/subscriptions/{subscription}")) or {}
    return {
        "id": f"/subscriptions/{subscription}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription,
        "tenantId": tenant_id,
        "displayName": "Subscription",
        "state": "Enabled",
        "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01"},
        **stored,
    }


def group_body(store: Store, subscription: str, name: str) -> JsonObject:
    """A resource group: as the world stores it, or one in the region of what lies in it."""
    group_id = f"/subscriptions/{subscription}/resourceGroups/{name}"
    stored = store.get(key_of(group_id)) or {}
    inside = (as_text(body.get("location")) for _, body in store.below(key_of(group_id)))
    return {
        "id": group_id,
        "name": name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": next((location for location in inside if location and location != "global"), "eastus"),
        "properties": {"provisioningState": "Succeeded"},
        **stored,
    }


def listed(store: Store, prefix: str) -> list[JsonObject]:
    """Every tracked resource below a lower-case scope as `…/resources` lists it: without its properties."""
    found: list[JsonObject] = []
    for key, body in store.below(prefix):
        kind = type_of(key)
        is_tracked = kind.count("/") == 1 or kind in _TRACKED_BELOW
        if kind and is_tracked and not kind.startswith(_NOT_IN_GENERAL_LISTS):
            members = ("id", "name", "type", "sku", "kind", "location", "identity", "managedBy", "tags", "zones")
            found.append({member: body[member] for member in members if member in body})
    return found
