"""The window. PySide6 is imported here and nowhere else."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

import PySide6.QtCore  # noqa: F401  it brings shibokensupport


def _leave_sources_unread() -> None:
    """Keep PySide from reading the source of every module that is imported after it.

    It looks there for its own name, to know where its optional names (snake_case, true properties) may be switched on.
    We switch on none. Python keeps all that was read: 20 MB by the time the library is open.
    """
    with suppress(ImportError):
        feature = import_module("shibokensupport.feature")
        if hasattr(feature, "_mod_uses_pyside"):
            vars(feature)["_mod_uses_pyside"] = lambda module: True


_leave_sources_unread()
