# SPDX-License-Identifier: Apache-2.0
"""Shows a server's life on two simulated POWER servers."""
