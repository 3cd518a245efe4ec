# area: ds-file
# FileSource of lines and FileSink with prefix, suffix, bucket assigner and rolling policy.
import glob
import os
import tempfile
from pyflink.common import Encoder, Types, WatermarkStrategy
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.datastream.connectors.file_system import (BucketAssigner, FileSink, FileSource, OutputFileConfig,
                                                       RollingPolicy, StreamFormat)
from pyflink.datastream.connectors.number_seq import NumberSequenceSource

folder = tempfile.mkdtemp()
for name, text in (("a.txt", "one\ntwo\n\nthree"), ("b.txt", "ünï\r\nlast\n"), (".hidden", "no\n"), ("_skip", "no\n")):
    with open(os.path.join(folder, name), "w", newline="") as out:
        out.write(text)
os.mkdir(os.path.join(folder, "sub"))
with open(os.path.join(folder, "sub", "c.txt"), "w") as out:
    out.write("deep\n")

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(1)
source = FileSource.for_record_stream_format(StreamFormat.text_line_format(), folder).build()
lines = env.from_source(source, WatermarkStrategy.no_watermarks(), "files")
print("OUT", lines.get_name(), lines.get_type())
for line in sorted(lines.map(lambda s: "line %r" % s, Types.STRING()).execute_and_collect()):
    print("OUT", line)
two = FileSource.for_record_stream_format(StreamFormat.text_line_format("UTF-8"), os.path.join(folder, "a.txt"), os.path.join(folder, "b.txt")).build()
print("OUT", len(list(env.from_source(two, WatermarkStrategy.no_watermarks(), "two").execute_and_collect())))
read = env.read_text_file(os.path.join(folder, "a.txt")) if hasattr(env, "read_text_file") else None
if read is not None:
    print("OUT", read.get_name(), read.get_type(), sorted(read.execute_and_collect()))

numbers = env.from_source(NumberSequenceSource(1, 10), WatermarkStrategy.no_watermarks(), "numbers")
print("OUT", numbers.get_name(), numbers.get_type(), sorted(numbers.execute_and_collect()))


def tree(root):
    found = []
    for path in glob.glob(os.path.join(root, "**", "*"), recursive=True):
        if os.path.isfile(path):
            with open(path) as part:
                name = os.path.relpath(path, root)
                found.append((os.path.dirname(name), os.path.basename(name), part.read().splitlines()))
    return found


out = tempfile.mkdtemp()
numbers.map(lambda v: "n%d" % v, Types.STRING()).sink_to(
    FileSink.for_row_format(out, Encoder.simple_string_encoder("UTF-8"))
    .with_bucket_assigner(BucketAssigner.base_path_bucket_assigner())
    .with_output_file_config(OutputFileConfig.builder().with_part_prefix("pre").with_part_suffix(".txt").build())
    .with_rolling_policy(RollingPolicy.default_rolling_policy()).build()).name("sink")
env.execute("write")
for directory, name, content in tree(out):
    print("OUT", repr(directory), name.startswith("pre-"), name.endswith("-0-0.txt") or name.endswith("-0.txt"), name.count("-"), sorted(content))
out = tempfile.mkdtemp()
numbers.map(lambda v: (v, "x"), Types.TUPLE([Types.LONG(), Types.STRING()])).sink_to(
    FileSink.for_row_format(out, Encoder.simple_string_encoder())
    .with_bucket_assigner(BucketAssigner.date_time_bucket_assigner("yyyy", "UTC"))
    .with_rolling_policy(RollingPolicy.on_checkpoint_rolling_policy()).build())
env.execute("write tuples")
for directory, name, content in tree(out):
    print("OUT", len(directory), directory.isdigit(), name.startswith("part-"), sorted(content)[:3])
