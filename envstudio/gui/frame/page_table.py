"""The one table of an environment's pages. A page's code is loaded when it is first shown: the window opens without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from envstudio.gui.editor.image_page import ImagePage
    from envstudio.gui.editor.packages_page import PackagesPage
    from envstudio.gui.editor.serving_page import ServingPage
    from envstudio.gui.editor.source_page import SourcePage
    from envstudio.gui.editor.spark_page import SparkPage
    from envstudio.gui.editor.variables_page import VariablesPage
    from envstudio.gui.history.history_page import HistoryPage
    from envstudio.gui.images.images_page import ImagesPage
    from envstudio.gui.locks.lock_page import LockPage
    from envstudio.gui.pages.page import Page
    from envstudio.gui.runs.runs_page import RunsPage

P = TypeVar("P", bound="Page", covariant=True)


@dataclass(frozen=True, slots=True)
class PageEntry(Generic[P]):
    """A page's title, and what loads its class."""

    title: str
    load: Callable[[], type[P]]


def _packages() -> type[PackagesPage]:
    from envstudio.gui.editor.packages_page import PackagesPage

    return PackagesPage


def _variables() -> type[VariablesPage]:
    from envstudio.gui.editor.variables_page import VariablesPage

    return VariablesPage


def _image() -> type[ImagePage]:
    from envstudio.gui.editor.image_page import ImagePage

    return ImagePage


def _spark() -> type[SparkPage]:
    from envstudio.gui.editor.spark_page import SparkPage

    return SparkPage


def _serving() -> type[ServingPage]:
    from envstudio.gui.editor.serving_page import ServingPage

    return ServingPage


def _source() -> type[SourcePage]:
    from envstudio.gui.editor.source_page import SourcePage

    return SourcePage


def _history() -> type[HistoryPage]:
    from envstudio.gui.history.history_page import HistoryPage

    return HistoryPage


def _lock() -> type[LockPage]:
    from envstudio.gui.locks.lock_page import LockPage

    return LockPage


def _images() -> type[ImagesPage]:
    from envstudio.gui.images.images_page import ImagesPage

    return ImagesPage


def _runs() -> type[RunsPage]:
    from envstudio.gui.runs.runs_page import RunsPage

    return RunsPage


PACKAGES = PageEntry("Packages", _packages)
VARIABLES = PageEntry("Variables", _variables)
IMAGE = PageEntry("Image", _image)
SPARK = PageEntry("Spark", _spark)
SERVING = PageEntry("Serving", _serving)
SOURCE = PageEntry("Source", _source)
HISTORY = PageEntry("History", _history)
LOCK = PageEntry("Lock", _lock)
IMAGES = PageEntry("Images", _images)
RUNS = PageEntry("Runs", _runs)

ENTRIES: tuple[PageEntry[Page], ...] = (
    PACKAGES,
    VARIABLES,
    IMAGE,
    SPARK,
    SERVING,
    SOURCE,
    HISTORY,
    LOCK,
    IMAGES,
    RUNS,
)
