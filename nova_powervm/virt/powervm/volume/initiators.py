# SPDX-License-Identifier: Apache-2.0
"""The names of the iSCSI initiators of the Virtual I/O Servers."""

import concurrent.futures
import threading

from nova_powervm.virt.powervm.volume import iscsi_jobs

_Name = concurrent.futures.Future[str | None]


class Names:
    """Names, each asked for once; may be used from any thread.

    :param jobs: with which a VIOS is asked
    """

    def __init__(self, jobs: iscsi_jobs.IscsiJobs) -> None:
        self._jobs = jobs
        self._lock = threading.Lock()
        self._known: dict[str, _Name] = {}

    def get(self, vios_uuid: str) -> str | None:
        """Tell the name of a VIOS's initiator; None if it has none.

        Who asks while another one does waits for that answer.

        :raises errors.PlatformError: it cannot be asked
        """
        with self._lock:
            known = self._known.get(vios_uuid)
            if known is None:
                mine = self._known[vios_uuid] = _Name()
        if known is not None:
            return known.result()
        try:
            mine.set_result(self._jobs.initiator(vios_uuid))
        except BaseException as exc:
            # Whatever it is, others wait for an answer.
            self._drop(vios_uuid, mine)
            mine.set_exception(exc)
        return mine.result()

    def _drop(self, vios_uuid: str, failed: _Name) -> None:
        with self._lock:
            if self._known.get(vios_uuid) is failed:
                del self._known[vios_uuid]

    def forget(self, vios_uuid: str | None = None) -> None:
        """Ask a VIOS anew, or all of them.

        An answer that is on its way is not kept.
        """
        with self._lock:
            if vios_uuid is None:
                self._known.clear()
            else:
                self._known.pop(vios_uuid, None)
