"""Which files several packages bring, in which waves they are installed, and what is said about it."""

from __future__ import annotations

from envstudio.domain.lock import LockedPackage
from envstudio.domain.shared_files import problems, shared_files, waves


def package(name: str) -> LockedPackage:
    return LockedPackage(name, "1.0", "pip", f"https://index.example/{name}.whl", "")


A, B, C = map(package, "abc")


def test_only_files_with_other_content_count() -> None:
    files = {A: {"x": "1", "same": "2", "own": "3"}, B: {"x": "4", "same": "2"}, C: {"X": "5", "unknown": ""}}
    (found,) = shared_files((B, A, C), files)
    assert (found.path, found.owners) == ("x", (B, A))
    folded = shared_files((B, A, C), files, ignores_case=True)
    assert [item.owners for item in folded] == [(B, A, C)]
    files[B]["unknown"] = ""
    assert [item.path for item in shared_files((A, B, C), files)] == ["unknown", "x"]


def test_what_replaces_a_file_comes_in_a_later_wave() -> None:
    shared = shared_files((A, B, C), {A: {"x": "1"}, B: {"x": "2", "y": "1"}, C: {"y": "2"}})
    assert waves((A, B, C), shared) == [[A], [B], [C]]
    assert waves((A, B, C), ()) == [[A, B, C]]
    assert waves((B, C), shared) == [[B], [C]]
    assert waves((), ()) == []


def test_packages_with_the_same_files_are_one_problem() -> None:
    shared = shared_files((A, B, C), {A: {"x": "1", "y": "1"}, B: {"x": "2", "y": "2"}, C: {"y": "3"}})
    assert [item.message for item in problems(shared)] == [
        "a 1.0 (pip) and b 1.0 (pip) bring x with different content.",
        "a 1.0 (pip), b 1.0 (pip) and c 1.0 (pip) bring y with different content.",
    ]
    (both,) = problems(shared_files((A, B), {A: {"x": "1", "y": "1"}, B: {"x": "2", "y": "2"}}))
    assert both.message == "a 1.0 (pip) and b 1.0 (pip) bring x and 1 more file with different content."
    assert both.advice.startswith("What b brings is used")
