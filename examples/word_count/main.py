"""Word count: the most frequent words of a text file.

In BATCH mode each word comes out once, with its final count; in STREAMING mode, the default, a
count comes out for every word read.
"""

from pathlib import Path

from flott.common import WatermarkStrategy
from flott.datastream import RuntimeExecutionMode, StreamExecutionEnvironment
from flott.datastream.connectors.file_system import FileSource, StreamFormat

TEXT = Path(__file__).with_name("sonnet.txt")


def words(line: str) -> list[str]:
    """The words of a line, without punctuation and capitals."""
    return [word.strip(",.:;?!'()").lower() for word in line.split()]


def main() -> None:
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_runtime_mode(RuntimeExecutionMode.BATCH)
    source = FileSource.for_record_stream_format(StreamFormat.text_line_format(), str(TEXT)).build()
    counts = (
        env.from_source(source, WatermarkStrategy.no_watermarks(), "sonnet")
        .flat_map(words)
        .map(lambda word: (word, 1))
        .key_by(lambda pair: pair[0])
        .sum(1)
    )
    with counts.execute_and_collect("word count") as results:
        ranking = sorted(results, key=lambda pair: (-pair[1], pair[0]))
    for word, count in ranking[:6]:
        print(f"{word:5} {count}")


if __name__ == "__main__":
    main()
