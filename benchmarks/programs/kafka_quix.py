"""The Kafka benchmark on Quix Streams; runs until it is ended. Arguments as those of kafka_sql.py.

Bids have their auction as key, so that Quix can count where it reads and needs no other topic.
"""

import sys

from quixstreams import Application


def count(bid, state):
    bids = state.get("bids", 0) + 1
    state.set("bids", bids)
    return {"auction": bid["auction"], "price": bid["price"], "sent": bid["sent"], "bids": bids}


def main():
    _, _, servers, source, target, guarantee, checkpoint_ms, folder = sys.argv[1:]
    application = Application(
        broker_address=servers,
        consumer_group=target,
        auto_offset_reset="earliest",
        commit_interval=int(checkpoint_ms) / 1000,
        processing_guarantee=guarantee,
        state_dir=f"{folder}/state",
        use_changelog_topics=True,
        loglevel="WARNING",
    )
    bids = application.dataframe(application.topic(source, value_deserializer="json"))
    counted = bids.apply(count, stateful=True)
    counted.to_topic(application.topic(target, value_serializer="json"))
    application.run()


if __name__ == "__main__":
    main()
