# SPDX-License-Identifier: Apache-2.0
"""Nova's own extra specs and image properties, and what becomes of each.

Every one that a user may set is in the table: honoured, left to other parts
of Nova, refused, or logged as without effect. None is dropped silently.
"""

import fnmatch
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nova import utils
from nova.objects import image_meta
from oslo_log import log as logging

from nova_powervm.virt.powervm.lpar import property_table
from nova_powervm.virt.powervm.lpar import specs

LOG = logging.getLogger(__name__)

Verdict = property_table.Verdict
Entry = property_table.Entry


def entry_of(table: Iterable[Entry], name: str) -> Entry | None:
    """Find what a table says of a name; the first entry counts."""
    for entry in table:
        if any(fnmatch.fnmatchcase(name, each) for each in entry.names):
            return entry
    return None


def image_properties(instance: Any) -> Any:
    """Give the properties of the image of an instance.

    Nova keeps them in the system metadata of the instance.

    :returns: nova.objects.ImageMetaProps
    :raises FlavorError: if one has a value that Nova does not know
    """
    image = utils.get_image_from_system_metadata(
        instance.system_metadata or {}
    )
    found = image.get('properties') or {}
    try:
        return image_meta.ImageMetaProps.from_dict(found)
    except ValueError as exc:
        raise specs.FlavorError(
            'image properties', sorted(found), str(exc), source='image'
        ) from exc


def check(
    instance: Any,
    flavor: Any,
    properties: Any,
    new_image: bool | None = None,
) -> None:
    """Refuse what cannot be, and say what is without effect.

    A server that was built with something has done without it since, so it
    is not refused when the server is resized, moved or evacuated.

    :param instance: nova.objects.Instance
    :param flavor: nova.objects.Flavor
    :param properties: nova.objects.ImageMetaProps
    :param new_image: whether the image is another than the server was built
        from; None if it is when the server was not built yet
    :raises FlavorError: naming what is refused, and why
    """
    built = _was_built(instance)
    extra_specs = flavor.extra_specs or {}
    image = _set(properties)
    if new_image is None:
        new_image = not built
    ignored = [
        *_ignored(
            property_table.EXTRA_SPECS,
            extra_specs,
            instance.flavor.extra_specs or {} if built else {},
        ),
        *_ignored(
            property_table.IMAGE, image, {} if new_image else image, 'image'
        ),
    ]
    if ignored:
        LOG.warning(
            'Without effect on PowerVM: %s',
            '; '.join(ignored),
            instance=instance,
        )


def _set(properties: Any) -> Mapping[str, Any]:
    return {
        name: getattr(properties, name)
        for name in properties.fields
        if name in properties
    }


def _was_built(instance: Any) -> bool:
    return 'launched_at' in instance and instance.launched_at is not None


def _ignored(
    table: Iterable[Entry],
    values: Mapping[str, Any],
    before: Mapping[str, Any],
    source: str = 'flavor',
) -> Iterator[str]:
    """Yield what is without effect, with the reason.

    :param before: what the server was built with
    """
    for name in sorted(values):
        entry = entry_of(table, name)
        if entry is None or entry.asks_nothing(values[name]):
            continue
        refused = entry.verdict is Verdict.REFUSED
        if refused and before.get(name) != values[name]:
            raise specs.FlavorError(name, values[name], entry.reason, source)
        if refused or entry.verdict is Verdict.LOGGED:
            yield f'{name}={values[name]} ({entry.reason})'
