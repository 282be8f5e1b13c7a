# SPDX-License-Identifier: Apache-2.0
"""Which class serves which type of VIF."""

from typing import Any

from nova import exception as nova_exc

from nova_powervm.virt.powervm.vif import base
from nova_powervm.virt.powervm.vif import networks
from nova_powervm.virt.powervm.vif import sea

DRIVERS: tuple[type[sea.SeaVifDriver], ...] = (sea.SeaVifDriver,)


class VifRegistry:
    """The VIF drivers of one host."""

    def __init__(self, client: Any, facts: networks.NetworkFacts) -> None:
        """Make one driver of each type.

        :param client: client.session.Client
        :param facts: the switches of the host
        """
        self._drivers: dict[str, base.VifDriver] = {
            driver.vif_type: driver(client, facts) for driver in DRIVERS
        }

    def for_vif(self, vif: Any) -> base.VifDriver:
        """Find the driver of a VIF.

        :raises nova.exception.VirtualInterfacePlugException: if the host
            cannot plug that type
        """
        driver = self._drivers.get(vif['type'])
        if driver is None:
            raise nova_exc.VirtualInterfacePlugException(
                f'VIF {vif["id"]} has type {vif["type"]}, but this host can '
                f'plug only {", ".join(sorted(self._drivers))}; check the '
                f'Neutron agent and mechanism driver of the host'
            )
        return driver
