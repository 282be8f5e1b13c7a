# SPDX-License-Identifier: Apache-2.0
"""Whether media fit into a repository, and what helps if they do not."""

from collections.abc import Iterable
from typing import Any

from nova_powervm.virt.powervm import settings as powervm_settings
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents


def option(settings: powervm_settings.HostSettings) -> str:
    """Write the option for the size of a repository as in nova.conf."""
    return f'[powervm]vopt_media_rep_size = {settings.vopt_media_rep_size}'


def check(
    repositories: Iterable[Any],
    name: str,
    size_bytes: int,
    where: str,
    settings: powervm_settings.HostSettings,
) -> None:
    """See that a medium fits into each of the repositories.

    One of that name does not count, for it is going to be replaced.

    :param repositories: pypowervm's wrappers
    :param where: the Virtual I/O Server, for the operator
    :raises NoSpace: it does not
    """
    for repository in repositories:
        others = sum(
            medium.size
            for medium in repository.optical_media
            if medium.name != name
        )
        free = repository.size - others
        if size_bytes > free * intents.GIB:
            raise errors.NoSpace(
                f'The media repository of {where} has {free:.2f} of '
                f'{repository.size:.2f} GB free, {name} needs '
                f'{size_bytes / intents.GIB:.2f} GB. Make it larger (chrep on '
                'the VIOS) or remove media that are not needed; '
                f'{option(settings)} counts only where the driver makes one.'
            )


def check_new(
    name: str, size_bytes: int, settings: powervm_settings.HostSettings
) -> None:
    """See that a medium will fit into a repository that the driver makes.

    Once it is there the option does not count any more.

    :raises NoSpace: it will not
    """
    if size_bytes > settings.vopt_media_rep_size * intents.GIB:
        raise errors.NoSpace(
            f'{name} needs {size_bytes / intents.GIB:.2f} GB, but there is no '
            f'media repository yet, and with {option(settings)} the driver '
            'would make one of that many GB. Set a larger value.'
        )
