"""A small lock that tests of several folders read."""

from __future__ import annotations

PYLOCK = """\
lock-version = "1.0"
created-by = "test"

[[packages]]
name = "rich"
version = "14.0.0"

[[packages.wheels]]
url = "https://files.example/rich-14.0.0-py3-none-any.whl"
hashes = {sha256 = "1c9491e1951aac09caffd42f448ee3d04e58923ffe14993f6e83068dc395d7e0"}
"""
