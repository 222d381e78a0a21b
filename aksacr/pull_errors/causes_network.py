"""Causes in the way: private endpoints, peering, routes, security rules, firewalls, proxies, TLS."""

from __future__ import annotations

from .remedies import Remedy, commands

CAUSES = (
    Remedy(
        "pe-not-approved",
        "AKA311",
        "The private endpoint's connection waits for approval, was refused, or has lost its registry.",
        "Approve it; one that is Disconnected has to be made again.",
        commands(
            r"""
            az acr private-endpoint-connection list -r {acr} --query '[].{name:name, \
              state:privateLinkServiceConnectionState.status}' -o table
            """
        ),
    ),
    Remedy(
        "vnet-not-peered",
        "AKA321",
        "The private endpoint is in another virtual network, and nothing connects the two. Peering is not passed on "
        "by a third network.",
        "Peer both networks, from both sides, or put an endpoint into the cluster's own network.",
        commands(
            r"""
            az network vnet peering list -g "$VNET_RG" --vnet-name "$VNET" --query '[].{name:name, state:peeringState, \
              sync:peeringSyncLevel, access:allowVirtualNetworkAccess, forwarded:allowForwardedTraffic}' -o table
            """
        ),
    ),
    Remedy(
        "peering-disconnected",
        "AKA322",
        "The peering is not Connected on both sides: one side was never made, or was deleted.",
        "Make the missing side. A side that says Disconnected has to be removed and made again, on both networks.",
        commands(
            r"""
            az network vnet peering list -g "$VNET_RG" --vnet-name "$VNET" --query '[].{name:name, state:peeringState, \
              sync:peeringSyncLevel, access:allowVirtualNetworkAccess, forwarded:allowForwardedTraffic}' -o table
            """
        ),
    ),
    Remedy(
        "peering-out-of-sync",
        "AKA323",
        "The other network's address space grew after the peering was made, and the new range is not routed.",
        "Bring the peering up to date.",
        commands(
            r"""
            az network vnet peering sync -g "$VNET_RG" --vnet-name "$VNET" -n "$PEERING"
            """
        ),
    ),
    Remedy(
        "peering-access-blocked",
        "AKA324",
        "The peering does not let the other network in (allowVirtualNetworkAccess), or not what a hub forwards "
        "(allowForwardedTraffic).",
        "Allow both on the peering, on both sides.",
        commands(
            r"""
            az network vnet peering list -g "$VNET_RG" --vnet-name "$VNET" --query '[].{name:name, state:peeringState, \
              sync:peeringSyncLevel, access:allowVirtualNetworkAccess, forwarded:allowForwardedTraffic}' -o table
            az network vnet peering update -g "$VNET_RG" --vnet-name "$VNET" -n "$PEERING" --set \
              allowVirtualNetworkAccess=true
            """
        ),
    ),
    Remedy(
        "udr-captures-private-endpoint",
        "AKA331",
        "A route of the nodes' subnet sends what is meant for {address} to an appliance, or nowhere.",
        "Let the appliance pass port 443 to the private endpoint (on Azure Firewall a network rule), or take the "
        "prefix out of the route table.",
        commands(
            r"""
            az network route-table route list -g "$VNET_RG" --route-table-name "$ROUTE_TABLE" -o table
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- nc -zvw5 {address} 443
            """
        ),
    ),
    Remedy(
        "nsg-on-node-subnet-denies",
        "AKA332",
        "A security rule of the nodes' subnet, or of the endpoint's, denies port 443 to {address}.",
        "Allow TCP 443 from the nodes' subnet to the private endpoint, before the rule that denies.",
        commands(
            r"""
            az network nsg rule list -g "$VNET_RG" --nsg-name "$NSG" --include-default --query "[?access=='Deny']" -o \
              table
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- nc -zvw5 {address} 443
            """
        ),
    ),
    Remedy(
        "firewall-blocks-private-endpoint",
        "AKA343",
        "The way to the private endpoint leads through a firewall that does not admit it.",
        "Add a rule for TCP 443 to the addresses of the private endpoint, those of the data endpoints included.",
        commands(
            r"""
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- nc -zvw5 {address} 443
            """
        ),
    ),
    Remedy(
        "no-egress",
        "AKA341",
        "The nodes have no way out: outboundType none or block, no default route, or a subnet without outbound access.",
        "Give the registry a private endpoint in the cluster's network, or give the nodes a way out.",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query networkProfile.outboundType -o tsv
            az aks nodepool list -g "$RG" --cluster-name "$CLUSTER" --query '[].{pool:name, subnet:vnetSubnetId}' -o \
              table
            """
        ),
    ),
    Remedy(
        "nsg-blocks-internet-443",
        "AKA342",
        "An outbound security rule denies port 443 to the registry. Pulls also use Azure Front Door and storage "
        "addresses.",
        "Take the rule away where it is in the node resource group's own security group; elsewhere allow TCP 443 to "
        "the tags AzureContainerRegistry, Storage (unless the registry has data endpoints of its own) and "
        "AzureFrontDoor.FirstParty before it.",
        commands(
            r"""
            az network nsg rule list -g "$VNET_RG" --nsg-name "$NSG" --include-default --query \
              "[?direction=='Outbound']" -o table
            """
        ),
    ),
    Remedy(
        "azure-firewall-missing-rules",
        "AKA343",
        "The nodes leave through a firewall whose rules do not name the registry. The tag AzureKubernetesService "
        "covers Microsoft's images, not yours.",
        "Admit the login server and, for the layers, every data endpoint or *.blob.core.windows.net.",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query networkProfile.outboundType -o tsv
            az acr show -n {acr} --query '{server:loginServer, data:dataEndpointHostNames}' -o json
            """
        ),
    ),
    Remedy(
        "nva-tls-handshake-timeout",
        "AKA343",
        "An appliance on the way inspects or drops the handshake, or cuts large packets.",
        "Leave the registry and its data endpoints out of inspection, and check the packet size on tunnels.",
        commands(
            r"""
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- chroot /host sh -c \
              "openssl s_client -connect {endpoint} -servername {name} </dev/null | openssl x509 -noout -issuer \
              -subject -dates"
            """
        ),
    ),
    Remedy(
        "http-proxy-misconfigured",
        "AKA344",
        "The cluster's HTTP proxy is wrong, cannot be reached, or gets what should not go through it. At the "
        "registry, requests then come from the proxy's address.",
        "Correct httpProxyConfig; with a private endpoint add the login server and the data endpoints to noProxy, as "
        "suffixes (.azurecr.io), not with *. The change renews the node pools.",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query httpProxyConfig -o json
            """
        ),
    ),
    Remedy(
        "proxy-not-passed-to-node",
        "AKA344",
        "The network lets nothing out but a proxy, and the nodes do not know of it.",
        "Set httpProxyConfig on the cluster; a proxy set in the shell or the pod does not reach the kubelet.",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query httpProxyConfig -o json
            """
        ),
    ),
    Remedy(
        "tls-inspection-untrusted-ca",
        None,
        "What answers has a certificate of an authority that the node does not know: a firewall that inspects TLS, or "
        "a registry with its own authority.",
        "Exempt the registry from inspection, or give the authority to the nodes with az aks update "
        "--custom-ca-trust-certificates FILE (Linux pools). Articles put it into /etc/docker/certs.d: AKS nodes run "
        "containerd, and files on a node are lost with the node.",
        commands(
            r"""
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- chroot /host sh -c \
              "openssl s_client -connect {endpoint} -servername {name} </dev/null | openssl x509 -noout -issuer \
              -subject -dates"
            """
        ),
    ),
    Remedy(
        "http-only-registry",
        None,
        "The registry speaks plain HTTP, and the runtime insists on HTTPS.",
        "Give that registry a certificate, or import its images into Azure Container Registry, which is always HTTPS. "
        "Articles add it to insecure-registries of dockerd: AKS nodes run containerd, and files on a node are lost "
        "with the node.",
        commands(
            r"""
            az acr import -n "$ACR" --source {source} --image {tagged}
            """
        ),
    ),
    Remedy(
        "certificate-expired",
        None,
        "The certificate that answers is outside its dates. An Azure Container Registry renews its own, so another "
        "machine answers.",
        "Renew the certificate of that registry or appliance.",
        commands(
            r"""
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- chroot /host sh -c \
              "openssl s_client -connect {endpoint} -servername {name} </dev/null | openssl x509 -noout -issuer \
              -subject -dates"
            """
        ),
    ),
    Remedy(
        "clock-skew",
        None,
        "The node's clock is wrong, so that good certificates and tokens look too old or too new.",
        "Let NTP out (UDP 123) and compare the node's clock.",
        commands(
            r"""
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- date -u
            """
        ),
    ),
    Remedy(
        "certificate-for-another-host",
        "AKA402",
        "Another machine answers in the registry's place: a stale DNS record, an appliance, or a wrong host in the "
        "image name.",
        "Compare the address that the node resolves with the registry's own.",
        commands(
            r"""
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- nslookup {name}
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- chroot /host sh -c \
              "openssl s_client -connect {endpoint} -servername {name} </dev/null | openssl x509 -noout -issuer \
              -subject -dates"
            """
        ),
    ),
    Remedy(
        "snat-exhaustion",
        None,
        "Many connections share few outbound addresses, and under load new ones fail now and then.",
        "Add outbound addresses or ports to the load balancer, or use a NAT gateway.",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query networkProfile.outboundType -o tsv
            az aks show -g "$RG" -n "$CLUSTER" --query networkProfile.loadBalancerProfile -o json
            """
        ),
    ),
    Remedy(
        "firewall-idle-or-client-timeout",
        "AKA343",
        "A middlebox holds the connection and answers nothing, or cuts it when it is idle.",
        "Look at the firewall's or proxy's log for {host}, and raise its idle time.",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query networkProfile.outboundType -o tsv
            """
        ),
    ),
    Remedy(
        "ipv6-preference",
        None,
        "The name gives an IPv6 address, and the node has no way out over IPv6.",
        "Give the node pools a way out over IPv6, or let the registry's endpoint be IPv4 only.",
        commands(
            r"""
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- nslookup {name}
            """
        ),
    ),
    Remedy(
        "slow-or-reset-layer",
        None,
        "The connection carries the layers too slowly, or is cut while it does.",
        "Look at the bandwidth of node size and firewall, and at its idle timers.",
    ),
    Remedy(
        "mcr-unreachable",
        "AKA343",
        "Microsoft's own images (mcr.microsoft.com and *.data.mcr.microsoft.com) cannot be reached. It is no matter "
        "of your registry.",
        "Admit both names in the firewall, or use a network-isolated cluster with a cache.",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query networkProfile.outboundType -o tsv
            """
        ),
    ),
)
