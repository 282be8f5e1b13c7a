# SPDX-License-Identifier: Apache-2.0
"""XML and JSON: the only place of the simulator that knows them."""
