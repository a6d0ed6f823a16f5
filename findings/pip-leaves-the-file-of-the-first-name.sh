#!/usr/bin/env bash
# pip 26.3: two wheels bring one file; whose it is follows from their names and from what they require.
#
# pip installs wheels one after the other, and a later one overwrites the files of an earlier one without a word. One
# would guess that the last on the command line wins. The order of the command line does not count: pip installs from
# the last name to the first, so the package whose name sorts first keeps the file. It does not, if the other one
# requires anything that is installed too, be it a package that has nothing to do with either: packages that require
# nothing are installed first.
#
# Seen with alpha and zeta, which both bring shared.txt, and an empty package extra:
#     pip install alpha zeta                             shared.txt is alpha's
#     pip install zeta alpha                             shared.txt is alpha's
#     pip install alpha zeta, where zeta requires extra  shared.txt is zeta's
#     the same with pip install --no-deps, extra named   shared.txt is alpha's
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/tools"
"$folder/tools/bin/python" -m pip install --quiet --disable-pip-version-check pip==26.3
export PIP_CONFIG_FILE=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1

cat > "$folder/wheel.py" <<'EOF'
"""Write a wheel: folder, name, version, whether it brings shared.txt, and what it requires."""
import sys, zipfile

folder, name, version, shares, *needs = sys.argv[1:]
info = f"{name}-{version}.dist-info"
with zipfile.ZipFile(f"{folder}/{name}-{version}-py3-none-any.whl", "w") as wheel:
    if shares == "shares":
        wheel.writestr("shared.txt", name)
    needed = "".join(f"Requires-Dist: {item}\n" for item in needs)
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(f"{info}/RECORD", "")
EOF
mkdir "$folder/wheels"
make() { python3 "$folder/wheel.py" "$folder/wheels" "$@"; }
make alpha 1.0 shares
make zeta 1.0 shares
make zeta 2.0 shares extra
make extra 1.0 apart

owner() {
    rm -rf "$folder/target"
    python3 -m venv --without-pip "$folder/target"
    "$folder/tools/bin/python" -m pip --python "$folder/target/bin/python" install --quiet --no-index \
        --find-links "$folder/wheels" "$@"
    cat "$folder"/target/lib/python3*/site-packages/shared.txt
}
while IFS=: read -r words expected; do
    # shellcheck disable=SC2086
    seen=$(owner $words)
    echo "pip install $words: shared.txt is that of $seen"
    test "$seen" = "$expected"
done <<'EOF'
alpha zeta==1.0:alpha
zeta==1.0 alpha:alpha
alpha zeta==2.0:zeta
--no-deps alpha zeta==2.0 extra:alpha
EOF
