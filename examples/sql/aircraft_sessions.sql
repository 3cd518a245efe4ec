-- Busy days of aircraft: departures from New York less than eight hours apart.
SELECT tailnum, window_start, window_end, COUNT(*) AS departures, SUM(distance) AS miles
FROM TABLE(SESSION(TABLE flights PARTITION BY tailnum, DESCRIPTOR(departed), INTERVAL '8' HOUR))
WHERE tailnum IS NOT NULL
GROUP BY tailnum, window_start, window_end
HAVING COUNT(*) >= 5;
