WITH marked AS (
  SELECT bidder, "dateTime",
    coalesce("dateTime" - lag("dateTime") OVER each > INTERVAL 10 SECOND, true) AS begins
  FROM bid WINDOW each AS (PARTITION BY bidder ORDER BY "dateTime")
), numbered AS (
  SELECT bidder, "dateTime", sum(begins::INT) OVER (
    PARTITION BY bidder ORDER BY "dateTime" ROWS UNBOUNDED PRECEDING) AS session
  FROM marked
)
SELECT bidder, count(*) AS bid_count, min("dateTime") AS starttime,
  max("dateTime") + INTERVAL 10 SECOND AS endtime
FROM numbered GROUP BY bidder, session
