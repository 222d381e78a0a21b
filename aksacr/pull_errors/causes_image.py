"""Causes in the image's name, its content, the pod and the kubelet."""

from __future__ import annotations

from .remedies import Remedy, commands

CAUSES = (
    Remedy(
        "image-tag-or-repo-missing",
        "AKA401",
        "The registry holds no such repository, tag or digest: never pushed, misspelt, or removed by a clean-up. "
        "Asked without a right to pull, a registry may answer 401 for the same reason.",
        "Correct the name in the manifest, or push or import the image.",
        commands(
            r"""
            az acr repository show-tags -n {acr} --repository {repository} --orderby time_desc --top 20 -o tsv
            az acr repository list -n {acr} -o tsv
            """
        ),
    ),
    Remedy(
        "registry-host-typo",
        "AKA402",
        "The host in the image name is not the registry's login server (azureacr.io in place of azurecr.io is the "
        "usual slip).",
        "Write the login server that Azure names into the image.",
        commands(
            r"""
            az acr show -n {acr} --query loginServer -o tsv
            az acr list --query '[].loginServer' -o tsv
            """
        ),
    ),
    Remedy(
        "dnl-login-server-mismatch",
        "AKA402",
        "A registry made with a domain name label answers only at <name>-<hash>.azurecr.io; <name>.azurecr.io does "
        "not exist.",
        "Take the login server from Azure, never put it together from the name.",
        commands(
            r"""
            az acr show -n {acr} --query loginServer -o tsv
            """
        ),
    ),
    Remedy(
        "privatelink-fqdn-in-image",
        "AKA402",
        "The image names the privatelink name. The registry's certificate is made out to its login server only.",
        "Use the login server in the image name; private DNS redirects it to the private endpoint by itself.",
        commands(
            r"""
            az acr show -n {acr} --query loginServer -o tsv
            """
        ),
    ),
    Remedy(
        "registry-deleted-or-moved",
        "AKA402",
        "The registry was deleted, or exists under another name or in another cloud. A registry that moved loses its "
        "role assignments.",
        "Find the registry, correct the host, and grant the pull role again.",
        commands(
            r"""
            az acr list --query '[].{name:name, server:loginServer, group:resourceGroup}' -o table
            """
        ),
    ),
    Remedy(
        "non-acr-public-image",
        "AKA402",
        "The image comes from a public registry, not from yours. What AKS and your registry grant each other does not "
        "matter here.",
        "Import the image into your registry (or set up a cache rule for it) and pull it from there.",
        commands(
            r"""
            az acr import -n "$ACR" --source {source} --image {tagged}
            """
        ),
    ),
    Remedy(
        "host-left-out",
        "AKA402",
        "The image name has no registry host, so the runtime asks Docker Hub for it.",
        "Put your login server before the repository, or import the image into your registry.",
        commands(
            r"""
            az acr show -n "$ACR" --query loginServer -o tsv
            """
        ),
    ),
    Remedy(
        "china-cloud-public-image",
        None,
        "From Azure China, gcr.io, k8s.gcr.io, quay.io and docker.io cannot be reached reliably; k8s.gcr.io is closed "
        "everywhere.",
        "Import the image into a registry in Azure China, or take it from registry.k8s.io or mcr.azure.cn, and change "
        "the manifest. Older articles change files in /etc/kubernetes/addons to gcr.azk8s.cn: that was for AKS "
        "Engine, which is retired, and those proxies answer only inside Azure China, without a promise.",
        commands(
            r"""
            kubectl set image -n "$NAMESPACE" "deployment/$DEPLOYMENT" "$CONTAINER=$NEW_IMAGE"
            """
        ),
    ),
    Remedy(
        "invalid-image-name",
        "AKA402",
        "The name breaks the grammar of references: upper-case letters in the repository, a scheme such as https://, "
        "a blank, an empty variable, or two tags.",
        "Write registry/repository:tag in lower case, and look whether a pipeline variable in it was empty.",
        commands(
            r"""
            kubectl get pods -n "$NAMESPACE" -o jsonpath='{range \
              .items[*]}{.metadata.name}{"\t"}{.spec.containers[*].image}{"\n"}{end}'
            """
        ),
    ),
    Remedy(
        "pull-policy-never",
        "AKA505",
        "imagePullPolicy is Never, and no image of that name is on the node.",
        "Set imagePullPolicy to IfNotPresent (or Always).",
        commands(
            r"""
            kubectl patch deployment -n "$NAMESPACE" "$DEPLOYMENT" --type json -p \
              '[{"op":"replace","path":"/spec/template/spec/containers/0/imagePullPolicy","value":"IfNotPresent"}]'
            """
        ),
    ),
    Remedy(
        "kubelet-qps-exceeded",
        None,
        "The kubelet starts no more than 5 pulls a second (10 in a burst), and many pods began on this node at once.",
        "Wait: the kubelet tries again. Spread the pods over nodes or roll out in steps. Articles tell you to raise "
        "--registry-qps and --registry-burst; AKS does not offer these settings.",
        commands(
            r"""
            kubectl get pods -A --field-selector status.phase=Pending -o wide
            """
        ),
    ),
    Remedy(
        "serialized-pull-queue",
        None,
        "Pulls wait behind a large one on the same node, until a limit runs out.",
        "Upgrade to Kubernetes 1.31 or later (AKS pulls in parallel there), make the image smaller, or give the nodes "
        "faster disks. Articles change --serialize-image-pulls on the node: on AKS that is lost with the next node "
        "image.",
        commands(
            r"""
            az aks show -g "$RG" -n "$CLUSTER" --query currentKubernetesVersion -o tsv
            """
        ),
    ),
    Remedy(
        "image-too-large-for-deadline",
        None,
        "A large image makes no progress for so long that the runtime or the kubelet gives up.",
        "Make the image smaller, look at the node's bandwidth and disk, or use artifact streaming.",
        commands(
            r"""
            az acr manifest list-metadata -r {acr} -n {repository} --query '[].{tags:tags, bytes:imageSize}' -o table
            """
        ),
    ),
    Remedy(
        "disk-pressure-no-space",
        None,
        "The node's disk, or its inodes, are used up. I/O errors on unpacking are often the same.",
        "Free or enlarge the disk: a larger OS disk for the pool, fewer images on the node (Image Cleaner), less "
        "written by pods.",
        commands(
            r"""
            kubectl get nodes -o \
              custom-columns='NAME:.metadata.name,PRESSURE:.status.conditions[?(@.type=="DiskPressure")].status'
            """
        ),
    ),
    Remedy(
        "image-verifier-or-signature",
        None,
        "The runtime was told to run only signed images, and this one has no signature that counts.",
        "Sign the image with the identity that the policy names, or change the policy on the nodes.",
    ),
    Remedy(
        "platform-os-mismatch",
        "AKA403",
        "A Linux image was sent to a Windows node, or the reverse, or the Windows versions differ.",
        "Choose the nodes by kubernetes.io/os in the pod's nodeSelector.",
        commands(
            r"""
            kubectl get nodes -L kubernetes.io/os,kubernetes.io/arch
            kubectl patch deployment -n "$NAMESPACE" "$DEPLOYMENT" -p \
              '{"spec":{"template":{"spec":{"nodeSelector":{"kubernetes.io/os":"linux"}}}}}'
            """
        ),
    ),
    Remedy(
        "platform-arch-mismatch",
        "AKA403",
        "The image was built for amd64 only and the node is arm64, or the reverse.",
        "Build the image for both, or choose the nodes by kubernetes.io/arch.",
        commands(
            r"""
            kubectl get nodes -L kubernetes.io/arch
            az acr manifest show -r {acr} -n {tagged} --query 'manifests[].platform' -o table
            """
        ),
    ),
    Remedy(
        "schema1-or-unsupported-media-type",
        None,
        "The image has a manifest of Docker schema 1, which containerd 2 refuses, or the reference names a chart or "
        "another artifact.",
        "Build and push the image anew with a current tool, and check that the reference names an image.",
        commands(
            r"""
            az acr manifest list-metadata -r {acr} -n {repository} --query '[].{tags:tags, type:mediaType}' -o table
            """
        ),
    ),
    Remedy(
        "image-damaged",
        None,
        "The image was damaged before or while it was pushed, so every pull gets the same wrong bytes.",
        "Push the image again, under a new tag if nodes may hold parts of the old one.",
        commands(
            r"""
            docker push {image}
            """
        ),
    ),
    Remedy(
        "layer-altered-on-the-way",
        None,
        "A proxy or firewall that inspects TLS changed or cut the layer.",
        "Leave the registry and its data endpoints out of TLS inspection.",
    ),
    Remedy(
        "linux-image-on-windows-node",
        "AKA403",
        "Windows says hcsshim::ImportLayer when it is given a Linux layer, or one of a newer Windows.",
        "Choose the nodes by kubernetes.io/os, and use a base image of the node's Windows version.",
        commands(
            r"""
            kubectl get nodes -L kubernetes.io/os,node.kubernetes.io/windows-build
            """
        ),
    ),
    Remedy(
        "user-id-out-of-range",
        None,
        "A file in the layer belongs to a user number that the node's user namespace cannot map, or its attributes do "
        "not fit the disk.",
        "Build the image so that its files belong to user numbers below 65536.",
    ),
    Remedy(
        "cause-in-earlier-event",
        None,
        "The kubelet waits longer after each failure. Events are kept for an hour, so the one with the cause may be "
        "gone.",
        "Look at the event with the reason Failed; if it is gone, delete nothing, and let one new pod try again.",
        commands(
            r"""
            kubectl describe pod -n "$NAMESPACE" "$POD"
            kubectl get events -A --field-selector reason=Failed --sort-by .lastTimestamp
            """
        ),
    ),
    Remedy(
        "text-cut-short",
        None,
        "The decisive words come last in these messages, and they are not in this text.",
        'Paste the whole event, from "Failed to pull image" to its end.',
        commands(
            r"""
            kubectl get events -A --field-selector reason=Failed -o json | aksacr explain -
            """
        ),
    ),
    Remedy(
        "reason-kept-back",
        None,
        "The service that printed this keeps the reason to itself. Most often the registry login is wrong or missing, "
        "then the image's name, then the way to the registry.",
        "Look where the service writes the reason: the events of the container group, the system logs of the app.",
        commands(
            r"""
            az container show -g "$RG" -n "$CONTAINER_GROUP" --query 'containers[].instanceView.events' -o json
            az containerapp logs show -g "$RG" -n "$APP" --type system --tail 50
            """
        ),
    ),
    Remedy(
        "image-label-size",
        None,
        "containerd keeps the names of all repositories that share a layer in one label, and that label is full.",
        "Use a newer node image, or shorter and fewer repository names for the same layers.",
    ),
)
