# SPDX-License-Identifier: Apache-2.0
"""The edge as the real client sees it."""

import dataclasses
import hashlib
import io
import pathlib
import threading
from typing import Any

import fixtures
import pypowervm.adapter as pvm
import pypowervm.exceptions as pvm_exc
from pypowervm.helpers import vios_busy
from pypowervm.tasks import power
from pypowervm.tasks import storage as storage_tasks
from pypowervm.utils import lpar_builder
from pypowervm.wrappers import job as jobs
from pypowervm.wrappers import logical_partition as lpars
from pypowervm.wrappers import managed_system as systems
from pypowervm.wrappers import network
from pypowervm.wrappers import storage

from novalink_sim.control import faults
from novalink_sim.tests.functional import base
from novalink_sim.tests.functional import certificate
from novalink_sim.topology import load
from novalink_sim.topology import spec

GIB = 1 << 30


class SessionTest(base.SimCase):
    """Logon and sessions."""

    def test_local(self) -> None:
        self.assertTrue(self.adapter.traits.local_api)
        self.assertTrue(self.adapter.traits.has_high_slot)

    def test_logs_on_again(self) -> None:
        self.host.sessions.expire_all()
        self.assertEqual('host1', self.system().system_name)

    def test_password(self) -> None:
        adapter = self.make_adapter(username='me', password='secret')
        self.assertFalse(adapter.traits.local_api)
        self.assertEqual(1, len(systems.System.get(adapter)))


class TlsTest(base.SimCase):
    """REST over https."""

    def setUp(self) -> None:
        home = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.cert = certificate.make(home)
        self.sim_kwargs = {'tls': (str(self.cert), str(home / 'key.pem'))}
        super().setUp()

    def make_adapter(self, name: str = 'host1', **kwargs: Any) -> Any:
        self.useFixture(
            fixtures.EnvironmentVariable('REQUESTS_CA_BUNDLE', str(self.cert))
        )
        return super().make_adapter(name, username='me', password='x')

    def test_verified(self) -> None:
        self.assertEqual('https', self.adapter.session.protocol)
        self.assertEqual('host1', self.system().system_name)


class ReadTest(base.SimCase):
    """Feeds, search, quick, conditional reads."""

    def test_search(self) -> None:
        self.assertTrue(self.lpar('novalink').is_mgmt_partition)
        self.assertIsNone(self.lpar("no such 'one'/"))

    def test_quick(self) -> None:
        uuid = self.lpar('novalink').uuid
        state = self.adapter.read(
            'LogicalPartition',
            root_id=uuid,
            suffix_type='quick',
            suffix_parm='PartitionState',
        )
        self.assertEqual('"running"', state.body)

    def test_refresh_is_conditional(self) -> None:
        system = self.system()
        self.sim.journal.clear()
        self.assertIs(system, system.refresh())
        (entry,) = self.sim.journal.entries()
        self.assertEqual(304, entry.status)

    def test_gone(self) -> None:
        exc = self.assertRaises(
            pvm_exc.HttpNotFound,
            lpars.LPAR.get,
            self.adapter,
            uuid='0' * 8 + '-0000-4000-8000-' + '0' * 12,
        )
        self.assertIn('was not found', str(exc))

    def test_not_simulated(self) -> None:
        exc = self.assertRaises(
            pvm_exc.HttpError, self.adapter.read, 'EnergyManager'
        )
        self.assertEqual(501, exc.response.status)
        self.assertIn('EnergyManager', str(exc))
        self.assertEqual(1, sum(self.sim.unknown.values()))


