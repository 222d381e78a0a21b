"""Who answers the questions of a virtual network's nodes for names: Azure DNS, or servers of one's own.

Rules (learn.microsoft.com: Azure virtual networks, name resolution; Azure Firewall, DNS settings and policy overview):
* a virtual network without custom DNS servers asks Azure DNS; 168.63.129.16 among custom servers is Azure DNS;
* a custom server is judged by the virtual network that it sits in: Azure DNS answers *it* by that network's links;
* an Azure Firewall answers at its private address while its DNS proxy is on, and by default it is off. It asks its own
  DNS servers, any of them, or, where it has none, Azure DNS, whatever its network's DNS servers are;
* the settings of a firewall with a policy are those of the policy; one without has them itself.

Azure's pages tell what a policy inherits from its parent: rules and threat intelligence. They say nothing of DNS. What
a policy leaves out, while a parent says otherwise than the default, is not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aksacr.facts import DnsSettings, Seen, Unseen, UnseenError, look, same

from .appliances import FIREWALL_SUBNET, networks_with
from .prefixes import holds_address
from .remembering import remembered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aksacr.facts import AzureFirewall, Fact, Facts, FirewallPolicy, ResourceId, Subnet, VirtualNetwork

AZURE_DNS = "168.63.129.16"


@dataclass(frozen=True, slots=True)
class NameServer:
    """A DNS server of a virtual network, followed to the network whose links answer it.

    `network` is None where Azure does not place it. `firewall` is the Azure Firewall at `address`, and `upstream` the
    DNS server that it asks, where it has one. `silent_at` is the firewall at which nothing answers, its proxy being
    off: the same one, or one that it asks.
    """

    address: str
    network: VirtualNetwork | None
    firewall: AzureFirewall | None = None
    upstream: str = ""
    silent_at: AzureFirewall | None = None

    @property
    def answers(self) -> bool:
        return self.silent_at is None

    @property
    def words(self) -> str:
        """`10.0.0.4`, `172.30.0.4 (Azure Firewall hub-firewall, which asks 10.0.0.4)`."""
        if self.firewall is None:
            return self.address
        asks = f", which asks {self.upstream}" if self.upstream else ""
        return f"{self.address} (Azure Firewall {self.firewall.name}{asks})"


def custom_servers(vnet: VirtualNetwork) -> tuple[str, ...]:
    """The virtual network's own DNS servers, without Azure DNS."""
    return tuple(server for server in vnet.dns_servers if server != AZURE_DNS)


@remembered
def name_servers(facts: Facts, vnet: VirtualNetwork) -> tuple[NameServer, ...]:
    """The DNS servers that the nodes of `vnet` ask, each followed to where it sits; a firewall may ask several.

    Raises `UnseenError` when a network, firewall or policy that decides may not be read.
    """
    servers = vnet.dns_servers or (AZURE_DNS,)
    return tuple(found for server in servers for found in _followed(facts, vnet, server, frozenset()))


def _followed(facts: Facts, vnet: VirtualNetwork, server: str, met: frozenset[ResourceId]) -> tuple[NameServer, ...]:
    if server == AZURE_DNS:
        return (NameServer(server, vnet),)
    home = _home(facts, vnet, server)
    if home is None:
        return (NameServer(server, None),)
    subnet = firewall_subnet(home, server)
    if subnet is None:
        return (NameServer(server, home),)
    firewall = firewall_at(facts.firewalls, subnet, server)
    settings = dns_settings(firewall, facts.policy_heads)
    if not settings.proxy:
        return (NameServer(server, home, firewall, silent_at=firewall),)
    if not settings.servers:
        return (NameServer(server, home, firewall),)
    if firewall.id in met:
        raise UnseenError(Unseen(firewall.id.text, "", f"the DNS servers of {firewall.name} lead back to itself"))
    asked = [(item, _followed(facts, home, item, met | {firewall.id})) for item in settings.servers]
    return tuple(
        replace(found, address=server, firewall=firewall, upstream=item) for item, held in asked for found in held
    )


