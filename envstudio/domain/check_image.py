"""The checks of the image: where it starts from, and whether that stays the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envstudio.domain.container_platform import parse_platform
from envstudio.domain.dockerfile_text import templates
from envstudio.domain.environment import Environment, ManagedBy
from envstudio.domain.image_name import checked_base, is_image_name
from envstudio.domain.problem import Fix, Problem, Severity
from envstudio.errors import InvalidInput
from envstudio.settings import DEFAULT_BASE_IMAGE


def check_source(environment: Environment) -> Iterator[Problem]:
    """Find more than one thing that the image starts from, or none."""
    sources = environment.image.sources
    if len(sources) > 1:
        yield Problem(
            "image-sources",
            Severity.ERROR,
            "image",
            f"The image has {' and '.join(sources)}; only one of them can be used.",
            "Keep the one that the image should start from.",
        )
    if not sources:
        yield Problem(
            "image-missing",
            Severity.WARNING,
            "image",
            "No base image, Dockerfile or build context is given, so no image can be built.",
            "Choose a base image.",
            Fix(f"Use {DEFAULT_BASE_IMAGE}", lambda value: value.with_base(DEFAULT_BASE_IMAGE)),
        )


def check_names(environment: Environment) -> Iterator[Problem]:
    """Find a base image or platform that no builder takes."""
    image = environment.image
    for where, text, checked in (
        ("image.base", image.base, checked_base),
        ("image.platform", image.platform, parse_platform),
    ):
        try:
            if text:
                checked(text)
        except InvalidInput as error:
            yield Problem(error.code, Severity.ERROR, where, error.summary, error.advice)


def check_tag(environment: Environment) -> Iterator[Problem]:
    """Find a base image whose name means another image tomorrow."""
    base = environment.image.base
    if not base or "@" in base or not is_image_name(base):
        return
    tag = _tag(base)
    if tag in ("", "latest"):
        yield Problem(
            "image-tag",
            Severity.WARNING,
            "image.base",
            f"The base image {base} has {'the tag latest' if tag else 'no tag'}, so it changes under you.",
            "Name a tag or, better, a digest.",
        )


def _tag(image: str) -> str:
    last = image.rsplit("/", 1)[-1]
    return last.partition(":")[2]


def check_templates(environment: Environment) -> Iterator[Problem]:
    """Find placeholders of a template in what a Dockerfile starts from."""
    yield from template_problems(environment.image.dockerfile)


def template_problems(dockerfile: str) -> Iterator[Problem]:
    """Yield a problem for each image of a Dockerfile's text that holds a placeholder."""
    for written in templates(dockerfile):
        yield Problem(
            "dockerfile-template",
            Severity.ERROR,
            "image.dockerfile",
            f"The Dockerfile names the image {written}, which is a placeholder of a template.",
            "Fill in the template first, or write an ARG and use it in FROM.",
        )


def check_context(environment: Environment) -> Iterator[Problem]:
    """Find a build context that depends on where a build is started."""
    context = environment.image.context
    if context is not None and context.is_relative:
        yield Problem(
            "context-relative",
            Severity.WARNING,
            "image.context",
            f"The build context {context.location} is a relative path, and starts from wherever a build is started.",
            "Write the whole path, or a Git address with a commit.",
        )


def check_registry(environment: Environment) -> Iterator[Problem]:
    """Find half a login."""
    registry = environment.image.registry
    if registry and bool(registry.username) != bool(registry.password):
        yield Problem(
            "registry-credentials",
            Severity.ERROR,
            "image.registry",
            "The registry has a user without a password, or a password without a user.",
            "Give both, or neither.",
        )


def check_ignored_packages(environment: Environment) -> Iterator[Problem]:
    """Find packages that an image of a Dockerfile of the user's own does not get."""
    image, python = environment.image, environment.python
    if (image.dockerfile or image.context) and (python.conda or python.pip):
        if python.managed_by is ManagedBy.USER:
            return
        yield Problem(
            "packages-ignored",
            Severity.WARNING,
            "python",
            "The image comes from a Dockerfile or context of your own; the packages listed here are not added to it.",
            "Install them in the Dockerfile, or start from a base image.",
        )


def check_gpu(environment: Environment) -> Iterator[Problem]:
    """Find a base image without the CUDA that is wanted."""
    base = environment.image.base.lower()
    if environment.cuda and base and not re.search(r"cuda|gpu|nvidia", base) and not environment.python.conda:
        yield Problem(
            "gpu-base",
            Severity.WARNING,
            "image.base",
            f"CUDA {environment.cuda} is wanted, but the base image {environment.image.base} has no CUDA in its name.",
            "Choose a CUDA base image, or remove the CUDA version.",
        )
