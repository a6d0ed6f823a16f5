"""Install what the tests need of the system, on Debian or Ubuntu with root; elsewhere say what is missing.

Runs before anything is installed, so it uses the standard library only.
"""

import os
import platform
import shutil
import subprocess
import sys

PROGRAMS = {
    "dockerd": ["docker.io"],
    "mmdebstrap": ["mmdebstrap"],
    "Xvfb": ["xvfb"],
    "xdotool": ["xdotool"],
    "openbox": ["openbox"],
    "import": ["imagemagick"],
}
"""Programs that the tests start, and the packages that bring them."""

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
    if not missing:
        return 0
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
    sys.exit(main())
