# SPDX-License-Identifier: Apache-2.0
"""The conformance table: ``python -m novalink_sim.tests.conformance``.

For each type: elements (distinct paths) that pypowervm's recordings have,
how many of them the declarations know, and how many of them a simulated
system with one of everything serves. ``-v`` lists what is not served.
"""

import collections
import logging
import sys
from collections.abc import Iterator

import testtools
from pypowervm.wrappers import vios_file

from novalink_sim.tests.conformance import coverage
from novalink_sim.tests.conformance import recordings
from novalink_sim.tests.conformance import test_served

Paths = dict[str, set[str]]


class Reader(test_served.ServedTest):
    """Reads one of everything."""

    found: Paths

    def collect(self) -> None:
        """Keep the paths of all elements that are served, by type."""
        self.found = collections.defaultdict(set)
        vios_file.File.bld(
            self.adapter,
            'image',
            vios_file.FileType.DISK_IMAGE,
            self.vios().uuid,
            sha_chksum='00',
            f_size=1,
            tdev_udid=self.group().virtual_disks[0].udid,
        ).create()
        self.paths['File'] = 'web/File'
        for kind, element in self.each():
            self.found[kind] |= {path for path, _ in recordings.paths(element)}


def served() -> Paths:
    """Return the paths that a simulated system serves, by type.

    :raises RuntimeError: if it could not be filled or read
    """
    reader, result = Reader('collect'), testtools.TestResult()
    reader.run(result)
    if not result.wasSuccessful():
        raise RuntimeError(str(result.errors + result.failures))
    return reader.found


def table(verbose: bool = False) -> Iterator[str]:
    """Yield the lines of the table."""
    found = served()
    yield f'{"type":28} {"recorded":>8} {"known":>6} {"served":>6}'
    for name, decl in sorted(coverage.declarations().items()):
        paths = coverage.coverage_of(decl)
        ours = paths.recorded & found[name]
        yield (
            f'{name:28} {len(paths.recorded):8} {len(paths.known):6} '
            f'{len(ours):6}'
        )
        if verbose:
            for path in sorted(paths.recorded - ours):
                yield f'    {path}'


if __name__ == '__main__':
    logging.disable(logging.CRITICAL)
    for line in table('-v' in sys.argv[1:]):
        print(line)
