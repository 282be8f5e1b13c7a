# SPDX-License-Identifier: Apache-2.0
"""Changes of the mappings of several VIOSes at the same time."""

import concurrent.futures
from collections.abc import Iterable, Sequence
from typing import Any

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.vios import intents

Change = tuple[str, Any]
"""Uuid of a VIOS, and the intent that it is to carry out."""


def removal(
    lpar: lpar_cache.LparRecord,
    refs: Iterable[intents.StorageRef],
    located: Sequence[intents.Located],
) -> list[Change]:
    """Tell which changes unmap storage from wherever it is mapped."""
    found = []
    for ref in refs:
        for item in located:
            if ref.matches(item.storage):
                intent = intents.RemoveMappings(
                    lpar.uuid, lpar.id, storages=(ref,)
                )
                found.append((item.vios_uuid, intent))
    return found


def carry_out(host: Any, changes: Sequence[Change]) -> list[Any]:
    """Have all done at the same time, and wait for the last of them.

    :raises PlatformError: of the first that failed
    """
    futures = [
        host.transactions.submit(intents.ViosTarget(vios_uuid), intent)
        for vios_uuid, intent in changes
    ]
    # What is reverted next deletes disks: nothing may be under way then.
    concurrent.futures.wait(futures)
    failed: list[errors.PlatformError] = []
    results = []
    for future in futures:
        try:
            results.append(future.result())
        except errors.PlatformError as exc:
            failed.append(exc)
    if failed:
        raise failed[0]
    return results
