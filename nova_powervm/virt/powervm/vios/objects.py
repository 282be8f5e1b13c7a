# SPDX-License-Identifier: Apache-2.0
"""The objects that are changed as a whole: VIOSes and volume groups."""

from typing import Any

from pypowervm import util as pvm_util
from pypowervm.wrappers import storage as pvm_stor
from pypowervm.wrappers import virtual_io_server as pvm_vios

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import retry
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import plans

KEEP = 60.0
"""Seconds for which an object that was read may be the base of a change."""


class Offer:
    """An object as somebody read it a while ago.

    :param wrapper: pypowervm's; whoever read it does not use it any more
    :param groups: which parts of a VIOS it has
    """

    def __init__(
        self, wrapper: Any, groups: frozenset[str] = plans.MAPPINGS
    ) -> None:
        self._wrapper = wrapper
        self._groups = groups
        self._deadline = retry.Deadline(KEEP)

    def take(self, groups: frozenset[str]) -> Any | None:
        """Return the object, unless too much time has passed.

        :param groups: which parts of a VIOS have to be there
        """
        if self._deadline.passed or not groups <= self._groups:
            return None
        return self._wrapper


def read(adapter: Any, target: intents.Target, groups: frozenset[str]) -> Any:
    """Read an object (one request).

    :param groups: which parts of a VIOS; those are written back as well
    :returns: pypowervm's wrapper
    """
    if isinstance(target, intents.ViosTarget):
        return pvm_vios.VIOS.wrap(
            calls.call(
                adapter.read,
                pvm_vios.VIOS.schema_type,
                target.uuid,
                xag=sorted(groups),
            )
        )
    return pvm_stor.VG.wrap(
        calls.call(
            adapter.read,
            pvm_vios.VIOS.schema_type,
            target.vios_uuid,
            pvm_stor.VG.schema_type,
            target.vg_uuid,
        )
    )


def write(adapter: Any, wrapper: Any) -> Any:
    """Write an object back (one request).

    :returns: pypowervm's wrapper of what the platform answered
    :raises errors.EtagMismatch: it changed after it was read
    """
    path = pvm_util.dice_href(wrapper.href, include_fragment=False)
    return type(wrapper).wrap(
        calls.call(adapter.update_by_path, wrapper, wrapper.etag, path)
    )
