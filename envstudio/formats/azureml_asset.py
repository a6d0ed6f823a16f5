"""asset.yaml of a repository of Azure ML assets: the name of an environment, and the files that define it.

Source: the layout of the public repository azureml-assets, which Azure's curated environments come from.
"""

from __future__ import annotations

from dataclasses import replace

from envstudio.domain.problem import Problem, Severity
from envstudio.formats.azureml_v2 import beside_templates, read_environment
from envstudio.formats.format import Format, ReadResult, Source
from envstudio.formats.source import read_source
from envstudio.formats.yaml_text import load_yaml, top_keys

FILE_NAME = "asset.yaml"
KINDS = ("environment",)
OF_PUBLISHING = ("categories", "extra_config", "test", "version", "validate")
"""What decides how Microsoft publishes and tests an asset, and nothing about what is in it."""


def _matches(source: Source) -> bool:
    return {"name", "version", "type", "spec"} <= top_keys(source.text)


def _read(source: Source, name: str) -> ReadResult:
    asset = load_yaml(source)
    fields = asset.mapping("")
    kind = fields["type"].text("type")
    if kind not in KINDS:
        reason = f"the type of the asset is {kind}, not environment."
        raise fields["type"].error(reason, "Import the asset of an environment.")
    spec = fields["spec"].text("spec")
    path = None if source.folder is None else source.folder / spec
    if path is None or not path.is_file():
        raise fields["spec"].error(f"the specification {spec} is not there.", f"Put it beside {source.file_name}.")
    inner = replace(read_source(path), choices=source.choices)
    filled = beside_templates(inner)
    filled = replace(filled, name=filled.name or fields["name"].text("name"))
    found = read_environment(load_yaml(inner), inner, name, filled=filled)
    problems = [replace(item, where=f"{inner.file_name}, {item.where}") for item in found.problems]
    for key, value in fields.items():
        if key in OF_PUBLISHING or key in ("name", "type", "spec"):
            continue
        message = f"The key {key} of the asset is not imported."
        problems.append(Problem("keys-left-out", Severity.INFO, f"line {value.line}", message))
    extra = inner.folder / "environment.yaml" if inner.folder is not None else None
    parts = [path, *found.parts, *([extra] if extra is not None and extra.is_file() else [])]
    return replace(found, problems=tuple(problems), parts=tuple(parts))


FORMAT = Format("azureml-asset", "Azure ML catalogue asset", (FILE_NAME,), _matches, _read, by_content=True)
