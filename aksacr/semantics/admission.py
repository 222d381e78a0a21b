"""What the registry's network rules let in.

Rules (Azure Container Registry firewall): requests by an approved private endpoint are not subject to the rules;
`publicNetworkAccess` Disabled refuses all others; `defaultAction` Allow admits all; with Deny an IPv4 address or
range must lie in `ipRules`. Ranges that cover a prefix together admit it. Only the Premium tier has rules; those that a
lower one still shows bind nobody. AKS is no trusted service, so `networkRuleBypassOptions` never matters here.
"""

from __future__ import annotations

from ipaddress import IPv4Network, collapse_addresses, ip_network
from typing import TYPE_CHECKING, Literal

from aksacr.facts import Unseen, UnseenError, same

from .egress import egress
from .pools import subnet_of

if TYPE_CHECKING:
    from aksacr.facts import Facts, NodePool, Registry

_TIERS_WITHOUT_RULES = {"basic", "standard"}
REGISTRY_SERVICE_ENDPOINT = "Microsoft.ContainerRegistry"


def serves_nothing(registry: Registry) -> bool:
    """Whether the registry is not there yet, or no more, or says that it is not ready."""
    gone = registry.provisioning_state.lower() in {"creating", "deleting"}
    return gone or not same(registry.status or "Ready", "Ready")


def is_closed(registry: Registry) -> bool:
    """Whether public network access is disabled. Raises `UnseenError` for a word that is not known."""
    if same(registry.public_network_access, "Disabled"):
        return True
    if same(registry.public_network_access, "Enabled"):
        return False
    raise _unknown_word(registry, "publicNetworkAccess", registry.public_network_access)


def admits_everyone(registry: Registry) -> bool:
    """Whether the public side lets every address in. Raises `UnseenError` for a word that is not known."""
    if is_closed(registry):
        return False
    if registry.sku.lower() in _TIERS_WITHOUT_RULES:
        return True
    if same(registry.default_action, "Deny"):
        return False
    if same(registry.default_action, "Allow"):
        return True
    raise _unknown_word(registry, "networkRuleSet.defaultAction", registry.default_action)


def _unknown_word(registry: Registry, setting: str, word: str) -> UnseenError:
    return UnseenError(Unseen(registry.id.text, "", f'{setting} is "{word}", which is not known here'))


def allowed_ranges(registry: Registry) -> list[IPv4Network]:
    """The registry's IP rules, joined where they touch. What is no IPv4 address or range admits nothing."""
    ranges: list[IPv4Network] = []
    for rule in registry.ip_rules:
        try:
            network = ip_network(rule.strip(), strict=False)
        except ValueError:
            continue
        if isinstance(network, IPv4Network):
            ranges.append(network)
    return list(collapse_addresses(ranges))


def outside(registry: Registry, ranges: tuple[IPv4Network, ...]) -> list[IPv4Network]:
    """The addresses and ranges that the registry's IP rules do not admit as a whole."""
    allowed = allowed_ranges(registry)
    return [item for item in ranges if not any(item.subnet_of(rule) for rule in allowed)]


def has_service_endpoint(facts: Facts, pool: NodePool) -> bool:
    """Whether the pool's subnet sends its registry traffic by a service endpoint, with the subnet as its identity."""
    return any(same(service, REGISTRY_SERVICE_ENDPOINT) for service in subnet_of(facts, pool).service_endpoints)


def subnet_is_allowed(facts: Facts, pool: NodePool) -> bool:
    """Whether a rule of the registry names the pool's subnet."""
    subnet = subnet_of(facts, pool)
    return any(rule.subnet_id == subnet.id and same(rule.action, "Allow") for rule in facts.subnet_rules.value)


def public_side(facts: Facts, pool: NodePool) -> Literal["open", "closed", "unknowable"]:
    """Whether the pool gets in by the public endpoint. Raises `UnseenError` when a fact that decides was not seen."""
    registry = facts.registry
    if is_closed(registry):
        return "closed"
    if admits_everyone(registry):
        return "open"
    if has_service_endpoint(facts, pool):
        return "open" if subnet_is_allowed(facts, pool) else "closed"
    found = egress(facts, pool)
    if found.kind == "unknowable":
        return "unknowable"
    if found.kind == "none" or outside(registry, found.ipv4):
        return "closed"
    return "open"
