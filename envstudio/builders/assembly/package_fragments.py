"""The fragments of all packages of a lock: downloaded, linked or unpacked, compiled, and reported as they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from envstudio.archives.rules import limits_of
from envstudio.builders.assembly import conda_packages, wheels
from envstudio.builders.assembly.assembly import Assembly, Inputs
from envstudio.builders.assembly.bytecode import Compilers, Interpreter
from envstudio.builders.assembly.conda_packages import LinkedTree
from envstudio.builders.assembly.container_wheels import ContainerBuilder
from envstudio.builders.assembly.installation import Installation
from envstudio.builders.assembly.interpreters import find_interpreter, remembered
from envstudio.builders.assembly.layers import Fragment, FragmentCache, Layer, bucket, single, stacking
from envstudio.builders.assembly.oci import LayerBlob
from envstudio.builders.assembly.workers import in_parallel
from envstudio.builders.builder import PlannedLayer
from envstudio.domain.lock import LockedPackage
from envstudio.domain.problem import tell
from envstudio.domain.shared_files import SharedFile, problems
from envstudio.packages import wheels as downloads
from envstudio.packages.conda_store import left_out, with_link_scripts
from envstudio.packages.file_lists import files_in_common, known_in_common
from envstudio.packages.hashes import is_unhashed, refuse_unhashed, with_hashes
from envstudio.packages.install_order import install_order
from envstudio.packages.source_builds import HostBuilder, is_source, refuse_source_builds, with_wheels

Ahead = Callable[[Sequence[LayerBlob]], None]
"""Told the layers that are finished while others are being made, lowest first and without gaps."""


@dataclass(frozen=True, slots=True)
class Made:
    """The fragments of all packages, and the sizes of their archives in bytes by name.

    `replacing` names those that bring the same files as others, each after those whose files it replaces.
    """

    fragments: tuple[Fragment, ...]
    weights: Mapping[str, int]
    replacing: tuple[str, ...]


def make(assembly: Assembly, *, room: int, ahead: Ahead) -> Made:
    """Return the fragment of each package, made if the cache lacks it.

    With consent, packages that come as source are built, in a container of the engine's if the base allows it. Raises
    `ConsentNeeded`, `EnvStudioError`, `Cancelled`.
    """
    assembly = _ready(assembly)
    inputs, report, settings = assembly.inputs, assembly.report, assembly.request.settings
    conda, pip, prefix = inputs.lock.of("conda"), inputs.lock.of("pip"), inputs.prefix
    fragments: list[Fragment] = []
    with LinkedTree(conda, inputs.lock.platform, prefix, limits_of(settings), report) as tree:
        files: dict[str, Path] = {}
        if pip:
            with report.stage("download wheels"):
                files = downloads.download(pip, settings, report)
        labels = _labels(inputs.lock.packages)
        weights = {labels[item]: item.size for item in conda}
        weights |= {labels[item]: item.size or files[item.sha256].stat().st_size for item in pip}
        shared = files_in_common(inputs.lock.packages, inputs.lock.platform, prefix.python, limits_of(settings), report)
        tell(problems(shared), report)
        replacing = _replacing(inputs.lock.packages, shared, labels)
        in_order = _InOrder(stacking(weights, room, replacing), ahead)

        def unpack(package: LockedPackage) -> Fragment:
            made = wheels.fragment(package, files[package.sha256], installation)
            return replace(made, name=labels[package])

        with _compilers(assembly) as compilers:
            installation = Installation(prefix, compilers, assembly.cache, report)
            if conda:
                with report.stage("link conda packages") as stage:
                    stage.cached = _all_known(assembly, "conda", compilers)
                    fragments += conda_packages.fragments(tree, installation, in_order)
            if pip:
                with report.stage("unpack wheels") as stage:
                    stage.cached = _all_known(assembly, "pip", compilers)
                    fragments += in_parallel(
                        unpack,
                        pip,
                        report,
                        weigh=lambda item: weights[labels[item]],
                        done=in_order,
                    )
    if scripts := with_link_scripts(conda):
        report.line(f"warning: {left_out(scripts)}", "err")
    return Made(tuple(fragments), weights, replacing)


def _labels(packages: Sequence[LockedPackage]) -> dict[LockedPackage, str]:
    """Return what each package is called in an image: its name, or "graphviz (pip)" if conda has one of that name."""
    conda = {item.name for item in packages if item.manager == "conda"}
    return {
        item: f"{item.name} (pip)" if item.manager == "pip" and item.name in conda else item.name for item in packages
    }


def _replacing(
    packages: Sequence[LockedPackage], shared: Sequence[SharedFile], labels: Mapping[LockedPackage, str]
) -> tuple[str, ...]:
    """Return the names of packages that have files in common, in the order of their installation."""
    owners = {owner for item in shared for owner in item.owners}
    return tuple(labels[item] for item in install_order(packages) if item in owners) if owners else ()


def _ready(assembly: Assembly) -> Assembly:
    """Return it with packages that all have a hash, those of pip as wheels, built from source if allowed."""
    request, inputs, report = assembly.request, assembly.inputs, assembly.report
    settings, consent = request.settings, request.consent
    packages = inputs.lock.packages
    refuse_unhashed(packages, consent)
    if any(map(is_unhashed, packages)):
        with report.stage("compute hashes"):
            packages = with_hashes(packages, settings, report)
    pip = [item for item in packages if item.manager == "pip"]
    if any(map(is_source, pip)):
        platform, python = inputs.lock.platform, inputs.prefix.python
        refuse_source_builds(pip, consent)
        with report.stage("build wheels"):
            host = HostBuilder(platform, settings)
            with ContainerBuilder(request.engine, inputs.base, python, host, settings, report) as builder:
                pip = list(with_wheels(pip, platform, python, settings, report, consent=consent, builder=builder))
    conda = [item for item in packages if item.manager == "conda"]
    lock = replace(inputs.lock, packages=(*conda, *pip))
    return replace(assembly, inputs=replace(inputs, lock=lock))


def planned(inputs: Inputs, cache: FragmentCache, *, room: int) -> tuple[PlannedLayer, ...]:
    """Return the layers of packages that an image would have, from the lock and the cache alone."""
    wanted = _wanted_release(inputs)
    known = remembered(wanted)
    likely = [Compilers(item) for item in (Interpreter("", wanted) if wanted else None, known) if item]
    found: dict[str, Fragment | None] = {}
    packages = inputs.lock.packages
    labels = _labels(packages)
    for package in packages:
        keys = [_key(inputs, package, compilers) for compilers in likely or [Compilers(None)]]
        found[labels[package]] = next(filter(None, (cache.find(key, labels[package]) for key in keys)), None)
    shared = known_in_common(packages, inputs.lock.platform, inputs.prefix.python)
    weights = {labels[item]: item.size or _size_here(item) for item in packages}
    own = stacking(weights, room, _replacing(packages, shared, labels))
    buckets: dict[int, list[str]] = {}
    for name in sorted(found.keys() - set(own)):
        buckets.setdefault(bucket(name), []).append(name)
    groups = [*((name,) for name in own), *(tuple(buckets[number]) for number in sorted(buckets))]
    groups = groups if len(groups) <= room else [tuple(sorted(found))]
    return tuple(_planned([found[name] for name in group], group) for group in groups)


def _size_here(package: LockedPackage) -> int:
    """Return the size of a wheel that was downloaded already, for locks that do not tell it."""
    file = downloads.cached(package)
    return file.stat().st_size if package.manager == "pip" and file.exists() else 0


def planned_bytecode(inputs: Inputs) -> str:
    """Return what would compile, in words."""
    wanted = _wanted_release(inputs)
    if not wanted:
        return "no bytecode, because there is no Python"
    known = remembered(wanted)
    return f"bytecode of Python {known.release if known else wanted}" + (
        "" if known else ", if its interpreter is found or can be fetched"
    )


def _planned(fragments: Sequence[Fragment | None], names: tuple[str, ...]) -> PlannedLayer:
    there = [item for item in fragments if item is not None]
    cached = len(there) == len(names)
    return PlannedLayer(names, Layer("", tuple(there)).size if cached else None, cached)


def as_blob(layer: Layer) -> LayerBlob:
    """Return a layer of packages as a layer of an image."""
    return LayerBlob(layer.diff_id, layer.size, layer.names, layer.chunks)


class _InOrder:
    """Tells fragments that come in any order as layers in the order of the image."""

    def __init__(self, names: Sequence[str], ahead: Ahead) -> None:
        self._names, self._ahead = list(names), ahead
        self._come: dict[str, Fragment] = {}

    def __call__(self, package: LockedPackage, fragment: Fragment) -> None:
        self._come[fragment.name] = fragment
        while self._names and self._names[0] in self._come:
            self._ahead([as_blob(single(self._come[self._names.pop(0)]))])


def _all_known(assembly: Assembly, manager: str, compilers: Compilers) -> bool:
    """Return whether the cache has every package of a manager, with the bytecode that these compilers would write."""
    inputs, cache = assembly.inputs, assembly.cache
    return all(cache.find(_key(inputs, item, compilers), item.name) for item in inputs.lock.of(manager))


def _key(inputs: Inputs, package: LockedPackage, compilers: Compilers) -> str:
    if package.manager == "conda":
        return conda_packages.key(package, inputs.lock.platform, inputs.prefix, compilers)
    return wheels.key(package, inputs.prefix, compilers)


def _wanted_release(inputs: Inputs) -> str:
    """Return the release of Python in the image ("3.11.7"), else its minor version, else nothing."""
    conda = next((item.version for item in inputs.lock.of("conda") if item.name == "python"), "")
    return conda or inputs.base.python_release or inputs.prefix.python


def _compilers(assembly: Assembly) -> Compilers:
    """Return what compiles for the image's Python: an interpreter of this machine or of uv, never one from the lock.

    No interpreter is looked for if the cache has all bytecode.
    """
    inputs, report = assembly.inputs, assembly.report
    wanted = _wanted_release(inputs)
    if not wanted:
        return Compilers(None)
    ideal = Compilers(Interpreter("", wanted))
    if wanted.count(".") == 2 and all(_all_known(assembly, manager, ideal) for manager in ("conda", "pip")):
        return ideal
    with report.stage("find interpreter"):
        found = find_interpreter(wanted, assembly.request.settings, report)
    if found is None:
        report.line(f"no interpreter of Python {inputs.prefix.python} runs here: the image gets no bytecode")
    elif wanted.count(".") == 2 and found.release != wanted:
        report.line(f"bytecode comes from Python {found.release}, because {wanted} is not available")
    return Compilers(found)
