-- Each departure that was over two hours late with the weather that its airport had then.
SELECT f.departed, f.carrier, f.flight, f.origin, f.dep_delay, w.wind_speed, w.precip, w.visib
FROM flights AS f
LEFT JOIN weather FOR SYSTEM_TIME AS OF f.departed AS w ON f.origin = w.origin
WHERE f.dep_delay > 120;
