# SPDX-License-Identifier: Apache-2.0
"""Plans that change the virtual fibre channel mappings of a VIOS."""

from typing import Any, Final

from oslo_log import log as logging
from pypowervm import const as pvm_const
from pypowervm.wrappers import base_partition as pvm_bp
from pypowervm.wrappers import storage as pvm_stor
from pypowervm.wrappers import virtual_io_server as pvm_vios

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import fibre
from nova_powervm.virt.powervm.vios import plans

LOG = logging.getLogger(__name__)

GROUPS: Final = frozenset({pvm_const.XAG.VIO_FMAP})
"""The part of a VIOS with its fibre channel mappings."""


class AddVfcPlan(plans.Plan[fibre.AddVfc]):
    """Adds a virtual port, or finds it there."""

    def __init__(self, intent: fibre.AddVfc) -> None:
        super().__init__(intent)
        self.groups = GROUPS
        self._added = False

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Add the port, or what it is behind, unless both are there."""
        want = self.intent
        if any(_frees(other, want.wwpns) for other in self.freed):
            # A platform may refuse WWPNs that it has, whatever the order.
            raise plans.Later
        stale = _left_over(self, wrapper) if want.new_lpar else []
        found = fibre.find(wrapper, want.wwpns)
        if found is not None and found in stale:
            found = None
        if found is not None:
            self._check_owner(wrapper, found)
        if found is None or found.backing_port is None:
            name = self._port_name(wrapper)
        # From here on it cannot fail.
        for mapping in stale:
            wrapper.vfc_mappings.remove(mapping)
        if found is None:
            self._append(adapter, wrapper, name)
            self._added = True
            return True
        self._added = self._added and self.sent
        if found.backing_port is not None:
            return bool(stale)
        found.backing_port = pvm_bp.PhysFCPort.bld_ref(
            adapter, name, ref_tag='Port'
        )
        return True

    def result(self, wrapper: Any) -> fibre.VfcResult:
        """Tell how the platform made it."""
        want = self.intent
        found = fibre.find(wrapper, want.wwpns)
        if found is None or fibre.client_of(found) != want.lpar_uuid.upper():
            raise errors.PlatformError(
                f'VIOS {wrapper.name} did not give partition '
                f'{want.lpar_uuid} the virtual fibre channel port '
                f'{want.wwpns[0]}'
            )
        return fibre.result_of(wrapper, found, added=self._added)

    def _append(self, adapter: Any, vios: Any, port_name: str) -> None:
        want = self.intent
        vios.vfc_mappings.append(
            pvm_vios.VFCMapping.bld(
                adapter,
                vios.assoc_sys_uuid,
                want.lpar_uuid,
                port_name,
                client_wwpns=want.wwpns,
                lpar_slot_num=want.slot,
            )
        )

    def _port_name(self, vios: Any) -> str:
        name = fibre.name_of_port(vios, self.intent.physical)
        if name is None:
            raise errors.NotFound(
                f'VIOS {vios.name} has no fibre channel port '
                f'{self.intent.physical} (any more)'
            )
        return name

    def _check_owner(self, vios: Any, mapping: Any) -> None:
        want = self.intent
        client = fibre.client_of(mapping)
        if client != want.lpar_uuid.upper():
            raise errors.PlatformError(
                f'WWPN {want.wwpns[0]} of partition {want.lpar_uuid} is in '
                f'use on VIOS {vios.name} by partition {client}'
            )


class RemoveVfcPlan(plans.Plan[fibre.RemoveVfc]):
    """Takes virtual ports away."""

    def __init__(self, intent: fibre.RemoveVfc) -> None:
        super().__init__(intent)
        self.groups = GROUPS
        self._removed: dict[fibre.VfcResult, None] = {}

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Remove what is there of them."""
        found = [m for m in wrapper.vfc_mappings if self._wanted(m)]
        if not self.sent:
            # Of an earlier try that was refused as a whole.
            self._removed.clear()
        for mapping in found:
            gone = fibre.result_of(wrapper, mapping, added=False)
            self._removed[gone] = None
            self.freed.append(fibre.Freed(gone.wwpns))
            wrapper.vfc_mappings.remove(mapping)
        return bool(found)

    def result(self, wrapper: Any) -> tuple[fibre.VfcResult, ...]:
        """Tell what was removed, over all tries."""
        return tuple(self._removed)

    def _wanted(self, mapping: Any) -> bool:
        want, client = self.intent, fibre.client_of(mapping)
        if client is None and mapping.client_adapter is None:
            lost_by = mapping.server_adapter.lpar_id
            return want.lpar_id is not None and lost_by == want.lpar_id
        if client != want.lpar_uuid.upper():
            return False
        return want.pairs is None or any(
            fibre.same(fibre.pair_of(mapping), pair) for pair in want.pairs
        )


class ListVfcPlan(plans.Plan[fibre.ListVfc]):
    """Changes nothing and tells how things are after all other changes."""

    def __init__(self, intent: fibre.ListVfc) -> None:
        super().__init__(intent)
        self.groups = GROUPS

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Leave everything as it is."""
        return False

    def result(self, wrapper: Any) -> tuple[fibre.VfcResult, ...]:
        """List them."""
        return tuple(fibre.located(wrapper, self.intent.lpar_uuid))


def _frees(other: object, wwpns: fibre.Pair) -> bool:
    return isinstance(other, fibre.Freed) and fibre.same(other.wwpns, wwpns)


def _left_over(plan: AddVfcPlan, vios: Any) -> list[Any]:
    """List ports for the number of a partition, but not for itself.

    What is open to any partition has no such number, and what is for another
    partition that is alive stays, whatever its number says.
    """
    want, found = plan.intent, []
    for mapping in vios.vfc_mappings:
        number, client = (
            mapping.server_adapter.lpar_id,
            fibre.client_of(mapping),
        )
        if number != want.lpar_id or number == pvm_stor.ANY_SLOT:
            continue
        if client == want.lpar_uuid.upper() or (
            client is not None and plan.lpar_exists(client)
        ):
            continue
        LOG.warning(
            'VIOS %s: removing virtual fibre channel port %s that a deleted '
            'partition %s left to the number %s',
            vios.name,
            fibre.pair_of(mapping),
            client,
            number,
        )
        found.append(mapping)
    return found
