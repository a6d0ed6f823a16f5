"""Texts that were typed and not understood. They are kept beside the settings until they are fixed or taken back.

A draft holds only what a definition can be; what the user typed beyond that must not be lost with the tab.
"""

from __future__ import annotations

import json
from pathlib import Path

from envstudio import paths
from envstudio.library import Library

FILE_NAME = "unfinished.json"
SOURCE = "source"
"""The location of a definition's whole text."""
Texts = dict[str, str]


class InvalidInputs:
    """The texts of one library's workspace, by environment and place."""

    def __init__(self, library: Library) -> None:
        self._path: Path = paths.config_file().with_name(FILE_NAME)
        self._key = f"{library.location}#{library.workspace}"

    def texts(self, name: str) -> Texts:
        """Return what was typed in an environment, by place."""
        return dict(self._read().get(self._key, {}).get(name, {}))

    def keep(self, name: str, texts: Texts) -> None:
        """Keep these texts of an environment and forget others."""
        whole = self._read()
        here = whole.setdefault(self._key, {})
        if here.get(name, {}) == texts:
            return
        here.pop(name, None)
        if texts:
            here[name] = texts
        self._write(whole)

    def rename(self, old: str, new: str) -> None:
        """Follow a renaming."""
        texts = self.texts(old)
        if texts:
            self.keep(old, {})
            self.keep(new, texts)

    def _read(self) -> dict[str, dict[str, Texts]]:
        try:
            found = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, whole: dict[str, dict[str, Texts]]) -> None:
        """Write the file whole or not at all; a folder that cannot be written costs these texts only."""
        temporary = self._path.with_name(FILE_NAME + ".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(whole, indent=1), "utf-8")
            temporary.replace(self._path)
        except OSError:
            return
