-- lower() and upper() over every character of Unicode's first two planes.
-- setup

CREATE TABLE letters (id int, t text) USING {am}

INSERT INTO letters SELECT g, chr(g) FROM generate_series(1, 131071) AS g WHERE g NOT BETWEEN 55296 AND 57343

-- queries

-- path: set
SELECT md5(string_agg(lower(t), ',' ORDER BY id)), md5(string_agg(upper(t), ',' ORDER BY id)) FROM letters

SELECT id, lower(t) FROM letters WHERE lower(t) <> t

-- path: set
SELECT id, lower(t COLLATE "C"), upper(t COLLATE "C") FROM letters WHERE id < 1000

-- path: set
SELECT count(*), count(DISTINCT t), min(length(t)), max(octet_length(t)) FROM letters

-- path: set
SELECT id FROM letters WHERE t LIKE '_' AND id % 1000 = 7

SELECT count(*) FROM letters WHERE upper(t) <> t

SELECT id FROM letters ORDER BY t COLLATE "C" LIMIT 100 OFFSET 60000
