"""What an Azure Firewall, or whoever runs another appliance, is to be told: words and commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aksacr.check import Fix, az
from aksacr.facts import Seen, same
from aksacr.semantics.azure_firewall import in_order
from aksacr.semantics.firewall_matching import ANY_HOST

from ._wording import listed, subscription_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aksacr.facts import AzureFirewall, Facts, FirewallRuleCollection, ResourceId, Subnet
    from aksacr.semantics.appliances import Appliance
    from aksacr.semantics.azure_firewall import Decision
    from aksacr.semantics.firewall_matching import Target

_COLLECTION = "aks-registry"
_GROUP = ("network", "firewall", "policy", "rule-collection-group")
EXTENSION = "The command is in the az extension azure-firewall, which az offers to install."


@dataclass(frozen=True, slots=True)
class Wanting:
    """What no rule of a firewall allows yet: `targets` from the prefixes of all pools that lack the same.

    `number` counts what other pools lack of the same firewall: rules of one collection need names of their own.
    """

    targets: tuple[Target, ...]
    sources: tuple[str, ...]
    number: int = 0


@dataclass(frozen=True, slots=True)
class _Rule:
    """The part of a command that says from where to where a rule is, and which of several rules it is."""

    words: tuple[str, ...]
    number: int

    def name(self, facts: Facts, collection: FirewallRuleCollection | None = None) -> str:
        """A name that no rule of the collection has, and none of the other rules that are to be made."""
        own = f"{facts.cluster.name}-to-{facts.registry.name}"[:76].rstrip("-.")
        taken = {rule.name.lower() for rule in collection.rules} if collection is not None else set[str]()
        names = (own if count == 1 else f"{own}-{count}" for count in range(1, len(taken) + self.number + 2))
        return [name for name in names if name.lower() not in taken][self.number]


def where(target: Target) -> str:
    """`x.azurecr.io`, or `x.azurecr.io at 10.1.0.4`."""
    return f"{target.host} at {target.address}" if target.address else target.host


def to_allow(subnet: Subnet, targets: Iterable[Target]) -> str:
    """What an appliance must allow, in a form to paste: `TCP 443 from 10.0.0.0/16 to x.azurecr.io and …`."""
    return _allowing_words(sources_of(subnet), targets)


def _allowing_words(sources: list[str], targets: Iterable[Target]) -> str:
    return f"TCP 443 from {listed(sources)} to {listed(where(target) for target in targets)}"


def ask(sources: Iterable[str], hop: str, targets: list[Target]) -> Fix:
    """Words for whoever runs an appliance that cannot be read, and the request in a form to paste."""
    back = ", and to return the answers by the same way (source NAT)" if any(item.address for item in targets) else ""
    return Fix(
        "\n".join(
            (
                f"Ask who runs {hop} to allow this, without inspection of TLS{back}",
                *_listing("source", sources),
                *_listing("destination", dict.fromkeys(_destination(target) for target in targets)),
                *_listing("protocol", ["TCP"]),
                *_listing("port", ["443 (HTTPS)"]),
            )
        ),
        manual=True,
        caveat="With inspection of TLS, the nodes must trust the appliance's certificate authority.",
    )


def hop_words(appliance: Appliance) -> str:
    """Whose rules a request is for, where they cannot be read."""
    if appliance.is_gateway:
        return "the network behind the virtual network gateway (on-premises)"
    return appliance.hop


def _listing(label: str, items: Iterable[str]) -> list[str]:
    """An item a line, the first beside its label."""
    return [f"{label if number == 0 else '':<13}{item}" for number, item in enumerate(items)]


def _destination(target: Target) -> str:
    return f"{target.address} ({target.name})" if target.address else target.name


def overrule(decision: Decision, subnet: Subnet, targets: list[Target]) -> Fix:
    """A rule denies: something must come before it, or it must go."""
    collection = decision.collection
    kind = f"{collection.kind} rules, priority {collection.priority}"
    group = f" of group {collection.group_name}" if collection.group_name else ""
    order = "Network rules come before all application rules, a parent policy's before its child's."
    return Fix(
        f"Take the nodes or the registry out of {decision.words}, or allow {to_allow(subnet, targets)} in a collection "
        f"that comes before {collection.name} ({kind}{group})",
        manual=True,
        caveat=f"Somebody denies this on purpose: ask who. {order}",
        needs=f"Network Contributor on {decision.source.name}",
    )


def admit(facts: Facts, firewall: AzureFirewall, wanting: Wanting) -> list[Fix]:
    """No rule matches: add one for host names, and one for private addresses, whichever is needed."""
    targets, sources = list(wanting.targets), list(wanting.sources)
    by_name = [target for target in targets if not target.address]
    by_address = [target for target in targets if target.address]
    holder = firewall.policy_id or firewall.id
    fixes: list[Fix] = []
    if any(target.name == ANY_HOST for target in by_name):
        unnamed = [target for target in by_name if target.name == ANY_HOST]
        by_name = [target for target in by_name if target not in unnamed]
        fixes.append(_in_words(holder, sources, unnamed))
    for kind, wanted in (("application", by_name), ("network", by_address)):
        if wanted:
            make = _in_policy if firewall.policy_id else _classic
            fixes.append(
                Fix(
                    f"Let {holder.name} allow {_allowing_words(sources, wanted)}",
                    tuple(make(facts, firewall, kind, _Rule(_rule(kind, sources, wanted), wanting.number))),
                    caveat=EXTENSION,
                    needs=f"Network Contributor on {holder.name}",
                )
            )
    return fixes


def _in_words(holder: ResourceId, sources: list[str], targets: list[Target]) -> Fix:
    """What no command can name: the cloud does not say what the hosts of its storage end in."""
    return Fix(
        f"Let {holder.name} allow {_allowing_words(sources, targets)}",
        manual=True,
        caveat="The cloud's operator knows what the hosts of Azure Storage end in there.",
        needs=f"Network Contributor on {holder.name}",
    )


def _rule(kind: str, sources: list[str], targets: list[Target]) -> tuple[str, ...]:
    """The part of the commands that is the same for policies and classic rules, but for the protocol."""
    if kind == "application":
        to = ("--target-fqdns", *dict.fromkeys(target.name for target in targets))
    else:
        addresses = dict.fromkeys(target.address for target in targets)
        to = ("--destination-addresses", *addresses, "--destination-ports", "443")
    return ("--source-addresses", *sources, *to)


def _in_policy(facts: Facts, firewall: AzureFirewall, kind: str, rule: _Rule) -> list[str]:
    policy_id = firewall.policy_id or firewall.id
    policy = facts.firewall_policies.get(policy_id)
    held = policy.value.collections if isinstance(policy, Seen) and policy.value else ()
    place = ("-g", policy_id.resource_group, *subscription_words(facts, policy_id), "--policy-name", policy_id.name)
    protocol = ("--protocols", "Https=443") if kind == "application" else ("--ip-protocols", "TCP")
    what = ("--rule-type", "ApplicationRule" if kind == "application" else "NetworkRule", *protocol, *rule.words)
    allowing = _allowing(held, kind)
    if allowing is not None:
        into = ("--rule-collection-group-name", allowing.group_name, "--collection-name", allowing.name)
        return [az(*_GROUP, "collection", "rule", "add", *place, *into, "-n", rule.name(facts, allowing), *what)]
    groups = list(dict.fromkeys(item.group_name for item in in_order(held, kind) or held))
    group = groups[0] if groups else _COLLECTION
    taken = {item.priority for item in held if item.group_name == group}
    new = ("-n", _COLLECTION, "--action", "Allow", "--collection-priority", str(_free(taken)))
    into = ("--rule-collection-group-name", group, *new, "--rule-name", rule.name(facts))
    made = az(*_GROUP, "collection", "add-filter-collection", *place, *into, *what)
    priority = str(_free({item.group_priority for item in held}))
    return [made] if groups else [az(*_GROUP, "create", *place, "-n", group, "--priority", priority), made]


def _classic(facts: Facts, firewall: AzureFirewall, kind: str, rule: _Rule) -> list[str]:
    place = ("-g", firewall.id.resource_group, *subscription_words(facts, firewall.id), "-f", firewall.name)
    protocol = "Https=443" if kind == "application" else "TCP"
    allowing = _allowing(firewall.collections, kind)
    taken = {item.priority for item in firewall.collections if item.kind == kind}
    new = () if allowing else ("--action", "Allow", "--priority", str(_free(taken)))
    into = ("--collection-name", allowing.name if allowing else _COLLECTION, *new)
    named = ("-n", rule.name(facts, allowing), "--protocols", protocol)
    return [az("network", "firewall", f"{kind}-rule", "create", *place, *into, *named, *rule.words)]


def _allowing(collections: tuple[FirewallRuleCollection, ...], kind: str) -> FirewallRuleCollection | None:
    return next((item for item in in_order(collections, kind) if same(item.action, "Allow")), None)


def _free(taken: set[int]) -> int:
    """A priority after all others, while there is room."""
    after = max(taken, default=0) + 100
    return after if after <= 65000 else next(item for item in range(64999, 99, -1) if item not in taken)


def sources_of(subnet: Subnet) -> list[str]:
    """IPv4: an Azure Firewall, and the registry's rules, know no other."""
    four = [prefix for prefix in subnet.prefixes if ":" not in prefix]
    return four or list(subnet.prefixes)


def policy_or_rules(firewall: AzureFirewall) -> ResourceId:
    """Where a firewall's rules are to be looked at."""
    return firewall.policy_id or firewall.id
