"""Policies by the command line, and what they do to the checks."""

from __future__ import annotations

from pathlib import Path

from command_line import Command


def test_checks_are_switched_off_for_a_workspace(es: Command, churn: Path) -> None:
    codes = [item["code"] for item in es("--json", "check", "churn").json]
    assert codes
    assert es("policy", "checks-off", ",".join(codes)).status == 0
    assert es("--json", "policy").json["checks-off"] == sorted(set(codes))
    assert es("policy", "checks-off").out.strip() == ", ".join(sorted(set(codes)))
    assert es("--json", "check", "churn").json == []
    assert "Checks switched off" not in es("policy").err
    assert es("policy", "checks-off", "").status == 0
    assert [item["code"] for item in es("--json", "check", "churn").json] == codes


def test_the_index_strategy_is_written_into_new_environments(es: Command) -> None:
    assert es("create", "before", "--pip", "six").status == 0
    assert es("policy", "index-strategy", "first").status == 0
    assert es("create", "after", "--pip", "six").status == 0
    assert es("create", "copy", "--from", "before").status == 0
    es("policy", "index-strategy", "nearest").must_fail("'nearest' is not an index strategy")
    strategies = {
        name: es("--json", "show", name).json.get("solve", {}).get("index_strategy")
        for name in ("before", "after", "copy")
    }
    assert strategies == {"before": None, "after": "first", "copy": None}


def test_what_is_no_policy_is_refused(es: Command) -> None:
    es("policy", "nosuch").must_fail("No policy named 'nosuch'")
    es("policy", "nosuch", "x").must_fail("No policy named 'nosuch'")
    es("policy", "checks-off", "nosuch").must_fail("No check named 'nosuch'")
