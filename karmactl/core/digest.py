"""Digests of JSON values: canonical bytes (RFC 8785 in spirit: sorted keys, no spaces, UTF-8) under SHA-256 or HMAC.

Digests of secret values are HMACs under the set's key, so that a guessed password cannot be tested against one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

import orjson

from karmactl.core.model.manifest import JSONValue, Manifest, as_mapping

__all__ = ["blank_secrets", "canonical", "digest", "plan_digest", "template_digest"]

# 18 bytes are 24 base64 characters without padding: far from collisions, and a third of the shard size of hex.
_DIGEST_BYTES = 18
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def canonical(value: JSONValue) -> bytes:
    """The one byte form of a value: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(value: JSONValue, *, key: bytes = b"") -> str:
    """24 URL-safe characters; an HMAC where a key is given, else a plain SHA-256."""
    data = canonical(value)
    raw = hmac.digest(key, data, "sha256") if key else hashlib.sha256(data).digest()
    return base64.urlsafe_b64encode(raw[:_DIGEST_BYTES]).decode()


def plan_digest(value: JSONValue) -> str:
    """SHA-256 of the canonical form, in hex: the id of a plan."""
    return hashlib.sha256(canonical(value)).hexdigest()


def template_digest(manifest: Manifest) -> str:
    """24 URL-safe characters of a template, sensitive values blanked: another value of a Secret does not show."""
    return digest(blank_secrets(manifest))


def blank_secrets(manifest: Manifest) -> Manifest:
    """The manifest without values that nobody may guess from a digest: Secrets, and what kubectl recorded of them."""
    if (manifest.get("apiVersion"), manifest.get("kind")) == ("v1", "Secret"):
        blank: dict[str, JSONValue] = {
            part: dict.fromkeys(values, "") if isinstance(values := manifest[part], dict) else ""
            for part in ("data", "stringData")
            if part in manifest
        }
        manifest = {**manifest, **blank}
    metadata = as_mapping(manifest.get("metadata"))
    annotations = as_mapping(metadata.get("annotations"))
    if _LAST_APPLIED in annotations:
        manifest = {**manifest, "metadata": {**metadata, "annotations": {**annotations, _LAST_APPLIED: ""}}}
    return manifest
