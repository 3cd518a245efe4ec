SELECT B.auction, B.price, B.bidder, B."dateTime", B.extra
FROM bid B JOIN (
  SELECT max(price) AS maxprice, time_bucket(INTERVAL 10 SECOND, "dateTime") + INTERVAL 10 SECOND AS endtime
  FROM bid GROUP BY endtime
) B1 ON B.price = B1.maxprice
WHERE B."dateTime" BETWEEN B1.endtime - INTERVAL 10 SECOND AND B1.endtime
