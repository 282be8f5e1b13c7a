# SPDX-License-Identifier: Apache-2.0
"""The same work with several Virtual I/O Servers at a time."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import inventory

LOG = logging.getLogger(__name__)

T = TypeVar('T')


def work(
    vioses: Sequence[inventory.ViosRecord],
    func: Callable[[inventory.ViosRecord], T],
) -> tuple[dict[str, T], dict[str, errors.PlatformError]]:
    """Do something with each VIOS.

    :returns: results by uuid, and failures by name
    """
    done: dict[str, T] = {}
    failed: dict[str, errors.PlatformError] = {}
    if not vioses:
        return done, failed
    with concurrent.futures.ThreadPoolExecutor(len(vioses)) as pool:
        futures = [(vios, pool.submit(func, vios)) for vios in vioses]
        for vios, future in futures:
            try:
                done[vios.uuid] = future.result()
            except errors.PlatformError as exc:
                failed[vios.name] = exc
    return done, failed


def warn(
    failed: Mapping[str, errors.PlatformError],
    what: str,
    instance: objects.Instance,
) -> None:
    """Log what only some of the VIOSes could not do.

    :param failed: failures by name of the VIOS
    :param what: what it means, after the name
    """
    for name, exc in failed.items():
        LOG.warning('VIOS %s %s: %s', name, what, exc, instance=instance)
