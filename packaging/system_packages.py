"""Install what the tests need of the system, on Debian or Ubuntu with root; elsewhere say what is missing.

Runs before anything is installed, so it uses the standard library only.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAMS = {
    "dockerd": ["docker.io"],
    "mmdebstrap": ["mmdebstrap"],
    "Xvfb": ["xvfb"],
    "xdotool": ["xdotool"],
    "openbox": ["openbox"],
    "trayer": ["trayer"],
    "dbus-daemon": ["dbus"],
    "docker-registry": ["docker-registry"],
    "skopeo": ["skopeo"],
    "podman": ["podman"],
    "git": ["git"],
    "pg_ctlcluster": ["postgresql"],
    "import": ["imagemagick"],
}
"""Programs that the tests start, and the packages that bring them."""

BUILDX = "docker-buildx"
"""Docker's plugin for BuildKit; releases of Debian before trixie have none, so it is taken from there."""

LATER_SUITE = "trixie"
PLUGIN_FOLDERS = ["~/.docker/cli-plugins"] + [
    f"/usr/{location}/docker/cli-plugins" for location in ("libexec", "lib", "local/libexec", "local/lib")
]

LIBRARIES = [
    "fonts-dejavu-core",
    "libdbus-1-3",
    "libegl1",
    "libfontconfig1",
    "libgl1",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-xkb1",
    "libxkbcommon-x11-0",
    "libxkbcommon0",
]
"""What Qt loads."""


def main() -> int:
    """Install what is missing where that is possible."""
    programs = [package for program, packages in PROGRAMS.items() if not _found(program) for package in packages]
    if not _is_debian():
        if programs:
            print(f"Not Debian or Ubuntu; some tests will be skipped for lack of: {', '.join(programs)}")
        return 0
    missing = [*programs, *(name for name in LIBRARIES if not _installed(name))]
    status = _install(missing) if missing else 0
    return status or _buildx()


def _install(missing: list[str]) -> int:
    """Install packages of the release."""
    if os.geteuid() != 0:
        print(f"Without root, some tests will be skipped for lack of: {' '.join(missing)}")
        return 0
    print(f"Installing {' '.join(missing)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "-q", "install", "-y", "--no-install-recommends", *missing]
    for command in (["apt-get", "-q", "update"], install):
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            print(done.stdout[-3000:])
            print(f"`{' '.join(command)}` failed; tests that need these will be skipped or fail.")
            return 1 if os.environ.get("CI") == "true" else 0
    return 0


def _buildx() -> int:
    """Put Docker's BuildKit plugin where `docker` looks for it: from the release, else from a later one's archive."""
    if _plugin():
        return 0
    if os.geteuid() == 0 and _available(BUILDX):
        return _install([BUILDX])
    with tempfile.TemporaryDirectory() as folder:
        if not extract_later([BUILDX], Path(folder)):
            return 1 if os.environ.get("CI") == "true" else 0
        (plugin,) = Path(folder).rglob("cli-plugins/docker-buildx")
        target = Path(PLUGIN_FOLDERS[0]).expanduser()
        target.mkdir(parents=True, exist_ok=True)
        shutil.copy2(plugin, target)
    return 0


def extract_later(packages: list[str], into: Path) -> bool:
    """Put the files of a later release's packages into a folder, and tell whether that was possible."""
    print(f"Fetching {' '.join(packages)} of {LATER_SUITE}", flush=True)
    sources = _later_sources()
    if not sources:
        print("No source of Debian is known; tests that need them will be skipped.")
        return False
    # Lists, cache and sources of its own, so that the system never installs anything else from there.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "later.sources").write_text(sources)
        for name in ("lists/partial", "cache/archives/partial", "parts"):
            Path(folder, name).mkdir(parents=True)
        options = {"Dir::Etc::sourcelist": f"{folder}/later.sources", "Dir::Etc::sourceparts": f"{folder}/parts"}
        options |= {"Dir::State::lists": f"{folder}/lists", "Dir::Cache": f"{folder}/cache"}
        options |= {"Dir::Etc::preferencesparts": f"{folder}/parts", "APT::Sandbox::User": ""}
        apt = ["apt-get", "-q", *(word for key, value in options.items() for word in ("-o", f"{key}={value}"))]
        for command in ([*apt, "update"], [*apt, "download", *packages]):
            done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode != 0:
                print(done.stdout[-2000:])
                print("They cannot be had; tests that need them will be skipped or fail.")
                return False
        for archive in Path(folder).glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", archive, into], check=True)
    return True


def _plugin() -> bool:
    return any(Path(folder).expanduser().joinpath("docker-buildx").exists() for folder in PLUGIN_FOLDERS)


def _available(package: str) -> bool:
    done = subprocess.run(["apt-cache", "policy", package], capture_output=True, text=True)
    return "Candidate:" in done.stdout and "Candidate: (none)" not in done.stdout


def _later_sources() -> str:
    """Return a source of the later release, at the addresses that this Debian is installed from."""
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(COMPONENT)", "Created-By: Packages"]
    listed = subprocess.run(command, capture_output=True, text=True).stdout
    for line in listed.splitlines():
        address, origin, component = [*line.split(), "", ""][:3]
        if origin == "Debian" and component == "main" and "security" not in address and keyring.exists():
            return f"Types: deb\nURIs: {address}\nSuites: {LATER_SUITE}\nComponents: main\nSigned-By: {keyring}\n"
    return ""


def _found(program: str) -> bool:
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is not None


def _is_debian() -> bool:
    try:
        return platform.freedesktop_os_release().get("ID") in ("debian", "ubuntu")
    except OSError:
        return False


def _installed(package: str) -> bool:
    command = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() == "installed"


if __name__ == "__main__":
    if len(sys.argv) > 2:  # FOLDER PACKAGE…: the tests' second engine
        sys.exit(0 if extract_later(sys.argv[2:], Path(sys.argv[1])) else 1)
    sys.exit(main())
