# SPDX-License-Identifier: Apache-2.0
"""Users boot servers from iSCSI volumes, and attach more."""

from nova_powervm.tests.fixtures import targets
from nova_powervm.tests.functional import volume_base
from novalink_sim.model import iscsi

CHAP = iscsi.Chap('me', 'marker-sesame')
ALL_PATHS = 4
"""Two VIOSes, two portals."""


class TestIscsiServers(volume_base.VolumeTest):
    """Targets that want CHAP, over all portals."""

    SETTINGS = {
        'volume_group_name': 'vios1/datavg',
        'volume_use_multipath': True,
    }

    def setUp(self) -> None:
        super().setUp()
        for kind in ('iscsi', 'iser'):
            backend = self.cinder.backends[kind]
            backend.portals, backend.chap = targets.PORTALS, CHAP

    def sessions(self) -> int:
        """How many sessions all VIOSes have."""
        vioses = self.platform.vioses('host1')
        return sum(len(vios.initiator.sessions) for vios in vioses)

    def sizes(self) -> set[int]:
        """MiB of the volumes that the VIOSes have."""
        vioses = self.platform.vioses('host1')
        return {v.capacity for vios in vioses for v in vios.volumes if v.naa}

    def rename_initiators(self) -> None:
        """Let Cinder export to names that are no more."""
        for vios in volume_base.BOTH:
            name = f'iqn.2026-11.example:{vios}'
            self.platform.operate(
                'host1', 'set-initiator', vios=vios, name=name
            )

    def test_life(self) -> None:
        root = self.cinder.make(1, 'iscsi', image=self.image)
        server = self.boot_from(
            volume_base.device('volume', root.id, boot_index=0)
        )
        (disk,) = self.guest_disks(server)
        with open(self.image.path, 'rb') as file:
            self.assertEqual(file.read(4096), disk.read(4096))
        self.assert_sees(server, root)
        self.assertEqual(ALL_PATHS, self.sessions())
        data = self.cinder.make(1, 'iser')
        self.attach(server, data)
        self.assert_sees(server, data)
        self.assertEqual(2 * ALL_PATHS, self.sessions())
        self.cinder.extend(data, 2)
        self._wait_for(
            lambda: self.sizes() == {1024, 2048}, 'the VIOSes to look'
        )
        self.detach(server, data)
        self.assertEqual(ALL_PATHS, self.sessions())
        self.assert_free(data)
        self.rename_initiators()
        self.request_attachment(server, data)
        self._wait_for(
            lambda: 'code 24' in self.reasons(server), 'the refusal'
        )
        self._wait_for(lambda: data.status == 'available', 'Cinder')
        # Now the names are known anew.
        self.request_attachment(server, data)
        self._wait_for(lambda: data.status == 'in-use', 'the volume')
        self.assert_sees(server, data)
        self.delete(server)
        self._wait_for(
            lambda: {root.status, data.status} == {'available'}, 'Cinder'
        )
        self.assert_free(root, data)
        self.assertEqual(0, self.sessions())
        self.assertEqual([], self.platform.sim.san.targets)
        self.assertNotIn(CHAP.password, self.compute_logs())
