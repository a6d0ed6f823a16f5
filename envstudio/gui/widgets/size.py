"""Numbers as users read them."""

from __future__ import annotations

from envstudio.domain.amounts import seconds_text, size_text

__all__ = ["seconds_text", "size_text"]
