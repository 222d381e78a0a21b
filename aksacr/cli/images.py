"""`--image`, before anything is asked of Azure."""

from __future__ import annotations

from .output import UsageError


def require_image(image: str | None) -> None:
    """Raise `UsageError` for a text that no node could pull by; which host it names is a check's question."""
    if image is None:
        return
    from aksacr.pull_errors.references import is_acr_host, parse_reference  # noqa: PLC0415 - only where an image is named

    form = "write REPO[:TAG|@DIGEST], with or without the registry's login server before it"
    if not image.strip():
        raise UsageError(f"--image is empty; {form}")
    if "://" in image:
        raise UsageError(f'--image "{image}": an image name has no scheme ({image.partition("://")[0]}://); {form}')
    if any(mark in image for mark in "*<>"):
        raise UsageError(f'--image "{image}" holds a placeholder; {form}')
    if is_acr_host(image.strip().rstrip("/")):
        raise UsageError(
            f'--image "{image}" is a login server without a repository; write {image.rstrip("/")}/REPO[:TAG]'
        )
    if parse_reference(image) is None:
        why = "its repository has capital letters" if _has_capitals(image) else "nodes refuse it (InvalidImageName)"
        raise UsageError(f'--image "{image}" is no image name: {why}; {form}')


def _has_capitals(image: str) -> bool:
    from aksacr.pull_errors.references import parse_reference  # noqa: PLC0415

    return image != image.lower() and parse_reference(image.lower()) is not None
