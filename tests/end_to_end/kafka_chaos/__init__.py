"""A job between two topics of Kafka, hurt in every way there is while records pass through it.

``feed``      numbered records, by key, with times, as long as the run takes
``programs``  the job: a count of each key and windows, from Kafka to Kafka, exactly once
``faults``    what is done to workers, to the coordinator and to the broker
``reader``    a reader of committed records, which checks each as it comes
``run``       all of it, chosen by a seed, and its summary

``python -m tests.end_to_end.kafka_chaos --faults 60 --seed 1`` is the long form.
"""
