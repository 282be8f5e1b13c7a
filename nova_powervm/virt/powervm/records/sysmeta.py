# SPDX-License-Identifier: Apache-2.0
"""Texts in the system metadata of an instance.

Nova keeps these with the instance, hands them to every host that works on it
and shows them to no user. A value is limited in length, so that a text takes
as many values as it needs.

Nova saves the system metadata as a whole: what somebody saves who does not
know of a key removes it. So who changes an instance learns first what others
have saved (``catch_up``), and again what they saved meanwhile when it is saved
(``save``). The tasks of a flow, which have one instance between them, change
and save it one at a time (``changing``).
"""

from __future__ import annotations

import contextlib
import re
import threading
import weakref
from collections.abc import Iterator, Mapping
from typing import Any

from nova import context as nova_context
from nova import exception as nova_exc
from nova import objects

CHUNK = 255
"""Nova: longest value in the system metadata."""
OWN_KEYS = (
    'powervm_',
    'npiv_adpt_wwpns_',
    'fabric_state_',
    'mgmt_interface_mac',
)
"""Begins of the keys that are the driver's own."""

_guard = threading.Lock()
_locks: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()


@contextlib.contextmanager
def changing(instance: objects.Instance) -> Iterator[None]:
    """Let nobody else change or save an instance within the block.

    It may be entered again within itself. Nova: to save an instance replaces
    its system metadata by what the database has, so a save belongs into such
    a block, too.
    """
    with _guard:
        lock = _locks.setdefault(instance.uuid, threading.RLock())
    with lock:
        yield


def save(instance: objects.Instance, **expected: Any) -> None:
    """Save an instance while nobody changes it.

    Of the driver's own records only those that were changed in this object
    replace what others have saved.

    :param expected: see nova.objects.Instance.save
    """
    with changing(instance):
        if 'system_metadata' in instance.obj_what_changed():
            _merge(instance)
        instance.save(**expected)


def _merge(instance: objects.Instance) -> None:
    """Take over the records that only others have changed."""
    saved = _saved(instance)
    if saved is None:
        return
    held = dict(instance.system_metadata or {})
    # Nova: what it was when the object was read, or saved last.
    read = instance._orig_system_metadata
    changed = {
        _record(key)
        for key in {*held, *read}
        if held.get(key) != read.get(key)
    }

    def is_theirs(key: str) -> bool:
        return _is_own(key) and _record(key) not in changed

    instance.system_metadata = {
        **{k: v for k, v in held.items() if not is_theirs(k)},
        **{k: v for k, v in saved.items() if is_theirs(k)},
    }


def _record(key: str) -> str:
    """Tell of which record a key is: one may take several, with numbers."""
    return re.sub(r'_?\d+$', '', key).rstrip('_')


def catch_up(instance: objects.Instance) -> None:
    """Learn what was saved after Nova had read an instance.

    Only keys of our own are taken over. An instance with changes that are
    not saved yet is left as it is: Nova is in the middle of an operation.
    One that Nova does not have (any more) has nothing to tell.
    """
    saved = _saved(instance)
    if saved is None:
        return
    with changing(instance):
        if 'system_metadata' in instance.obj_what_changed():
            return
        before = dict(instance.system_metadata or {})
        theirs = {k: v for k, v in before.items() if not _is_own(k)}
        ours = {k: v for k, v in saved.items() if _is_own(k)}
        instance.system_metadata = {**theirs, **ours}
        instance.obj_reset_changes(['system_metadata'])


def _saved(instance: objects.Instance) -> dict[str, str] | None:
    """Read what Nova has in its database; None if it has no such instance."""
    try:
        fresh = objects.Instance.get_by_uuid(
            nova_context.get_admin_context(),
            instance.uuid,
            expected_attrs=['system_metadata'],
        )
    except nova_exc.InstanceNotFound:
        return None
    return dict(fresh.system_metadata or {})


def _is_own(key: str) -> bool:
    return key.startswith(OWN_KEYS)


def load(instance: objects.Instance, prefix: str) -> str | None:
    """Read a text.

    :param prefix: begin of its keys; a number follows
    :returns: None when there is none
    """
    chunks = _chunks(instance.system_metadata or {}, prefix)
    return ''.join(chunks.values()) if chunks else None


def store(instance: objects.Instance, prefix: str, text: str) -> bool:
    """Put a text in the place of the one that is there; saves nothing.

    :param text: an empty one takes no value
    :returns: whether that changed anything
    """
    wanted = {
        f'{prefix}{number}': text[start : start + CHUNK]
        for number, start in enumerate(range(0, len(text), CHUNK))
    }
    with changing(instance):
        metadata = dict(instance.system_metadata or {})
        before = _chunks(metadata, prefix)
        if before == wanted:
            return False
        others = {k: v for k, v in metadata.items() if k not in before}
        instance.system_metadata = {**others, **wanted}
    return True


def _chunks(metadata: Mapping[str, Any], prefix: str) -> dict[str, str]:
    found = [key for key in metadata if re.fullmatch(rf'{prefix}\d+', key)]
    found.sort(key=lambda key: int(key.removeprefix(prefix)))
    return {key: str(metadata[key]) for key in found}
