"""Image references as Docker writes them, taken apart, changed in one component, and put together again.

The result is what Karmada's parser gives, with its edges: no implied registry or `library/`, a digest beside a tag is
dropped, and a tag that cannot be one leaves the image as it was.
Source: Karmada pkg/util/imageparser/{parser,lifted}.go; github.com/distribution/reference regexp.go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from karmactl.core.model.policy import ImageOverrider
from karmactl.errors import PolicyError

__all__ = ["ImageReference", "override_image", "parse_image"]

_LABEL: Final = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN: Final = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_COMPONENT: Final = r"[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*"
_PATH: Final = rf"{_COMPONENT}(?:/{_COMPONENT})*"
_TAG: Final = r"\w[\w.-]{0,127}"
_DIGEST: Final = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE: Final = re.compile(rf"((?:{_DOMAIN}/)?{_PATH})(?::({_TAG}))?(?:@({_DIGEST}))?", re.ASCII)
_NAME: Final = re.compile(rf"(?:({_DOMAIN})/)?({_PATH})", re.ASCII)
_ANY_TAG: Final = re.compile(_TAG, re.ASCII)
_ANY_DIGEST: Final = re.compile(_DIGEST, re.ASCII)

_NAME_LIMIT: Final = 255
# The algorithms that Karmada links in; the number is how many hexadecimal digits a digest has.
_DIGEST_LENGTHS: Final = {"sha256": 64, "sha384": 96, "sha512": 128}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageReference:
    """The parts of an image's name; "" for what it has not. `str()` writes the tag, and the digest only without one."""

    hostname: str = ""
    repository: str = ""
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        name = f"{self.hostname}/{self.repository}" if self.hostname else self.repository
        if self.tag:
            return f"{name}:{self.tag}"
        return f"{name}@{self.digest}" if self.digest else name


def parse_image(image: str) -> ImageReference:
    """The parts of an image's name. Raises PolicyError `image-malformed`."""
    found = _REFERENCE.fullmatch(image)
    if found is None:
        raise _malformed(image, "it is empty" if not image else "it does not follow Docker's grammar")
    name, tag, digest = found.group(1), found.group(2) or "", found.group(3) or ""
    parts = _NAME.fullmatch(name)
    path = parts.group(2) if parts else name
    if len(path) > _NAME_LIMIT:
        raise _malformed(image, f"the name is longer than {_NAME_LIMIT} characters")
    if digest:
        algorithm, _, encoded = digest.partition(":")
        if len(encoded) != _DIGEST_LENGTHS.get(algorithm) or encoded != encoded.lower():
            raise _malformed(image, f"{digest!r} is no digest")
    hostname, repository = _split_hostname(name)
    return ImageReference(hostname=hostname, repository=repository, tag=tag, digest="" if tag else digest)


def override_image(image: str, overrider: ImageOverrider) -> str:
    """The image with one component changed.

    Raises PolicyError `image-malformed`, or `image-component-unsupported` for a component that is not Registry,
    Repository or Tag. An operator that Karmada does not know changes nothing but the form. Source: Karmada
    pkg/util/overridemanager/imageoverride.go, overrideImage.
    """
    parsed = parse_image(image)
    match overrider.component:
        case "Registry":
            hostname = _change(parsed.hostname, overrider)
            return str(replace(parsed, hostname=hostname))
        case "Repository":
            repository = _change(parsed.repository, overrider)
            return str(replace(parsed, repository=repository))
        case "Tag":
            return str(_change_tag(parsed, overrider))
        case other:
            raise PolicyError(
                "image-component-unsupported", f"image component {other!r} is not one of Registry, Repository, Tag"
            )


def _change(current: str, overrider: ImageOverrider) -> str:
    match overrider.operator:
        case "add":
            return current + overrider.value
        case "replace":
            return overrider.value
        case "remove":
            return ""
        case _:
            return current


def _change_tag(image: ImageReference, overrider: ImageOverrider) -> ImageReference:
    match overrider.operator:
        case "add":
            wanted = (image.tag or image.digest) + overrider.value
        case "replace":
            wanted = overrider.value
        case "remove":
            return replace(image, tag="", digest=image.digest if image.tag else "")
        case _:
            return image
    if _ANY_TAG.fullmatch(wanted):
        return replace(image, tag=wanted, digest="")
    if _ANY_DIGEST.fullmatch(wanted):
        return replace(image, tag="", digest=wanted)
    return image


def _split_hostname(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return first, rest
    return "", name


def _malformed(image: str, why: str) -> PolicyError:
    return PolicyError("image-malformed", f"{image!r} is no image reference: {why}", why=why)
