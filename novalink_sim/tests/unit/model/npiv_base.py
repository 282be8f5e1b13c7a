# SPDX-License-Identifier: Apache-2.0
"""A system with a VIOS that has fibre channel ports, without HTTP."""

import dataclasses
from typing import Any

from novalink_sim.model import npiv
from novalink_sim.model import npiv_mappings
from novalink_sim.model import setup
from novalink_sim.tests.unit.model import base


def kept(vios: Any) -> list[npiv_mappings.FibreRequest]:
    """Return the mappings of a VIOS as a client sends them back."""
    return [
        npiv_mappings.FibreRequest(
            m.lpar_uuid,
            m.client_slot,
            m.udid,
            m.adapter_name,
            tuple(m.wwpns),
            m.port,
        )
        for m in vios.fibre_mappings
    ]


class NpivCase(base.ModelCase):
    """The VIOS has fcs0 in fabric A and fcs1 in fabric B."""

    def setUp(self) -> None:
        super().setUp()
        for fabric in ('A', 'B'):
            setup.add_fc_port(self.vios, fabric)
        self.events.clear()

    def port(self, name: str = 'fcs0', vios: Any = None) -> Any:
        """Return a port of a VIOS."""
        return npiv.find_port(vios or self.vios, name)

    def add(
        self,
        lpar: Any,
        port: str | None = 'fcs0',
        vios: Any = None,
        **more: Any,
    ) -> npiv.FibreMapping:
        """Map a partition to a port."""
        server = vios or self.vios
        ask = npiv_mappings.FibreRequest(lpar.uuid, port=port)
        wanted = [*kept(server), dataclasses.replace(ask, **more)]
        npiv_mappings.update(server, wanted)
        found: npiv.FibreMapping = server.fibre_mappings[-1]
        return found
