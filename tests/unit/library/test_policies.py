"""What a workspace demands is kept, logged, and not lost if two change it."""

from __future__ import annotations

import pytest

from envstudio.domain.change import Aspect
from envstudio.errors import Conflict
from envstudio.library import Library


def test_a_policy_is_kept_by_workspace_and_logged(library: Library) -> None:
    mark = library.changes.mark()
    library.workspaces.create("team")
    change = library.policies.set("checks-off", ["no-bound"])
    assert change.aspects == Aspect.POLICIES
    assert library.policies.all() == {"checks-off": ["no-bound"]}
    assert library.in_workspace("team").policies.all() == {}
    assert [(item.what, item.target) for item in library.events.list(limit=1)] == [("policy", "checks-off")]
    assert Aspect.POLICIES in library.changes.since(mark)[1][0].aspects
    assert library.policies.set("checks-off", ["no-bound"]).aspects == Aspect(0)
    library.policies.set("checks-off", None)
    assert library.policies.all() == {}
    library.events.verify()


def test_two_who_change_it_are_told(library: Library) -> None:
    library.policies.set("checks-off", ["no-bound"], was=None)
    with pytest.raises(Conflict, match=r"it is \['no-bound'\] there, and \['duplicate'\] in this edit"):
        library.policies.set("checks-off", ["duplicate"], was=None)
    library.policies.set("checks-off", ["duplicate"], was=["no-bound"])


def test_a_deleted_workspace_takes_its_policies_with_it(library: Library) -> None:
    library.workspaces.create("team")
    library.in_workspace("team").policies.set("checks-off", ["no-bound"])
    library.workspaces.delete("team")
    library.events.verify()
