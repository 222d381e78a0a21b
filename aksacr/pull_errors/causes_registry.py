"""Causes in the registry: its network rules, its state, its limits, and where it keeps the layers."""

from __future__ import annotations

from .remedies import Remedy, commands

CAUSES = (
    Remedy(
        "ip-not-in-ip-rules",
        "AKA201",
        "The registry admits selected addresses only, and {address}, from which the nodes leave, is not among them.",
        "Add every address the nodes leave from. The load balancer's address is the right one only where outboundType "
        "is loadBalancer; behind a firewall, proxy or NAT gateway it is theirs.",
        commands(
            r"""
            az acr show -n {acr} --query '{public:publicNetworkAccess, default:networkRuleSet.defaultAction, \
              rules:networkRuleSet.ipRules}' -o json
            az acr network-rule add -n {acr} --ip-address {address}
            """
        ),
    ),
    Remedy(
        "public-access-disabled",
        "AKA202",
        "The registry is closed to the public, and the nodes do not come by a private endpoint.",
        "Give the nodes the private way (endpoint, zone link), or open the public side to selected addresses.",
        commands(
            r"""
            az acr show -n {acr} --query '{public:publicNetworkAccess, default:networkRuleSet.defaultAction, \
              rules:networkRuleSet.ipRules}' -o json
            """
        ),
    ),
    Remedy(
        "only-some-egress-ips-allowed",
        "AKA201",
        "The nodes leave from several addresses, and only some of them are in the rules, so that pulls fail now and "
        "then or in some pools.",
        "Add all of them, or the prefix that holds them.",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query '{outbound:networkProfile.outboundType, \
              addresses:networkProfile.loadBalancerProfile.effectiveOutboundIPs[].id}' -o json
            az acr show -n {acr} --query '{public:publicNetworkAccess, default:networkRuleSet.defaultAction, \
              rules:networkRuleSet.ipRules}' -o json
            """
        ),
    ),
    Remedy(
        "udr-egress-not-lb-ip",
        "AKA203",
        "The nodes leave through a firewall or appliance, and the rules hold the load balancer's address.",
        "Add the public address of the firewall or appliance. It is the one that the registry quotes when it refuses.",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query '{outbound:networkProfile.outboundType, \
              addresses:networkProfile.loadBalancerProfile.effectiveOutboundIPs[].id}' -o json
            """
        ),
    ),
    Remedy(
        "service-endpoint-without-vnet-rule",
        "AKA204",
        "The nodes' subnet has the service endpoint Microsoft.ContainerRegistry, so its requests carry the subnet and "
        "no public address.",
        "Add a rule for the subnet, or take the service endpoint off it.",
        commands(
            r"""
            az network vnet subnet show --ids "$SUBNET_ID" --query 'serviceEndpoints[].service' -o tsv
            """
        ),
    ),
    Remedy(
        "cmk-identity-inactive-or-key-revoked",
        "AKA211",
        "The registry is encrypted with a key of yours, and it can no longer use that key.",
        "Restore the key or the registry's right to it in the key vault.",
        commands(
            r"""
            az acr encryption show -n {acr} -o json
            """
        ),
    ),
    Remedy(
        "registry-not-provisioned",
        "AKA602",
        "The registry, or one of its replicas, is not ready, or the region has trouble.",
        "Look at its state and at Azure's service health; try again later.",
        commands(
            r"""
            az acr show -n {acr} --query '{state:provisioningState, status:status}' -o json
            az acr replication list -r {acr} --query '[].{region:location, state:provisioningState, \
              status:status.displayStatus}' -o table
            """
        ),
    ),
    Remedy(
        "throttled-429",
        "AKA603",
        "The registry's tier allows so many requests a minute, half of them for one identity; the admin user and all "
        "anonymous pulls count as one each.",
        "Spread the pulls, use Premium or replicas, or fewer and larger layers.",
        commands(
            r"""
            az acr show -n {acr} --query sku.name -o tsv
            """
        ),
    ),
    Remedy(
        "docker-hub-rate-limit",
        None,
        "Docker Hub counts pulls by address, and all nodes leave from the same one.",
        "Import the image into your registry, or set up a cache rule with a Docker Hub login.",
        commands(
            r"""
            az acr import -n "$ACR" --source {source} --image {tagged}
            """
        ),
    ),
    Remedy(
        "artifact-cache-failure",
        "AKA405",
        "The repository is a cache of another registry, and the registry cannot get it there: its login is wrong, or "
        "the source refuses.",
        "Look at the cache rule and the health of its credentials.",
        commands(
            r"""
            az acr cache list -r {acr} -o table
            az acr credential-set list -r {acr} -o json
            """
        ),
    ),
    Remedy(
        "quarantined",
        "AKA404",
        "The registry holds new images back until a scanner releases them.",
        "Release the image, or switch the quarantine off.",
        commands(
            r"""
            az acr show -n {acr} --query policies.quarantinePolicy.status -o tsv
            """
        ),
    ),
    Remedy(
        "locked-read-disabled",
        "AKA404",
        "Reading (or, for a push, writing) was switched off for this image or repository.",
        "Switch it on again for this image.",
        commands(
            r"""
            az acr repository show -n {acr} --image {tagged} --query changeableAttributes -o json
            az acr repository update -n {acr} --image {tagged} --read-enabled true
            """
        ),
    ),
    Remedy(
        "purged-or-retained-out",
        "AKA401",
        "A retention policy or a purge task removed the manifest; a tag may be left that points at nothing.",
        "Push the image again, or restore it where soft delete is on.",
        commands(
            r"""
            az acr config retention show -r {acr} -o json
            az acr task list -r {acr} -o table
            """
        ),
    ),
    Remedy(
        "geo-replica-lag",
        "AKA401",
        "The image was just pushed in another region, and the replica near the nodes does not have all of it yet.",
        "Wait for the replication, or pull again.",
        commands(
            r"""
            az acr replication list -r {acr} --query '[].{region:location, status:status.displayStatus}' -o table
            """
        ),
    ),
    Remedy(
        "artifact-streaming-issue",
        None,
        "The request goes to localhost:8578, the node's own mirror for artifact streaming, and that failed.",
        "A normal pull should follow by itself; if it does not, switch artifact streaming off for the pool.",
        commands(
            r"""
            az aks nodepool list -g "$RG" --cluster-name "$CLUSTER" --query '[].{pool:name, \
              streaming:artifactStreamingProfile.enabled}' -o table
            """
        ),
    ),
    Remedy(
        "blob-endpoint-blocked",
        "AKA351",
        "The registry sends the node to Azure storage for the layers, and the firewall admits only the registry's own "
        "name.",
        "Admit *.blob.core.windows.net (not blob.windows.net) on port 443, or switch dedicated data endpoints on and "
        "admit those.",
        commands(
            r"""
            az acr show -n {acr} --query '{dedicated:dataEndpointEnabled, hosts:dataEndpointHostNames}' -o json
            """
        ),
    ),
    Remedy(
        "data-endpoint-blocked",
        "AKA351",
        "The layers come from the registry's data endpoints (<name>.<region>.data.azurecr.io), and the way or the "
        "name to them fails.",
        "Admit every data endpoint, those of the replicas' regions included; with a private endpoint each needs its "
        "DNS record.",
        commands(
            r"""
            az acr show -n {acr} --query '{dedicated:dataEndpointEnabled, hosts:dataEndpointHostNames}' -o json
            """
        ),
    ),
    Remedy(
        "service-endpoint-policy-blocks-storage",
        "AKA351",
        "The nodes' subnet has a service endpoint for storage with a policy that does not list the registry's storage.",
        "Take the policy off the subnet, or use a private endpoint for the registry.",
        commands(
            r"""
            az network vnet subnet show --ids "$SUBNET_ID" --query serviceEndpointPolicies -o json
            """
        ),
    ),
    Remedy(
        "redirect-link-expired",
        None,
        "The link to a layer is good for 20 to 30 minutes, and the pull came to it later.",
        "Pull again; look for what slows the pull down (bandwidth, many pulls at once).",
    ),
    Remedy(
        "wrong-cloud-cross-pull",
        "AKA402",
        "The host belongs to another Azure cloud than the cluster; identities do not cross clouds.",
        "Use a registry in the cluster's cloud, or a pull secret over the public way.",
        commands(
            r"""
            az cloud show --query suffixes.acrLoginServerEndpoint -o tsv
            """
        ),
    ),
    Remedy(
        "connected-registry-endpoint",
        None,
        "The host is no Azure Container Registry but one of its connected registries, or another product: roles in "
        "Azure do not count there.",
        "Use a client token of that registry in a pull secret, with this repository in its scope map.",
    ),
    Remedy(
        "not-the-registry-that-answers",
        "AKA202",
        "The answer came from something else than the registry: a closed public side, a proxy's page, or another "
        "machine at that address.",
        "See what answers from the node, and compare the address with the registry's own.",
        commands(
            r"""
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- nslookup {name}
            az acr show -n {acr} --query '{public:publicNetworkAccess, default:networkRuleSet.defaultAction, \
              rules:networkRuleSet.ipRules}' -o json
            """
        ),
    ),
    Remedy(
        "request-altered-by-proxy",
        "AKA344",
        "A proxy on the way drops or changes a header, so that the registry cannot read the request.",
        "Take the registry and its data endpoints out of the proxy (noProxy).",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query httpProxyConfig -o json
            """
        ),
    ),
)
