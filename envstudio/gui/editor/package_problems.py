"""The problems of packages, with a button that requests the release that is locked if nothing is requested."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from envstudio.domain.environment import Environment
from envstudio.domain.problem import Problem
from envstudio.domain.requirement import CondaRequirement
from envstudio.gui.editor.packages_model import PackagesModel
from envstudio.gui.editor.problems_panel import Offer, ProblemsPanel
from envstudio.gui.editor.requirement_text import Requirement, manager_of, with_replaced, with_version
from envstudio.gui.model.document import Document


class PackageProblems(ProblemsPanel):
    """Needs the model of the packages, which knows what is locked."""

    def __init__(self, document: Document, model: PackagesModel, parent: QWidget) -> None:
        super().__init__(document, "python", parent=parent)
        self._packages = model
        self._of: Environment | None = None
        self._by_location: dict[str, Requirement] = {}
        self.setProperty("line", "top")
        self.offer("no-bound", self._pin_offer)

    def _item_at(self, location: str) -> Requirement | None:
        if self._of is not self._document.environment:
            self._of = self._document.environment
            rows = reversed(self._packages.rows)
            self._by_location = {f"python.{manager_of(item)}.{item.name}": item for item in rows if not _bound(item)}
        return self._by_location.get(location)

    def _pin_offer(self, problem: Problem) -> Offer | None:
        item = self._item_at(problem.where)
        bound = self._packages.locked.bound(item) if item is not None else ""
        return (f"Require {bound}", partial(self._ask_for, item, bound)) if item is not None and bound else None

    def _ask_for(self, item: Requirement, bound: str) -> None:
        after = with_replaced(self._document.environment, item, with_version(item, bound))
        self._document.edit(f"Require {item.name} {bound}", after)


def _bound(item: Requirement) -> str:
    return item.version if isinstance(item, CondaRequirement) else item.constraint
