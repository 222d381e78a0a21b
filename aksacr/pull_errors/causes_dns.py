"""Causes in the name: which server answers the nodes, which private zone, which record."""

from __future__ import annotations

from .remedies import Remedy, commands

CAUSES = (
    Remedy(
        "dns-zone-not-linked-to-cluster-vnet",
        "AKA301",
        "The registry has a private endpoint, but the nodes' virtual network is not linked to the zone {zone}, so the "
        "nodes resolve the public address, and the registry refuses it. Peering does not carry such links.",
        "Link the zone to the network of every node pool (with custom DNS servers: to the network of those servers).",
        commands(
            r"""
            az network private-dns zone list --query "[?contains(name, 'azurecr')].{zone:name, group:resourceGroup, \
              links:numberOfVirtualNetworkLinks}" -o table
            az network private-dns link vnet create -g "$ZONE_RG" -n aks-nodes --zone-name {zone} --virtual-network \
              "$VNET_ID" --registration-enabled false
            """
        ),
    ),
    Remedy(
        "dns-record-missing",
        "AKA302",
        "A linked zone {zone} holds no record for this registry. As soon as a registry has any private endpoint, its "
        "name leads into that zone, and ends there.",
        "Add a DNS zone group to the private endpoint, so that Azure keeps the records, or let the link fall back to "
        "the public name (--resolution-policy NxDomainRedirect).",
        commands(
            r"""
            az network private-dns zone list --query "[?contains(name, 'azurecr')].{zone:name, group:resourceGroup, \
              links:numberOfVirtualNetworkLinks}" -o table
            az network private-dns record-set a list -g "$ZONE_RG" -z {zone} --query '[].{name:name, \
              addresses:aRecords[].ipv4Address}' -o json
            """
        ),
    ),
    Remedy(
        "dns-data-record-missing",
        "AKA302",
        "The zone has the registry's record but not that of its data endpoint (<name>.<region>.data), so manifests "
        "come and layers do not.",
        "Add a DNS zone group to the private endpoint, or the missing record for every replica's region.",
        commands(
            r"""
            az network private-dns record-set a list -g "$ZONE_RG" -z {zone} --query '[].name' -o tsv
            """
        ),
    ),
    Remedy(
        "dns-record-wrong-ip",
        "AKA303",
        "The record points at an address that is no longer this registry's private endpoint: it was made anew, or a "
        "second cluster's endpoint overwrote the record in a shared zone.",
        "Correct the record; keep one endpoint of a registry per zone.",
        commands(
            r"""
            az network private-dns record-set a list -g "$ZONE_RG" -z {zone} --query '[].{name:name, \
              addresses:aRecords[].ipv4Address}' -o json
            az network private-endpoint list --query "[?privateLinkServiceConnections[?contains(groupIds, \
              'registry')]].{name:name, dns:customDnsConfigs}" -o json
            """
        ),
    ),
    Remedy(
        "custom-dns-not-forwarding",
        "AKA305",
        "The nodes ask a DNS server of your own, and it does not pass azurecr.io on to 168.63.129.16, or its network "
        "has no link to the zone.",
        "Forward azurecr.io (not only the privatelink name) to 168.63.129.16 from a server whose network is linked to "
        "the zone.",
        commands(
            r"""
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- nslookup {name}
            az network vnet show --ids "$VNET_ID" --query dhcpOptions.dnsServers -o tsv
            """
        ),
    ),
    Remedy(
        "dns-server-unreachable",
        "AKA305",
        "The way to the DNS server is closed: a rule on port 53 (UDP and TCP), a route, or a peering that is not "
        "connected.",
        "Open port 53 from the nodes' subnet to the DNS server, both protocols.",
        commands(
            r"""
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- nslookup {name}
            az network vnet show --ids "$VNET_ID" --query dhcpOptions.dnsServers -o tsv
            """
        ),
    ),
    Remedy(
        "dns-node-resolver-broken",
        "AKA305",
        "The resolver that the node was given does not answer properly.",
        "Correct the DNS servers of the virtual network and renew the nodes, which read them only at their start. "
        "Articles edit /etc/resolv.conf on the node: on AKS that is lost with the next node.",
        commands(
            r"""
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- nslookup {name}
            az network vnet show --ids "$VNET_ID" --query dhcpOptions.dnsServers -o tsv
            """
        ),
    ),
    Remedy(
        "dns-server-change-not-applied",
        "AKA305",
        "The network's DNS servers were changed after the nodes started; nodes keep the old ones.",
        "Upgrade the node image of the pools, which replaces the nodes, or restart them one after another.",
        commands(
            r"""
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- cat \
              /host/etc/resolv.conf
            """
        ),
    ),
    Remedy(
        "dns-zone-in-wrong-cloud-or-name",
        "AKA304",
        "A zone of your own with the name azurecr.io, or <region>.data.privatelink.azurecr.io, hides the right one.",
        "Unlink that zone from the nodes' network; the only right name is privatelink.azurecr.io (.cn, .us in those "
        "clouds).",
        commands(
            r"""
            az network private-dns zone list --query "[?contains(name, 'azurecr')].{zone:name, group:resourceGroup, \
              links:numberOfVirtualNetworkLinks}" -o table
            """
        ),
    ),
)
