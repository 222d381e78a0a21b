"""What an Azure Firewall, or whoever runs another appliance, is to be told: words and commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aksacr.check import Fix, az
from aksacr.facts import Seen, same
from aksacr.semantics.azure_firewall import in_order
from aksacr.semantics.firewall_matching import ANY_HOST

from ._wording import listed, subscription_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aksacr.facts import AzureFirewall, Facts, FirewallRuleCollection, ResourceId, Subnet
    from aksacr.semantics.azure_firewall import Decision
    from aksacr.semantics.firewall_matching import Target

_COLLECTION = "aks-registry"
_GROUP = ("network", "firewall", "policy", "rule-collection-group")
EXTENSION = "The command is in the az extension azure-firewall, which az offers to install."


def where(target: Target) -> str:
    """`x.azurecr.io`, or `x.azurecr.io at 10.1.0.4`."""
    return f"{target.host} at {target.address}" if target.address else target.host


def to_allow(subnet: Subnet, targets: Iterable[Target]) -> str:
    """What an appliance must allow, in a form to paste: `TCP 443 from 10.0.0.0/16 to x.azurecr.io and …`."""
    return f"TCP 443 from {listed(_sources(subnet))} to {listed(where(target) for target in targets)}"


def ask(subnet: Subnet, hop: str, targets: list[Target]) -> Fix:
    """Words for whoever runs an appliance that cannot be read, and the request in a form to paste."""
    back = ", and to return the answers by the same way (source NAT)" if any(item.address for item in targets) else ""
    return Fix(
        "\n".join(
            (
                f"Ask who runs {hop} to allow this, without inspection of TLS{back}",
                *_listing("source", _sources(subnet)),
                *_listing("destination", dict.fromkeys(_destination(target) for target in targets)),
                *_listing("protocol", ["TCP"]),
                *_listing("port", ["443 (HTTPS)"]),
            )
        ),
        manual=True,
        caveat="With inspection of TLS, the nodes must trust the appliance's certificate authority.",
    )


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


def admit(facts: Facts, firewall: AzureFirewall, subnet: Subnet, targets: list[Target]) -> list[Fix]:
    """No rule matches: add one for host names, and one for private addresses, whichever is needed."""
    by_name = [target for target in targets if not target.address]
    by_address = [target for target in targets if target.address]
    holder = firewall.policy_id or firewall.id
    fixes: list[Fix] = []
    if any(target.name == ANY_HOST for target in by_name):
        unnamed = [target for target in by_name if target.name == ANY_HOST]
        by_name = [target for target in by_name if target not in unnamed]
        fixes.append(_in_words(holder, subnet, unnamed))
    for kind, wanted in (("application", by_name), ("network", by_address)):
        if wanted:
            make = _in_policy if firewall.policy_id else _classic
            fixes.append(
                Fix(
                    f"Let {holder.name} allow {to_allow(subnet, wanted)}",
                    tuple(make(facts, firewall, kind, _rule(kind, subnet, wanted))),
                    caveat=EXTENSION,
                    needs=f"Network Contributor on {holder.name}",
                )
            )
    return fixes


def _in_words(holder: ResourceId, subnet: Subnet, targets: list[Target]) -> Fix:
    """What no command can name: the cloud does not say what the hosts of its storage end in."""
    return Fix(
        f"Let {holder.name} allow {to_allow(subnet, targets)}",
        manual=True,
        caveat="The cloud's operator knows what the hosts of Azure Storage end in there.",
        needs=f"Network Contributor on {holder.name}",
    )


def _rule(kind: str, subnet: Subnet, targets: list[Target]) -> tuple[str, ...]:
    """The part of the commands that is the same for policies and classic rules, but for the protocol."""
    if kind == "application":
        to = ("--target-fqdns", *dict.fromkeys(target.name for target in targets))
    else:
        addresses = dict.fromkeys(target.address for target in targets)
        to = ("--destination-addresses", *addresses, "--destination-ports", "443")
    return ("--source-addresses", *_sources(subnet), *to)


def _in_policy(facts: Facts, firewall: AzureFirewall, kind: str, rule: tuple[str, ...]) -> list[str]:
    policy_id = firewall.policy_id or firewall.id
    policy = facts.firewall_policies.get(policy_id)
    held = policy.value.collections if isinstance(policy, Seen) and policy.value else ()
    place = ("-g", policy_id.resource_group, *subscription_words(facts, policy_id), "--policy-name", policy_id.name)
    protocol = ("--protocols", "Https=443") if kind == "application" else ("--ip-protocols", "TCP")
    what = ("--rule-type", "ApplicationRule" if kind == "application" else "NetworkRule", *protocol, *rule)
    allowing = _allowing(held, kind)
    if allowing is not None:
        into = ("--rule-collection-group-name", allowing.group_name, "--collection-name", allowing.name)
        return [az(*_GROUP, "collection", "rule", "add", *place, *into, "-n", _name(facts), *what)]
    groups = list(dict.fromkeys(item.group_name for item in in_order(held, kind) or held))
    group = groups[0] if groups else _COLLECTION
    taken = {item.priority for item in held if item.group_name == group}
    new = ("-n", _COLLECTION, "--action", "Allow", "--collection-priority", str(_free(taken)))
    into = ("--rule-collection-group-name", group, *new, "--rule-name", _name(facts))
    made = az(*_GROUP, "collection", "add-filter-collection", *place, *into, *what)
    priority = str(_free({item.group_priority for item in held}))
    return [made] if groups else [az(*_GROUP, "create", *place, "-n", group, "--priority", priority), made]


def _classic(facts: Facts, firewall: AzureFirewall, kind: str, rule: tuple[str, ...]) -> list[str]:
    place = ("-g", firewall.id.resource_group, *subscription_words(facts, firewall.id), "-f", firewall.name)
    protocol = "Https=443" if kind == "application" else "TCP"
    allowing = _allowing(firewall.collections, kind)
    taken = {item.priority for item in firewall.collections if item.kind == kind}
    new = () if allowing else ("--action", "Allow", "--priority", str(_free(taken)))
    into = ("--collection-name", allowing.name if allowing else _COLLECTION, *new)
    named = ("-n", _name(facts), "--protocols", protocol)
    return [az("network", "firewall", f"{kind}-rule", "create", *place, *into, *named, *rule)]


def _allowing(collections: tuple[FirewallRuleCollection, ...], kind: str) -> FirewallRuleCollection | None:
    return next((item for item in in_order(collections, kind) if same(item.action, "Allow")), None)


def _free(taken: set[int]) -> int:
    """A priority after all others, while there is room."""
    after = max(taken, default=0) + 100
    return after if after <= 65000 else next(item for item in range(64999, 99, -1) if item not in taken)


def _name(facts: Facts) -> str:
    return f"{facts.cluster.name}-to-{facts.registry.name}"[:80].rstrip("-.")


def _sources(subnet: Subnet) -> list[str]:
    """IPv4: an Azure Firewall, and the registry's rules, know no other."""
    four = [prefix for prefix in subnet.prefixes if ":" not in prefix]
    return four or list(subnet.prefixes)


def policy_or_rules(firewall: AzureFirewall) -> ResourceId:
    """Where a firewall's rules are to be looked at."""
    return firewall.policy_id or firewall.id
