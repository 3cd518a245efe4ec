"""The options that plans depend on, read once from the session."""

from __future__ import annotations

from dataclasses import dataclass

from flott.common.configuration import Configuration
from flott.common.errors import UnsupportedFeature
from flott.common.options import table
from flott.common.options.flott import BATCH_SIZE_MAX, STRICT
from flott.sql.session import Session


@dataclass(frozen=True, slots=True)
class PlannerSettings:
    """What a plan depends on besides the query.

    Attributes:
        is_batch: Whether only final results are asked for.
        parallelism: Subtasks of an operator.
        state_ttl_ms: How long unused state is kept; 0 for ever.
        time_zone: The session's zone.
        two_phase: Whether aggregations may be split at an exchange.
        split_distinct: Whether DISTINCT aggregates are spread over buckets first.
        cdc_duplicates: Whether change sources may repeat themselves.
        not_null: What is done with NULL in a NOT NULL column: ``ERROR`` or ``DROP``.
        type_length: ``IGNORE``, ``TRIM_PAD`` or ``ERROR``.
        upsert_materialize: ``AUTO``, ``FORCE`` or ``NONE``.
        require_on_conflict: Whether a sink with another key than the query needs ON CONFLICT.
        shuffles_by_key: Whether changes are brought together by the key of a sink in any case.
        refuses_volatile: Whether expressions that differ each time are refused on changes.
        refuses_unbounded: Whether state that grows without bound is refused.
        mini_batch: Whether net changes of batches are asked for, rather than every change.
        one_rowtime: Whether a query that is written may have one column of event time at most.
        by_row: Whether all work is done row by row: batches have one.
    """

    is_batch: bool = False
    parallelism: int = 1
    state_ttl_ms: int = 0
    time_zone: str = "UTC"
    two_phase: bool = True
    split_distinct: bool = False
    cdc_duplicates: bool = False
    not_null: str = "ERROR"
    type_length: str = "IGNORE"
    upsert_materialize: str = "AUTO"
    require_on_conflict: bool = True
    shuffles_by_key: bool = False
    refuses_volatile: bool = False
    refuses_unbounded: bool = False
    idle_timeout_ms: int = 0
    reuses_sub_plans: bool = True
    mini_batch: bool = False
    one_rowtime: bool = True
    by_row: bool = False

    @classmethod
    def of(cls, session: Session) -> PlannerSettings:
        """The settings of a statement."""
        options = session.configuration
        _refuse_unsupported(options)
        return cls(
            is_batch=not session.is_streaming,
            parallelism=_parallelism(options),
            state_ttl_ms=options.get(table.STATE_TTL).to_millis(),
            time_zone=session.time_zone,
            two_phase=options.get(table.AGG_PHASE_STRATEGY) != "ONE_PHASE",
            split_distinct=bool(options.get(table.DISTINCT_AGG_SPLIT)),
            cdc_duplicates=bool(options.get(table.CDC_EVENTS_DUPLICATE)),
            not_null=str(options.get(table.NOT_NULL_ENFORCER)),
            type_length=str(options.get(table.TYPE_LENGTH_ENFORCER)),
            upsert_materialize=str(options.get(table.UPSERT_MATERIALIZE)),
            require_on_conflict=bool(options.get(table.REQUIRE_ON_CONFLICT)),
            shuffles_by_key=options.get(table.KEYED_SHUFFLE) == "FORCE",
            refuses_volatile=options.get(table.NON_DETERMINISTIC_UPDATE) == "TRY_RESOLVE",
            refuses_unbounded=bool(options.get(STRICT)),
            idle_timeout_ms=options.get(table.SOURCE_IDLE_TIMEOUT).to_millis(),
            reuses_sub_plans=bool(options.get(table.REUSE_SUB_PLAN)),
            mini_batch=bool(options.get(table.MINI_BATCH)),
            one_rowtime=options.get(table.ROWTIME_INSERTER) == "ENABLED",
            by_row=options.get(BATCH_SIZE_MAX) == 1,
        )


def _refuse_unsupported(options: Configuration) -> None:
    """Refuse values that would give other results, which nobody computes."""
    if options.get(table.NESTED_CONSTRAINT_ENFORCER) != "IGNORE":
        raise UnsupportedFeature(
            f"'{table.NESTED_CONSTRAINT_ENFORCER.key}'",
            reason="NOT NULL and lengths are enforced for columns, not inside of them",
        )
    if options.get(table.LEGACY_CAST) != "DISABLED":
        raise UnsupportedFeature(
            f"'{table.LEGACY_CAST.key}'", reason="write TRY_CAST where NULL is wanted"
        )
    if options.get(table.COLUMN_EXPANSION):
        raise UnsupportedFeature(
            f"'{table.COLUMN_EXPANSION.key}'", reason="name the columns that are wanted"
        )


def _parallelism(options: Configuration) -> int:
    own = options.get(table.DEFAULT_PARALLELISM)
    if own > 0:
        return int(own)
    return max(1, options.get_integer("parallelism.default", 1))
