"""What an Azure Firewall makes of host names itself.

Rules (learn.microsoft.com/azure/firewall/dns-details and fqdn-filtering-network-rules): by an application rule the
firewall resolves the name on its own and connects to that address, whatever address the client asked for. A host name
in a network rule stands for the addresses that the firewall resolves it to, and needs the DNS proxy. It asks the DNS
servers of its settings (see `dns_servers`), or Azure DNS from its own virtual network.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aksacr.facts import UnseenError

from .dns_servers import dns_settings
from .firewall_matching import YES, NameView, doubt
from .name_resolution import resolve

if TYPE_CHECKING:
    from aksacr.facts import AzureFirewall, DnsSettings, Facts, VirtualNetwork

    from .firewall_matching import Answer, Target


def name_view(facts: Facts, firewall: AzureFirewall, target: Target) -> NameView:
    """What a firewall makes of a target's name. Raises nothing: what was not seen is a doubt."""
    try:
        settings = dns_settings(firewall, facts.firewall_policies)
        if target.address:
            same_address = _finds(facts, firewall, settings, target)
            return NameView(same_address, same_address)
    except UnseenError as error:
        hidden = doubt(error.unseen)
        return NameView(hidden, hidden) if target.address else NameView(listed=hidden)
    reason = f"{target.name} in a network rule of {firewall.name}, which is no DNS proxy"
    return NameView(listed=YES if settings.proxy else doubt(reason))


def _finds(facts: Facts, firewall: AzureFirewall, settings: DnsSettings, target: Target) -> Answer:
    """Whether the firewall resolves the name to the private address that the nodes go to. Raises `UnseenError`."""
    home = _home(facts, firewall)
    if home is None:
        return doubt(f"what {firewall.name} itself resolves {target.name} to")
    # The DNS servers of the virtual network are for its machines: the firewall has settings of its own.
    found = resolve(facts, replace(home, dns_servers=settings.servers or ()), target.name)
    if found.kind == "private" and target.address in found.addresses:
        return YES
    if found.kind == "unknowable":
        return doubt(f"what DNS servers {', '.join(found.servers)} tell {firewall.name} of {target.name}")
    to = ", ".join(found.addresses) or ("nothing" if found.leads_nowhere else "its public address")
    does = f"{firewall.name} itself resolves {target.name} to {to}"
    return doubt(f"{does}, as virtual network {found.answered_for.name} is linked to no zone that says otherwise")


def _home(facts: Facts, firewall: AzureFirewall) -> VirtualNetwork | None:
    return facts.virtual_network(firewall.subnet_id.parent).value if firewall.subnet_id is not None else None
