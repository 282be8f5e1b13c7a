# SPDX-License-Identifier: Apache-2.0
from typing import Any

import testtools

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import volumes
from nova_powervm.virt.powervm.records import ports
from nova_powervm.virt.powervm.records import volumes as records
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import parsing

GIB = 1024**3


class ParsingTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.instance = nova_objects.instance()

    def volume(self, info: Any, **options: Any) -> base.Volume:
        return parsing.volume(self.instance, info, **options)

    def test_a_volume(self) -> None:
        found = self.volume(
            volumes.connection('iscsi', 'v1', {'target_lun': 3}), size_gb=2
        )
        self.assertEqual(('v1', 'iscsi'), (found.id, found.kind))
        self.assertEqual(2 * GIB, found.size_bytes)
        self.assertEqual(3, found.data['target_lun'])
        self.assertFalse(found.shared)

    def test_id_in_the_data_will_do(self) -> None:
        info = volumes.connection('iscsi', 'v1', {'volume_id': 'v2'})
        self.assertEqual('v1', self.volume(info).id)
        del info['serial']
        self.assertEqual('v2', self.volume(info).id)

    def test_neither_id_nor_kind(self) -> None:
        for info in (
            None,
            {},
            {'serial': 'v1'},
            {'driver_volume_type': 'iscsi'},
        ):
            self.assertRaises(base.VolumeRefused, self.volume, info)

    def test_what_is_not_as_it_should_be(self) -> None:
        info: Any
        for key, info in (
            ('connection_info', ['x']),
            ('serial', {'serial': ['v1'], 'driver_volume_type': 'nfs'}),
            ('data', volumes.connection('nfs', 'v1') | {'data': ['x']}),
            ('qos_specs', volumes.connection('nfs', 'v1', {'qos_specs': 'x'})),
        ):
            error = self.assertRaises(base.VolumeRefused, self.volume, info)
            self.assertIn(f'as {key}, which', str(error))
            device = volumes.mapping(volumes.connection('nfs', 'v1'))
            device['connection_info'] = info
            devices = volumes.block_devices([device])
            self.assertEqual((), parsing.all_known(self.instance, devices))
        found = self.volume(volumes.connection('nfs', 'v1', {'wwn': [1]}))
        self.assertRaises(base.VolumeRefused, parsing.page83, found)

    def test_shared(self) -> None:
        info = volumes.connection('iscsi', 'v1')
        self.assertTrue(self.volume({**info, 'multiattach': True}).shared)

    def test_secrets_are_not_shown(self) -> None:
        info = volumes.connection('iscsi', 'v1', {'auth_password': 's3cret'})
        self.assertNotIn('s3cret', repr(self.volume(info)))

    def test_limits(self) -> None:
        for specs, expected, reason in (
            (None, intents.NO_LIMITS, None),
            ({'read_iops_sec': '5'}, intents.Limits(5), None),
            (
                {'read_iops_sec': '5', 'write_iops_sec': 6},
                intents.Limits(5, 6),
                None,
            ),
            # What cannot be attached can still be detached.
            (
                {'total_bytes_sec': '5'},
                intents.NO_LIMITS,
                'total_bytes_sec=5, which PowerVM does not know',
            ),
            (
                {'write_iops_sec': '-1'},
                intents.NO_LIMITS,
                'write_iops_sec=-1; use a whole number from 1 up',
            ),
        ):
            info = volumes.connection('iscsi', 'v1', {'qos_specs': specs})
            found = self.volume(info)
            self.assertEqual(expected, found.limits)
            if reason is None:
                parsing.check_limits(found)
            else:
                refusal = self.assertRaises(
                    base.VolumeRefused, parsing.check_limits, found
                )
                self.assertIn(reason, str(refusal))

    def test_what_was_noted_outlives_a_new_connection(self) -> None:
        info = volumes.connection('fibre_channel', 'v1', {})
        noted = records.Attached('v1', 'fibre_channel', 'npiv', '01new')
        records.note(self.instance, [noted])
        found = self.volume(info)
        self.assertEqual(('01new', 'npiv'), (found.udid, found.via))

    def test_retired_driver_noted_it_in_the_connection(self) -> None:
        info = volumes.connection('iscsi', 'v1', {'target_UDID': '01old'})
        self.assertEqual('01old', self.volume(info).udid)

    def test_way_of_the_retired_driver(self) -> None:
        """It kept no record of how it had attached a volume."""
        wwpns = ('C050760000000000', 'C050760000000001')
        ports.store(self.instance, 'A', [ports.Port('0' * 16, wwpns)])
        for kind, data, expected in (
            ('fibre_channel', {'target_UDID': '01AA'}, 'vscsi'),
            (
                'fibre_channel',
                {'initiator_target_map': {wwpns[0].lower(): ['5005']}},
                'npiv',
            ),
            (
                'fibre_channel',
                {'initiator_target_map': {'10000090fa000000': ['5005']}},
                None,
            ),
            ('fibre_channel', {}, None),
            ('iscsi', {'target_UDID': '01AA'}, None),
        ):
            info = volumes.connection(kind, 'v1', data)
            self.assertEqual(expected, self.volume(info).via)

    def test_way_of_a_new_connection(self) -> None:
        """It counts more than the record, if it tells one."""
        wwpns = ('C050760000000000', 'C050760000000001')
        ours = {'initiator_target_map': {wwpns[0].lower(): ['5005']}}
        theirs = {'initiator_target_map': {'10000090fa000000': ['5005']}}
        for noted, data, expected in (
            ('vscsi', ours, 'npiv'),
            ('npiv', theirs, 'vscsi'),
            ('npiv', {}, 'npiv'),
        ):
            instance = nova_objects.instance()
            records.note(
                instance, [records.Attached('v1', 'fibre_channel', noted)]
            )
            info = volumes.connection('fibre_channel', 'v1', data)
            # An instance without ports stays as it is.
            found = parsing.volume(instance, info, exported=True)
            self.assertEqual(noted, found.via)
            ports.store(instance, 'A', [ports.Port('0' * 16, wwpns)])
            found = parsing.volume(instance, info, exported=True)
            self.assertEqual(expected, found.via)
            # What is to be detached is as it was noted.
            self.assertEqual(noted, parsing.volume(instance, info).via)

    def test_others_come_by_the_names_of_their_devices(self) -> None:
        names = ('/dev/sdaa', '/dev/sdc', '/dev/sdb')
        devices = volumes.block_devices(
            [
                volumes.mapping(volumes.connection('iscsi', name), device=name)
                for name in names
            ]
        )
        found = parsing.volumes(self.instance, devices)
        self.assertEqual(
            ['/dev/sdb', '/dev/sdc', '/dev/sdaa'], [item.id for item in found]
        )

    def test_boot_volume_comes_first(self) -> None:
        devices = volumes.block_devices(
            [
                volumes.mapping(volumes.connection('iscsi', 'data')),
                volumes.mapping(
                    volumes.connection('iscsi', 'root'), boot_index=0
                ),
            ]
        )
        found = parsing.volumes(self.instance, devices)
        self.assertEqual(['root', 'data'], [item.id for item in found])
        self.assertEqual([True, False], [item.boot for item in found])

    def test_all_that_was_noted(self) -> None:
        records.note(
            self.instance,
            [records.Attached(n, 'iscsi', 'iscsi', '01') for n in ('a', 'b')],
        )
        nameless = volumes.mapping(volumes.connection('', 'c'))
        known = volumes.mapping(volumes.connection('iscsi', 'a', {'x': 1}))
        devices = volumes.block_devices([nameless, known])
        found = parsing.all_known(self.instance, devices)
        self.assertEqual(['a', 'b'], [item.id for item in found])
        self.assertEqual({'x': 1}, found[0].data)
        self.assertEqual('01', found[1].udid)


class AccessTest(testtools.TestCase):
    def test_for_writing_only(self) -> None:
        for mode, refused in ((None, 0), ('rw', 0), ('ro', 1), ({}, 1)):
            info = volumes.connection('iscsi', 'v1', {'access_mode': mode})
            found = parsing.volume(nova_objects.instance(), info)
            try:
                parsing.check_access(found)
            except base.VolumeRefused as exc:
                self.assertTrue(refused, str(exc))
            else:
                self.assertFalse(refused, mode)


class EncryptionTest(testtools.TestCase):
    def test_neither_by_the_connection_nor_by_the_type(self) -> None:
        instance = nova_objects.instance()
        info = volumes.connection('iscsi', 'v1', {'encrypted': True})
        plain = volumes.connection('iscsi', 'v1', {'encrypted': False})
        parsing.check_encryption(parsing.volume(instance, plain))
        for connection, encryption in ((info, None), (plain, {'cipher': 'x'})):
            error = self.assertRaises(
                base.VolumeRefused,
                parsing.check_encryption,
                parsing.volume(instance, connection),
                encryption,
            )
            self.assertIn('v1 is encrypted', str(error))
