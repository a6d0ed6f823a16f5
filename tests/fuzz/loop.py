"""Gives targets mutated inputs, and gathers what is no `EnvStudioError`, one failure a line of code."""

from __future__ import annotations

import hashlib
import random
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from envstudio.errors import EnvStudioError
from tests.fuzz.mutations import mutated
from tests.fuzz.targets import Target

SLOW_SECONDS = 2.0
BATCH = 25


@dataclass(slots=True)
class Count:
    inputs: int = 0
    refused: int = 0


@dataclass(slots=True)
class Failure:
    """One place in the code if something else than an `EnvStudioError` came out, with the first input."""

    target: str
    what: str
    kept: str
    traceback: str
    count: int = 1


@dataclass(slots=True)
class Outcome:
    counts: dict[str, Count] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)


def run(
    targets: Sequence[Target], seed: int, *, seconds: float = 0, inputs: int = 0, keep: Path | None = None
) -> Outcome:
    """Fuzz the targets in turn, for some seconds or with a number of inputs each; failing inputs are kept."""
    outcome = Outcome({item.name: Count() for item in targets})
    randoms = {item.name: random.Random(f"{seed} {item.name}") for item in targets}
    began = time.monotonic()
    done = 0
    while (time.monotonic() - began < seconds) if seconds else (done < inputs):
        for item in targets:
            for _ in range(BATCH):
                one(item, mutated(randoms[item.name], randoms[item.name].choice(item.seeds), item.seeds), outcome, keep)
        done += BATCH
    return outcome


def one(target: Target, text: str, outcome: Outcome, keep: Path | None = None) -> None:
    """Give one text to a target."""
    count = outcome.counts.setdefault(target.name, Count())
    count.inputs += 1
    if keep is not None:
        # An abort of a native library leaves no other trace.
        keep.mkdir(parents=True, exist_ok=True)
        (keep / "last-input").write_text(f"{target.name}\n{text}", "utf-8", "surrogatepass")
    began = time.process_time()
    try:
        target.act(text)
    except EnvStudioError:
        count.refused += 1
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever comes out is what is looked for
        _failed(target, text, error, outcome, keep)
    took = time.process_time() - began
    if took > SLOW_SECONDS:
        _failed(target, text, TimeoutError(f"{took:.1f} s of CPU for {len(text)} characters"), outcome, keep)


def _failed(target: Target, text: str, error: BaseException, outcome: Outcome, keep: Path | None) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    location = next((frame for frame in reversed(frames) if "/envstudio/" in frame.filename), None)
    key = (
        f"{type(error).__name__} {location.filename if location else target.name}:{location.lineno if location else 0}"
    )
    if key in outcome.failures:
        outcome.failures[key].count += 1
        return
    kept = ""
    if keep is not None:
        path = keep / f"{hashlib.sha256(key.encode()).hexdigest()[:12]}.txt"
        path.write_text(text, "utf-8", "surrogatepass")
        kept = str(path)
    shown = "".join(traceback.format_exception(error)[-6:])
    outcome.failures[key] = Failure(target.name, f"{type(error).__name__}: {error}"[:300], kept, shown[-2500:])
