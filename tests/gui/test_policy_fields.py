"""Policies in the settings page of the window."""

from __future__ import annotations

from envstudio.gui.frame.main_window import MainWindow
from envstudio.library import Library


def test_checks_are_switched_off_in_the_settings(window: MainWindow, library: Library) -> None:
    document = window.open_environment("ocr-gpu").document
    code = document.problems()[0].code
    fields = window.show_settings().policies
    field = fields.fields["checks-off"]
    field.edit.setText("nosuch")
    field.edit.editingFinished.emit()
    assert library.policies.all() == {}
    field.edit.setText(code)
    field.edit.editingFinished.emit()
    assert library.policies.all() == {"checks-off": [code]}
    assert code not in {item.code for item in document.problems()}


def test_what_another_program_changed_is_shown(window: MainWindow, library: Library) -> None:
    fields = window.show_settings().policies
    with Library.open(library.location) as other:
        change = other.policies.set("checks-off", ["no-bound"])
    window.session.apply_from_elsewhere(change)
    assert fields.fields["checks-off"].text() == "no-bound"
    library.workspaces.create("team")
    window.session.switch_workspace("team")
    assert fields.fields["checks-off"].text() == ""
