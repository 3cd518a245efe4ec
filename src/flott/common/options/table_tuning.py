"""Options of SQL that tune Flink's execution: accepted, so that existing scripts run."""

from __future__ import annotations

from typing import Any

from flott.common.config_options import ConfigOption, OptionType

_COLUMNS = "operators work on columns, with structures of their own."
_PLANNER = "plans are made by rules alone."
_LOOKUP = "lookups of a batch are made together, away from the loop."
_CALLS = "there are no such functions."
_DELTA = "joins keep their rows."


def _tuning(
    key: str, kind: OptionType, default: Any, description: str, no_effect: str
) -> ConfigOption[Any]:
    return ConfigOption(key, kind, default, f"In Flink, {description}.", no_effect=no_effect)


_B, _I, _L, _S = OptionType.BOOLEAN, OptionType.INT, OptionType.LONG, OptionType.STRING
_D, _M, _F = OptionType.DURATION, OptionType.MEMORY_SIZE, OptionType.DOUBLE

TABLE: tuple[ConfigOption[Any], ...] = tuple(
    _tuning(*entry)
    for entry in (
        ("table.exec.async-lookup.buffer-capacity", _I, 100, "the lookups in flight", _LOOKUP),
        ("table.exec.async-lookup.timeout", _D, "3 min", "how long a lookup may take", _LOOKUP),
        (
            "table.exec.async-lookup.output-mode", _S, "ORDERED",
            "whether results of lookups stay in order", _LOOKUP,
        ),
        (
            "table.exec.async-lookup.key-ordered-enabled", _B, False,
            "whether lookups of one key stay in order", _LOOKUP,
        ),
        (
            "table.exec.async-scalar.max-concurrent-operations", _I, 10,
            "the calls of asynchronous functions in flight", _LOOKUP,
        ),
        (
            "table.exec.async-scalar.timeout", _D, "3 min",
            "how long an asynchronous function may take", _LOOKUP,
        ),
        (
            "table.exec.async-scalar.retry-strategy", _S, "FIXED_DELAY",
            "how an asynchronous function is called again", _LOOKUP,
        ),
        (
            "table.exec.async-scalar.retry-delay", _D, "100 ms",
            "how soon an asynchronous function is called again", _LOOKUP,
        ),
        (
            "table.exec.async-scalar.max-attempts", _I, 3,
            "how often an asynchronous function is called", _LOOKUP,
        ),
        (
            "table.exec.async-state.enabled", _B, False,
            "whether state is accessed asynchronously", _COLUMNS,
        ),
        ("table.exec.disabled-operators", _S, None, "which operators are not used", _PLANNER),
        (
            "table.exec.interval-join.min-cleanup-interval", _D, "0 ms",
            "how often interval joins drop rows at most", _COLUMNS,
        ),
        (
            "table.exec.rank.topn-cache-size", _L, 10000,
            "how many rows of Top-N are held outside of state", _COLUMNS,
        ),
        (
            "table.exec.window-agg.buffer-size-limit", _I, 100000,
            "how many rows a window holds before it writes to disk", _COLUMNS,
        ),
        (
            "table.exec.sort.default-limit", _I, -1,
            "how many rows ORDER BY gives without LIMIT", _COLUMNS,
        ),
        (
            "table.exec.sort.max-num-file-handles", _I, 128,
            "how many files a sort reads at once", _COLUMNS,
        ),
        (
            "table.exec.sort.async-merge-enabled", _B, True,
            "whether sorted files are merged at the side", _COLUMNS,
        ),
        (
            "table.exec.spill-compression.enabled", _B, True,
            "whether rows written to disk are compressed", _COLUMNS,
        ),
        (
            "table.exec.spill-compression.block-size", _M, "64 kb",
            "the size of compressed blocks", _COLUMNS,
        ),
        ("table.exec.resource.external-buffer-memory", _M, "10 mb", "memory of buffers", _COLUMNS),
        ("table.exec.resource.hash-agg.memory", _M, "128 mb", "memory of aggregates", _COLUMNS),
        ("table.exec.resource.hash-join.memory", _M, "128 mb", "memory of joins", _COLUMNS),
        ("table.exec.resource.sort.memory", _M, "128 mb", "memory of sorts", _COLUMNS),
        (
            "table.exec.local-hash-agg.adaptive.enabled", _B, True,
            "whether a first phase is skipped where it merges little", _COLUMNS,
        ),
        (
            "table.exec.operator-fusion-codegen.enabled", _B, False,
            "whether operators are compiled into one", _COLUMNS,
        ),
        (
            "table.exec.simplify-operator-name-enabled", _B, True,
            "whether operators have short names", "names are short, descriptions complete.",
        ),
        (
            "table.exec.sink.upsert-materialize-strategy.type", _S, "LEGACY",
            "how materialised rows are kept", _COLUMNS,
        ),
        (
            "table.optimizer.join-reorder-enabled", _B, False,
            "whether joins are put into another order", "joins run in the order written.",
        ),
        (
            "table.optimizer.join.broadcast-threshold", _L, 1048576,
            "up to which size a side is broadcast", _PLANNER,
        ),
        (
            "table.optimizer.multiple-input-enabled", _B, True,
            "whether batch operators are put together", _COLUMNS,
        ),
        (
            "table.optimizer.multi-join.enabled", _B, False,
            "whether joins over a common key are one operator", _COLUMNS,
        ),
        (
            "table.optimizer.multi-join.max-tables", _I, 64,
            "how many inputs such a join has", _COLUMNS,
        ),
        (
            "table.optimizer.bushy-join-reorder-threshold", _I, 12,
            "up to how many joins all orders are tried", _PLANNER,
        ),
        ("table.optimizer.cnf-nodes-limit", _I, -1, "how large conditions may become", _PLANNER),
        (
            "table.optimizer.dynamic-filtering.enabled", _B, True,
            "whether partitions are left out at run time", _PLANNER,
        ),
        (
            "table.optimizer.incremental-agg-enabled", _B, True,
            "whether merged aggregates are merged again", _COLUMNS,
        ),
        (
            "table.optimizer.reuse-source-enabled", _B, True,
            "whether equal sources are read once", "see 'table.optimizer.reuse-sub-plan-enabled'.",
        ),
        (
            "table.optimizer.reuse-sink-enabled", _B, False,
            "whether inserts into one table share its sink", _PLANNER,
        ),
        (
            "table.optimizer.reuse-optimize-block-with-digest-enabled", _B, False,
            "how equal parts of a plan are found", _PLANNER,
        ),
        (
            "table.optimizer.union-all-as-breakpoint-enabled", _B, True,
            "where equal parts of a plan are looked for", _PLANNER,
        ),
        (
            "table.optimizer.runtime-filter.enabled", _B, False,
            "whether joins filter their larger side early", _PLANNER,
        ),
        (
            "table.optimizer.runtime-filter.max-build-data-size", _M, "150 mb",
            "from which size such filters are not made", _PLANNER,
        ),
        (
            "table.optimizer.runtime-filter.min-filter-ratio", _F, 0.5,
            "how much such a filter must leave out", _PLANNER,
        ),
        (
            "table.optimizer.runtime-filter.min-probe-data-size", _M, "10 gb",
            "from which size such filters are made", _PLANNER,
        ),
        (
            "table.optimizer.source.aggregate-pushdown-enabled", _B, True,
            "whether sources aggregate", _PLANNER,
        ),
        (
            "table.optimizer.source.predicate-pushdown-enabled", _B, True,
            "whether sources filter", "sources that can filter do.",
        ),
        (
            "table.optimizer.source.report-statistics-enabled", _B, True,
            "whether sources say how large they are", _PLANNER,
        ),
        (
            "table.optimizer.sql2rel.project-merge.enabled", _B, False,
            "whether projections are merged early", _PLANNER,
        ),
        (
            "table.optimizer.adaptive-broadcast-join.strategy", _S, "auto",
            "whether a side is broadcast at run time", _PLANNER,
        ),
        (
            "table.optimizer.skewed-join-optimization.strategy", _S, "auto",
            "whether large keys of a join are divided", _PLANNER,
        ),
        (
            "table.optimizer.skewed-join-optimization.skewed-threshold", _M, "256 mb",
            "from which size a key is divided", _PLANNER,
        ),
        (
            "table.optimizer.skewed-join-optimization.skewed-factor", _F, 4.0,
            "how much larger than others such a key is", _PLANNER,
        ),
        (
            "table.optimizer.delta-join.strategy", _S, "AUTO",
            "whether joins ask their sources instead of keeping rows", _PLANNER,
        ),
        (
            "table.catalog-modification.listeners", _S, None,
            "who is told of changes of catalogs", "nobody can listen.",
        ),
        (
            "table.exec.async-ml-predict.max-concurrent-operations", _I, 10,
            "the calls of a model in flight", _CALLS,
        ),
        (
            "table.exec.async-ml-predict.output-mode", _S, "ORDERED",
            "whether answers of a model stay in order", _CALLS,
        ),
        (
            "table.exec.async-ml-predict.timeout", _D, "3 min",
            "how long a model may take", _CALLS,
        ),
        (
            "table.exec.async-table.max-concurrent-operations", _I, 10,
            "the calls of asynchronous table functions in flight", _CALLS,
        ),
        (
            "table.exec.async-table.max-retries", _I, 3,
            "how often an asynchronous table function is called again", _CALLS,
        ),
        (
            "table.exec.async-table.retry-delay", _D, "100 ms",
            "how soon an asynchronous table function is called again", _CALLS,
        ),
        (
            "table.exec.async-table.retry-strategy", _S, "FIXED_DELAY",
            "how an asynchronous table function is called again", _CALLS,
        ),
        (
            "table.exec.async-table.timeout", _D, "3 min",
            "how long an asynchronous table function may take", _CALLS,
        ),
        (
            "table.exec.async-vector-search.max-concurrent-operations", _I, 10,
            "the searches of vectors in flight", _CALLS,
        ),
        (
            "table.exec.async-vector-search.output-mode", _S, "ORDERED",
            "whether results of searches stay in order", _CALLS,
        ),
        (
            "table.exec.async-vector-search.timeout", _D, "3 min",
            "how long a search of vectors may take", _CALLS,
        ),
        (
            "table.exec.deduplicate.insert-update-after-sensitive-enabled", _B, True,
            "whether a first row that is kept is an insert", "it always is.",
        ),
        (
            "table.exec.deduplicate.mini-batch.compact-changes-enabled", _B, False,
            "whether the changes of a batch are put together", "they always are.",
        ),
        (
            "table.exec.delta-join.cache-enabled", _B, True,
            "whether a join remembers answers of its sources", _DELTA,
        ),
        (
            "table.exec.delta-join.left.cache-size", _L, 10000,
            "how many answers of the left source it remembers", _DELTA,
        ),
        (
            "table.exec.delta-join.right.cache-size", _L, 10000,
            "how many answers of the right source it remembers", _DELTA,
        ),
        (
            "table.exec.local-hash-agg.adaptive.distinct-value-rate-threshold", _F, 0.5,
            "from which share of different keys a first phase is skipped", _COLUMNS,
        ),
        (
            "table.exec.local-hash-agg.adaptive.sampling-threshold", _L, 500000,
            "after how many rows this share is looked at", _COLUMNS,
        ),
        (
            "table.exec.sink.upsert-materialize-strategy.adaptive.threshold.high", _L, None,
            "from how many rows of a key on they are kept in a map", _COLUMNS,
        ),
        (
            "table.exec.sink.upsert-materialize-strategy.adaptive.threshold.low", _L, None,
            "up to how many rows of a key they are kept in a list", _COLUMNS,
        ),
        (
            "table.exec.uid.format", _S, "<id>_<transformation>",
            "how ids of operators are written", "ids follow from what an operator means.",
        ),
        (
            "table.legacy-nested-row-nullability", _B, False,
            "whether NOT NULL of the fields of a row is forgotten", "it is always kept.",
        ),
        (
            "table.optimizer.ptf.max-tables", _I, 20,
            "how many tables a process table function takes", _CALLS,
        ),
        ("table.generated-code.max-length", _I, 4000, "how long generated code may be", _COLUMNS),
        (
            "table.generated-code.max-members", _I, 10000,
            "how many members generated code may have", _COLUMNS,
        ),
        (
            "table.plan.compile.catalog-objects", _S, "ALL",
            "what compiled plans tell of tables", "plans are not compiled.",
        ),
        (
            "table.plan.force-recompile", _B, False,
            "whether plans replace files", "plans are not compiled.",
        ),
        (
            "table.plan.restore.catalog-objects", _S, "ALL",
            "what of tables is read from compiled plans", "plans are not compiled.",
        ),
        (
            "table.resources.download-dir", _S, None,
            "where files of functions are put", "functions are Python modules.",
        ),
    )
)  # fmt: skip
