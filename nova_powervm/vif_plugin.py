# SPDX-License-Identifier: Apache-2.0
"""The os-vif plug-in through which nova-compute finds the driver.

nova-compute loads every os-vif plug-in before it creates its driver; loading
this module installs the finder of :mod:`nova_powervm._loader`. Nothing of
nova is imported here.
"""

from typing import NoReturn

from os_vif import plugin
from os_vif.objects import host_info
from os_vif.objects import instance_info as instance_infos
from os_vif.objects import vif as vifs

from nova_powervm import _loader

_loader.install()


class PowerVMPlugin(plugin.PluginBase):
    """Plugs nothing: the driver itself makes the adapters of its LPARs."""

    def describe(self) -> host_info.HostPluginInfo:
        """Return the description of a plug-in without any VIF type."""
        return host_info.HostPluginInfo(
            plugin_name='nova_powervm', vif_info=[]
        )

    def plug(
        self,
        vif: vifs.VIFBase,
        instance_info: instance_infos.InstanceInfo,
    ) -> NoReturn:
        """Refuse; os-vif asks only for the types of :meth:`describe`."""
        raise NotImplementedError('the compute driver plugs PowerVM adapters')

    def unplug(
        self,
        vif: vifs.VIFBase,
        instance_info: instance_infos.InstanceInfo,
    ) -> NoReturn:
        """Refuse, as :meth:`plug` does."""
        raise NotImplementedError('the compute driver plugs PowerVM adapters')
