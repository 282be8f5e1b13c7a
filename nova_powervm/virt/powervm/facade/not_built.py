# SPDX-License-Identifier: Apache-2.0
"""What Nova may ask for and the driver does not do.

Nova's own answer is a bare NotImplementedError, which says nothing to the
user and in places leaves a server in error or switched off. Here each
operation is refused with a reason, before it changes anything. Methods that
are neither here nor in the driver are those to which Nova gives a clear
answer by itself. What gets built leaves this module.
"""

from typing import Any, Final, NoReturn

from nova import exception as nova_exc
from nova import objects

from nova_powervm.virt.powervm.facade import base

_WHO: Final = 'the PowerVM driver cannot'


class NotBuilt(base.HostDriver):
    """Refuses operations; the server stays as it is."""

    def check_can_live_migrate_destination(
        self,
        context: Any,
        instance: objects.Instance,
        src_compute_info: Any,
        dst_compute_info: Any,
        block_migration: bool = False,
        disk_over_commit: bool = False,
    ) -> NoReturn:
        """Refuse to take a server that runs on another host.

        :raises nova.exception.MigrationPreCheckError: always; with another
            exception Nova would put the server in error
        """
        raise nova_exc.MigrationPreCheckError(
            reason=f'{_WHO} migrate running servers yet'
        )

    def pause(self, instance: objects.Instance) -> NoReturn:
        """Refuse to halt the processors, which the platform cannot do.

        :raises nova.exception.NotSupported: always
        """
        raise nova_exc.NotSupported('PowerVM cannot pause servers')

    def suspend(self, context: Any, instance: objects.Instance) -> NoReturn:
        """Refuse to write the memory to a disk.

        :raises nova.exception.InstanceFaultRollback: always; Nova then gives
            the server the state that it had
        """
        raise nova_exc.InstanceFaultRollback(
            inner_exception=nova_exc.InstanceSuspendFailure(
                reason=f'{_WHO} suspend servers'
            )
        )

    def swap_volume(
        self,
        context: Any,
        old_connection_info: Any,
        new_connection_info: Any,
        instance: objects.Instance,
        mountpoint: str,
        resize_to: int,
    ) -> NoReturn:
        """Refuse to copy a volume to another one under a server.

        :raises nova.exception.NotSupported: always; the server keeps the
            volume that it has
        """
        raise nova_exc.NotSupported(
            f'{_WHO} let a server use another volume in place of one that it '
            'has: detach the volume, let Cinder copy or migrate it, and '
            'attach it again'
        )

    def set_admin_password(
        self, instance: objects.Instance, new_pass: str
    ) -> NoReturn:
        """Refuse to change a password in the operating system.

        :raises nova.exception.SetAdminPasswdNotSupported: always
        """
        raise nova_exc.SetAdminPasswdNotSupported(
            f'{_WHO} change the password of a server that was built; there '
            'is no agent in its operating system'
        )
