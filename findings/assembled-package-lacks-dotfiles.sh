#!/usr/bin/env bash
# py-rattler-build 0.73.0: assemble_package(files_dir=...) leaves out every file whose name begins with a dot.
#
# The function's own description says that all files of the folder are added, so one would guess that a script such as
# bin/.tool-post-link.sh, which conda runs after linking, is in the package. It is not, nor is any other file with a dot in
# front (files inside a folder with a dot in front are); nothing is said, and the list in info/paths.json agrees with what
# is left. The same file given by files=[FileEntry.from_paths(...)] is packaged.
#
# Seen: of bin/tool, bin/.tool-post-link.sh, share/.hidden/data.txt and share/.config.json, bin/tool and
# share/.hidden/data.txt are packaged from a folder; as entries all four are.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/tools"
"$folder/tools/bin/python" -m pip install --quiet --disable-pip-version-check py-rattler-build==0.73.0 2> /dev/null

"$folder/tools/bin/python" - "$folder" <<'EOF'
import json
import sys
import tarfile
from pathlib import Path

from rattler_build import ArchiveType, FileEntry, assemble_package

root = Path(sys.argv[1])
names = ["bin/tool", "bin/.tool-post-link.sh", "share/.hidden/data.txt", "share/.config.json"]
staged = root / "staged"
for name in names:
    (staged / name).parent.mkdir(parents=True, exist_ok=True)
    (staged / name).write_text("#!/bin/sh\n")


def packaged(output, **files):
    """Return what a package holds, after comparing it with the package's own list."""
    output.mkdir()
    made = assemble_package(
        "tool", "1.0", "linux-64", "0", output, archive_type=ArchiveType.TarBz2, compression_level=1, **files
    )
    with tarfile.open(made.path) as archive:
        held = {item.name for item in archive if not item.isdir() and not item.name.startswith("info/")}
        listed = {entry["_path"] for entry in json.load(archive.extractfile("info/paths.json"))["paths"]}
    assert held == listed, (held, listed)
    return held


from_folder = packaged(root / "a", files_dir=staged)
from_entries = packaged(root / "b", files=[FileEntry.from_paths(staged / name, name) for name in names])
print("from a folder:", sorted(from_folder))
print("from entries: ", sorted(from_entries))
assert from_folder == {"bin/tool", "share/.hidden/data.txt"}
assert from_entries == set(names)
EOF
