-- Departures, in the order in which they happened: event time is when an aircraft left, not when it
-- should have.
CREATE TABLE flights (
  carrier STRING,
  flight INT,
  tailnum STRING,
  origin STRING,
  dest STRING,
  scheduled TIMESTAMP(3),
  departed TIMESTAMP(3),
  dep_delay INT,
  arr_delay INT,
  distance INT,
  WATERMARK FOR departed AS departed - INTERVAL '1' MINUTE
) WITH ('connector' = 'filesystem', 'path' = 'flights_data/flights.parquet', 'format' = 'parquet');

CREATE TABLE weather (
  origin STRING,
  observed TIMESTAMP(3),
  temp DOUBLE,
  wind_speed DOUBLE,
  precip DOUBLE,
  visib DOUBLE,
  PRIMARY KEY (origin) NOT ENFORCED,
  WATERMARK FOR observed AS observed
) WITH ('connector' = 'filesystem', 'path' = 'flights_data/weather.parquet', 'format' = 'parquet');

CREATE TABLE airports (
  faa STRING, name STRING, lat DOUBLE, lon DOUBLE
) WITH ('connector' = 'filesystem', 'path' = 'flights_data/airports.parquet', 'format' = 'parquet');

CREATE TABLE airlines (
  carrier STRING, name STRING
) WITH ('connector' = 'filesystem', 'path' = 'flights_data/airlines.parquet', 'format' = 'parquet');
