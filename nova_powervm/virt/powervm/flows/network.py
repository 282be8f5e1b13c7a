# SPDX-License-Identifier: Apache-2.0
"""The flows that plug and unplug VIFs of an instance that exists."""

from typing import Any

from taskflow.patterns import graph_flow

from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.records import tags as records
from nova_powervm.virt.powervm.tasks import build
from nova_powervm.virt.powervm.tasks import network
from nova_powervm.virt.powervm.tasks import slots
from nova_powervm.virt.powervm.tasks import tags


def plug(
    host: runtime.Runtime,
    virtapi: Any = None,
    found: records.Tags = records.NO_TAGS,
) -> graph_flow.Flow:
    """Make the flow that plugs VIFs.

    :param host: the collaborators of the host
    :param virtapi: Nova's virtapi, or None not to wait for Neutron
    :param found: VIFs that are tagged
    """
    flow = graph_flow.Flow('plug_vifs')
    check, plug_vifs = build.CheckVifs(host), network.PlugVifs(host, virtapi)
    note = slots.NotePlugged(host)
    flow.add(check, plug_vifs, note)
    flow.link(check, plug_vifs)
    if found:
        tag = tags.NoteTags(host, found, save=True)
        flow.add(tag)
        flow.link(note, tag)
    return flow


def unplug(host: runtime.Runtime) -> graph_flow.Flow:
    """Make the flow that unplugs VIFs."""
    flow = graph_flow.Flow('unplug_vifs')
    unplug_vifs, note = network.UnplugVifs(host), slots.NoteUnplugged(host)
    flow.add(unplug_vifs, note)
    flow.link(unplug_vifs, note)
    return flow
