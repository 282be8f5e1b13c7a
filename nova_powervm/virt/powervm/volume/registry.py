# SPDX-License-Identifier: Apache-2.0
"""Which class connects which kind of volume, and the volumes of a host."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Mapping, Sequence
from typing import Any

from nova import objects
from oslo_log import log as logging
from oslo_utils import importutils

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import limits as powervm_limits
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import collecting
from nova_powervm.virt.powervm.volume import parsing

LOG = logging.getLogger(__name__)

FIBRE_CHANNEL = 'fibre_channel'
PARALLEL = 8
"""Volumes of one instance that are looked for at the same time."""

_HERE = 'nova_powervm.virt.powervm.volume'

CONNECTORS: Mapping[str, str] = {
    'iscsi': f'{_HERE}.iscsi.IscsiVolume',
    'iser': f'{_HERE}.iscsi.IscsiVolume',
    'vscsi': f'{_HERE}.vscsi.VscsiVolume',
    'nfs': f'{_HERE}.nfs.NfsVolume',
    'gpfs': f'{_HERE}.gpfs.GpfsVolume',
    'local': f'{_HERE}.local.LocalVolume',
    'rbd': f'{_HERE}.rbd.RbdVolume',
    'npiv': f'{_HERE}.npiv.NpivConnector',
}
"""Dotted path of the class of each connector, by its name.

