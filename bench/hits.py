"""A table of the shape of ClickBench's hits: its 105 columns, values as skewed as a web counter's, ordered by counter and day. Nothing of
the original's data is in it. The rows are a function of their number alone, computed in SQL, so that a table of a size is always the same.
"""

# name, type, expression. `i` is the row's number, `a` to `d` its 32 random bits each, `counter` ascends with i, `at` is a moment of July 2013.
COLUMNS = [line.split(None, 2) for line in """\
watchid bigint i * 460000000000 + a
javaenable smallint CASE WHEN a % 8 = 0 THEN 0 ELSE 1 END
title text CASE WHEN b % 40 = 0 THEN '' WHEN b % 997 = 0 THEN 'Google: results for ' || (a % 50)::text ELSE 'Page ' || (page % 3000)::text || ' of the shop ' || counter::text END
goodevent smallint 1
eventtime timestamp at
eventdate date day
counterid int counter
clientip int 1000000000 - ((a % 30000) * (c % 3000)) / 100
regionid int CASE WHEN a % 3 = 0 THEN 229 ELSE ((a % 97) * (b % 97)) / 2 END
userid bigint 435090932899640449 + users * 1000003
counterclass smallint CASE WHEN d % 50 = 0 THEN 1 ELSE 0 END
os smallint CASE WHEN d % 2 = 0 THEN 2 ELSE d % 90 END
useragent smallint CASE WHEN b % 3 = 0 THEN 7 ELSE b % 80 END
url text url
referer text CASE WHEN c % 5 = 0 THEN '' WHEN c % 7 = 0 THEN 'http://search.example/?q=' || (page % 700)::text ELSE 'https://www.site' || ((b % 31) * (c % 31))::text || '.example/from/' || (page % 100)::text END
isrefresh smallint CASE WHEN c % 9 = 0 THEN 1 ELSE 0 END
referercategoryid smallint c % 7 * 1000
refererregionid int b % 200
urlcategoryid smallint a % 17 * 500
urlregionid int d % 300
resolutionwidth smallint CASE WHEN a % 6 = 0 THEN 0 WHEN a % 6 < 3 THEN 1368 ELSE 1024 + a % 900 END
resolutionheight smallint CASE WHEN a % 6 = 0 THEN 0 WHEN a % 6 < 3 THEN 768 ELSE 600 + a % 600 END
resolutiondepth smallint CASE WHEN a % 6 = 0 THEN 0 ELSE 24 END
flashmajor smallint b % 12
flashminor smallint b % 4
flashminor2 text CASE WHEN b % 5 = 0 THEN '' ELSE (b % 900)::text END
netmajor smallint c % 4
netminor smallint c % 6
useragentmajor smallint b % 30
useragentminor varchar(255) CASE WHEN b % 4 = 0 THEN 'D' ELSE (b % 50)::text END
cookieenable smallint CASE WHEN d % 30 = 0 THEN 0 ELSE 1 END
javascriptenable smallint CASE WHEN d % 20 = 0 THEN 0 ELSE 1 END
ismobile smallint CASE WHEN c % 20 = 0 THEN 1 ELSE 0 END
mobilephone smallint CASE WHEN c % 20 = 0 THEN c % 60 ELSE 0 END
mobilephonemodel text CASE WHEN c % 20 > 0 THEN '' WHEN c % 3 = 0 THEN 'iPad' WHEN c % 3 = 1 THEN 'iPhone ' || (d % 5)::text ELSE 'model ' || (d % 160)::text END
params text ''
ipnetworkid int a % 4000000
traficsourceid smallint CASE WHEN c % 3 = 0 THEN -1 ELSE c % 10 END
searchengineid smallint CASE WHEN d % 8 = 0 THEN 1 + d % 60 ELSE 0 END
searchphrase text CASE WHEN d % 8 > 0 THEN '' WHEN d % 3 = 0 THEN 'buy ' || (phrase % 50)::text ELSE 'how to mend a ' || phrase::text || ' at home' END
advengineid smallint CASE WHEN d % 160 = 0 THEN 2 + d % 18 ELSE 0 END
isartifical smallint 0
windowclientwidth smallint CASE WHEN a % 6 = 0 THEN 0 ELSE 500 + (a % 40) * (b % 35) END
windowclientheight smallint CASE WHEN a % 6 = 0 THEN 0 ELSE 300 + (a % 30) * (c % 25) END
clienttimezone smallint c % 25 * 60 - 720
clienteventtime timestamp at + interval '17 seconds'
silverlightversion1 smallint c % 6
silverlightversion2 smallint c % 2
silverlightversion3 int CASE WHEN c % 6 = 0 THEN 0 ELSE 60531 END
silverlightversion4 smallint 0
pagecharset text CASE WHEN b % 3 = 0 THEN 'utf-8' ELSE 'windows' END
codeversion int a % 2000
islink smallint CASE WHEN a % 30 = 0 THEN 1 ELSE 0 END
isdownload smallint CASE WHEN b % 700 = 0 THEN 1 ELSE 0 END
isnotbounce smallint CASE WHEN b % 300 = 0 THEN 1 ELSE 0 END
funiqid bigint a * 2000000000 + b
originalurl text CASE WHEN c % 10 = 0 THEN url ELSE '' END
hid int b / 4
isoldcounter smallint 0
isevent smallint CASE WHEN d % 400 = 0 THEN 1 ELSE 0 END
isparameter smallint CASE WHEN d % 300 = 0 THEN 1 ELSE 0 END
dontcounthits smallint CASE WHEN d % 11 = 0 THEN 1 ELSE 0 END
withhash smallint 0
hitcolor text CASE WHEN c % 4 = 0 THEN '5' ELSE 'F' END
localeventtime timestamp at + interval '3 hours'
age smallint CASE WHEN a % 4 = 0 THEN 0 ELSE a % 60 END
sex smallint a % 3
income smallint a % 5
interests smallint a % 30000
robotness smallint b % 60
remoteip int 1500000000 - c / 4
windowname int CASE WHEN d % 5 = 0 THEN c % 50000 ELSE -1 END
openername int CASE WHEN d % 5 = 0 THEN b % 50000 ELSE -1 END
historylength smallint CASE WHEN d % 3 = 0 THEN -1 ELSE d % 50 END
browserlanguage text CASE WHEN b % 9 = 0 THEN 'en' ELSE 'ru' END
browsercountry text CASE WHEN b % 9 = 0 THEN 'us' ELSE 'ru' END
socialnetwork text CASE WHEN a % 5000 = 0 THEN 'net' || (b % 9)::text ELSE '' END
socialaction text CASE WHEN a % 5000 = 0 THEN 'like' ELSE '' END
httperror smallint CASE WHEN a % 2000 = 0 THEN 404 ELSE 0 END
sendtiming int (a % 300) * (b % 300) / 100
dnstiming int (a % 90) * (c % 90) / 30
connecttiming int (b % 300) * (c % 300) / 100
responsestarttiming int (b % 900) * (d % 900) / 100
responseendtiming int (c % 900) * (d % 900) / 100
fetchtiming int (a % 900) * (d % 900) / 100
socialsourcenetworkid smallint CASE WHEN a % 5000 = 0 THEN b % 9 ELSE 0 END
socialsourcepage text ''
paramprice bigint 0
paramorderid text ''
paramcurrency text 'NH' || CASE WHEN c % 2 = 0 THEN 'A' ELSE 'B' END
paramcurrencyid smallint 0
openstatservicename text CASE WHEN b % 500 = 0 THEN 'direct' ELSE '' END
openstatcampaignid text CASE WHEN b % 500 = 0 THEN (c % 3000)::text ELSE '' END
openstatadid text CASE WHEN b % 500 = 0 THEN (d % 3000)::text ELSE '' END
openstatsourceid text CASE WHEN b % 500 = 0 THEN 'site' || (d % 90)::text ELSE '' END
utmsource text CASE WHEN c % 300 = 0 THEN 'mail' ELSE '' END
utmmedium text CASE WHEN c % 300 = 0 THEN 'cpc' ELSE '' END
utmcampaign text CASE WHEN c % 300 = 0 THEN 'summer ' || (d % 40)::text ELSE '' END
utmcontent text CASE WHEN c % 300 = 0 THEN (d % 4000)::text ELSE '' END
utmterm text ''
fromtag text CASE WHEN d % 900 = 0 THEN 'tag' || (a % 80)::text ELSE '' END
hasgclid smallint CASE WHEN d % 900 = 0 THEN 1 ELSE 0 END
refererhash bigint CASE WHEN c % 11 = 0 THEN 3594120000172545465 ELSE (b % 100000) * 90000000000000 - c END
urlhash bigint CASE WHEN c % 13 = 0 THEN 2868770270353813622 ELSE page * 1000000007 + counter END
clid int CASE WHEN d % 90 = 0 THEN d % 3000 ELSE 0 END""".splitlines()]
DEFINITION = ", ".join(f"{name} {kind} NOT NULL" for name, kind, _ in COLUMNS)

