-- Regular expressions: what RE2 means the same, and what stays in PostgreSQL.
-- setup

CREATE TABLE r (id int, t text) USING {am}

INSERT INTO r VALUES (1, 'aab'), (2, 'ab' || E'\n' || 'ab'), (3, ''), (4, NULL), (5, 'Äpfel und Öl'), (6, 'foo123bar45'), (7, 'a.b|c'), (8, 'xabcabcd'), (9, 'K k ſ'), (10, 'tab	x')

-- queries

-- path: set
SELECT id, t ~ 'a.b', t ~ '^ab$', t ~ '', t !~ '[^a-z]', t ~ '(a|b|ab)(c|bcd)(d*)$', t ~ 'a\.b\|' FROM r

-- path: set
SELECT id, t ~* 'ä|K', t ~* '[k-l]', t ~* '[^Ö]l', t ~* '[[:upper:]]b' FROM r

-- path: set
SELECT id, t ~ '\w\s\w', t ~ '[\w.]{3}', t ~ '\D\d+\D', t ~ '[[:space:]]' FROM r

-- path: set
SELECT id, regexp_replace(t, '[0-9]+', '#', 'g'), regexp_replace(t, '[[:alpha:]]', '<\&>'), regexp_replace(t, 'a*b', 'x', 'g') FROM r

-- path: set
SELECT id, substring(t FROM '[0-9]+'), substring(t FROM '[a-z]+([0-9]+)[a-z]'), substring(t FROM 'zzz') FROM r

-- path: set
SELECT id FROM r WHERE t SIMILAR TO '%(a|u)b_*' OR t NOT SIMILAR TO '%[a-z]%'

-- what matched is not the same, or may not be
-- path: row
SELECT id, regexp_replace(t, 'a|ab', '-') FROM r

-- path: row
SELECT id, regexp_replace(t, 'a*?b', '-') FROM r

-- path: row
SELECT id, regexp_replace(t, 'x*', '-', 'g') FROM r

-- path: row
SELECT id, substring(t FROM '(a|ab)(bc|c)?') FROM r

-- path: row
SELECT id, regexp_replace(t, 'a*(ab)?', '-') FROM r

-- path: row
SELECT id, t ~ '(a)\1' FROM r

-- path: row
SELECT id, t ~ 'a(?=b)', t ~ '\yab\y', t ~ '\mab' FROM r

-- path: row
SELECT id, t ~ '(?i)AB', t ~ '***=a.b' FROM r

-- path: row
SELECT id, t ~ t FROM r WHERE id < 3

-- errors are PostgreSQL's own
-- path: row
SELECT id, t ~ 'a**' FROM r

-- path: row
SELECT id, t ~ '(a' FROM r

-- path: row
SELECT id, t ~ '[b-a]' FROM r

-- path: row
SELECT id, t ~ 'a{2,1}' FROM r

-- path: set
SELECT id, regexp_replace(t, '^https?://(?:www\.)?([^/]+)/.*$', '\1'), regexp_replace(t, '^(?:ab)?(.*)$', '[\1]'), regexp_replace(t, '^(a*)(.*)(b*)$', '\3-\2-\1\\') FROM r

-- path: set
SELECT u, regexp_replace(u, '^https?://(?:www\.)?([^/]+)/.*$', '\1'), regexp_replace(u, '^(.*)/([^/]*)$', '\2 in \1'), substring(u from '^(?:http://)?([^/]*)(.*)$')
FROM (SELECT DISTINCT u FROM r, unnest(ARRAY['http://www.a.com/x', 'https://b.org/', 'http://www./y/z', 'http://c', 'www.d/', '', 'http://www.e.com/x' || chr(10) || 'y', 'https://wwwf.com/a/b']) AS u) q

-- captures in captures may divide the match in another way
-- path: row
SELECT id, regexp_replace(t, '^((a?)(?:ab)?)(.*)$', '\1-\2-\3') FROM r
