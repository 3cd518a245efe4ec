WITH counts AS (
  SELECT auction, starttime, count(*) AS num
  FROM (
    SELECT auction, time_bucket(INTERVAL 2 SECOND, "dateTime") - step * INTERVAL 2 SECOND AS starttime
    FROM bid, range(5) AS steps(step)
  )
  GROUP BY auction, starttime
)
SELECT auction, num
FROM counts JOIN (SELECT starttime, max(num) AS maxn FROM counts GROUP BY starttime) USING (starttime)
WHERE num >= maxn
