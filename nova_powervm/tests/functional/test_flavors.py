# SPDX-License-Identifier: Apache-2.0
"""Flavors and image properties, as users set them."""

from typing import Any

from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base
from nova_powervm.tests.functional import movers
from nova_powervm.virt.powervm import identity


class FlavorTest(movers.MovingTest):
    """Words for servers and their partitions on one host."""

    HOSTS = ('host1',)

    def setUp(self) -> None:
        super().setUp()
        self.flags(allow_resize_to_same_host=True)

    def image_with(self, **properties: str) -> Any:
        """Offer an image with properties."""
        return self.glance.make(1, properties=tuple(properties.items()))

    def partition(self, server: base.Server) -> Any:
        """The partition of a server, in the model."""
        lpars = self.platform.model('host1').lpars
        return lpars[identity.lpar_uuid(server['id'])]

    def resize(self, server: base.Server, flavor: str) -> None:
        """Resize a server."""
        body = {'resize': {'flavorRef': flavor}}
        self.api.post_server_action(server['id'], body)
        self.wait_for(server, 'VERIFY_RESIZE')


class TestPlainFlavors(FlavorTest):
    """Options of the host let them grow while they run."""

    SETTINGS = {
        'default_max_mem_factor': 2.0,
        'default_min_mem_factor': 0.5,
        'default_max_vcpu_factor': 2.0,
        'default_min_vcpu_factor': 0.5,
    }

    def test_live_without_extra_specs(self) -> None:
        server = self.boot(self.image)
        before = self.platform.state('host1')
        self.platform.clear_journal()
        self.resize(server, self.flavor(memory_mb=4096, vcpus=4))
        lpar = self.partition(server)
        self.assertEqual(4096, lpar.memory.desired)
        self.assertEqual(4, lpar.processors.shared.desired_virtual)
        self.act(server, 'revertResize')
        self.assertEqual([], self.platform.changes('host1', before))
        self.resize(server, self.flavor(memory_mb=1024, vcpus=1))
        self.assertEqual(1024, self.partition(server).memory.desired)
        self.assertEqual(0, self.platform.operations('PowerOff'))
        self.assertEqual(
            {'powervm_live_resize', 'powervm_live_revert'},
            self.ours(server),
        )

    def test_beyond_it_is_stopped_and_gets_new_room(self) -> None:
        server = self.boot(self.image)
        self.resize(server, self.flavor(memory_mb=8192))
        memory = self.partition(server).memory
        self.assertEqual(
            (4096, 8192, 16384),
            (memory.minimum, memory.desired, memory.maximum),
        )
        self.assertEqual({'powervm_offline_resize'}, self.ours(server))


class TestResize(FlavorTest):
    """What the new flavor names is set, and taken back exactly."""

    def test_all_of_it_there_and_back(self) -> None:
        server = self.boot(self.image)
        lpar = self.partition(server)
        with self.platform.model('host1').lock:
            lpar.availability_priority = 222
            lpar.memory.expansion_factor = 1.25
        before = self.platform.state('host1')
        specs = {
            'ame_factor': '2',
            'secure_boot': '2',
            'srr_capability': 'false',
            'processor_compatibility': 'POWER9',
            'dedicated_proc': 'true',
            'enable_lpar_metric': 'true',
        }
        self.resize(server, self.flavor(specs=specs))
        self.assertEqual(2.0, lpar.memory.expansion_factor)
        self.assertEqual(2, lpar.current_secure_boot)
        self.assertFalse(lpar.remote_restart_capable)
        self.assertEqual('POWER9', lpar.current_compatibility_mode)
        self.assertTrue(lpar.processors.is_dedicated)
        self.assertTrue(lpar.allow_performance_data)
        # Nothing names this one.
        self.assertEqual(222, lpar.availability_priority)
        self.act(server, 'revertResize')
        self.assertEqual([], self.platform.changes('host1', before))

    def test_key_that_the_new_flavor_lacks_goes(self) -> None:
        specs = {'secure_boot': '2', 'availability_priority': '9'}
        server = self.boot(self.image, self.flavor(specs=specs))
        self.resize(server, self.flavor())
        lpar = self.partition(server)
        self.assertEqual(0, lpar.current_secure_boot)
        self.assertEqual(127, lpar.availability_priority)


