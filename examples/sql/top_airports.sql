-- The three destinations with the longest average arrival delay from each airport, kept up to date.
SELECT origin, place, name, delay, arrivals
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY origin ORDER BY delay DESC) AS place
  FROM (
    SELECT f.origin, p.name, AVG(CAST(f.arr_delay AS DOUBLE)) AS delay, COUNT(*) AS arrivals
    FROM flights AS f
    JOIN airports AS p ON f.dest = p.faa
    GROUP BY f.origin, p.name
    HAVING COUNT(*) >= 100
  )
)
WHERE place <= 3;
