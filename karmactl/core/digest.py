"""Digests of JSON values: canonical bytes (RFC 8785 in spirit: sorted keys, no spaces, UTF-8) under SHA-256 or HMAC.

Digests of secret values are HMACs under the set's key, so that a guessed password cannot be tested against one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

import orjson

from karmactl.core.model.manifest import JSONValue

__all__ = ["canonical", "digest", "plan_digest"]

# 18 bytes are 24 base64 characters without padding: far from collisions, and a third of the shard size of hex.
_DIGEST_BYTES = 18


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
