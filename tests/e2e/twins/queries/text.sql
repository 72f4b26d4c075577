-- Text: LIKE, functions, concatenation, char(n), Unicode.
-- setup

CREATE TABLE w (id int, t text, v varchar(30), c char(6), p text) USING {am}

INSERT INTO w VALUES
(1, 'hello world', 'hello', 'hello', 'h%'),
(2, '', '', '', '%'),
(3, NULL, NULL, NULL, NULL),
(4, 'äöü ß €', 'ÄÖÜ', 'äb', '_'),
(5, '100%_sure\', 'a_b%c', 'a b', '\%'),
(6, '  padded  ', 'tab	bed', 'x  ', '  %'),
(7, 'a,b,,c', 'xxabcxx', 'xyx', 'a,%c'),
(8, 'Hello World', 'HELLO', 'HELLO', '%World'),
(9, '日本語テキスト', '日本', '日本', '日__%'),
(10, E'line\nbreak', 'it''s', 'q"q', 'line%')

-- queries

-- path: set
SELECT id FROM w WHERE t LIKE 'hello%'

-- path: set
SELECT id FROM w WHERE t LIKE '%world'

-- path: set
SELECT id FROM w WHERE t LIKE '%o%w%'

-- path: set
SELECT id FROM w WHERE t LIKE ''

-- path: set
SELECT id FROM w WHERE t LIKE '%'

-- path: set
SELECT id FROM w WHERE t LIKE '_______'

-- path: set
SELECT id FROM w WHERE t LIKE 'ä__ _ _'

-- path: set
SELECT id FROM w WHERE t LIKE '100\%\_%'

-- path: set
SELECT id FROM w WHERE t LIKE '100%\\'

SELECT id FROM w WHERE t LIKE '100%\'

-- path: set
SELECT id FROM w WHERE t NOT LIKE '%a%'

-- path: set
SELECT id FROM w WHERE v LIKE 'a\_b%'

-- path: set
SELECT id FROM w WHERE c LIKE 'he%'

-- path: set
SELECT id FROM w WHERE c LIKE 'hello'

-- path: set
SELECT id FROM w WHERE c LIKE 'hello '

-- path: set
SELECT id FROM w WHERE t LIKE E'line\nb%'

SELECT id FROM w WHERE t LIKE p

SELECT id FROM w WHERE t LIKE 'x%' ESCAPE 'x'

SELECT id FROM w WHERE t ILIKE 'HELLO%'

SELECT id FROM w WHERE t ~ '^h.*d$' OR t SIMILAR TO '%(a|b)%'

-- path: set
SELECT id FROM w WHERE starts_with(t, 'hel') OR t ^@ 'äö'

-- path: set
SELECT id, length(t), char_length(v), length(c), octet_length(t), bit_length(t), character_length(t) FROM w

-- path: set
SELECT id, substr(t, 2), substr(t, 2, 3), substring(t FROM 3 FOR 4), substring(t, 1, 0), substring(v FROM 2) FROM w

SELECT id, substr(t, 0, 3), substr(t, -1, 4) FROM w

SELECT id, substr(t, 2, -1) FROM w

-- path: set
SELECT id, left(t, 3), left(t, -2), right(t, 3), right(t, -2), left(t, 0), right(t, 100), left(t, -100) FROM w

-- path: set
SELECT id, strpos(t, 'o'), position('' IN t), position('ü' IN t), strpos(t, 'zzz') FROM w

-- path: set
SELECT id, replace(t, 'o', '00'), replace(t, '', 'x'), replace(t, ',', ''), replace(v, 'a', 'ä') FROM w

-- path: set
SELECT id, trim(t), ltrim(t), rtrim(t), btrim(v, 'x'), ltrim(v, 'xa'), rtrim(v, 'cx'), btrim(t, ''), trim(both 'ha' from v) FROM w

-- path: set
SELECT id, lpad(t, 5), rpad(t, 5), lpad(v, 8, 'xy'), rpad(v, 8, 'äö'), lpad(t, 0, '*') FROM w

SELECT id, lpad(t, 5, ''), lpad(t, -1, 'x') FROM w

-- path: set
SELECT id, split_part(t, ',', 1), split_part(t, ',', 2), split_part(t, ',', 3), split_part(t, ',', 9), split_part(t, 'lo', 2) FROM w

SELECT id, split_part(t, ',', -1), split_part(t, '', 1) FROM w

-- path: set
SELECT id, md5(t), md5(v) FROM w

-- path: set
SELECT id, t || v, t || 'x', 'é' || v, t || id, v || c, t || NULL FROM w

-- path: set
SELECT id, concat(t, v), concat(t, NULL, id), concat_ws('-', t, v, id), concat_ws('', t) FROM w

SELECT id, concat(t, 1.5, true), concat_ws(NULL, t, v) FROM w

SELECT id, lower(t), upper(v), initcap(t) FROM w

-- path: set
SELECT id, lower(t COLLATE "C"), upper(v COLLATE "C") FROM w

SELECT id, reverse(t), ascii(t), repeat(t, 2), translate(t, 'lo', 'x') FROM w

-- path: set
SELECT id, c, c::text, c::varchar, t::varchar(4), v::varchar(2), t::text FROM w

SELECT id, t::char(3), c || 'x' FROM w

-- path: set
SELECT id FROM w WHERE c = 'x'

-- path: set
SELECT id FROM w WHERE t = v

-- path: set
SELECT id, coalesce(t, 'none'), coalesce(v, t, ''), nullif(t, ''), nullif(v, 'hello') FROM w

-- path: set
SELECT id, greatest(t COLLATE "C", v), least(t COLLATE "C", 'b') FROM w

-- path: set
SELECT id, CASE t WHEN 'hello world' THEN 1 WHEN '' THEN 2 ELSE 3 END FROM w

-- path: set
SELECT t, count(*) FROM w GROUP BY t

-- path: set
SELECT c, count(*) FROM w GROUP BY c

-- path: set
SELECT length(t), count(*) FROM w GROUP BY length(t)

-- path: set
SELECT count(DISTINCT t), count(DISTINCT v), count(c) FROM w

-- path: set
SELECT min(t COLLATE "C"), max(v COLLATE "C") FROM w

SELECT min(t), max(v), min(c) FROM w

-- path: set
SELECT string_agg(t, ',' ORDER BY id) FROM w

-- path: set
SELECT string_agg(v, ', ' ORDER BY v COLLATE "C" DESC NULLS FIRST, id) FROM w WHERE id > 3

SELECT string_agg(t, p ORDER BY id) FROM w

-- path: set
SELECT string_agg(v, t ORDER BY id), string_agg(v, c ORDER BY id DESC), string_agg(t, NULL::text ORDER BY id) FILTER (WHERE id > 3) FROM w

-- path: set
SELECT id % 3, string_agg(v, t || id::text ORDER BY c COLLATE "C" DESC, id) FROM w GROUP BY 1 ORDER BY 1

SELECT string_agg(DISTINCT v, t ORDER BY v) FROM w WHERE id IN (1, 8)

-- path: set
SELECT c::char(3) AS short, count(*) FROM w GROUP BY 1 ORDER BY 1

CREATE TABLE narrow (v varchar(5), c char(3)) USING {am}

-- path: set
INSERT INTO narrow SELECT v || '   ', left(c, 3) FROM w WHERE length(v) <= 5

-- path: set
INSERT INTO narrow (v) SELECT t FROM w

-- path: set
INSERT INTO narrow (c) SELECT t FROM w WHERE id = 1

SELECT v, c, length(v), octet_length(c) FROM narrow ORDER BY v, c
