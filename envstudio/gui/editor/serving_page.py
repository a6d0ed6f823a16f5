"""The page for serving: the routes of the scoring server, and the inferencing stack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from envstudio.domain.environment import Environment, Route, Serving
from envstudio.errors import InvalidInput
from envstudio.gui.editor.form import FieldOf, FormPage
from envstudio.gui.model.document import Document
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.text_field import TextField

NOTE = "Where a server that is made from this environment answers. Empty fields mean that it serves nothing."
ROUTES = (
    ("liveness", "Liveness", "such as 5001 /"),
    ("readiness", "Readiness", "such as 5001 /"),
    ("scoring", "Scoring", "such as 5001 /score"),
)
MAX_PORT = 65535


class ServingPage(FormPage):
    """Each route is a port and a path."""

    def __init__(self, session: Session, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(session, document, ("serving",), parent)
        self.add_heading("Serving", NOTE)
        self.routes: dict[str, TextField] = {}
        for name, title, hint in ROUTES:
            field = TextField(f"{title} route: port and path", hint, width=280)
            self.routes[name] = field
            how = FieldOf(field, f"Change the {name} route", _reader(name), _writer(name))
            self.add_field(f"serving/{name}", title, how)
        self.stack = TextField("Inferencing stack", "none", width=280)
        how = FieldOf(self.stack, "Change the inferencing stack", _stack, _with_stack)
        self.add_field("serving/stack", "Inferencing stack", how)
        self.setFocusProxy(self.routes["liveness"].edit)
        self.load()
        self.follow_theme()


def _serving(environment: Environment) -> Serving:
    return environment.serving or Serving()


def _with(environment: Environment, **parts: object) -> Environment:
    """Return the environment with parts of its serving section changed; an empty section is none."""
    serving = replace(_serving(environment), **parts)  # type: ignore[arg-type]
    return replace(environment, serving=None if serving == Serving() else serving)


def _reader(name: str) -> Callable[[Environment], str]:
    def read(environment: Environment) -> str:
        route: Route | None = getattr(_serving(environment), name)
        return f"{route.port} {route.path}" if route else ""

    return read


def _writer(name: str) -> Callable[[Environment, str], Environment]:
    def write(environment: Environment, text: str) -> Environment:
        return _with(environment, **{name: parse_route(text)})

    return write


def parse_route(text: str) -> Route | None:
    """Read "5001 /score", ":5001/score" or "5001/score" as a route; None for nothing. Raises `InvalidInput`."""
    text = text.strip().removeprefix(":")
    if not text:
        return None
    port, slash, path = text.partition("/")
    if not port.strip().isdigit() or not 0 < int(port) <= MAX_PORT or not slash:
        raise InvalidInput(f"{text!r} is not a route.", "Write a port and a path, such as 5001 /score.")
    return Route(int(port), f"/{path.strip()}")


def _stack(environment: Environment) -> str:
    return _serving(environment).inferencing_stack


def _with_stack(environment: Environment, text: str) -> Environment:
    return _with(environment, inferencing_stack=text.strip())
