"""A document: edits, undo and redo, merging, autosave, registering, and following the library."""

from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot

from envstudio.domain.environment import Variable
from envstudio.domain.requirement import conda_requirement
from envstudio.formats import native
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.library import Library


def opened(session: Session) -> Document:
    return session.open("churn-train")


def test_edit_undo_redo(session: Session) -> None:
    document = opened(session)
    before = document.environment
    after = before.with_conda(conda_requirement("scipy"))
    document.edit("Add scipy", after)
    assert document.environment == after
    assert document.undo_stack.undoText() == "Add scipy"
    document.undo_stack.undo()
    assert document.environment == before
    document.undo_stack.redo()
    assert document.environment == after


def test_an_edit_that_changes_nothing_is_none(session: Session) -> None:
    document = opened(session)
    document.edit("Nothing", document.environment)
    assert document.undo_stack.count() == 0


def test_typing_in_one_cell_merges(session: Session) -> None:
    document = opened(session)
    before = document.environment
    for text in ("8", "80", "808"):
        document.edit("Change", document.environment.with_variable(Variable("N", text)), merge="variable.N")
    assert document.undo_stack.count() == 1
    document.edit("Change", document.environment.with_variable(Variable("M", "1")), merge="variable.M")
    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert document.environment == before


def test_draft_is_saved_within_a_second(qtbot: QtBot, session: Session, library: Library) -> None:
    document = opened(session)
    edited = document.environment.with_conda(conda_requirement("scipy"))
    with qtbot.waitSignal(document.draft_saved, timeout=1000):
        document.edit("Add scipy", edited)
    draft = library.versions.draft("churn-train")
    assert draft.environment == edited
    assert draft.changed


def test_undone_edit_leaves_no_draft(session: Session, library: Library) -> None:
    document = opened(session)
    document.edit("Add scipy", document.environment.with_conda(conda_requirement("scipy")))
    document.flush()
    document.undo_stack.undo()
    document.flush()
    assert not library.versions.draft("churn-train").changed
    assert not library.environments.list(names=["churn-train"])[0].draft_changed


def test_register(session: Session, library: Library) -> None:
    document = opened(session)
    document.edit("Add scipy", document.environment.with_conda(conda_requirement("scipy")))
    assert len(document.changes()) == 1
    registered = document.register("scipy")
    session.apply(registered.change)
    assert (registered.version, registered.created) == (3, True)
    assert document.base_version == 3
    assert not document.changes()
    assert document.undo_stack.canUndo()
    assert not document.register("again").created


def test_follows_a_version_made_elsewhere(session: Session, library: Library) -> None:
    document = opened(session)
    newer = document.environment.with_conda(conda_requirement("scipy"))
    session.apply(library.versions.register(newer, "from the command line").change)
    assert document.environment == newer
    assert document.base_version == 3
    assert not document.changes()


def test_curated_documents_are_read_only(session: Session) -> None:
    from envstudio.library import curated

    if not curated.names():
        return
    document = session.open(f"curated/{curated.names()[0]}")
    document.edit("Add scipy", document.environment.with_conda(conda_requirement("scipy")))
    assert document.undo_stack.count() == 0


def test_rename(session: Session, library: Library) -> None:
    document = opened(session)
    session.apply(library.environments.rename("churn-train", "churn"))
    assert session.documents == {"churn": document}
    assert document.environment.name == "churn"


def test_rename_keeps_what_can_be_undone(session: Session, library: Library) -> None:
    document = opened(session)
    before = document.environment
    document.edit("Add scipy", before.with_conda(conda_requirement("scipy")))
    document.flush()
    session.apply(library.environments.rename("churn-train", "churn"))
    document.undo_stack.undo()
    assert document.environment == before.renamed("churn")
    document.undo_stack.redo()
    assert [item.name for item in document.environment.python.conda][-1] == "scipy"
    assert document.environment.name == "churn"


def test_a_new_name_is_no_edit_from_elsewhere(session: Session, library: Library) -> None:
    document = opened(session)
    session.apply(library.environments.rename("churn-train", "churn"))
    document.follow()
    assert document.undo_stack.count() == 0
    assert "name: churn\n" in document.source()


def test_a_draft_that_was_overtaken_is_not_written(qtbot: QtBot, session: Session, library: Library) -> None:
    document = opened(session)
    document.edit("Add scipy", document.environment.with_conda(conda_requirement("scipy")))
    registered = threading.Event()
    session.jobs.run("Hold the lane", lambda *, report: registered.wait(10), lane="library")
    document.save_soon(lambda: None)
    document.register("scipy")
    registered.set()
    qtbot.waitUntil(lambda: not session.jobs.active())
    assert not library.versions.draft("churn-train").changed
    assert library.find("churn-train").version == 3


def test_comments_survive_edits(session: Session, library: Library) -> None:
    document = opened(session)
    lines = document.source().splitlines()
    at = next(row for row, line in enumerate(lines) if "numpy" in line)
    lines[at] += "  # the ABI changed in 2"
    lines.insert(at, "  # arrays")
    text = "\n".join(["# by ana", *lines]) + "\n"
    document.write(native.from_text(text, "churn-train").environment, text)
    assert document.source() == text
    document.flush()
    document.edit("Add scipy", document.environment.with_conda(conda_requirement("scipy")))
    found = document.source()
    assert found.startswith("# by ana\n")
    assert "# arrays\n" in found
    assert "# the ABI changed in 2" in found
    assert native.from_text(found, "churn-train").environment == document.environment
    registered = document.register("scipy")
    session.apply(registered.change)
    session.close_document("churn-train")
    assert "# arrays\n" in opened(session).source()


def test_what_is_not_understood_outlives_the_tab(session: Session) -> None:
    opened(session).keep("packages/conda/numpy/1", ">>2")
    session.close_document("churn-train")
    assert opened(session).invalid_inputs == {"packages/conda/numpy/1": ">>2"}
    opened(session).keep("packages/conda/numpy/1", None)
    session.close_document("churn-train")
    assert opened(session).invalid_inputs == {}


def test_a_deleted_environment_loses_its_draft_quietly(session: Session, library: Library) -> None:
    document = opened(session)
    document.edit("Add scipy", document.environment.with_conda(conda_requirement("scipy")))
    library.environments.delete("churn-train")
    document.flush()
    assert not document.unsaved
    assert not library.environments.exists("churn-train")
    library.environments.undelete("churn-train")
    assert not library.versions.draft("churn-train").changed