def _home(facts: Facts, vnet: VirtualNetwork, server: str) -> VirtualNetwork | None:
    """The virtual network that holds a server: `vnet` or one that it peers with. Raises `UnseenError`."""
    holders = networks_with(vnet, server)
    if holders == [vnet.id]:
        return vnet
    held = [facts.virtual_network(holder) for holder in holders]
    seen = [fact.value for fact in held if isinstance(fact, Seen) and fact.value is not None]
    hidden = [fact for fact in held if isinstance(fact, Unseen)]
    if not seen and hidden:
        raise UnseenError(hidden[0])
    return seen[0] if seen else None


def firewall_subnet(vnet: VirtualNetwork, server: str) -> Subnet | None:
    """The subnet of Azure Firewalls that an address is in: nothing else has its place there."""
    homes = (item for item in vnet.subnets if holds_address(item.prefixes, server))
    return next((item for item in homes if same(item.name, FIREWALL_SUBNET)), None)


def firewall_at(
    firewalls: Mapping[str, Fact[tuple[AzureFirewall, ...]]], subnet: Subnet, address: str
) -> AzureFirewall:
    """The Azure Firewall of a subnet that has an address. Raises `UnseenError` when none of it was seen."""
    source = f"/subscriptions/{subnet.id.subscription_id}/providers/Microsoft.Network/azureFirewalls"
    not_read = Unseen(source, "Microsoft.Network/azureFirewalls/read", "was not read in this run")
    for firewall in firewalls.get(subnet.id.subscription_id.lower(), not_read).value:
        if firewall.subnet_id == subnet.id and address in firewall.private_addresses:
            return firewall
    reason = f"Azure shows no Azure Firewall in it with the address {address}; one that is deallocated answers nothing"
    raise UnseenError(Unseen(subnet.id.text, "", reason))


def dns_settings(firewall: AzureFirewall, policies: Mapping[ResourceId, Fact[FirewallPolicy | None]]) -> DnsSettings:
    """What holds for an Azure Firewall: both parts are told. Raises `UnseenError` for what was not seen or decided."""
    if firewall.policy_id is None:
        return _or_default(firewall.dns)
    policy = _policy(policies, firewall.policy_id)
    above = _above(policy, policies)
    own = policy.dns
    for parent in above:
        if own.proxy is None and parent.dns.proxy:
            raise _undecided(policy, "turns the DNS proxy neither on nor off", parent, "turns it on")
    settings = _or_default(own)
    for parent in above if settings.proxy else ():
        if own.servers is None and parent.dns.servers:
            raise _undecided(policy, "names no DNS servers", parent, f"names {', '.join(parent.dns.servers)}")
    return settings


def _or_default(said: DnsSettings) -> DnsSettings:
    return DnsSettings(bool(said.proxy), said.servers or ())


def _above(policy: FirewallPolicy, policies: Mapping[ResourceId, Fact[FirewallPolicy | None]]) -> list[FirewallPolicy]:
    """The parents of a policy that may bear on what it leaves out; none where it leaves out nothing."""
    is_told = policy.dns.proxy is False or (policy.dns.proxy and policy.dns.servers is not None)
    found: list[FirewallPolicy] = []
    next_id = None if is_told else policy.base_id
    met = {policy.id}
    while next_id is not None and next_id not in met:
        met.add(next_id)
        found.append(_policy(policies, next_id))
        next_id = found[-1].base_id
    return found


def _policy(policies: Mapping[ResourceId, Fact[FirewallPolicy | None]], policy_id: ResourceId) -> FirewallPolicy:
    found = look(policies, policy_id).value
    if found is None:
        raise UnseenError(Unseen(policy_id.text, "", f"Azure has no firewall policy {policy_id.name}"))
    return found


def _undecided(policy: FirewallPolicy, own: str, parent: FirewallPolicy, other: str) -> UnseenError:
    reason = f"{policy.name} {own}, its parent {parent.name} {other}, and Azure does not say whether that is inherited"
    return UnseenError(Unseen(policy.id.text, "", reason))