class LparTest(base.SimCase):
    """A partition's life through the client's own builders and jobs."""

    sim_kwargs = {'jobs': 'polls:1'}

    def create(self) -> Any:
        wanted = {'name': 'one', 'memory': 1024, 'vcpu': 1}
        system = self.system()
        standard = lpar_builder.DefaultStandardize(system)
        builder = lpar_builder.LPARBuilder(self.adapter, wanted, standard)
        return builder.build().create(parent=system)

    def test_life(self) -> None:
        before = self.sim.dump()['systems']
        lpar = self.create()
        self.assertEqual('not activated', lpar.state)
        power.power_on(lpar, None, synchronous=True)
        self.assertEqual('running', lpar.refresh().state)
        self.assertRaises(pvm_exc.HttpError, lpar.delete)
        jobs.Job.wrap(
            self.adapter.read(
                'LogicalPartition',
                lpar.uuid,
                suffix_type='do',
                suffix_parm='PowerOff',
            )
        ).run_job(
            lpar.uuid,
            [
                jobs.Job.create_job_parameter('operation', 'shutdown'),
                jobs.Job.create_job_parameter('immediate', 'true'),
            ],
        )
        lpar.refresh().delete()
        self.assertEqual(before, self.sim.dump()['systems'])
        self.assertEqual({}, self.sim.unknown)

    def test_etag_clash(self) -> None:
        lpar = self.create()
        other = self.lpar('one')
        other.name = 'two'
        other.update()
        lpar.name = 'three'
        exc = self.assertRaises(pvm_exc.HttpError, lpar.update)
        self.assertEqual(412, exc.response.status)

    def test_adapter(self) -> None:
        lpar = self.create()
        switch = network.VSwitch.get(self.adapter, parent=self.system())[0]
        made = network.CNA.bld(self.adapter, 7, switch.related_href)
        cna = made.create(parent=lpar)
        self.assertEqual(7, cna.pvid)
        self.assertEqual(12, len(cna.mac))
        cna.delete()
        self.assertEqual([], network.CNA.get(self.adapter, parent=lpar))


class UploadTest(base.SimCase):
    """Real bytes through the File resource."""

    def test_disk(self) -> None:
        data = bytes(range(256)) * 8192
        digest = hashlib.sha256(data).hexdigest()
        group = self.group()
        disk, _ = storage_tasks.upload_new_vdisk(
            self.adapter,
            self.vios().uuid,
            group.uuid,
            io.BytesIO(data),
            'img',
            len(data),
            d_size=GIB,
            sha_chksum=digest,
        )
        vios = next(iter(self.model.vioses.values()))
        found = next(
            d for g in vios.groups for d in g.disks if d.udid == disk.udid
        )
        self.assertEqual(data, found.file.read_bytes()[: len(data)])
        self.assertEqual([], self.model.files)

    def test_media(self) -> None:
        group = self.group('rootvg')
        group.vmedia_repos = [
            storage.VMediaRepos.bld(self.adapter, 'repo', '1')
        ]
        group.update()
        data = b'an image' * 100
        media, _ = storage_tasks.upload_vopt(
            self.adapter,
            self.vios().uuid,
            io.BytesIO(data),
            'cfg_x',
            len(data),
        )
        self.assertEqual('cfg_x', media.media_name)


class FaultTest(base.SimCase):
    """Faults as the client understands them."""

    url = '/rest/api/uom/ManagedSystem'

    def test_busy_is_recognised(self) -> None:
        self.sim.faults.add(faults.vios_busy(path=self.url))
        exc = self.assertRaises(pvm_exc.HttpError, self.system)
        self.assertEqual(500, exc.response.status)
        retried = vios_busy.vios_busy_retry_helper(
            lambda *args, **kwargs: self.adapter.read('ManagedSystem'),
            max_retries=0,
        )
        self.assertEqual(200, retried().status)

    def test_etag(self) -> None:
        self.sim.faults.add(faults.etag_412(path=self.url))
        exc = self.assertRaises(pvm_exc.HttpError, self.system)
        self.assertEqual(412, exc.response.status)

    def test_drops(self) -> None:
        for rule in (faults.drop_before(), faults.drop_after()):
            self.sim.faults.add(rule)
            self.assertRaises(pvm_exc.ConnectionError, self.system)
        self.assertEqual('host1', self.system().system_name)


class EventTest(base.SimCase):
    """The client's own event listener."""

    def test_listener(self) -> None:
        seen: list[Any] = []
        arrived = threading.Event()

        class Handler(pvm.EventHandler):
            def process(self, events: Any) -> None:
                seen.append(events)
                arrived.set()

        listener = self.adapter.session.get_event_listener()
        self.addCleanup(listener.shutdown)
        listener.subscribe(Handler())
        self.host.events.publish('MODIFY_URI', 'http://x/y', 'Other')
        self.assertTrue(arrived.wait(10))
        self.assertIn({'http://x/y': 'invalidate'}, seen)


class ManyTest(base.SimCase):
    """Hundreds of partitions."""

    def setUp(self) -> None:
        (host,) = load.load_preset('tiny').systems
        many = spec.LparSpec('many-{n}', count=300, memory_mb=256)
        self.preset = dataclasses.replace(
            host,
            memory_mb=1 << 20,
            processors=64.0,
            lpars=(*host.lpars, many),
        )
        super().setUp()

    def test_feed(self) -> None:
        found = lpars.LPAR.get(self.adapter)
        self.assertEqual(301, len(found))
        self.assertEqual('many-300', self.lpar('many-300').name)
