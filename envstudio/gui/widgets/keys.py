"""Keys that are others on macOS: its keyboards have Backspace where others have Delete, and ⌘ for Ctrl."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt

ON_MACOS = sys.platform == "darwin"
REMOVE_KEYS = (Qt.Key.Key_Delete, *((Qt.Key.Key_Backspace,) if ON_MACOS else ()))
"""Those that remove what is selected in a list."""
REMOVE_KEY = "⌫" if ON_MACOS else "Del"
"""How that key is written in a tip."""
DELETE = "Ctrl+Backspace" if ON_MACOS else "Del"
"""The shortcut that deletes what is selected among environments; Qt's Ctrl is ⌘ there."""
CTRL_CLICK = "⌘-click" if ON_MACOS else "Ctrl-click"
