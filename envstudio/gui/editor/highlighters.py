"""Colours for the two languages that are shown as text: YAML and Dockerfile."""

from __future__ import annotations

import re

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from envstudio.gui.look.theme import Colors

YAML = (
    (re.compile(r"^\s*(?:- )?([A-Za-z_][\w.-]*)(?=:(?:\s|$))"), "accent"),
    (re.compile(r"^\s*(-)(?=\s)"), "muted"),
    (re.compile(r"(\"[^\"]*\"|'[^']*')"), "added"),
    (re.compile(r"(?<=: )([|>][+-]?)\s*$"), "muted"),
    (re.compile(r"(?:^|\s)(#.*)$"), "muted"),
)
DOCKERFILE = (
    (re.compile(r"^\s*([A-Za-z]+)(?=\s)"), "accent"),
    (re.compile(r"(\$\{?\w+\}?)"), "changed"),
    (re.compile(r"(\"[^\"]*\"|'[^']*')"), "added"),
    (re.compile(r"^\s*(#.*)$"), "muted"),
)


class RuleHighlighter(QSyntaxHighlighter):
    """Colours the first group of each rule's matches; later rules win."""

    rules: tuple[tuple[re.Pattern[str], str], ...] = ()

    def __init__(self, document: QTextDocument, colors: Colors) -> None:
        super().__init__(document)
        self._colors = colors

    def set_colors(self, colors: Colors) -> None:
        """Take the colours of another theme."""
        if colors is not self._colors:
            self._colors = colors
            self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        for pattern, color in self.rules:
            for found in pattern.finditer(text):
                style = QTextCharFormat()
                style.setForeground(QColor(getattr(self._colors, color)))
                self.setFormat(found.start(1), found.end(1) - found.start(1), style)


class YamlHighlighter(RuleHighlighter):
    rules = YAML


class DockerfileHighlighter(RuleHighlighter):
    rules = DOCKERFILE
