"""Prints how many points of the recorded SQL cases are Flink's.

python -m tests.conformance.sql_report [area | case id] [--all]
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.conformance.sql_case import all_cases, judge


def main(arguments: list[str]) -> None:
    """Judge all cases, or those of one area, or one."""
    only = next((each for each in arguments if not each.startswith("-")), None)
    area = only.split("/")[0] if only else None
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for position, case in enumerate(all_cases(area)):
            if only and "/" in only and case["id"] != only:
                continue
            for point in judge(case, Path(folder) / str(position)):
                name = point.name.split("/")[0]
                total[name] += 1
                right[name] += point.problem is None
                if point.problem is not None:
                    print(f"{point.name}: {point.problem}"[: 3000 if only else 300], flush=True)
    for name in total:
        print(f"{name:20} {right[name]:5} of {total[name]:5}")
    counted, points = sum(right.values()), sum(total.values())
    print(f"{'all':20} {counted:5} of {points:5}  {100 * counted / max(points, 1):.1f} %")


if __name__ == "__main__":
    main(sys.argv[1:])
