# SPDX-License-Identifier: Apache-2.0
"""The methods of the driver, a group of them in each module."""
