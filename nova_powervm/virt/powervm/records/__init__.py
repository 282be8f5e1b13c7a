# SPDX-License-Identifier: Apache-2.0
"""What is noted about instances and their disks, and outlasts the service.

The journal is a file of the host; everything else is kept with the instance
in Nova's database, where any host finds it.
"""
