CREATE TABLE payments (
  card STRING,
  amount DOUBLE,
  city STRING,
  paid_at TIMESTAMP_LTZ(3),
  WATERMARK FOR paid_at AS paid_at - INTERVAL '0.5' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'payments',
  'properties.bootstrap.servers' = '${SERVERS}',
  'properties.group.id' = 'fraud-sql',
  'scan.startup.mode' = 'earliest-offset',
  'format' = 'json'
);

CREATE TABLE alerts (
  card STRING,
  amount DOUBLE,
  city STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'alerts-sql',
  'properties.bootstrap.servers' = '${SERVERS}',
  'format' = 'json',
  'sink.delivery-guarantee' = 'exactly-once',
  'sink.transactional-id-prefix' = 'fraud-sql'
);

-- A large payment right after a tiny one with the same card.
INSERT INTO alerts
SELECT card, amount, city
FROM (
  SELECT *,
    LAG(amount) OVER (PARTITION BY card ORDER BY paid_at) AS amount_before,
    LAG(paid_at) OVER (PARTITION BY card ORDER BY paid_at) AS paid_before
  FROM payments
)
WHERE amount > 500 AND amount_before < 1 AND paid_at <= paid_before + INTERVAL '1' MINUTE;
