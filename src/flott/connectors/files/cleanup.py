"""Remove the part files that a crash left behind and that no checkpoint holds."""

from __future__ import annotations

import logging

from flott.connectors.files.pending import (
    STAGING_FOLDER,
    derive_owner,
    is_lock_name,
    lock_name,
    parse_pending_name,
)
from flott.connectors.files.store import FileStore
from flott.core.context import OperatorContext

_log = logging.getLogger(__name__)


def start_cleanup(context: OperatorContext, store: FileStore, base_path: str) -> None:
    """Clean up beside the loop; one subtask does it for all, after a restore only.

    A fresh start leaves everything: another run of this job, or a checkpoint somebody means to come
    back to, may need it.
    """
    restored = context.restored_checkpoint_id
    if restored is None or context.subtask_index != 0:
        return
    owner = derive_owner(context.job_name, context.operator_id)
    context.blocking.submit(
        lambda: remove_leftovers(store, store.join(base_path, STAGING_FOLDER), owner, restored),
        _report,
    )


def remove_leftovers(store: FileStore, staging: str, owner: str, restored: int) -> list[str]:
    """Delete the files begun after checkpoint ``restored`` by writers of ``owner`` that are dead.

    Returns:
        Their paths.
    """
    removed = []
    names = store.list_names(staging)
    for name in names:
        origin = parse_pending_name(name)
        if origin is None or origin.owner != owner or origin.epoch < restored:
            continue
        if not store.is_locked(store.join(staging, lock_name(origin.uid))):
            path = store.join(staging, name)
            store.delete(path)
            removed.append(path)
    for name in filter(is_lock_name, names):
        if not store.is_locked(store.join(staging, name)):
            store.delete(store.join(staging, name))
    return removed


def _report(result: list[str] | BaseException) -> None:
    if isinstance(result, BaseException):
        # Leftovers are hidden and do no harm; the job goes on.
        _log.warning("Could not remove part files of former attempts: %s", result)
    elif result:
        _log.info("Removed %d part files of former attempts", len(result))
