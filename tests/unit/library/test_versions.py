"""Registering, drafts, labels and what may change of a version."""

from __future__ import annotations

from dataclasses import replace

import pytest

from envstudio.domain.change import Aspect
from envstudio.domain.environment import Environment, Variable
from envstudio.domain.reference import Reference, parse_reference
from envstudio.domain.requirement import conda_requirement
from envstudio.errors import Conflict, InvalidInput, NotFound
from envstudio.formats import native
from envstudio.library import Library


def with_numpy(environment: Environment, bound: str) -> Environment:
    return environment.with_conda(conda_requirement(f"numpy>={bound}"))


def test_versions_are_numbered_from_one_and_kept(library: Library, churn: Environment) -> None:
    for bound in ("2", "2.1", "2.2"):
        library.versions.register(with_numpy(churn, bound), f"numpy {bound}")
    assert [item.number for item in library.versions.list("churn")] == [3, 2, 1]
    assert library.find("churn:1").environment == churn
    assert library.find("churn").version == 3


def test_the_same_definition_makes_no_new_version(library: Library, churn: Environment) -> None:
    first = library.versions.register(churn)
    python = replace(churn.python, conda=tuple(reversed(churn.python.conda)))
    again = library.versions.register(replace(churn, python=python))
    assert (first.created, again.created, again.version) == (True, False, 1)
    assert not again.change


def test_an_older_definition_registered_again_is_a_new_version(library: Library, churn: Environment) -> None:
    library.versions.register(churn)
    library.versions.register(with_numpy(churn, "2.1"))
    assert library.versions.register(churn).version == 3


def test_new_refuses_a_name_that_exists(library: Library, churn: Environment) -> None:
    library.versions.register(churn, new=True)
    with pytest.raises(Conflict, match="already"):
        library.versions.register(with_numpy(churn, "9"), new=True)


def test_a_draft_is_kept_and_gone_once_registered(library: Library, churn: Environment) -> None:
    library.versions.register(churn)
    assert not library.versions.draft("churn").changed
    assert not library.versions.draft("churn").saved
    draft = churn.with_variable(Variable("TREES", "40"))
    change = library.versions.save_draft(draft)
    assert change.touches("churn", Aspect.DRAFT)
    assert library.versions.draft("churn").changed
    assert library.versions.draft("churn").saved
    assert library.find("churn@draft").environment == draft
    library.versions.register(draft)
    assert library.versions.draft("churn").base_version == 2
    with pytest.raises(NotFound, match="no draft"):
        library.find("churn@draft")


def test_a_draft_that_is_changed_back_is_not_changed(library: Library, churn: Environment) -> None:
    library.versions.register(churn)
    library.versions.save_draft(with_numpy(churn, "3"))
    library.versions.save_draft(churn)
    assert not library.versions.draft("churn").changed
    library.versions.discard_draft("churn")
    assert library.versions.draft("churn").environment == churn


def test_labels_move_and_latest_is_kept(library: Library, churn: Environment) -> None:
    library.versions.register(churn)
    library.versions.register(with_numpy(churn, "2.1"))
    library.versions.label(parse_reference("churn:1"), "prod")
    assert library.find("churn@prod").version == 1
    library.versions.label(parse_reference("churn:2"), "prod")
    assert library.find("churn@prod").version == 2
    assert library.versions.list("churn")[0].labels == ("latest", "prod")
    assert library.versions.labels("churn") == (("prod", 2),)
    assert library.versions.labels("elsewhere") == ()
    with pytest.raises(InvalidInput, match="kept by EnvStudio"):
        library.versions.label(parse_reference("churn:1"), "draft")
    library.versions.unlabel("churn", "prod")
    with pytest.raises(NotFound, match="no label"):
        library.find("churn@prod")


def test_only_description_and_tags_of_a_version_change(library: Library, churn: Environment) -> None:
    digest = library.versions.register(churn).digest
    library.versions.describe(parse_reference("churn"), description="For churn.", tags={"team": "vision", "x": "1"})
    library.versions.describe(parse_reference("churn"), tags={"x": None})
    found = library.find("churn")
    assert found.environment.description == "For churn."
    assert dict(found.environment.tags) == {"team": "vision"}
    assert found.digest == digest


@pytest.mark.parametrize("reference", ["nothing", "churn:9", "churn@nowhere", "curated/nothing"])
def test_unknown_references_say_what_there_is(library: Library, churn: Environment, reference: str) -> None:
    library.versions.register(churn)
    with pytest.raises(NotFound) as caught:
        library.find(reference)
    assert caught.value.advice


def test_the_text_with_its_comments_is_kept(library: Library, churn: Environment) -> None:
    text = "# why numpy 2: the new API\nschema: 1\nname: churn\npython:\n  conda: [numpy>=2]\n"
    library.versions.register(churn, text=text)
    assert library.find("churn").text == text


def test_a_draft_survives_what_did_not_come_from_it(library: Library, churn: Environment) -> None:
    library.versions.register(churn)
    library.versions.register(with_numpy(churn, "2.1"))
    library.versions.save_draft(with_numpy(churn, "3"))
    library.versions.register(churn, "Restored", from_draft=False)
    assert library.find("churn@draft").environment == with_numpy(churn, "3")
    library.versions.register(with_numpy(churn, "3"), "The draft", from_draft=False)
    with pytest.raises(NotFound, match="no draft"):
        library.find("churn@draft")


def test_a_text_stays_as_it_was_written_where_nothing_was_given_since(library: Library) -> None:
    text = 'schema: 1\nname: odd\ntags: {b: "1", a: "2"}  # not sorted\npython:\n  conda: [ python=3.12 ]\n'
    library.versions.register(native.from_text(text).environment, text=text)
    assert library.find("odd").text == text
    assert library.versions.draft("odd").text == text
    library.versions.describe(Reference("odd"), description="Said later")
    assert "# not sorted" in library.find("odd").text
    assert "conda: [ python=3.12 ]" in library.find("odd").text


def test_a_text_says_the_name_the_description_and_the_tags_that_there_are_now(library: Library) -> None:
    """The rest of it, comments included, is as it was written."""
    text = 'schema: 1\nname: "old"  # for now\n# held for prod\npython:\n  conda: [python=3.12]\n'
    environment = native.from_text(text).environment
    library.versions.register(environment, text=text)
    assert library.find("old").text == text
    library.environments.rename("old", "new")
    library.versions.describe(Reference("new"), description="Trains it", tags={"team": "vision"})
    found = library.find("new")
    assert native.from_text(found.text).environment == found.environment
    assert "old" not in found.text
    assert "# held for prod\npython:\n  conda: [python=3.12]\n" in found.text
    library.versions.save_draft(found.environment, text=text)
    assert 'name: "new"  # for now' in library.versions.draft("new").text
    assert "# held for prod" in library.find("new@draft").text


def test_a_description_that_other_values_refer_to_can_be_given_anew(library: Library) -> None:
    text = "# ours\nname: linked\ndescription: &said Trains it\nvariables:\n  PURPOSE: *said\n"
    library.versions.register(native.from_text(text).environment, text=text)
    library.versions.describe(Reference("linked"), description="Scores it")
    found = library.find("linked")
    assert (found.environment.description, found.environment.variables[0].value) == ("Scores it", "Trains it")
    assert native.from_text(found.text).environment == found.environment
    assert "# ours" in found.text
