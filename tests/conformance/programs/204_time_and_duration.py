# area: types
# Duration, Time and Instant.
from pyflink.common import Duration, Time, Instant


def show(label, function):
    try:
        print("OUT", label, function())
    except Exception as error:
        print("OUT", label, "raises", type(error).__name__)


show("time", lambda: [Time.seconds(5).to_milliseconds(), Time.minutes(2).to_milliseconds(), Time.hours(1).to_milliseconds(), Time.days(1).to_milliseconds(), Time.milliseconds(7).to_milliseconds()])
show("time str", lambda: str(Time.seconds(5)))
show("time eq", lambda: Time.seconds(60) == Time.minutes(1))
show("time eq same", lambda: Time.seconds(60) == Time.seconds(60))
show("time negative", lambda: Time.seconds(-5).to_milliseconds())
for name, args in (("of_days", (1,)), ("of_hours", (2,)), ("of_minutes", (3,)), ("of_seconds", (4,)), ("of_millis", (1500,)), ("of_nanos", (1500,)), ("of_seconds", (4, 5)), ("of_seconds", (-1,)), ("of_millis", (-1500,)), ("of_minutes", (90,)), ("of_seconds", (0,)), ("of_days", (400,)), ("of_millis", (90061001,))):
    show(name + " eq " + str(args), lambda: getattr(Duration, name)(*args) == getattr(Duration, name)(*args))
show("dur eq", lambda: Duration.of_seconds(60) == Duration.of_minutes(1))
show("instant", lambda: str(Instant.of_epoch_milli(1500)))
show("instant now", lambda: type(Instant.now()).__name__)
show("instant eq", lambda: (Instant.of_epoch_milli(5) == Instant.of_epoch_milli(5), Instant(1, 2) == Instant(1, 2), Instant(1, 2)))
show("instant parts", lambda: (Instant(1, 500000000).seconds, Instant(1, 500000000).nanos, Instant(1, 500000000).to_epoch_milli()))
