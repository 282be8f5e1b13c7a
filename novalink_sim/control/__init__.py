# SPDX-License-Identifier: Apache-2.0
"""Control of a running simulator: admin API, faults, delays, journal."""
