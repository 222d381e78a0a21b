"""What stands for an application's secret at Entra: a JWT signed with its certificate, or a federated token."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from .json_values import as_object, as_text, decode

if TYPE_CHECKING:
    from collections.abc import Collection

_REFUSED_CERTIFICATE = (700027, "The certificate with identifier used to sign the client assertion is not registered.")
_REFUSED_TOKEN = (70021, "No matching federated identity record found for presented assertion.")


def refusal(assertion: str, certificate: bytes | None, federated: Collection[str]) -> tuple[int, str] | None:
    """Why an assertion is refused, as Entra's number and words, or None when it is good.

    certificate: the application's, as PEM. federated: the tokens that its federated credential takes.
    """
    if assertion in federated:
        return None
    if certificate is None:
        return _REFUSED_TOKEN
    return None if _is_signed_with(certificate, assertion) else _REFUSED_CERTIFICATE


def _is_signed_with(certificate: bytes, assertion: str) -> bool:
    """Whether a JWT carries the signature of this certificate's key: RS256 or PS256, which Entra takes."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - needed by few
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415

    key = load_pem_x509_certificate(certificate).public_key()
    signed, _, signature = assertion.rpartition(".")
    try:
        header = as_object(decode(_bytes_of(signed.partition(".")[0])))
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        how = pss if as_text(header.get("alg")) == "PS256" else padding.PKCS1v15()
        if not isinstance(key, rsa.RSAPublicKey):
            return False
        key.verify(_bytes_of(signature), signed.encode(), how, hashes.SHA256())
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def _bytes_of(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
