# SPDX-License-Identifier: Apache-2.0
"""What only continuous integration needs."""
