"""What the columns Locked, Newest and Problem say, in each state that a lock and a requirement can be in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest

from envstudio.domain.environment import Environment
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.gui.editor.packages_model import LOCKED, NAME, NEWEST, PROBLEM, SOURCE, WANTED
from envstudio.gui.editor.packages_page import PackagesPage
from envstudio.gui.frame.main_window import MainWindow
from envstudio.library import Library

TIP = Qt.ItemDataRole.ToolTipRole


def locked(name: str, version: str, manager: str = "conda", *purls: str) -> LockedPackage:
    return LockedPackage(name, version, manager, f"https://files.example/{name}-{version}", "0" * 64, purls=purls)


@pytest.fixture
def page(window: MainWindow) -> PackagesPage:
    made = window.open_environment("churn-train").page("Packages")
    assert isinstance(made, PackagesPage)
    return made


def ask(page: PackagesPage, conda: tuple[str, ...], pip: tuple[str, ...]) -> None:
    environment = page.document.environment
    python = replace(
        environment.python, conda=tuple(map(conda_requirement, conda)), pip=tuple(map(pip_requirement, pip))
    )
    page.document.edit("Ask", replace(environment, python=python))


def lock(page: PackagesPage, library: Library, **platforms: tuple[LockedPackage, ...]) -> None:
    locks = tuple(PlatformLock(name.replace("_", "-"), "3.12.7", found) for name, found in platforms.items())
    page.session.apply(library.locks.save("churn-train", Lock(page.document.digest(), ("conda-forge",), locks)))


def cells(page: PackagesPage, column: int, role: int = Qt.ItemDataRole.DisplayRole) -> list[str]:
    return [page.model.index(row, column).data(role) for row in range(page.model.rowCount())]


def test_versions_of_other_platforms_are_told(page: PackagesPage, library: Library) -> None:
    ask(page, ("python=3.12", "numpy", "appnope"), ("shap",))
    lock(
        page,
        library,
        linux_64=(locked("python", "3.12.7"), locked("numpy", "2.2.0"), locked("shap", "0.46.0", "pip")),
        osx_arm64=(locked("python", "3.12.7"), locked("numpy", "2.1.0"), locked("appnope", "0.1.4")),
    )
    assert cells(page, LOCKED) == ["3.12.7", "2.2.0, 2.1.0", "0.1.4", "0.46.0"]
    assert page.model.index(1, LOCKED).data(TIP) == "linux-64: 2.2.0\nosx-arm64: 2.1.0"
    assert page.model.index(2, LOCKED).data(TIP) == "linux-64: not installed\nosx-arm64: 0.1.4"
    page.model.set_newest({("conda", "numpy"): "2.2.0"})
    assert page.model.index(1, NEWEST).data() == "↑ 2.2.0", "one of the platforms is behind"


def test_what_conda_provides_is_not_unlocked(page: PackagesPage, library: Library, wait_jobs) -> None:
    ask(page, ("python=3.12", "pytorch", "typing_extensions"), ("torch>=2", "typing-extensions", "absent"))
    lock(
        page,
        library,
        linux_64=(
            locked("pytorch", "2.5.1", "conda", "pkg:pypi/torch@2.5.1?source=x"),
            locked("typing_extensions", "4.12.2"),
        ),
    )
    assert cells(page, LOCKED)[3:] == ["2.5.1 (conda)", "4.12.2 (conda)", ""]
    assert "conda's pytorch" in page.model.index(3, LOCKED).data(TIP)
    assert page.model.index(5, LOCKED).data(TIP) == "Not in the lock: nothing of it is installed on linux-64."
    page.reasons.explain_row(page.model.requirement(3))
    wait_jobs()
    assert page.reasons.panel.title.text() == "pytorch 2.5.1"
    page.reasons.explain("absent")
    assert page.reasons.panel.text.text() == "<p>It is not in the lock: nothing of it is installed on linux-64.</p>"


def test_a_marker_decides_whose_version_it_is(page: PackagesPage, library: Library) -> None:
    ask(page, ("python=3.12",), (*PAIR, "pywin32 ; sys_platform == 'win32'"))
    lock(page, library, linux_64=(locked("numpy", "2.1.0", "pip"),), win_64=(locked("pywin32", "306", "pip"),))
    assert cells(page, LOCKED)[1:] == ["", "2.1.0", "306"]
    assert "nothing of it" in page.model.index(1, LOCKED).data(TIP)


def test_a_marker_about_python_holds_where_a_lock_names_none(page: PackagesPage, library: Library) -> None:
    """As in a lock that was imported."""
    ask(page, (), ("numpy ; python_version >= '3.8'", "pywin32 ; sys_platform == 'win32'"))
    linux = PlatformLock("linux-64", "", (locked("numpy", "2.1.0", "pip"), locked("pywin32", "306", "pip")))
    page.session.apply(library.locks.save("churn-train", Lock(page.document.digest(), (), (linux,))))
    assert cells(page, LOCKED) == ["2.1.0", ""]


def test_a_stale_lock_says_so_in_every_cell(page: PackagesPage, library: Library) -> None:
    assert cells(page, LOCKED, TIP) == ["Not locked yet"] * 5
    lock(page, library, linux_64=(locked("numpy", "2.2.0"),))
    page.add_lines(["scipy"])
    assert page.model.headerData(LOCKED, Qt.Orientation.Horizontal) == "Locked (stale)"
    tips = dict(zip(cells(page, NAME), cells(page, LOCKED, TIP), strict=True))
    assert tips["numpy"] == "linux-64: 2.2.0\nFrom a lock of an earlier definition; lock again."
    assert tips["scipy"] == "Not in the lock, which is of an earlier definition; lock again."


def test_newest_says_what_it_is(page: PackagesPage, library: Library) -> None:
    ask(page, ("python=3.12", "numpy>=2,<3", "early"), ("shap", "tool @ https://files.example/tool.zip"))
    lock(page, library, linux_64=(locked("python", "3.12.7"), locked("numpy", "2.2.0"), locked("shap", "2.0", "pip")))
    page.model.set_newest(
        {
            ("conda", "python"): "3.13.1",
            ("conda", "numpy"): "2.2.4",
            ("conda", "early"): "1.0rc1",
            ("pip", "shap"): "2.0.0",
            ("pip", "tool"): "9.0",
        }
    )
    assert cells(page, NEWEST) == ["↑ 3.13.1", "↑ 2.2.4", "1.0rc1 (pre)", "2.0.0", ""]
    tips = cells(page, NEWEST, TIP)
    assert tips[0] == "3.13.1 is the newest; 3.12.7 is locked\n3.12.* does not allow it"
    assert tips[1] == "2.2.4 is the newest; 2.2.0 is locked"
    assert tips[2] == "1.0rc1 is the newest\nIt is a pre-release"
    assert "address" in tips[4]


def test_versions_are_sorted_as_versions(page: PackagesPage, library: Library) -> None:
    ask(page, ("a", "b", "c", "d"), ())
    versions = {"a": "2.10.0", "b": "2.9.1", "c": "2.10.0rc1", "d": "10.0"}
    lock(page, library, linux_64=tuple(locked(name, version) for name, version in versions.items()))
    newest = {"a": "2.10.0", "b": "2.9.2", "c": "3.0", "d": "10.0"}
    page.model.set_newest({("conda", name): version for name, version in newest.items()})
    for column, order in ((LOCKED, ["b", "c", "a", "d"]), (NEWEST, ["b", "a", "c", "d"])):
        page.table.sortByColumn(column, Qt.SortOrder.AscendingOrder)
        assert [page.proxy.index(row, NAME).data() for row in range(4)] == order


def test_all_that_is_wrong_is_counted(page: PackagesPage) -> None:
    ask(page, ("python=3.12", "pip"), ("shap @ git+http://git.example/shap.git",))
    messages = page.model.index(2, PROBLEM)
    assert messages.data().endswith("(and 1 more)")
    assert len(messages.data(TIP).splitlines()) == 2


# Rows of one name


PAIR = ("numpy==1.26.4 ; python_version < '3.12'", "numpy==2.1.0 ; python_version >= '3.12'")


def pip_lines(environment: Environment) -> list[str]:
    return [item.line for item in environment.python.pip]


def test_rows_of_one_name_are_two_requirements(page: PackagesPage) -> None:
    before = page.document.environment
    page.manager.setCurrentText("pip")
    page.add_lines(list(PAIR))
    assert pip_lines(page.document.environment) == ["shap==0.46.0", *PAIR]
    page.document.undo_stack.undo()
    assert page.document.environment == before
    page.document.undo_stack.redo()
    row = page.model.rowCount() - 1
    assert not page.model.setData(page.model.index(row, WANTED), "=>2")
    assert page.model.index(row - 1, WANTED).data() != "=>2", "the other row is as it was"
    assert page.model.setData(page.model.index(row, WANTED), "==2.2.0")
    assert pip_lines(page.document.environment)[1:] == [PAIR[0], PAIR[1].replace("2.1.0", "2.2.0")]
    page.select_rows([page.model.requirement(row)])
    assert [item.line for item in page.selected()] == [PAIR[1].replace("2.1.0", "2.2.0")]
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Delete)
    assert pip_lines(page.document.environment)[1:] == [PAIR[0]]


def test_pinning_keeps_what_else_a_requirement_says(page: PackagesPage, library: Library) -> None:
    ask(page, ("python=3.12", "pip", "pytorch=2.5.*=cuda*"), ("tomli>=2 ; python_version < '3.13'", "-e ./mine"))
    packages = (locked("pytorch", "2.5.1"), locked("tomli", "2.0.1", "pip"), locked("python", "3.12.7"))
    lock(page, library, linux_64=packages)
    page.select_rows(list(page.model.rows))
    page.several.pin_to_locked()
    python = page.document.environment.python
    assert [item.text for item in python.conda] == ["python==3.12.7", "pip", "pytorch ==2.5.1 cuda*"]
    assert pip_lines(page.document.environment) == ["tomli==2.0.1 ; python_version < '3.13'", "-e ./mine"]
    assert len(page.selected()) == 5
    page.document.undo_stack.undo()
    assert pip_lines(page.document.environment)[0] == "tomli>=2 ; python_version < '3.13'"


def test_platforms_that_differ_are_not_pinned_to_one_of_them(page: PackagesPage, library: Library) -> None:
    lock(page, library, linux_64=(locked("numpy", "2.2.0"),), osx_arm64=(locked("numpy", "2.1.0"),))
    before = page.document.environment
    page.select([("conda", "numpy")])
    page.several.pin_to_locked()
    assert page.document.environment == before
    assert "2.2.0 on linux-64 and 2.1.0 on osx-arm64" in page.add_line.reason.text()


# What is not understood


@pytest.mark.parametrize("way", ["undo", "source", "fix"])
def test_a_mark_goes_with_what_it_was_typed_for(page: PackagesPage, way: str, watch_model: Callable[..., None]) -> None:
    watch_model(page.model)
    row = page.model.row_of("conda", "numpy")
    if way == "undo":
        page.model.setData(page.model.index(row, WANTED), ">=2.2")
    assert not page.model.setData(page.model.index(row, WANTED), "=>2")
    if way == "undo":
        page.document.undo_stack.undo()
        assert page.model.index(row, WANTED).data() == ">=2.1,<3"
    elif way == "source":
        text = page.document.source().replace("numpy>=2.1,<3", "numpy>=2.3")
        page.document.write(page.document.environment.with_conda(conda_requirement("numpy>=2.3")), text)
        assert page.model.index(row, WANTED).data() == ">=2.3"
    else:
        page.document.edit("Double", page.document.environment.with_conda(conda_requirement("numpy")))
        assert page.model.index(row, WANTED).data() == "(any)"
    assert page.document.invalid_inputs == {}


def test_a_mark_stays_while_the_rest_of_its_row_is_edited(page: PackagesPage) -> None:
    row = page.model.row_of("conda", "numpy")
    page.model.setData(page.model.index(row, WANTED), "=>2")
    page.model.setData(page.model.index(row, NAME), "numpy-base")
    assert page.model.index(row, NAME).data() == "numpy-base"
    assert page.model.index(row, WANTED).data() == "=>2"
    assert list(page.document.invalid_inputs) == [f"packages/conda/numpy-base/{WANTED}"]


# Fix buttons


def test_what_has_no_bound_is_given_that_of_the_lock(page: PackagesPage, library: Library) -> None:
    ask(page, ("python=3.12", "pip", "conda-forge::scipy * *mkl*"), ("tomli ; python_version < '3.13'", "shap", "new"))
    page.problems.hints.click()
    before = page.document.environment
    assert not page.problems.fix_buttons, "nothing is locked"
    tomli, shap = locked("tomli", "2.0.1", "pip"), locked("shap", "0.46.0", "pip")
    lock(page, library, linux_64=(tomli, shap), osx_arm64=(tomli, locked("shap", "0.47.0", "pip")))
    assert [button.text() for button in page.problems.fix_buttons] == ["Require ==2.0.*"], "shap differs"
    page.problems.fix_buttons[0].click()
    assert pip_lines(page.document.environment)[0] == "tomli==2.0.* ; python_version < '3.13'"
    assert page.document.undo_stack.undoText() == "Require tomli ==2.0.*"
    page.document.undo_stack.undo()
    assert page.document.environment == before


def test_a_problem_of_the_channels_leads_to_them(page: PackagesPage) -> None:
    page.document.edit("Defaults", page.document.environment.with_channels(["defaults"]))
    page.problems.location_activated.emit("python.channels")
    assert page.window().focusWidget() is page.channels.add_button


# Channels


@pytest.mark.parametrize(
    ("typed", "channels"),
    [
        ("pytorch", ("conda-forge", "pytorch")),
        ("pytorch, bioconda", ("conda-forge", "pytorch", "bioconda")),
        ("conda-forge bioconda", ("conda-forge", "bioconda")),
    ],
)
def test_channels_are_typed(page: PackagesPage, typed: str, channels: tuple[str, ...]) -> None:
    page.channels.add_requested.emit(typed)
    assert page.document.environment.python.channels == channels
    page.document.undo_stack.undo()
    assert page.document.environment.python.channels == ("conda-forge",)


@pytest.mark.parametrize(("typed", "reason"), [("conda-forge", "already"), ("--add", "not a conda channel")])
def test_a_channel_that_will_not_do_stays_with_its_reason(page: PackagesPage, typed: str, reason: str) -> None:
    page.channels.add_requested.emit(typed)
    assert page.channels.edit.text() == typed
    assert reason in page.channels.edit.toolTip()
    assert page.document.undo_stack.count() == 0


def test_rows_that_are_copied_can_be_pasted(page: PackagesPage) -> None:
    lines = (
        "shap==0.46.0",
        PAIR[0],
        PAIR[1],
        "tool @ git+https://git.example/tool.git",
        "-e ./mine",
        "pandas[parquet]>=2",
    )
    ask(page, ("python=3.12", "conda-forge::numpy>=2", "pytorch=2.5.*=cuda*"), lines)
    before = page.document.environment
    page.table.selectAll()
    page.table.copy()
    ask(page, (), ())
    QTest.keySequence(page.table, QKeySequence(QKeySequence.StandardKey.Paste))
    assert page.document.environment == before


@pytest.mark.parametrize(
    ("channels", "url", "shown"),
    [
        (("conda-forge", "pytorch"), "https://c.example/pytorch/linux-64/numpy-2-0.conda", "pytorch"),
        (
            ("https://a.example/one/", "conda-forge"),
            "https://c.example/conda-forge/noarch/numpy-2-0.conda",
            "conda-forge",
        ),
        (
            ("https://a.example/one/", "conda-forge"),
            "https://a.example/one/noarch/numpy-2-0.conda",
            "https://a.example/one/",
        ),
        (("conda-forge/label/rc", "rc"), "https://c.example/rc/noarch/numpy-2-0.conda", "rc"),
        (("conda-forge", "pytorch"), "https://mirror.example/x/noarch/numpy-2-0.conda", "conda"),
    ],
)
def test_the_channel_that_a_package_is_from(
    page: PackagesPage, library: Library, channels: tuple[str, ...], url: str, shown: str
) -> None:
    ask(page, ("numpy",), ())
    page.document.edit("Channels", page.document.environment.with_channels(channels))
    lock(page, library, linux_64=(LockedPackage("numpy", "2", "conda", url, "0" * 64),))
    assert cells(page, SOURCE) == [shown]


def test_of_a_pasted_file_only_channels_that_are_not_there_are_told(page: PackagesPage) -> None:
    page.table.paste_requested.emit("channels:\n  - conda-forge\ndependencies:\n  - scipy\n")
    assert page.document.undo_stack.undoText() == "Add scipy"
    assert page.add_line.reason.isHidden()
    page.table.paste_requested.emit("channels:\n  - pytorch\n  - conda-forge\ndependencies:\n  - torch\n")
    assert page.add_line.edit.text() == "channels: pytorch"
    assert "is a channel" in page.add_line.reason.text()
