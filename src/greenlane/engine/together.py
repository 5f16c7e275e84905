"""Sum over the consignments of a run before any is decided, and find ids that were filed more than once."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import polars as pl

from greenlane.engine.processes import Progress
from greenlane.engine.tasks import Task, accepted_ids, collect_goods, sum_groups

_PERSONS_PER_BUCKET = 2_000_000


def add_up(
    pool: ProcessPoolExecutor, tasks: Sequence[Task], progress: Progress
) -> tuple[list[Task], pl.DataFrame]:
    """Sum what the same person receives, and tell each task which of its filings a later one replaces.

    Returns:
        The tasks, and one row for each filing of an id that was filed more than once.
    """
    if not tasks:
        return [], pl.DataFrame()
    items = sum(task.part.items for task in tasks)
    buckets = max(1, -(-items // _PERSONS_PER_BUCKET))
    ids: list[pl.DataFrame] = [pl.DataFrame()] * len(tasks)
    futures = [pool.submit(collect_goods, task.number, task.part, buckets) for task in tasks]
    first = tasks[0].number
    for number, future in enumerate(futures):
        place, frame = future.result()
        ids[place - first] = frame
        progress("adding up", number + 1, len(tasks))
    filed = pl.concat(ids)
    repeated = _accepted(pool, tasks, filed.filter(pl.col("id").is_duplicated()))
    # Of the filings of one id the last that intake accepts stands; of those all refused, the last.
    standing = repeated.sort("accepted", "part", "place").filter(pl.col("id").is_last_distinct())
    superseded = repeated.join(standing, on=["part", "place"], how="anti").select("part", "place")
    for summed in [pool.submit(sum_groups, bucket, superseded) for bucket in range(buckets)]:
        summed.result()
    return [_with_repeats(task, repeated, superseded) for task in tasks], repeated


def _accepted(pool: ProcessPoolExecutor, tasks: Sequence[Task], repeated: pl.DataFrame) -> pl.DataFrame:
    """Add whether intake accepts each filing of an id that was filed more than once."""
    numbers = set(repeated["part"].unique().to_list())
    futures = [pool.submit(accepted_ids, t.number, t.part) for t in tasks if t.number in numbers]
    if not futures:
        return repeated.with_columns(pl.lit(True).alias("accepted"))
    accepted = pl.concat([future.result() for future in futures]).with_columns(accepted=pl.lit(True))
    return repeated.join(accepted, on=["id", "part"], how="left", maintain_order="left").with_columns(
        pl.col("accepted").fill_null(False)
    )


def _with_repeats(task: Task, repeated: pl.DataFrame, superseded: pl.DataFrame) -> Task:
    own = repeated.filter(pl.col("part") == task.number)
    if not own.height:
        return task
    gone = superseded.filter(pl.col("part") == task.number)["place"].to_list()
    return replace(task, superseded=tuple(gone), compared=tuple(own["place"].to_list()))
