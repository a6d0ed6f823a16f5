"""Every lock file of the corpus is read, or refused with the reason (most pixi.lock there build from sources)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from envstudio.domain.digest import definition_digest
from envstudio.errors import EnvStudioError
from envstudio.formats import read_source
from envstudio.lock_formats import detect_lock


@pytest.mark.parametrize(("kind", "least"), [("conda-lock", 0.9), ("pixi-lock", 0.3), ("conda-explicit", 0.9)])
def test_every_lock_is_read_or_refused(
    corpus: Path, kind: str, least: float, capsys: pytest.CaptureFixture[str]
) -> None:
    files = sorted(path for path in (corpus / kind).rglob("*") if path.is_file())
    refused: Counter[str] = Counter()
    packages = 0
    for path in files:
        try:
            source = read_source(path)
            used = detect_lock(source)
            if used is None or used.read is None:
                refused["not recognised as a lock"] += 1
                continue
            found = used.read(source, "locked")
        except EnvStudioError as error:
            refused[error.summary.replace(path.name, "…")[:70]] += 1
            continue
        assert found.lock.definition_digest == definition_digest(found.environment)
        assert all(item.url for platform in found.lock.platforms for item in platform.packages)
        packages += sum(len(platform.packages) for platform in found.lock.platforms)
    read = len(files) - sum(refused.values())
    with capsys.disabled():
        print(f"\n{kind}: {read} of {len(files)} read, {packages} packages; refused: {dict(refused)}")
    assert read / len(files) >= least
