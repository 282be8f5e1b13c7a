# SPDX-License-Identifier: Apache-2.0
"""A simulator of the NovaLink REST API of IBM PowerVM.

For development and tests only. Start one with
:class:`novalink_sim.simulator.Simulator`, in tests with
:class:`novalink_sim.fixture.NovaLinkSim`, or with the command
``novalink-sim serve``.
"""
