"""Edits by several processes at once: each is kept, or refused with both sides named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import at_once

from envstudio.domain.environment import Environment, Variable
from envstudio.domain.reference import Reference
from envstudio.domain.requirement import conda_requirement
from envstudio.errors import Conflict
from envstudio.library import Library

SCIPY, PANDAS = conda_requirement("scipy"), conda_requirement("pandas>=2")
NUMPY2, NUMPY3 = conda_requirement("numpy>=2.2"), conda_requirement("numpy>=3")


def test_eight_edits_at_once_are_all_kept(library: Library, churn: Environment, location: Path) -> None:
    library.versions.register(churn)
    done = at_once(location, [["edit", "churn", "--add", f"package-{number}>={number}"] for number in range(8)])
    assert [status for status, _ in done] == [0] * 8, done
    newest = library.find("churn")
    assert newest.version == 9
    assert {item.name for item in newest.environment.python.conda} >= {f"package-{number}" for number in range(8)}
    assert library.events.verify().notice == ""


def test_eight_edits_of_the_same_entry_lose_none_in_silence(
    library: Library, churn: Environment, location: Path
) -> None:
    library.versions.register(churn)
    done = at_once(location, [["edit", "churn", "--set", f"TREES={number}00"] for number in range(1, 9)])
    refused = [output for status, output in done if status]
    assert {status for status, _ in done} <= {0, 1}
    assert library.find("churn").version == 1 + len(done) - len(refused)
    for output in refused:
        assert re.search(r"error: churn:\d+ by \S+ changed variables TREES meanwhile: it is \d00 .* and \d00 ", output)


def test_an_edit_is_replayed_or_refused(library: Library, churn: Environment) -> None:
    library.versions.register(churn)
    library.versions.register(churn.with_conda(NUMPY3))
    done = library.versions.register(churn.with_conda(SCIPY), started=churn)
    found = library.find("churn").environment
    assert (done.version, {item.name for item in found.python.conda}) == (3, {"python", "numpy", "scipy"})
    assert NUMPY3 in found.python.conda
    with pytest.raises(Conflict, match=r"churn:3 by ana changed conda numpy meanwhile: it is >=3 there, and >=2.2 in"):
        library.versions.register(churn.with_conda(NUMPY2), started=churn)
    assert library.find("churn").version == 3


def test_an_edit_keeps_comments_when_it_is_replayed(library: Library, churn: Environment) -> None:
    library.versions.register(churn)
    text = library.find("churn").text.replace("- numpy>=2", "- numpy>=2 # why")
    library.versions.register(churn.with_variable(Variable("N", "1")))
    library.versions.register(churn.with_conda(SCIPY), text=text + "    - scipy\n", started=churn)
    assert library.find("churn").environment.variables[-1] == Variable("N", "1")
    assert "# why" in library.find("churn").text


def test_tags_set_meanwhile_stay(library: Library, churn: Environment) -> None:
    library.versions.register(churn)
    library.versions.describe(Reference("churn"), tags={"team": "vision"}, description="Mine")
    library.versions.register(churn.with_conda(SCIPY), started=churn)
    found = library.find("churn").environment
    assert (dict(found.tags), found.description) == ({"team": "vision"}, "Mine")


def test_drafts_come_together(library: Library, churn: Environment) -> None:
    library.versions.register(churn)
    library.versions.save_draft(churn.with_conda(SCIPY), started=churn)
    library.versions.save_draft(churn.with_conda(PANDAS), started=churn)
    draft = library.versions.draft("churn")
    assert {item.name for item in draft.environment.python.conda} == {"python", "numpy", "scipy", "pandas"}
    with pytest.raises(Conflict, match="The draft of churn changed conda pandas meanwhile: it is >=2 there, and >=3"):
        library.versions.save_draft(churn.with_conda(conda_requirement("pandas>=3")), started=churn)
    assert library.versions.draft("churn") == draft


def test_a_draft_that_somebody_changed_is_not_discarded(library: Library, churn: Environment) -> None:
    library.versions.register(churn)
    library.versions.save_draft(churn.with_conda(SCIPY))
    library.versions.discard_draft("churn", started=churn.with_conda(PANDAS))
    assert library.versions.draft("churn").saved
    library.versions.register(churn.with_conda(PANDAS), started=churn, draft=churn)
    assert library.versions.draft("churn").environment == churn.with_conda(SCIPY)
    library.versions.discard_draft("churn", started=churn.with_conda(SCIPY))
    assert not library.versions.draft("churn").saved


def test_a_draft_and_a_newer_version_come_together(library: Library, churn: Environment, location: Path) -> None:
    library.versions.register(churn)
    library.versions.save_draft(churn.with_conda(SCIPY), base_version=1)
    library.versions.register(churn.with_conda(NUMPY3), from_draft=False)
    ((status, output),) = at_once(location, [["edit", "churn", "--set", "N=1"]])
    assert status == 0, output
    found = library.find("churn").environment
    assert {SCIPY, NUMPY3} <= set(found.python.conda)
    assert not library.versions.draft("churn").saved


def test_a_label_that_was_moved_is_not_moved_back(library: Library, churn: Environment) -> None:
    for number in range(3):
        library.versions.register(churn.with_variable(Variable("N", str(number))))
    library.versions.label(Reference("churn", 1), "prod", was=None)
    library.versions.label(Reference("churn", 2), "prod", was=1)
    with pytest.raises(Conflict, match="prod points to churn:2 by now, not to churn:1; it was not moved to churn:3"):
        library.versions.label(Reference("churn", 3), "prod", was=1)
    assert library.versions.labels("churn") == (("prod", 2),)
    library.versions.label(Reference("churn", 3), "prod")
    library.versions.unlabel("churn", "prod")
    with pytest.raises(Conflict, match="prod was removed by now"):
        library.versions.label(Reference("churn", 1), "prod", was=3)


def test_a_tag_that_was_changed_is_not_changed_back(library: Library, churn: Environment) -> None:
    library.versions.register(churn)
    library.versions.describe(Reference("churn"), tags={"team": "vision", "a": "1"}, started=churn)
    library.versions.describe(Reference("churn"), tags={"b": "2"}, started=churn)
    with pytest.raises(Conflict, match="tag team of churn:1 was changed meanwhile: it is vision there, and speech in"):
        library.versions.describe(Reference("churn"), tags={"team": "speech"}, started=churn)
    assert dict(library.find("churn").environment.tags) == {"team": "vision", "a": "1", "b": "2"}


def test_labels_and_tags_by_eight_processes(library: Library, churn: Environment, location: Path) -> None:
    library.versions.register(churn)
    done = at_once(location, [["label", "churn", f"l{number}"] for number in range(4)])
    done += at_once(location, [["tag", "churn", f"t{number}=x"] for number in range(4)])
    assert [status for status, _ in done] == [0] * 8, done
    assert [name for name, _ in library.versions.labels("churn")] == ["l0", "l1", "l2", "l3"]
    assert dict(library.find("churn").environment.tags) == {f"t{number}": "x" for number in range(4)}
