"""The long form: ``python -m tests.end_to_end.kafka_chaos --faults 60 --seed 1 --program sql``."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.end_to_end.kafka_chaos.run import PROGRAMS, Run
from tests.services.kafka import KafkaCluster


def main() -> None:
    """Run, telling each fault, and print the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--program", choices=PROGRAMS, default="stream")
    parser.add_argument("--rate", type=int, default=1000, help="records in a second")
    parser.add_argument("--brokers", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="for logs and checkpoints; default: a new one")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="kafka-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"logs and checkpoints are in {folder}", flush=True)
    with KafkaCluster(folder / "kafka", given.brokers) as cluster:
        run = Run(
            cluster,
            folder,
            given.program,
            given.seed,
            given.rate,
            say=lambda line: print(line, flush=True),
        )
        print(f"\n{run(given.faults)}")


if __name__ == "__main__":
    main()
