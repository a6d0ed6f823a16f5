"""The page for Spark: what is fetched from Maven, and its configuration."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QWidget

from envstudio.domain.environment import Environment, MavenPackage, Spark
from envstudio.errors import InvalidInput
from envstudio.gui.editor.form import FieldOf, FormPage
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.text_field import TextField

NOTE = "Empty fields mean that the environment does not use Spark."


class SparkPage(FormPage):
    """One item a line."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, ("spark",), parent)
        self.packages = TextField("Maven packages", "such as com.microsoft.azure:synapseml_2.12:1.0.4", lines=True)
        self.repositories = TextField("Maven repositories", "such as https://maven.example/repository", lines=True)
        self.conf = TextField("Spark configuration", "such as spark.executor.memory=4g", lines=True)
        self.precache = QCheckBox("Fetch the packages when the image is built")
        self.precache.toggled.connect(self._on_precache_toggled)
        self.add_heading("Spark", NOTE)
        for key, label, how in (
            ("spark/packages", "Packages", FieldOf(self.packages, "Change Spark packages", _packages, _with_packages)),
            (
                "spark/repositories",
                "Repositories",
                FieldOf(self.repositories, "Change Spark repositories", _repositories, _with_repositories),
            ),
            ("spark/conf", "Configuration", FieldOf(self.conf, "Change Spark configuration", _conf, _with_conf)),
        ):
            self.add_field(key, label, how)
        self.form.addRow("", self.precache)
        self.setFocusProxy(self.packages.edit)
        self.load()
        self.follow_theme()

    def load(self) -> None:
        super().load()
        self.precache.blockSignals(True)
        self.precache.setChecked(_spark(self.document.environment).precache)
        self.precache.blockSignals(False)

    @Slot(bool)
    def _on_precache_toggled(self, wanted: bool) -> None:
        environment = self.document.environment
        self.document.edit("Change when Spark packages are fetched", _with(environment, precache=wanted))


def _spark(environment: Environment) -> Spark:
    return environment.spark or Spark()


def _with(environment: Environment, **parts: object) -> Environment:
    """Return the environment with parts of its Spark section changed; an empty section is none."""
    spark = replace(_spark(environment), **parts)  # type: ignore[arg-type]
    return replace(environment, spark=None if spark == Spark() else spark)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _packages(environment: Environment) -> str:
    return "\n".join(str(item) for item in _spark(environment).packages)


def _with_packages(environment: Environment, text: str) -> Environment:
    packages = []
    for line in _lines(text):
        parts = line.split(":")
        if len(parts) != 3 or not all(parts):
            raise InvalidInput(f"{line!r} is not a Maven package.", "Write group:artifact:version.")
        packages.append(MavenPackage(*parts))
    return _with(environment, packages=tuple(packages))


def _repositories(environment: Environment) -> str:
    return "\n".join(_spark(environment).repositories)


def _with_repositories(environment: Environment, text: str) -> Environment:
    for line in _lines(text):
        if "://" not in line:
            raise InvalidInput(f"{line!r} is not an address.", "Write a URL such as https://repo1.maven.org/maven2.")
    return _with(environment, repositories=tuple(_lines(text)))


def _conf(environment: Environment) -> str:
    return "\n".join(f"{key}={value}" for key, value in _spark(environment).conf)


def _with_conf(environment: Environment, text: str) -> Environment:
    pairs = []
    for line in _lines(text):
        key, equals, value = line.partition("=")
        if not equals or not key.strip():
            raise InvalidInput(f"{line!r} sets nothing.", "Write spark.some.key=value.")
        pairs.append((key.strip(), value.strip()))
    return _with(environment, conf=tuple(pairs))
