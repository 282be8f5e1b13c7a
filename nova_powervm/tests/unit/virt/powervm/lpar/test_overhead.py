# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.overhead."""

import concurrent.futures
import threading
import types
from collections.abc import Mapping
from typing import Any

import testtools
from nova import exception as nova_exc

from nova_powervm.tests.unit.virt.powervm import simulated
from nova_powervm.tests.unit.virt.powervm.lpar import test_flavor
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.lpar import builder
from nova_powervm.virt.powervm.lpar import capacity
from nova_powervm.virt.powervm.lpar import overhead

CONFIG = ('AIX/Linux', 2048, 4096, 2, 2, 0)


class _Jobs:
    """Answers the job, when it is let to."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Any] = []
        self.go = threading.Event()
        self.go.set()

    def run(
        self,
        target_type: str,
        uuid: str,
        operation: str,
        params: Mapping[str, str],
        **options: Any,
    ) -> Any:
        self.go.wait()
        self.asked.append((target_type, uuid, operation, dict(params)))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def _overhead(jobs: _Jobs) -> overhead.MemoryOverhead:
    system: Any = types.SimpleNamespace(uuid='SYS')
    return overhead.MemoryOverhead(types.SimpleNamespace(jobs=jobs), system)


class OverheadTestCase(testtools.TestCase):
    """Asked once for each configuration."""

    def test_answer_is_remembered(self) -> None:
        jobs = _Jobs({'RequiredMemory': '2304'}, {'RequiredMemory': '2400'})
        known = _overhead(jobs)
        self.assertEqual(256, known.for_config(*CONFIG))
        self.assertEqual(256, known.for_config(*CONFIG))
        other = ('AIX/Linux', 2048, 8192, 2, 2, 0)
        self.assertEqual(352, known.for_config(*other))
        self.assertEqual(2, len(jobs.asked))
        self.assertEqual(
            (
                'ManagedSystem',
                'SYS',
                'QueryReservedMemoryRequiredForPartition',
                {
                    'LogicalPartitionEnvironment': 'AIX/Linux',
                    'DesiredMemory': '2048',
                    'MaximumMemory': '4096',
                    'NumberOfVirtualEthernetAdapter': '2',
                    'NumberOfVirtualSCSIAdapter': '2',
                    'NumberOfVirtualFibreChannelAdapter': '0',
                },
            ),
            jobs.asked[0],
        )

    def test_failure_is_not_remembered(self) -> None:
        jobs = _Jobs(
            errors.JobFailed('Query', 'no'),
            {},
            {'RequiredMemory': 'much'},
            {'RequiredMemory': '2304'},
        )
        known = _overhead(jobs)
        for _ in range(3):
            self.assertEqual(0, known.for_config(*CONFIG))
        self.assertEqual(256, known.for_config(*CONFIG))

    def test_platform_that_is_gone_is_an_error(self) -> None:
        known = _overhead(_Jobs(errors.ConnectionLost('gone')))
        self.assertRaises(errors.ConnectionLost, known.for_config, *CONFIG)

    def test_concurrent_callers_share_one_job(self) -> None:
        jobs = _Jobs({'RequiredMemory': '2304'})
        jobs.go.clear()
        known = _overhead(jobs)
        with concurrent.futures.ThreadPoolExecutor(5) as pool:
            futures = [
                pool.submit(known.for_config, *CONFIG) for _ in range(5)
            ]
            jobs.go.set()
            self.assertEqual([256] * 5, [f.result() for f in futures])
        self.assertEqual(1, len(jobs.asked))


class SimulatedTestCase(simulated.SimulatedTestCase):
    """The platform's own figures."""

    def test_overhead_is_what_the_platform_takes(self) -> None:
        self.start()
        known = overhead.MemoryOverhead(self.client, self.reader)
        before = self.reader.read().memory_free_mb
        self.requests()
        needed = known.for_config('AIX/Linux', 4096, 8192, 2, 2, 0)
        self.assertEqual(3, len(self.requests()))
        self.create_lpar(memory=4096, extra={'max_mem': '8192'})
        after = self.reader.read().memory_free_mb
        self.assertEqual(before - after, 4096 + needed)

    def test_partition_that_just_fits(self) -> None:
        self.start()
        known = overhead.MemoryOverhead(self.client, self.reader)
        facts = self.reader.read()
        size = facts.memory_free_mb
        while size + self._needed(known, size) > facts.memory_free_mb:
            size -= facts.region_mb
        larger = test_flavor.spec(memory=size + facts.region_mb, host=facts)
        self.assertRaises(
            nova_exc.ComputeResourcesUnavailable,
            capacity.check,
            facts,
            larger,
            self._needed(known, size + facts.region_mb),
        )
        spec = test_flavor.spec(memory=size, host=facts)
        capacity.check(facts, spec, self._needed(known, size))
        builder.LparBuilder(self.client, self.reader).create(spec)

    def _needed(self, known: overhead.MemoryOverhead, size: int) -> int:
        return known.for_config('AIX/Linux', size, size, 2, 2, 0)
