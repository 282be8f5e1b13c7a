# SPDX-License-Identifier: Apache-2.0
"""Each disk_driver has its class."""

import dataclasses

from nova_powervm.conf import storage
from nova_powervm.tests.unit.virt.powervm.disk import case
from nova_powervm.virt.powervm.disk import localdisk
from nova_powervm.virt.powervm.disk import registry
from nova_powervm.virt.powervm.disk import ssp


class RegistryTest(case.StorageCase):
    def test_every_choice_is_known(self) -> None:
        (opt,) = (o for o in storage.storage_opts if o.name == 'disk_driver')
        self.assertEqual(set(vars(opt.type)['choices']), set(registry.DRIVERS))

    def test_localdisk(self) -> None:
        adapter = registry.create(self.parts())
        self.assertIsInstance(adapter, localdisk.LocalDisk)
        self.assertEqual('localdisk', adapter.name)

    def test_ssp(self) -> None:
        self.host = dataclasses.replace(self.host, disk_driver='ssp')
        adapter = registry.create(self.parts())
        self.assertIsInstance(adapter, ssp.SharedPool)
        self.assertEqual('ssp', adapter.name)
