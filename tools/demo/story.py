# SPDX-License-Identifier: Apache-2.0
"""The story that the demo tells, with a real Nova in one process."""

from __future__ import annotations

import dataclasses
import math
import os
import pathlib
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.functional import base
from novalink_sim.control import client as control_client
from tools.demo import timeline
from tools.demo import watch

GIB = 1 << 30
MEGABYTES = 256
"""Size of the image that is made when none is given."""


@dataclasses.dataclass(frozen=True)
class WatchedImage(images.ImageFile):
    """An image whose download can be watched."""

    advance: Callable[[int], None] = dataclasses.field(kw_only=True)

    def chunks(self, size: int = images.CHUNK) -> Iterator[bytes]:
        """Hand out the bytes and tell how many."""
        for chunk in super().chunks(size):
            self.advance(len(chunk))
            yield chunk


class Story(base.FunctionalTest):
    """A server's life on two simulated POWER servers."""

    line: timeline.Timeline
    image_path: pathlib.Path | None = None
    refusal = ''
    """Why the server could not be built, in Nova's words."""

    def _platform(self) -> platform.Platform:
        self.line.chapter('A cloud of two simulated POWER servers')
        return platform.Subprocess(self.PRESET, '--delays', 'novalink')

    def tell(self) -> None:
        """Tell the story."""
        for host in self.HOSTS:
            self.line.say(
                'host', f'{host} answers at {self.servers.url(host)}'
            )
        self.line.say(
            'nova',
            'API, scheduler, conductor, placement and nova-compute on '
            + ' and '.join(self.HOSTS),
        )
        with (
            watch.FlowLog(self.line),
            watch.HostWatch(self.control, self.line),
        ):
            self._life(self._image())

    @property
    def servers(self) -> Any:
        """The simulated POWER servers."""
        return self.platform

    @property
    def control(self) -> control_client.ControlClient:
        """The simulator's control API."""
        control: control_client.ControlClient = self.servers.control
        return control

    def _image(self) -> images.ImageFile:
        if self.image_path is not None:
            self.line.say('you', f'take the image {self.image_path}')
            return images.describe(
                str(self.image_path), name=self.image_path.name
            )
        handle, path = tempfile.mkstemp(suffix='.raw')
        os.close(handle)
        self.addCleanup(os.unlink, path)
        self.line.say('you', f'make an image of {MEGABYTES} MiB')
        return images.make_image(path, MEGABYTES)

    def _life(self, image: images.ImageFile) -> None:
        before = {h: self.servers.state(h) for h in self.HOSTS}
        server = self._deploy(image)
        self._compare(server, image)
        self.line.chapter('Stop and start')
        self._ask(server, 'stop', {'os-stop': None}, 'SHUTOFF')
        self._ask(server, 'start', {'os-start': None}, 'ACTIVE')
        self.line.chapter('Delete')
        self.line.say('you', f'openstack server delete {server["name"]}')
        self.delete(server)
        self.line.say('nova', 'the server is gone')
        self._prove(before, image)

    def _deploy(self, image: images.ImageFile) -> base.Server:
        self.line.chapter('Deploy a server')
        disk_gb = max(1, math.ceil(image.size / GIB))
        flavor = self.flavor(memory_mb=4096, vcpus=2, disk_gb=disk_gb)
        self.line.say(
            'you',
            f'openstack server create --flavor 4096MB/2vcpu/{disk_gb}GB '
            f'--image {image.name} --config-drive True demo',
        )
        with self.line.bar(image.name, image.size) as bar:
            values = {
                field.name: getattr(image, field.name)
                for field in dataclasses.fields(image)
            }
            self.glance.add(WatchedImage(**values, advance=bar.advance))
            server = self._boot(image, flavor)
        self.line.say(
            'nova', f'the server is ACTIVE on {self.host_of(server)}'
        )
        return server

    def _boot(self, image: images.ImageFile, flavor: str) -> base.Server:
        server = self.request_server(
            image, flavor, config_drive=True, name='demo'
        )
        try:
            return self.wait_for(server, 'ACTIVE')
        except AssertionError:
            found = self.api.get_server(server['id'])
            Story.refusal = (found.get('fault') or {}).get('message', '')
            raise

    def _ask(
        self, server: base.Server, verb: str, body: Any, status: str
    ) -> None:
        self.line.say('you', f'openstack server {verb} {server["name"]}')
        self.api.post_server_action(server['id'], body)
        self.wait_for(server, status)
        self.line.say('nova', f'the server is {status}')

    def _compare(self, server: base.Server, image: images.ImageFile) -> None:
        host = self.host_of(server)
        lpar = self.servers.lpar(host, server['id'])
        port = self.neutron.port_of(server['id'])
        memory, processors, units = lpar.resources
        flavor = server['flavor']
        self.line.chapter(f'The server in Nova, and its LPAR on {host}')
        found = images.describe(lpar.boot_disk.path, limit=image.size).sha256
        self.line.compare(
            ('', 'Nova', 'PowerVM'),
            (
                ('name', server['OS-EXT-SRV-ATTR:instance_name'], lpar.name),
                ('state', server['status'], lpar.state),
                ('memory', f'{flavor["ram"]} MB', f'{memory} MB'),
                (
                    'processors',
                    f'{flavor["vcpus"]} vCPU',
                    f'{processors} virtual, {units} units',
                ),
                ('MAC', port['mac_address'], ', '.join(lpar.adapters)),
                (
                    'disk',
                    f'{flavor["disk"]} GB',
                    f'{lpar.boot_disk.name}, {lpar.boot_disk.size // GIB} GB',
                ),
                ('image SHA-256', image.sha256[:16], found[:16]),
                (
                    'config drive',
                    server['config_drive'],
                    lpar.config_drive.name,
                ),
            ),
        )

    def _prove(self, before: Any, image: images.ImageFile) -> None:
        for host in self.HOSTS:
            left = views.differences(
                before[host], self.servers.state(host, image)
            )
            self.assertEqual([], left)
            self.line.say(
                'proof',
                f'{host}: the platform is as before the server, byte for '
                'byte of its state (the cached image and an empty media '
                'repository aside)',
            )