That of fibre channel volumes is the value of ``fc_attach_strategy``, of other
ones the kind of the volume.
"""


class Volumes:
    """Connects volumes, each with the connector of its kind.

    :param parts: what connectors work with
    """

    def __init__(self, parts: base.Collaborators) -> None:
        self._settings = parts.settings
        self._vios = parts.vios
        classes = {
            path: importutils.import_class(path)
            for path in dict.fromkeys(CONNECTORS.values())
        }
        made = {path: cls(parts) for path, cls in classes.items()}
        self._connectors: dict[str, base.VolumeConnector] = {
            name: made[path] for name, path in CONNECTORS.items()
        }
        self._collector = collecting.Collector(self.collect)

    def connector(self, volume: base.Volume) -> base.VolumeConnector:
        """Return the connector of a volume.

        One that has been attached stays with the connector that did it, even
        if the configuration names another one now.

        :raises base.VolumeRefused: there is none for its kind
        """
        found = self._connectors.get(self.name(volume))
        if found is None:
            raise base.VolumeRefused(
                f'volume {volume.id} is of the kind {volume.kind}, which the '
                'PowerVM driver cannot connect; use a volume type with one of '
                f'{", ".join(self._kinds())}'
            )
        return found

    def connects(self, volume: base.Volume) -> bool:
        """Tell whether there is a connector for a volume's kind."""
        return self.name(volume) in self._connectors

    def name(self, volume: base.Volume) -> str:
        """Tell the name of a volume's connector, whether there is one."""
        if volume.kind != FIBRE_CHANNEL:
            return volume.kind
        return volume.via or self._settings.fc_attach_strategy

    def _kinds(self) -> list[str]:
        every = self._connectors.values()
        return sorted({kind for item in every for kind in item.kinds})

    def check(
        self,
        volume: base.Volume,
        encryption: Mapping[str, Any] | None = None,
    ) -> None:
        """See that a volume can be attached; makes no request.

        :raises base.VolumeRefused: it never can
        :raises base.VolumeNotHere: it cannot as this host is configured
        """
        parsing.check_encryption(volume, encryption)
        parsing.check_access(volume)
        parsing.page83(volume)
        connector = self.connector(volume)
        self._check_limits(volume, connector)
        if volume.shared and not connector.shares:
            raise base.VolumeRefused(
                f'volume {volume.id} is for several servers (multiattach), '
                f'which PowerVM cannot do with volumes of kind {volume.kind}'
            )
        connector.check(volume)

    def _check_limits(
        self, volume: base.Volume, connector: base.VolumeConnector
    ) -> None:
        """See that the limits of a volume can be kept.

        A server that has the volume can be started and moved all the same.

        :raises base.VolumeRefused: they cannot, and the volume is new
        :raises base.VolumeNotHere: they cannot on this host, likewise
        """
        try:
            self._limit(volume, connector)
        except (base.VolumeRefused, base.VolumeNotHere) as exc:
            if volume.via is None and volume.udid is None:
                raise
            LOG.warning('%s. It was attached before, so it is again.', exc)

    def _limit(
        self, volume: base.Volume, connector: base.VolumeConnector
    ) -> None:
        parsing.check_limits(volume)
        if volume.limits and not connector.limits_io:
            # Another host may connect it in another way.
            by_host = volume.kind == FIBRE_CHANNEL
            error = base.VolumeNotHere if by_host else base.VolumeRefused
            raise error(
                f'the type of volume {volume.id} limits reads or writes '
                f'({_shown(volume.limits)}), which PowerVM cannot do with '
                f'volumes that are connected by {self.name(volume)}; use a '
                'type without QoS specs for the front-end'
            )

    def properties(self, instance: objects.Instance | None) -> dict[str, Any]:
        """Tell what Cinder has to know of this host or instance.

        What one connector cannot tell is left out: Nova asks for all kinds of
        volumes at once, and Cinder refuses those whose keys are missing.

        :raises errors.PlatformError: there is nothing to tell because of it
        """
        found: dict[str, Any] = {}
        failed: list[errors.PlatformError] = []
        strategy = self._settings.fc_attach_strategy
        used = [
            connector
            for name, connector in self._connectors.items()
            if FIBRE_CHANNEL not in connector.kinds or name == strategy
        ]
        for connector in dict.fromkeys(used):
            try:
                found.update(connector.properties(instance))
            except errors.PlatformError as exc:
                LOG.warning(
                    'Cinder cannot be told how to export volumes of the kind '
                    '%s: %s',
                    ' or '.join(connector.kinds),
                    exc,
                    instance=instance,
                )
                failed.append(exc)
        if failed and not found:
            raise failed[0]
        return found

    def discover(
        self, instance: objects.Instance, volumes: Sequence[base.Volume]
    ) -> tuple[base.Found, ...]:
        """Let the VIOSes find volumes, several at the same time.

        :returns: what they found, in the order of the volumes
        :raises errors.PlatformError: of the first volume that they did not
            find; nothing is left of the others
        """
        if not volumes:
            return ()
        with concurrent.futures.ThreadPoolExecutor(
            min(PARALLEL, len(volumes))
        ) as pool:
            waiting = [
                pool.submit(self.connector(item).discover, instance, item)
                for item in volumes
            ]
        failed = [f.exception() for f in waiting if f.exception() is not None]
        found = tuple(
            item
            for future in waiting
            if future.exception() is None
            for item in future.result()
        )
        if failed:
            self.release(instance, found)
            raise failed[0]  # type: ignore[misc]
        return found

    def release(
        self, instance: objects.Instance, found: Sequence[base.Found]
    ) -> None:
        """Take back what ``discover`` did; what a partition has stays."""
        for items in _by_volume(found):
            self.connector(items[0].volume).release(instance, items)

    def leave(
        self, instance: objects.Instance, lpar_uuid: str, lpar_id: int | None
    ) -> list[base.Detaching]:
        """Begin to take away what an instance has for all its volumes.

        :returns: what waits for the end
        """
        return [
            connector.leave(instance, lpar_uuid, lpar_id)
            for connector in self._each()
        ]

    def attached(
        self, instance: objects.Instance, mapped: Sequence[base.Found]
    ) -> None:
        """Note at an instance that it has volumes; saves nothing."""
        for connector in dict.fromkeys(
            self.connector(item.volume) for item in mapped
        ):
            connector.attached(instance)

    def settled(
        self, instance: objects.Instance, mapped: Sequence[base.Found]
    ) -> None:
        """Note that an instance has volumes, and that it says so."""
        for items in _by_volume(mapped):
            self.connector(items[0].volume).settled(instance, items)

    def collect(self, instance: objects.Instance | None = None) -> None:
        """Do what could not be done while a VIOS was down; never raises.

        :param instance: only for this one, on which whoever asks works
        """
        for connector in self._each():
            try:
                connector.collect(instance)
            except Exception:
                # Others, and what Nova asks for meanwhile, go on.
                LOG.exception('Could not clean up after volumes')

    def vioses_changed(self) -> None:
        """Note that what is known of the VIOSes may be wrong.

        One that is back may map what is another volume by now.
        """
        for connector in self._each():
            connector.vioses_changed()
        self._collector.wake()

    def close(self) -> None:
        """End what runs in the background."""
        self._collector.close()
        for connector in self._each():
            connector.close()

    def _each(self) -> list[base.VolumeConnector]:
        return list(dict.fromkeys(self._connectors.values()))


def _by_volume(found: Sequence[base.Found]) -> list[list[base.Found]]:
    volumes: dict[str, list[base.Found]] = {}
    for item in found:
        volumes.setdefault(item.volume.id, []).append(item)
    return list(volumes.values())


def _shown(limits: intents.Limits) -> str:
    shown = {
        powervm_limits.READS: limits.read_iops,
        powervm_limits.WRITES: limits.write_iops,
    }
    return ', '.join(f'{k}={v}' for k, v in shown.items() if v is not None)
