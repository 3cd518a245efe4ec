-- A file that is looked up for each bid.
CREATE TABLE side_input (
  `key` BIGINT,
  `value` STRING
) WITH ('connector' = 'filesystem', 'path' = '${FOLDER}/side_input.csv', 'format' = 'csv');
SELECT B.auction, B.bidder, B.price, B.`dateTime`, S.`value`
FROM (SELECT *, PROCTIME() AS p_time FROM bid) B
JOIN side_input FOR SYSTEM_TIME AS OF B.p_time AS S
ON MOD(B.auction, 10000) = S.`key`
