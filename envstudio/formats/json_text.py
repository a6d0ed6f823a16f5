"""JSON as values that know their line: read as the YAML that it nearly is.

What is written by hand may have commas at the end of lists, which YAML takes too, and in some tools' files comments.
"""

from __future__ import annotations

import re
from dataclasses import replace

from envstudio.formats.boundary import located, refuse_nesting
from envstudio.formats.format import Source
from envstudio.formats.yaml_text import YamlValue, load_yaml

TEXT_OR_PAIR = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|.)", re.DOTALL)
TEXT_OR_COMMENT = re.compile(r'"(?:[^"\\\n]|\\.)*+"|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/')


def load_json(source: Source, *, comments: bool = False) -> YamlValue:
    """Return the object that a JSON file is. Raises `InvalidInput` naming file, line and reason.

    `comments` says that the file may hold those of JavaScript.
    """
    refuse_nesting(source)
    text = TEXT_OR_COMMENT.sub(_without_comment, source.text) if comments else source.text
    if not text.lstrip().startswith("{"):
        raise located(source.file_name, 1, "this is not a JSON object.", "Check that it is the file you meant.")
    return load_yaml(replace(source, text=TEXT_OR_PAIR.sub(_joined, text)))


def _without_comment(found: re.Match[str]) -> str:
    text = found.group()
    return text if text.startswith('"') else re.sub(r"[^\n]", " ", text)


def _joined(found: re.Match[str]) -> str:
    """Return a pair of surrogates, by which JSON escapes a character beyond U+FFFF, as YAML escapes it."""
    text = found.group()
    if len(text) != 12:
        return text
    character = text.encode().decode("unicode_escape").encode("utf-16", "surrogatepass").decode("utf-16")
    return f"\\U{ord(character):08x}"
