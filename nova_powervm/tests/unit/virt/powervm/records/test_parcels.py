# SPDX-License-Identifier: Apache-2.0
import io

import fixtures
import testtools

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import saved
from nova_powervm.virt.powervm.images import transfer
from nova_powervm.virt.powervm.records import parcels
from nova_powervm.virt.powervm.records import sysmeta


class ParcelsTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.logs = self.useFixture(fixtures.FakeLogger())
        self.glance = self.useFixture(glance.GlanceFixture())
        self.instance = nova_objects.instance()
        self.context = nova_objects.context()
        self.nova = self.useFixture(saved.SavedInstances())
        self.other = self.send('boot', nova_objects.instance())

    def send(self, key: str, instance: object = None) -> transfer.TransferRef:
        return transfer.send(
            self.context,
            instance or self.instance,
            key,
            io.BytesIO(b'disk'),
            4,
        )

    def assert_gone(self) -> None:
        parcels.discard(self.context, self.instance)
        self.assertEqual({self.other.image_id}, set(self.glance.images))
        self.assertEqual({}, self.instance.system_metadata)

    def test_are_known_until_they_are_gone(self) -> None:
        sent = {key: self.send(key) for key in ('boot', 'ephemeral')}
        parcels.note(self.instance, sent)
        del self.glance.images[sent['boot'].image_id]
        self.assert_gone()
        self.assertEqual(2, len(self.nova.saves))

    def test_are_looked_for_if_the_service_ended_meanwhile(self) -> None:
        parcels.announce(self.context, self.instance)
        self.send('boot')
        self.assert_gone()

    def test_are_looked_for_if_the_note_cannot_be_read(self) -> None:
        self.send('boot')
        for text in ('{', '[]', '{"boot": {}}'):
            sysmeta.store(self.instance, parcels.KEY, text)
            self.assert_gone()

    def test_nothing_to_discard(self) -> None:
        parcels.discard(self.context, self.instance)
        self.assertEqual(0, len(self.nova.saves))

    def discard_in_vain(self, method: str) -> None:
        """Discard while Glance refuses, as it does without a token."""

        def fail(*_args: object, **_kwargs: object) -> None:
            raise OSError('no answer')

        with fixtures.MonkeyPatch(f'nova.image.glance.API.{method}', fail):
            parcels.discard(self.context, self.instance)
        self.assertIn('no answer', self.logs.output)

    def test_glance_that_does_not_answer(self) -> None:
        parcels.announce(self.context, self.instance)
        self.send('boot')
        self.discard_in_vain('get_all')
        self.assert_gone()

    def test_glance_that_does_not_delete(self) -> None:
        sent = {key: self.send(key) for key in ('boot', 'ephemeral')}
        parcels.note(self.instance, sent)
        self.discard_in_vain('delete')
        self.assertEqual(3, len(self.glance.images))
        self.assert_gone()

    def test_earlier_ones_go_before_others_are_sent(self) -> None:
        parcels.announce(self.context, self.instance)
        self.send('boot')
        parcels.announce(self.context, self.instance)
        self.assertEqual({self.other.image_id}, set(self.glance.images))
        self.send('boot')
        self.assert_gone()

    def test_record(self) -> None:
        sent = {'boot': transfer.TransferRef('image', 4)}
        record = parcels.to_record(sent)
        self.assertEqual(sent, parcels.from_record(record))
