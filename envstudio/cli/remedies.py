"""What the command line says of a remedy: the command, or the option of the same command, that does it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from envstudio.errors import Act, EnvStudioError, Remedy
from envstudio.settings import Settings

COMMANDS = {
    Act.ALLOW: "--allow-{subject}",
    Act.ALLOW_ALWAYS: "envstudio allow NAME {subject}",
    Act.BUILD: "envstudio build {subject}",
    Act.CHECK_INSTALLATION: "envstudio doctor",
    Act.CHOOSE_BASE_IMAGE: "envstudio edit {subject} --base-image IMAGE",
    Act.CHOOSE_BUILDER: "envstudio build REF --builder {subject}",
    Act.CHOOSE_FILE: "-o {subject}",
    Act.CHOOSE_LIBRARY: "--library FILE",
    Act.CHOOSE_OUTPUT: "envstudio build REF --output {subject}",
    Act.CHOOSE_TARGET: "envstudio run REF --target {subject} -- COMMAND",
    Act.CLONE: "envstudio create NAME --from {subject}",
    Act.CREATE_WORKSPACE: "envstudio workspace create {subject}",
    Act.DROP_SECRETS: "envstudio import --drop-secrets FILE",
    Act.EDIT_IMAGE: "",
    Act.EDIT_PACKAGES: "",
    Act.EXPORT_LOCK: "envstudio lock export REF --format {subject}",
    Act.IMPORT_AS: "envstudio import {subject} --format ID",
    Act.LIST_BUILDS: "envstudio builds",
    Act.LIST_ENVIRONMENTS: "envstudio list",
    Act.LIST_IMAGES: "envstudio images",
    Act.LIST_LOCKS: "envstudio lock list {subject}",
    Act.LOCK: "envstudio lock {subject}",
    Act.LOCK_AGAIN: "envstudio lock {subject} --refresh",
    Act.LOCK_FOR: "envstudio lock REF --platform {subject}",
    Act.LOG_IN: "envstudio login {subject} --user NAME",
    Act.NAME_IMAGE: "--tag {subject}",
    Act.PRUNE_IMAGES: "envstudio image prune",
    Act.RELAX: "envstudio lock REF --relax",
    Act.REPAIR_LIBRARY: "envstudio library repair FILE",
    Act.RESTORE_SETTING: 'envstudio settings {subject} ""',
    Act.SET_SETTING: "envstudio settings {subject} VALUE",
    Act.SHOW: "envstudio show {subject}",
    Act.SHOW_DELETED: "envstudio list --deleted",
    Act.SHOW_LOCK: "envstudio lock show REF",
    Act.SHOW_LOG: "envstudio log",
    Act.SHOW_POLICY: "envstudio policy {subject}",
    Act.SHOW_VERSIONS: "envstudio versions {subject}",
    Act.STATE_CUDA: "envstudio edit {subject} --cuda 12.4",
    Act.STATE_PYTHON: "envstudio edit {subject} --python 3.11",
    Act.STATE_VIRTUAL: "envstudio edit {subject} --virtual-package linux-64:__glibc=2.36",
    Act.STORE_SECRET: "envstudio secret set {subject}",
    Act.VERIFY_CACHE: "envstudio cache verify",
    Act.VERIFY_LOG: "envstudio log verify",
}
"""Empty if there is no one command for it."""

ANY = {Act.LOG_IN: "HOST", Act.SET_SETTING: "KEY"}
"""What stands for a subject that is not known; for the others a reference."""


def command_of(remedy: Remedy | None) -> str:
    """Return the command or option that does a remedy; empty if there is none."""
    if remedy is None:
        return ""
    # `consents.SECRETS`, which loads what every command would wait for.
    if remedy == Remedy(Act.ALLOW, "secrets"):
        return "--allow-secret NAME"
    subject = remedy.subject or ANY.get(remedy.act, "REF")
    if remedy.act is Act.SET_SETTING and isinstance(getattr(Settings(), subject, None), Mapping):
        subject += ".PREFIX"
    return COMMANDS[remedy.act].format(subject=shlex.quote(subject))


def with_command(advice: str, remedy: Remedy | None) -> str:
    """Return an advice with the command that does it behind: "Lock it: envstudio lock churn:3".

    Behind an advice that names several things to do, the command is a sentence of its own.
    """
    command = command_of(remedy)
    if not command or not advice:
        return advice or command
    if advice.endswith("?") or any(mark in advice for mark in (",", ";", ":", " or ")):
        return f"{advice.rstrip()} Try: {command}"
    return f"{advice.rstrip('. ')}: {command}"


def hint_of(error: EnvStudioError) -> str:
    """Return what to do about an error, as a line of the command line."""
    return with_command(error.advice, error.remedy)
