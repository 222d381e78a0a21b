"""Service connections to the stand-in Azure, one of each scheme, and what a step is asked."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from console import FIXTURES
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from aksacr.standin.entra import SignIn
from aksacr.standin.pipelines import PipelineJob
from aksacr.standin.server import StandIn
from aksacr.standin.world import World

from .agent import ENDPOINT, endpoint

if TYPE_CHECKING:
    from collections.abc import Generator

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
SCHEMES = ("secret", "certificate", "federation", "managed")


class Pair(NamedTuple):
    """A certificate and its key, as PEM."""

    certificate: bytes
    key: bytes


@cache
def key_pair() -> Pair:
    """What an application signs in with; made once, for a key takes its time."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "service connection")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    return Pair(certificate.public_bytes(encoding), private)


def world(name: str) -> World:
    """A world of the fixtures."""
    file = FIXTURES / name / "world.json"
    return World.parse(file.read_bytes(), str(file))


@contextmanager
def azure_of(name: str | World = "recorded_public_attached", delay: float = 0.0) -> Generator[StandIn]:
    """A running Azure whose application signs in by secret, certificate or federation."""
    served = world(name) if isinstance(name, str) else name
    sign_in = SignIn(
        served.tenant_id, certificate=key_pair().certificate, expired_secret="Exp8Q~a-secret-that-has-ended"
    )
    with StandIn(served, delay, sign_in=sign_in) as azure:
        azure.job = PipelineJob(sign_in, ENDPOINT)
        yield azure


def connection(azure: StandIn, scheme: str = "secret", **changes: str) -> dict[str, str]:
    """The environment of a service connection; `changes` replace parts of its data."""
    known = azure.sign_in
    identity = {"tenantid": known.tenant_id, "serviceprincipalid": known.client_id}
    data = {"subscriptionid": SUBSCRIPTION, "subscriptionname": "test", "environment": "AzureStack", **changes}
    secret = {"authenticationtype": "spnKey", "serviceprincipalkey": known.client_secret}
    pem = {
        "authenticationtype": "spnCertificate",
        "serviceprincipalcertificate": (key_pair().key + key_pair().certificate).decode(),
    }
    made = {
        "secret": ("ServicePrincipal", identity | secret, data),
        "certificate": ("ServicePrincipal", identity | pem, data),
        "federation": ("WorkloadIdentityFederation", identity, data),
        "managed": ("ManagedServiceIdentity", {"tenantid": known.tenant_id}, data),
    }
    job = {
        "ENDPOINT_AUTH_PARAMETER_SYSTEMVSSCONNECTION_ACCESSTOKEN": azure.job.access_token,
        "ENDPOINT_AUTH_SCHEME_SYSTEMVSSCONNECTION": "OAuth",
    }
    return {**endpoint(*made[scheme], azure.url), **job}


def machine(azure: StandIn) -> dict[str, str]:
    """What the machine says of itself: whom it trusts, and where its metadata service is."""
    return {"SSL_CERT_FILE": str(azure.ca_bundle), "AZURE_POD_IDENTITY_AUTHORITY_HOST": azure.metadata_url}


def secrets_of(azure: StandIn) -> list[str]:
    """Every secret that the agent hands over; of a key, each of its lines."""
    lines = key_pair().key.decode().splitlines()
    return [azure.sign_in.client_secret, azure.sign_in.expired_secret, azure.job.access_token, *lines[1:-1]]


def inputs(azure: StandIn, **changes: str) -> dict[str, str]:
    """What a step is asked about the world's cluster and registry."""
    cluster, registry = azure.world.target.cluster.split("/"), azure.world.target.registry.split("/")
    return {
        "connectedServiceNameARM": ENDPOINT,
        "resourceGroup": cluster[4],
        "clusterName": cluster[-1],
        "registryName": registry[-1],
        "cliSource": "path",
        "publishSummary": "true",
        **changes,
    }


def report_of(path: str) -> dict[str, object]:
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - a path as the step told it
        return json.load(file)
