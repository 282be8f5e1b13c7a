# SPDX-License-Identifier: Apache-2.0
import fixtures
import testtools

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm import parcels
from nova_powervm.virt.powervm import sysmeta


class ParcelsTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.logs = self.useFixture(fixtures.FakeLogger())
        self.glance = self.useFixture(glance.GlanceFixture())
        self.instance = nova_objects.instance()
        self.context = nova_objects.context()
        self.saves = 0
        self.useFixture(
            fixtures.MonkeyPatch('nova.objects.Instance.save', self.save)
        )

    def save(self, *_args: object) -> None:
        self.saves += 1

    def send(self, *keys: str) -> list[parcels.Parcel]:
        sent = [
            parcels.Parcel(
                key, parcels.create(self.context, self.instance, key), 1024
            )
            for key in keys
        ]
        parcels.note(self.instance, sent)
        return sent

    def test_images_are_private_and_named(self) -> None:
        (sent,) = self.send('boot')
        image = self.glance.images[sent.image_id]
        self.assertEqual('private', image['visibility'])
        self.assertIn(self.instance.uuid, image['name'])

    def test_are_known_until_they_are_gone(self) -> None:
        sent = self.send('boot', 'ephemeral')
        self.assertEqual(tuple(sent), parcels.known(self.instance))
        del self.glance.images[sent[0].image_id]
        parcels.discard(self.context, self.instance)
        self.assertEqual({}, self.glance.images)
        self.assertEqual((), parcels.known(self.instance))
        self.assertEqual({}, self.instance.system_metadata)

    def test_nothing_to_discard(self) -> None:
        parcels.discard(self.context, self.instance)
        self.assertEqual(0, self.saves)

    def test_those_that_cannot_be_deleted_stay_known(self) -> None:
        sent = self.send('boot')

        def fail(*_args: object) -> None:
            raise OSError('no answer')

        with fixtures.MonkeyPatch('nova.image.glance.API.delete', fail):
            parcels.discard(self.context, self.instance)
        self.assertEqual(tuple(sent), parcels.known(self.instance))
        self.assertIn('no answer', self.logs.output)

    def test_what_cannot_be_read(self) -> None:
        sysmeta.store(self.instance, parcels.KEY, '{')
        self.assertEqual((), parcels.known(self.instance))
        self.assertIn('may be left in Glance', self.logs.output)
