# SPDX-License-Identifier: Apache-2.0
"""HTTP servers and the request pipeline of the simulator."""
