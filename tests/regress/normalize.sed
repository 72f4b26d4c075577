# uuids, as in file names
s/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/UUID/g
# the directory of the home, in locations and messages
s#(file://)?/[A-Za-z0-9_./-]*/pgdata_lake#WAREHOUSE#g
s#/[A-Za-z0-9_./-]*/pgdata([^A-Za-z0-9_]|$)#PGDATA\1#g
# a table's oid in its location
s#(WAREHOUSE/[^ "']*/)[0-9]{4,}([/" '.]|$)#\1OID\2#g
# the snapshot id in a manifest list's name
s/snap-[0-9]+-/snap-SNAPSHOT-/g
# how to reach the server
s/host=[^ "']+ port=[0-9]+/host=HOST port=PORT/g
# EXPLAIN ANALYZE
s/(Planning|Execution) Time: [0-9.]+ ms/\1 Time: TIME/
s/actual time=[0-9.]+(\.\.[0-9.]+)?/actual time=TIME/
s/Engine Time: [0-9.]+ ms/Engine Time: TIME/
s/Storage (Reads|Bytes Read): [0-9]+/Storage \1: NUMBER/
# a column that holds a location is as wide as the home's path is long
s/-{40,}/---/g
/^ *\^$/!s/ {30,}/ /g