class TestImages(FlavorTest):
    """Properties of images."""

    def test_secure_boot(self) -> None:
        image = self.image_with(
            **{
                'os_secure_boot': 'optional',
                'trait:CUSTOM_POWERVM_SECURE_BOOT': 'required',
            }
        )
        server = self.boot(image)
        self.assertEqual(2, self.partition(server).current_secure_boot)

    def test_nova_takes_required_for_uefi(self) -> None:
        image = self.image_with(os_secure_boot='required')
        server = self.boot(image, status='ERROR')
        self.assertIn('No valid host', self.fault(server))

    def test_what_cannot_be_aborts_the_build(self) -> None:
        before = self.platform.state('host1')
        image = self.image_with(hw_firmware_type='uefi')
        server = self.boot(image, status='ERROR')
        self.assertIn('hw_firmware_type=uefi of the image', self.fault(server))
        self.assertEqual([], self.platform.changes('host1', before))

    def test_rebuild_to_such_an_image_leaves_the_server(self) -> None:
        server = self.boot(self.image)
        before = self.platform.state('host1')
        image = self.image_with(hw_firmware_type='uefi')
        body = {'rebuild': {'imageRef': image.id}}
        self.api.post_server_action(server['id'], body)
        reason = 'hw_firmware_type=uefi of the image'
        self._wait_for(lambda: reason in self.reasons(server), reason)
        self.assertEqual('ACTIVE', self.settle(server)['status'])
        self.assertEqual([], self.platform.changes('host1', before))

    def test_what_makes_no_difference_is_said(self) -> None:
        self.boot(self.image_with(hw_disk_bus='scsi', hw_video_model='vga'))
        self.assertIn('hw_disk_bus=scsi', self.compute_logs())


class TestAix(FlavorTest):
    """Servers that run AIX."""

    @proof.proves('boot', guest='AIX')
    @proof.proves('stop and start', guest='AIX')
    @proof.proves('resize', guest='AIX')
    @proof.proves('deletion', guest='AIX')
    def test_life(self) -> None:
        before = self.platform.state('host1')
        image = self.image_with(os_distro='aix')
        server = self.boot(image, self.flavor(specs={'ame_factor': '1.5'}))
        self.assertEqual(1.5, self.partition(server).memory.expansion_factor)
        self._stop_server(server)
        self._start_server(server)
        self.resize(server, self.flavor(memory_mb=4096))
        self.act(server, 'confirmResize')
        lpar = self.partition(server)
        self.assertEqual(0.0, lpar.memory.expansion_factor)
        self.assertEqual('running', lpar.state)
        self.delete(server)
        self.assertEqual([], self.platform.changes('host1', before, image))


class TestIbmi(FlavorTest):
    """Servers that run IBM i."""

    @proof.proves('live resize', guest='IBM i')
    def test_live_resize_needs_no_rmc(self) -> None:
        room = {'max_mem': '8192'}
        image = self.image_with(os_distro='ibmi')
        server = self.boot(image, self.flavor(specs=room))
        self.assertFalse(self.partition(server).rmc_active)
        self.resize(server, self.flavor(memory_mb=4096, specs=room))
        self.assertEqual(4096, self.partition(server).memory.desired)
        self.assertEqual({'powervm_live_resize'}, self.ours(server))


class TestIbmiInPool(FlavorTest):
    """A disk with two paths."""

    PRESET = 'ssp-pair'
    SETTINGS = {'disk_driver': 'ssp'}

    @proof.proves('boot', guest='IBM i')
    def test_alternate_load_source_is_the_other_path(self) -> None:
        server = self.boot(self.image_with(os_distro='ibmi'))
        lpar = self.partition(server)
        self.assertEqual('running', lpar.state)
        tagged = lpar.tagged_io
        slots = [int(tagged.load_source), int(tagged.alternate_load_source)]
        found = sorted(
            bus.client_slot
            for vios in self.platform.vioses('host1')
            for bus in vios.buses
            if bus.lpar_uuid == lpar.uuid
        )
        self.assertEqual(2, len(found))
        self.assertEqual(found, slots)
