WITH winners AS (
  SELECT A.id, A.seller, B.price, B."dateTime"
  FROM auction AS A, bid AS B
  WHERE A.id = B.auction AND B."dateTime" BETWEEN A."dateTime" AND A.expires
  QUALIFY row_number() OVER (PARTITION BY A.id ORDER BY B.price DESC, B."dateTime" ASC) = 1
)
SELECT seller, CAST(sum(price) OVER frame // count(*) OVER frame AS BIGINT) AS avg_price
FROM winners
WINDOW frame AS (
  PARTITION BY seller ORDER BY "dateTime" ROWS BETWEEN 10 PRECEDING AND CURRENT ROW)
