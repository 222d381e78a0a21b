"""Doors: what the registry's own rules admit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .estate import public
from .examination import cluster
from .sites import HARBOUR, ORCHARD, QUARRY
from .ways_out import firewall, names, nat_gateway, outbound, public_address, public_prefix

if TYPE_CHECKING:
    from typing import Any

    from .estate import Estate

ENDPOINT = {"provisioningState": "Succeeded", "service": "Microsoft.ContainerRegistry", "locations": ["*"]}


@cluster(
    "The load balancer leaves by three addresses, and two are admitted", "some addresses only", "blocked", "AKA201"
)
def one_of_three_missing(title: str) -> Estate:
    estate = public(HARBOUR, title, HARBOUR.address, "20.91.141.0/24")
    leave_by(estate, "20.91.141.200", "20.91.142.1")
    return estate


def leave_by(estate: Estate, *addresses: str) -> None:
    """Add addresses to those that the load balancer leaves by."""
    listed = estate.cluster["properties"]["networkProfile"]["loadBalancerProfile"]["effectiveOutboundIPs"]
    for number, address in enumerate(addresses):
        listed.append({"id": public_address(estate, f"egress-{number}", address)["id"].lower()})


@cluster(
    "The rules admit an ingress and a private range, not what the nodes leave by",
    "wrong addresses were admitted",
    "blocked",
    "AKA201",
)
def ingress_and_private_admitted(title: str) -> Estate:
    estate = public(ORCHARD, title, "191.235.91.8", "172.22.0.0/16")
    node_group = ORCHARD.scope.replace(ORCHARD.group, ORCHARD.node_group)
    public_address(estate, "kubernetes-a77e02", "191.235.91.8", node_group)
    return estate


@cluster(
    "Trusted services may pass, and AKS is none of them",
    "the bypass for trusted services never helps AKS",
    "blocked",
    "AKA201",
)
def trusted_services_only(title: str) -> Estate:
    estate = public(QUARRY, title, "203.0.113.99")
    estate.registry["properties"]["networkRuleBypassOptions"] = "AzureServices"
    estate.registry["properties"]["networkRuleSet"]["ipRules"] = []
    return estate


@cluster(
    "The second pool's subnet has the registry's service endpoint, and no rule names it",
    "service endpoint without a rule, for one pool",
    "blocked",
    "AKA204",
    pools={"AKA204": ("apps",)},
    AKA201="pass",
)
def service_endpoint_of_one_pool(title: str) -> Estate:
    estate = public(HARBOUR, title, HARBOUR.address)
    estate.subnet("snet-apps")["properties"]["serviceEndpoints"] = [ENDPOINT]
    return estate


@cluster(
    "Rules name both subnets, one of which has no service endpoint; its address is not admitted",
    "a rule without service endpoint",
    "blocked",
    "AKA204",
    pools={"AKA204": ("apps",)},
)
def subnet_rule_alone(title: str) -> Estate:
    estate = public(QUARRY, title, "203.0.113.99")
    admit_subnets(estate, "snet-nodes", "snet-apps")
    estate.subnet("snet-nodes")["properties"]["serviceEndpoints"] = [ENDPOINT]
    return estate


def admit_subnets(estate: Estate, *subnets: str) -> None:
    rules: list[Any] = [{"action": "Allow", "id": estate.subnet(name)["id"].upper()} for name in subnets]
    estate.registry["properties"]["networkRuleSet"]["virtualNetworkRules"] = rules


@cluster(
    "Nodes leave through an Azure Firewall, and the rules hold the load balancer's address",
    "user-defined routing leaves by the firewall",
    "blocked",
    "AKA201",
    AKA343="pass",
)
def firewall_not_admitted(title: str) -> Estate:
    estate = public(ORCHARD, title, ORCHARD.address)
    firewall(estate, names("*.azurecr.io", "*.blob.core.windows.net"))
    return estate


@cluster(
    "The second pool has public addresses of its own, from a prefix that is not admitted",
    "addresses of instances come before the load balancer's",
    "blocked",
    "AKA201",
    pools={"AKA201": ("apps",)},
)
def instance_addresses_not_admitted(title: str) -> Estate:
    estate = public(HARBOUR, title, HARBOUR.address)
    instance_addresses(estate, "20.91.8.0/28")
    return estate


def instance_addresses(estate: Estate, prefix: str) -> None:
    made = public_prefix(estate, "node-addresses", prefix)
    estate.pool("apps").update(enableNodePublicIP=True, nodePublicIPPrefixID=made["id"])
    machines = estate.scale_set("apps")["properties"]["virtualMachineProfile"]["networkProfile"]
    for interface in machines["networkInterfaceConfigurations"]:
        for configuration in interface["properties"]["ipConfigurations"]:
            configuration["properties"]["publicIPAddressConfiguration"] = {
                "name": "pub1",
                "properties": {"idleTimeoutInMinutes": 10, "publicIPPrefix": {"id": made["id"]}},
            }


@cluster(
    "The cluster moved to a managed NAT gateway, and the rules hold the load balancer's old address",
    "addresses change with the outbound type",
    "blocked",
    "AKA201",
)
def moved_to_managed_nat(title: str) -> Estate:
    estate = public(QUARRY, title, QUARRY.address)
    address = public_address(estate, "managed-nat", "20.27.3.3")
    outbound(estate, "managedNATGateway", natGatewayProfile={"effectiveOutboundIPs": [{"id": address["id"]}]})
    return estate


@cluster(
    "The rules hold the static egress gateway's prefix; kubelets do not leave through it",
    "a static egress gateway carries annotated pods only",
    "blocked",
    "AKA201",
)
def static_egress_gateway(title: str) -> Estate:
    estate = public(HARBOUR, title, "20.91.200.0/28")
    estate.cluster["properties"]["networkProfile"]["staticEgressGatewayProfile"] = {"enabled": True}
    public_prefix(estate, "gateway", "20.91.200.0/28")
    return estate


@cluster(
    "Each pool's subnet has a NAT gateway of its own, and one is admitted",
    "own NAT gateways differ by pool",
    "blocked",
    "AKA201",
    pools={"AKA201": ("apps",)},
)
def second_nat_gateway_not_admitted(title: str) -> Estate:
    estate = public(ORCHARD, title, "191.235.60.1")
    outbound(estate, "userAssignedNATGateway")
    nat_gateway(estate, "nat-Nodes", "191.235.60.1", estate.subnet("snet-nodes"))
    nat_gateway(estate, "nat-Apps", "191.235.60.2", estate.subnet("snet-apps"))
    return estate


@cluster(
    "The registry has address rules and admits everyone",
    "rules without effect",
    "at-risk",
    "AKA205",
    AKA205="warn",
    AKA201="pass|not-applicable",
)
def rules_without_effect(title: str) -> Estate:
    estate = public(QUARRY, title, "198.51.100.0/24")
    estate.registry["properties"]["networkRuleSet"]["defaultAction"] = "allow"
    return estate
