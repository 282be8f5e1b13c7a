# SPDX-License-Identifier: Apache-2.0
"""From a topology to systems.

Hardware, VIOSes and the management partition are made in the model, as a
factory would; the rest goes through the simulator's own REST handlers.
"""