# One moment in ten seconds of the month; a table, because an interval times a number is no expression of the server.
MOMENTS = """SELECT n, date '2013-07-01' + n / 8640, date '2013-07-01' + n * interval '10 seconds' FROM generate_series(0, 31 * 8640 - 1) n"""
ROWS = """
SELECT {expressions}
FROM (SELECT i, a, b, c, d, counter, page, users, phrase, day, at,
             'http://site' || counter::text || '.example/' || CASE WHEN d % 3001 = 0 THEN 'google/' WHEN d % 5 = 0 THEN 'shop/goods/' ELSE 'news/' END
             || page::text || CASE WHEN b % 3 = 0 THEN '/print.html' ELSE '' END AS url
      FROM (SELECT i, a, b, c, d, counter, moment, ((b % 3000) * (c % 3000)) / 900 AS page, ((a % 1000000) * (b % 1000)) / 500 AS users,
                   ((a % 1000) * (c % 1000)) / 10 AS phrase
            FROM (SELECT i, a, b, c, ((c # (c / 65536)) * 1103515245) % 4294967296 AS d, counter, day * 8640 + b % 8640 AS moment
                  FROM (SELECT i, a, b, ((b # (b / 32768)) * 1181783497) % 4294967296 AS c, counter, day
                        FROM (SELECT i, a, ((a # (a / 65536)) * 1597334677) % 4294967296 AS b, counter, day
                              FROM (SELECT i::bigint AS i, (i::bigint * 2654435761) % 4294967296 AS a,
                                           1000 * i::bigint * i / ({rows}::bigint * {rows}) AS counter,
                                           1000 * i::bigint * i % ({rows}::bigint * {rows}) * 31 / ({rows}::bigint * {rows}) AS day
                                    FROM generate_series(0, {rows} - 1) i OFFSET 0) x1 OFFSET 0) x2 OFFSET 0) x3 OFFSET 0) x4 OFFSET 0) x5
           JOIN {schema}.moments m ON m.n = x5.moment OFFSET 0) x6"""


def make_hits(pg, schema, access_method, rows):
    """Makes `schema`.hits and `schema`.moments, from which its rows get their times."""
    pg.execute(f"CREATE TABLE {schema}.moments (n int, day date, at timestamp) USING {access_method}")
    pg.execute(f"INSERT INTO {schema}.moments {MOMENTS}")
    pg.execute(f"CREATE TABLE {schema}.hits ({DEFINITION}) USING {access_method}")
    expressions = ", ".join(f"({expression})::{kind}" for _, kind, expression in COLUMNS)
    pg.execute(f"INSERT INTO {schema}.hits {ROWS.format(expressions=expressions, rows=rows, schema=schema)}")
