-- Departures and delays of each carrier in each hour, with the carrier's name.
SELECT w.window_start, a.name, w.departures, w.average_delay, w.late
FROM (
  SELECT window_start, carrier, COUNT(*) AS departures,
    AVG(CAST(dep_delay AS DOUBLE)) AS average_delay,
    COUNT(*) FILTER (WHERE dep_delay > 15) AS late
  FROM TABLE(TUMBLE(TABLE flights, DESCRIPTOR(departed), INTERVAL '1' HOUR))
  GROUP BY window_start, window_end, carrier
) AS w
JOIN airlines AS a ON w.carrier = a.carrier;
