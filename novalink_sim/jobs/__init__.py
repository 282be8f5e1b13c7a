# SPDX-License-Identifier: Apache-2.0
"""Jobs: the engine, and one file for each family of operations."""

from novalink_sim.jobs import fibre_channel
from novalink_sim.jobs import hdisks
from novalink_sim.jobs import iscsi
from novalink_sim.jobs import memory
from novalink_sim.jobs import migration
from novalink_sim.jobs import power
from novalink_sim.jobs import storage
from novalink_sim.jobs.registry import JobHandler

HANDLERS: tuple[JobHandler, ...] = (
    *power.HANDLERS,
    *memory.HANDLERS,
    *fibre_channel.HANDLERS,
    *migration.HANDLERS,
    *storage.HANDLERS,
    *iscsi.HANDLERS,
    *hdisks.HANDLERS,
)
