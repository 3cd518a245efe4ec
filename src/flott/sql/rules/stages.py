"""The order in which rules run."""

from __future__ import annotations

from collections.abc import Sequence

from flott.common.options.table import DISTINCT_AGG_SPLIT
from flott.sql.functions.settings import EvaluationSettings
from flott.sql.logical.nodes import LogicalNode
from flott.sql.rules.call_arguments import columns_for_aggregates, columns_for_overs
from flott.sql.rules.distinct_aggregates import split_distinct
from flott.sql.rules.driver import Rule, run_rules
from flott.sql.rules.folding import (
    fold,
    shorten_condition,
    simplify_cases,
    simplify_filter,
    simplify_over_nothing,
    use_known_columns,
)
from flott.sql.rules.grouping_sets import expand_grouping_sets
from flott.sql.rules.lateral import rewrite_lateral
from flott.sql.rules.outer_joins import simplify_outer_join
from flott.sql.rules.overs import extract_overs
from flott.sql.rules.projections import drop_identity, merge_projects
from flott.sql.rules.prune_columns import prune_columns
from flott.sql.rules.push_filters import push_filter, push_join_condition
from flott.sql.rules.ranks import (
    fix_constant_rank,
    limit_zero,
    plain_sort_keys,
    recognize_deduplication,
    recognize_top_n,
    sort_limit,
)
from flott.sql.rules.scans import push_into_scans
from flott.sql.rules.set_operations import (
    rewrite_counted_sets,
    rewrite_distinct_sets,
    rewrite_union,
)
from flott.sql.rules.subqueries import remove_subqueries
from flott.sql.rules.used_fields import tell_used_fields
from flott.sql.session import Session

#: Constructs that have no operator of their own.
_REWRITE: tuple[Rule, ...] = (
    extract_overs,
    remove_subqueries,
    rewrite_lateral,
    rewrite_union,
    rewrite_distinct_sets,
    rewrite_counted_sets,
    expand_grouping_sets,
    limit_zero,
)
#: Filters downwards, projections together, shapes recognised.
_SIMPLIFY: tuple[Rule, ...] = (
    shorten_condition,
    simplify_filter,
    simplify_over_nothing,
    drop_identity,
    merge_projects,
    simplify_outer_join,
    push_join_condition,
    recognize_top_n,
    push_filter,
)
_ORDER: tuple[Rule, ...] = (
    plain_sort_keys,
    columns_for_aggregates,
    columns_for_overs,
    drop_identity,
    merge_projects,
)
_RECOGNIZE: tuple[Rule, ...] = (fix_constant_rank, drop_identity, merge_projects)


def optimize(node: LogicalNode, session: Session) -> LogicalNode:
    """A bound statement or query in the shape that is planned.

    Raises:
        UnsupportedFeature: A sub-query is related to the query around it in a way nothing can do.
    """
    return optimize_all((node,), session)[0]


def optimize_all(roots: Sequence[LogicalNode], session: Session) -> list[LogicalNode]:
    """Several statements that run as one job: what they have in common stays in common."""
    settings = EvaluationSettings(
        time_zone=session.time_zone,
        is_streaming=session.is_streaming,
        current_database=session.catalog.current_database,
    )

    def folding(node: LogicalNode) -> LogicalNode | None:
        return fold(node, settings)

    plans = [run_rules(root, _REWRITE) for root in roots]
    plans = [run_rules(each, (*_SIMPLIFY, folding)) for each in plans]
    if session.is_streaming and session.configuration.get(DISTINCT_AGG_SPLIT):
        plans = [run_rules(each, (columns_for_aggregates, split_distinct)) for each in plans]
    plans = push_into_scans(plans)
    plans = [run_rules(each, (use_known_columns, folding, simplify_cases)) for each in plans]
    plans = [run_rules(each, _ORDER) for each in plans]
    plans = prune_columns(plans)
    plans = [run_rules(each, _RECOGNIZE) for each in plans]
    if session.is_streaming:
        plans = [run_rules(each, (recognize_deduplication,)) for each in plans]
    plans = [run_rules(each, (sort_limit,)) for each in plans] if session.is_streaming else plans
    plans = [run_rules(each, (*_SIMPLIFY, folding)) for each in plans]
    plans = [run_rules(each, (drop_identity, merge_projects)) for each in prune_columns(plans)]
    return tell_used_fields(plans)
