"""The one JSON text of a value, and sha256: what every digest is made of."""

from __future__ import annotations

import hashlib
import json
from typing import Any

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def canonical_dump(value: Any) -> str:
    """Return the one JSON text of a value."""
    return _encode(value)


def sha256(data: bytes) -> str:
    """Return the sha256 of bytes as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
