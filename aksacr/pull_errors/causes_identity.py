"""Causes in who pulls: the identity on the node, its roles, service principals, pull secrets."""

from __future__ import annotations

from .remedies import Remedy, commands

CAUSES = (
    Remedy(
        "no-pull-role",
        "AKA101",
        "The kubelet identity (or the service principal) holds no role that grants pull on the registry.",
        "Ask the registry for its mode first. If it says LegacyRegistryPermissions (or nothing), attach it: that "
        "grants AcrPull to the kubelet identity. If it says AbacRepositoryPermissions, attaching does not help: see "
        "acrpull-on-abac-registry.",
        commands(
            r"""
            az acr show -n {acr} --query roleAssignmentMode -o tsv
            az aks update -g "$RG" -n "$CLUSTER" --attach-acr {acr}
            """
        ),
    ),
    Remedy(
        "role-on-old-principal",
        "AKA102",
        "The pull role is held by another identity: a former service principal, the cluster's own identity, or a "
        "client id in place of the object id.",
        "Grant the role to the object id of the kubelet identity. Compare object ids, never application ids.",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query identityProfile.kubeletidentity -o json
            az role assignment list --assignee "$KUBELET_OBJECT_ID" --scope "$(az acr show -n {acr} --query id -o \
              tsv)" --include-inherited --include-groups --query '[].{role:roleDefinitionName, scope:scope}' -o table
            """
        ),
    ),
    Remedy(
        "acrpull-on-abac-registry",
        "AKA103",
        "The registry is in the mode AbacRepositoryPermissions, where AcrPull, Contributor and Owner grant no pull. "
        "Attaching the registry succeeds and changes nothing.",
        "Grant Container Registry Repository Reader. Older articles know only AcrPull and --attach-acr.",
        commands(
            r"""
            az acr show -n {acr} --query roleAssignmentMode -o tsv
            az role assignment create --role 'Container Registry Repository Reader' --assignee-object-id \
              "$KUBELET_OBJECT_ID" --assignee-principal-type ServicePrincipal --scope "$(az acr show -n {acr} --query \
              id -o tsv)"
            """
        ),
    ),
    Remedy(
        "abac-condition-excludes-repository",
        "AKA104",
        "The role carries a condition, and this repository does not meet it.",
        "Widen the condition, or add an assignment for {repository}.",
        commands(
            r"""
            az role assignment list --scope "$(az acr show -n {acr} --query id -o tsv)" --include-inherited --query \
              '[].{who:principalId, role:roleDefinitionName, condition:condition}' -o json
            """
        ),
    ),
    Remedy(
        "custom-role-without-pull",
        "AKA101",
        "A custom role is held, but lacks Microsoft.ContainerRegistry/registries/pull/read or takes it away in "
        "notActions.",
        "Add the action to the role, or grant AcrPull beside it.",
        commands(
            r"""
            az role definition list --custom-role-only --query '[].{name:roleName, permissions:permissions}' -o json
            """
        ),
    ),
    Remedy(
        "role-assignment-propagating",
        "AKA106",
        "A grant takes up to ten minutes to count, and the node keeps the credential it has for up to an hour.",
        "Wait an hour after the grant before looking further. Restarting the pod does not help.",
    ),
    Remedy(
        "kubelet-identity-missing-from-vmss",
        "AKA121",
        "The kubelet identity is not assigned to the node pool's scale set (or machines), so the node can get no "
        "token.",
        "Let AKS put it back by an update without changes; do not edit the scale set.",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query identityProfile.kubeletidentity -o json
            az vmss list -g "$NODE_RG" --query '[].{name:name, identities:identity.userAssignedIdentities}' -o json
            az aks update -g "$RG" -n "$CLUSTER"
            """
        ),
    ),
    Remedy(
        "kubelet-identity-deleted-or-recreated",
        "AKA123",
        "The kubelet identity was deleted, or made again under the same name: its ids differ from those the cluster "
        "knows.",
        "Give the cluster an identity that exists (this renews the node pools), and grant it the pull role.",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query identityProfile.kubeletidentity -o json
            """
        ),
    ),
    Remedy(
        "sp-to-mi-migration-incomplete",
        "AKA124",
        "The cluster moved from a service principal to a managed identity, and its node pools were not renewed since.",
        "Upgrade the node image of each pool (this replaces the nodes) and attach the registry again.",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query servicePrincipalProfile.clientId -o tsv
            az aks nodepool list -g "$RG" --cluster-name "$CLUSTER" --query '[].{pool:name, image:nodeImageVersion}' \
              -o table
            """
        ),
    ),
    Remedy(
        "exchange-refused-wrong-tenant",
        "AKA125",
        "Cluster and registry are in different Entra tenants. A managed identity cannot cross them.",
        "Use a pull secret with a token of the registry, or import the images.",
        commands(
            r"""
            az acr show -n {acr} --query id -o tsv
            az aks show -g "$RG" -n "$CLUSTER" --query identity.tenantId -o tsv
            """
        ),
    ),
    Remedy(
        "arm-audience-disabled",
        "AKA131",
        "The registry refuses tokens made for Azure Resource Manager, and credential providers from before March 2025 "
        "have no others.",
        "Upgrade the pools' node image (this replaces the nodes), or let the registry take such tokens again.",
        commands(
            r"""
            az acr config authentication-as-arm show -r {acr}
            """
        ),
    ),
    Remedy(
        "credential-provider-host-not-matched",
        "AKA402",
        "The node's credential provider gives credentials only to hosts it knows. Regional endpoints ({host}) need a "
        "node image from July 2026 or later; other domains are never matched.",
        "Use the registry's global login server, upgrade the node image, or give the pod a pull secret.",
        commands(
            r"""
            az acr show -n {acr} --query loginServer -o tsv
            az aks nodepool list -g "$RG" --cluster-name "$CLUSTER" --query '[].{pool:name, image:nodeImageVersion}' \
              -o table
            """
        ),
    ),
    Remedy(
        "provider-cannot-reach-registry",
        "AKA301",
        "The credential provider itself was refused or lost on its way (name, route, firewall, IMDS), and the pull "
        "went on without a credential. The kubelet's log on the node has the reason.",
        "Read what the provider says, on the node.",
        commands(
            r"""
            kubectl debug "node/$NODE" -it --image=mcr.microsoft.com/cbl-mariner/busybox:2.0 -- chroot /host \
              journalctl -u kubelet --since -1h -g acr-credential-provider
            """
        ),
    ),
    Remedy(
        "imds-unreachable",
        "AKA344",
        "The node gets no token from 169.254.169.254: a rule on the tag AzurePlatformIMDS, a proxy without the "
        "exception, or a host firewall.",
        "Remove the rule, and keep 169.254.169.254 in noProxy.",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query httpProxyConfig -o json
            """
        ),
    ),
    Remedy(
        "sp-secret-expired",
        "AKA111",
        "The secret of the cluster's service principal has ended. By default it lives one year.",
        "Make a new secret beside the old one and give it to the cluster (az aks update-credentials; this replaces "
        'the nodes), or move to a managed identity. An article\'s --id "SP_ID" without $ asks for a wrong name.',
        commands(
            r"""
            SP_ID=$(az aks show -g "$RG" -n "$CLUSTER" --query servicePrincipalProfile.clientId -o tsv); az ad app \
              credential list --id "$SP_ID" --query '[].{id:keyId, ends:endDateTime}' -o table
            """
        ),
    ),
    Remedy(
        "sp-secret-wrong-on-cluster",
        "AKA111",
        "The secret was replaced in Entra, and the cluster still holds the old one.",
        "Give the cluster the new secret (az aks update-credentials; this replaces the nodes).",
        commands(
            r"""
            SP_ID=$(az aks show -g "$RG" -n "$CLUSTER" --query servicePrincipalProfile.clientId -o tsv); az ad app \
              credential list --id "$SP_ID" --query '[].{id:keyId, begins:startDateTime, ends:endDateTime}' -o table
            """
        ),
    ),
    Remedy(
        "sp-deleted-or-disabled",
        "AKA112",
        "The service principal was deleted or disabled.",
        "Restore it within 30 days, or give the cluster another one and grant it the pull role.",
        commands(
            r"""
            az ad sp show --id "$(az aks show -g "$RG" -n "$CLUSTER" --query servicePrincipalProfile.clientId -o tsv)" \
              --query '{name:displayName, enabled:accountEnabled}' -o json
            """
        ),
    ),
    Remedy(
        "pull-secret-missing",
        "AKA501",
        "The pull secret that the pod names is not in the pod's namespace. Secrets do not cross namespaces.",
        "Create it there, under the name that the pod uses.",
        commands(
            r"""
            kubectl get pod "$POD" -n "$NAMESPACE" -o jsonpath='{.spec.imagePullSecrets[*].name}'
            kubectl get secrets -A --field-selector type=kubernetes.io/dockerconfigjson
            kubectl create secret docker-registry "$SECRET" -n "$NAMESPACE" --docker-server={server} \
              --docker-username="$USERNAME" --docker-password="$PASSWORD"
            """
        ),
    ),
    Remedy(
        "pull-secret-not-referenced",
        "AKA506",
        "A pull secret is there, but neither the pod nor its service account names it.",
        "Name it under imagePullSecrets, or add it to the service account (only new pods take it from there).",
        commands(
            r"""
            kubectl patch serviceaccount default -n "$NAMESPACE" -p "{\"imagePullSecrets\":[{\"name\":\"$SECRET\"}]}"
            """
        ),
    ),
    Remedy(
        "pull-secret-wrong-server",
        "AKA502",
        "The secret is made for another host than the image's, so the kubelet does not use it.",
        "Make the secret again with --docker-server={server}.",
        commands(
            r"""
            kubectl get secret "$SECRET" -n "$NAMESPACE" -o jsonpath='{.data.\.dockerconfigjson}' | base64 -d | \
              python3 -c 'import json,sys; print(*json.load(sys.stdin)["auths"])'
            """
        ),
    ),
    Remedy(
        "pull-secret-wrong-type-or-corrupt",
        "AKA503",
        "The secret is of another type than kubernetes.io/dockerconfigjson, or its content cannot be read.",
        "Make it again with kubectl create secret docker-registry.",
        commands(
            r"""
            kubectl get secret "$SECRET" -n "$NAMESPACE" -o jsonpath='{.type}'
            """
        ),
    ),
    Remedy(
        "pull-secret-wrong-password",
        "AKA504",
        "The user name or password in the pull secret is wrong.",
        "Make the secret again with the right ones. Look at its server and user only; the password is no one's to "
        "print.",
        commands(
            r"""
            kubectl get secret "$SECRET" -n "$NAMESPACE" -o jsonpath='{.data.\.dockerconfigjson}' | base64 -d | \
              python3 -c 'import json,sys; print(*json.load(sys.stdin)["auths"])'
            kubectl create secret docker-registry "$SECRET" -n "$NAMESPACE" --docker-server={server} \
              --docker-username="$USERNAME" --docker-password="$PASSWORD" --dry-run=client -o yaml | kubectl apply -f \
              -
            """
        ),
    ),
    Remedy(
        "pull-secret-sp-expired",
        "AKA504",
        "The pull secret holds a service principal whose own secret has ended.",
        "Make a new secret for it beside the old (az ad app credential reset --append --id …; without --append the "
        "others are lost, and --name of older articles is gone), then make the pull secret again.",
        commands(
            r"""
            az ad app credential list --id "$USERNAME" --query '[].endDateTime' -o tsv
            """
        ),
    ),
    Remedy(
        "admin-user-disabled",
        "AKA504",
        "The pull secret uses the registry's admin user, and that is switched off.",
        "Let the cluster pull with its identity, or use a token of the registry in the secret.",
        commands(
            r"""
            az acr show -n {acr} --query adminUserEnabled -o tsv
            """
        ),
    ),
    Remedy(
        "admin-password-regenerated",
        "AKA504",
        "The admin user's password was made anew after the secret was created.",
        "Make the pull secret again. The registry's activity log keeps the event for 90 days.",
        commands(
            r"""
            az monitor activity-log list --resource-id "$(az acr show -n {acr} --query id -o tsv)" --offset 90d \
              --query "[?contains(operationName.value, 'regenerateCredential')].{when:eventTimestamp, who:caller}" -o \
              table
            """
        ),
    ),
    Remedy(
        "acr-token-disabled-or-expired",
        "AKA504",
        "The pull secret holds a token of the registry that is disabled or has ended.",
        "Enable the token, or make a new password for it and the secret again.",
        commands(
            r"""
            az acr token list -r {acr} --query '[].{name:name, status:status}' -o table
            """
        ),
    ),
    Remedy(
        "scope-map-lacks-repo",
        "AKA504",
        "The token's scope map does not name this repository.",
        "Add the repository to the scope map.",
        commands(
            r"""
            az acr scope-map update -r {acr} -n "$SCOPE_MAP" --add-repository {repository} content/read metadata/read
            """
        ),
    ),
    Remedy(
        "expose-token-expired",
        "AKA504",
        "The pull secret was made from a login token (user 00000000-0000-0000-0000-000000000000), which lives a few "
        "hours at most.",
        "Let the cluster pull with its identity, or use a token of the registry.",
    ),
    Remedy(
        "anonymous-pull-off",
        None,
        "The image was meant to be public, and the registry does not allow anonymous pulls.",
        "Give the pulling identity a role, or switch anonymous pull on (Standard and Premium only).",
        commands(
            r"""
            az acr show -n {acr} --query '{sku:sku.name, anonymous:anonymousPullEnabled}' -o json
            """
        ),
    ),
    Remedy(
        "app-service-registry-login",
        None,
        "App Service, Container Apps and Container Instances do not use the cluster's identity: they need their own "
        "registry login.",
        "Give the app's identity the pull role and tell the app to use it, or give it a registry user and password.",
    ),
)
