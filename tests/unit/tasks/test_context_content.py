"""A build context is a part of the version: hashed when it is registered, kept up to a limit, compared file by file."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from envstudio.archives.rules import UnsafeArchive
from envstudio.builders.dockerfiles.context import of_environment
from envstudio.builders.dockerfiles.context_folder import read_folder, write_folder
from envstudio.domain.context_content import ContextContent, ContextFile, MemberKind
from envstudio.domain.diff import Kind
from envstudio.domain.environment import BuildContext, Environment, Image
from envstudio.domain.policy import KEPT_CONTEXT
from envstudio.errors import InvalidInput
from envstudio.library import Library
from envstudio.presentation.comparison import comparison_lines
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.check import check_version
from envstudio.tasks.compare import compare
from envstudio.tasks.context_content import kept_context
from envstudio.tasks.dockerfile import dockerfile
from envstudio.tasks.edit import Edits, edit
from envstudio.tasks.import_files import import_path
from envstudio.tasks.policy import set_policy
from envstudio.tasks.registration import register, registered_version
from envstudio.tasks.restore import restore

TEXT = "FROM base:1\nCOPY . /app\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make(tmp_path / "ocr")


def make(folder: Path) -> Path:
    (folder / "src").mkdir(parents=True)
    (folder / "Dockerfile").write_text(TEXT)
    (folder / "src" / "train.py").write_text("rate = 1\nsteps = 2\n")
    (folder / "notes.md").write_text("draft")
    (folder / ".dockerignore").write_text("*.md\nDockerfile\n")
    return folder


def versions(library: Library, name: str = "ocr") -> int:
    return len(library.versions.list(name))


def test_a_changed_folder_makes_a_version(library: Library, folder: Path) -> None:
    first = import_path(library, folder / "Dockerfile", name="ocr", report=silent())
    assert first.problems == ()
    assert not edit(library, "ocr", Edits()).created
    (folder / "notes.md").write_text("left out")
    assert not edit(library, "ocr", Edits()).created
    (folder / "src" / "train.py").write_text("rate = 1\nsteps = 3\n")
    (folder / "src" / "new.py").write_text("")
    assert edit(library, "ocr", Edits()).created
    (folder / "Dockerfile").write_text(f"{TEXT}CMD train\n")
    assert edit(library, "ocr", Edits()).created
    (folder / "src" / "train.py").chmod(0o755)
    assert edit(library, "ocr", Edits()).created
    assert versions(library) == 4


def test_the_place_of_a_folder_decides_no_digest(library: Library, folder: Path, tmp_path: Path) -> None:
    import_path(library, folder / "Dockerfile", name="ocr", report=silent())
    import_path(library, make(tmp_path / "elsewhere") / "Dockerfile", name="same", report=silent())
    assert library.find("ocr").digest == library.find("same").digest


def test_a_context_without_a_digest_keeps_the_digest_of_its_definition() -> None:
    """What was registered before contexts were hashed; the figure was computed by the program of then."""
    from envstudio.domain.digest import definition_digest

    before = Environment("x", image=Image(context=BuildContext("/srv/churn", "gpu.Dockerfile")))
    assert definition_digest(before) == "sha256:1387bc0801c80ec4507af4bc66d5921c97c02ebd0ad1da783dddc370a0aaf03f"


def test_a_draft_that_is_built_takes_the_folder_as_it_is(library: Library, folder: Path) -> None:
    import_path(library, folder / "Dockerfile", name="ocr", report=silent())
    library.versions.save_draft(library.find("ocr").environment)
    assert registered_version(library, "ocr@draft", "build", report=silent())[0].version == 1
    (folder / "src" / "train.py").write_text("rate = 9\n")
    library.versions.save_draft(library.find("ocr").environment)
    assert registered_version(library, "ocr@draft", "build", report=silent())[0].version == 2


def test_an_old_version_is_what_was_kept(library: Library, folder: Path, tmp_path: Path) -> None:
    import_path(library, folder / "Dockerfile", name="ocr", report=silent())
    (folder / "src" / "train.py").write_text("rate = 9\n")
    edit(library, "ocr", Edits())
    shutil.rmtree(folder)
    for version, text in ((1, "rate = 1\nsteps = 2\n"), (2, "rate = 9\n")):
        target = tmp_path / f"out{version}"
        dockerfile(library, Settings(), f"ocr:{version}", target, report=silent())
        assert (target / "src" / "train.py").read_text() == text
        assert (target / "Dockerfile").read_text() == TEXT
        assert not (target / "notes.md").exists()
    restore(library, "ocr:1", report=silent())
    assert library.find("ocr").digest == library.find("ocr:1").digest


def test_what_was_not_kept_is_said(library: Library, folder: Path) -> None:
    set_policy(library, KEPT_CONTEXT, "10 B")
    done = import_path(library, folder / "Dockerfile", name="ocr", report=silent())
    assert [problem.code for problem in done.problems] == ["context-not-kept"]
    kept = kept_context(library, library.find("ocr").environment)
    assert kept is not None
    assert not kept.complete
    assert kept.read(kept.content.text).decode() == TEXT
    (folder / "src" / "train.py").write_text("rate = 9\n")
    context = library.find("ocr").environment.image.context
    assert context is not None
    with (
        pytest.raises(InvalidInput, match=r"has changed since this version") as caught,
        of_environment(context, kept, str, silent()),
    ):
        pass
    assert caught.value.code == "context-changed"


def test_a_file_with_a_secret_is_not_kept(library: Library, folder: Path) -> None:
    (folder / "pip.conf").write_text("[global]\nindex-url = https://ana:pa55word@index.example/simple\n")
    done = import_path(library, folder / "Dockerfile", name="ocr", report=silent())
    assert "pip.conf holds a secret" in done.problems[0].message
    kept = kept_context(library, library.find("ocr").environment)
    assert kept is not None
    secret = next(item for item in kept.content.files if item.path == "pip.conf")
    assert library.contexts.missing([secret.content]) == {secret.content}


def test_changed_files_and_lines_are_shown(library: Library, folder: Path) -> None:
    import_path(library, folder / "Dockerfile", name="ocr", report=silent())
    (folder / "src" / "train.py").write_text("rate = 1\nsteps = 3\n")
    (folder / "extra.txt").write_text("new\n")
    edit(library, "ocr", Edits())
    found = compare(library, library.find("ocr:1"), library.find("ocr:2"), report=silent())
    assert [(item.path, item.kind) for item in found.files] == [
        ("extra.txt", Kind.ADDED),
        ("src/train.py", Kind.CHANGED),
    ]
    lines = comparison_lines(found)
    assert "      -steps = 2" in lines
    assert "      +steps = 3" in lines
    assert not found.identical


def test_a_changed_dockerfile_is_among_the_files_if_it_is_left_out(library: Library, folder: Path) -> None:
    import_path(library, folder / "Dockerfile", name="ocr", report=silent())
    (folder / "Dockerfile").write_text(TEXT.replace("base:1", "base:2"))
    edit(library, "ocr", Edits())
    found = compare(library, library.find("ocr:1"), library.find("ocr:2"), report=silent())
    assert [item.path for item in found.files] == ["Dockerfile"]
    assert "+FROM base:2" in found.files[0].lines


def test_the_changed_lines_of_a_dockerfile_s_text_are_shown(library: Library) -> None:
    for text in (TEXT, f"{TEXT}CMD train\n"):
        register(library, Environment("text", image=Image(dockerfile=text)), report=silent())
    lines = comparison_lines(compare(library, library.find("text:1"), library.find("text:2"), report=silent()))
    assert "      +CMD train" in lines


def test_an_edit_of_another_part_keeps_the_comments(library: Library, folder: Path) -> None:
    text = f"name: ocr\nimage:\n  context:\n    location: {folder}  # ours\n"
    environment = Environment("ocr", image=Image(context=BuildContext(str(folder))))
    register(library, environment, text=text, report=silent())
    assert "# ours" in library.find("ocr").text


def test_a_template_in_the_dockerfile_of_a_folder_is_found(library: Library, folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM {{ base }}\nCOPY . /app\n")
    import_path(library, folder / "Dockerfile", name="ocr", report=silent())
    assert "dockerfile-template" in {item.code for item in check_version(library, Settings(), "ocr")}


def test_a_list_of_files_that_leads_outside_is_refused(tmp_path: Path) -> None:
    sha = "a" * 64
    for path in ("../x", "/x", "a//b", "link/x"):
        files = (ContextFile("link", MemberKind.LINK, 0o777, "/etc"), ContextFile(path, MemberKind.FILE, 0o644, sha, 1))
        with pytest.raises(InvalidInput, match=r"outside|below"):
            ContextContent.from_bytes(ContextContent("Dockerfile", sha, files).to_bytes())
    with pytest.raises(InvalidInput, match="Dockerfile inside"):
        ContextContent.from_bytes(ContextContent("link/Dockerfile", sha, files[:1]).to_bytes())
    with pytest.raises(InvalidInput, match="Dockerfile inside"):
        ContextContent.from_bytes(ContextContent("link", sha, files[:1]).to_bytes())
    twice = (files[0], ContextFile("link", MemberKind.FOLDER, 0o777))
    with pytest.raises(InvalidInput, match="twice"):
        ContextContent.from_bytes(ContextContent("Dockerfile", sha, twice).to_bytes())


def test_a_path_that_leads_outside_on_windows_is_not_written(tmp_path: Path) -> None:
    item = ContextFile("..\\x", MemberKind.FILE, 0o644, "a" * 64, 1)
    with pytest.raises(UnsafeArchive, match="leads outside"):
        write_folder(ContextContent("Dockerfile", "a" * 64, (item,)), lambda _: iter([b"x"]), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_changes_while_it_is_sent_is_named(folder: Path) -> None:
    found = read_folder(folder, "Dockerfile", silent())
    (folder / "src" / "train.py").write_text("rate = 2\nsteps = 2\n")
    with pytest.raises(InvalidInput, match=r"src/train\.py .* was changed"):
        b"".join(found.tar({}))
    with pytest.raises(InvalidInput, match=r"src/train\.py .* was changed"):
        found.refuse_changes()


def test_a_definition_s_digest_of_something_else_is_no_context(library: Library) -> None:
    """A stranger's file can name anything that is stored."""
    register(library, Environment("plain"), report=silent())
    source = library.find("plain").text.encode()
    from envstudio.domain.canonical import sha256

    context = BuildContext("/nowhere", digest=f"sha256:{sha256(source)}")
    environment = replace(Environment("x"), image=Image(context=context))
    assert kept_context(library, environment) is None
