# SPDX-License-Identifier: Apache-2.0
"""Deletion of partitions."""

from oslo_log import log as logging

from nova_powervm.virt.powervm import settings as host_settings
from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import vterm

LOG = logging.getLogger(__name__)


def delete(
    client: session.Client,
    cache: lpar_cache.LparCache,
    record: lpar_cache.LparRecord,
    settings: host_settings.HostSettings,
) -> None:
    """Delete a partition that is powered off; that it is gone is fine.

    NovaLink: its adapters and mappings go with it, its storage stays. An
    open terminal would hold the deletion up.

    :raises errors.PlatformError: the platform refused
    """
    vterm.close(settings.host_root, record.id)
    try:
        calls.call(client.adapter.delete, lpar_cache.TYPE, record.uuid)
    except errors.NotFound:
        LOG.debug('Partition %s is gone already', record.name)
    cache.discard(record.uuid)
