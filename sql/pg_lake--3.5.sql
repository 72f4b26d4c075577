-- CREATE EXTENSION pg_lake: schemas, roles, access method, servers, catalogs and functions of surface.md.
\echo Use "CREATE EXTENSION pg_lake CASCADE" to load this file. \quit

-- ------------------------------------------------------------------ roles (ROLE-1 to ROLE-5): they survive DROP EXTENSION
DO $$
DECLARE
  role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['lake_read', 'lake_write', 'lake_read_write', 'iceberg_catalog'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
    END IF;
  END LOOP;
  GRANT lake_read, lake_write TO lake_read_write;
END
$$;

-- ------------------------------------------------------------------ schemas (SCH)
CREATE SCHEMA lake;
CREATE SCHEMA lake_struct;
CREATE SCHEMA lake_engine;
CREATE SCHEMA lake_iceberg;
CREATE SCHEMA lake_table;
CREATE SCHEMA lake_file;
CREATE SCHEMA lake_file_cache;
CREATE SCHEMA map_type;
CREATE SCHEMA extension_base;
GRANT USAGE ON SCHEMA lake, lake_iceberg, lake_table, map_type TO public;
GRANT USAGE, CREATE ON SCHEMA lake_struct TO public;
GRANT USAGE ON SCHEMA lake_engine TO lake_write;
GRANT USAGE ON SCHEMA lake_file, lake_file_cache TO lake_read;

-- ------------------------------------------------------------------ maps (MAP): a domain over an array of pairs

-- What a type is called in the names of map types: int4_array for int4[], the OID where a name would need quotes.
CREATE FUNCTION map_type.part_name(typ regtype) RETURNS text LANGUAGE sql STABLE STRICT
  RETURN (SELECT CASE WHEN n.name ~ '^[a-z_][a-z0-9_]*$' THEN n.name ELSE t.oid::text END
          FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A',
               LATERAL (SELECT CASE WHEN e.oid IS NOT NULL THEN e.typname || '_array' ELSE t.typname::text END AS name) n
          WHERE t.oid = typ);

CREATE FUNCTION map_type.create(keytype regtype, valtype regtype, typname text DEFAULT NULL) RETURNS regtype LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  parts text := format('%s_%s', map_type.part_name(keytype), map_type.part_name(valtype));
  map_name text := coalesce($3, format('key_%s_val_%s', map_type.part_name(keytype), map_type.part_name(valtype)));
  found_key regtype;
  found_value regtype;
  found oid;
BEGIN
  IF EXISTS (SELECT FROM pg_type WHERE oid = keytype AND typcategory = 'A') THEN
    RAISE EXCEPTION 'arrays cannot be used as the key type' USING ERRCODE = 'datatype_mismatch';
  END IF;
  IF octet_length(map_name) > 63 OR octet_length('pair_' || parts) > 63 THEN
    parts := format('%s_%s', keytype::oid, valtype::oid);
    map_name := coalesce($3, format('key_%s_val_%s', keytype::oid, valtype::oid));
  END IF;
  SELECT t.oid, k.atttypid, v.atttypid INTO found, found_key, found_value
    FROM pg_type t JOIN pg_type a ON a.oid = t.typbasetype JOIN pg_type p ON p.oid = a.typelem
      JOIN pg_attribute k ON k.attrelid = p.typrelid AND k.attnum = 1 JOIN pg_attribute v ON v.attrelid = p.typrelid AND v.attnum = 2
    WHERE t.typnamespace = 'map_type'::regnamespace AND t.typname = map_name AND t.typtype = 'd';
  IF found_key <> keytype THEN
    RAISE EXCEPTION 'map type "%" has mismatched key types: % and %', map_name, found_key, keytype USING ERRCODE = 'duplicate_object';
  END IF;
  IF found_value <> valtype THEN
    RAISE EXCEPTION 'map type "%" has mismatched value types: % and %', map_name, found_value, valtype USING ERRCODE = 'duplicate_object';
  END IF;
  IF found IS NOT NULL THEN
    RETURN found;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_type t WHERE t.typnamespace = 'map_type'::regnamespace AND t.typname = 'pair_' || parts) THEN
    EXECUTE format('CREATE TYPE map_type.%I AS (key %s, val %s)', 'pair_' || parts, keytype, valtype);
  END IF;
  EXECUTE format('CREATE DOMAIN map_type.%I AS map_type.%I[]', map_name, 'pair_' || parts);
  EXECUTE format('CREATE FUNCTION map_type.extract(map map_type.%I, key %s) RETURNS %s LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE '
                 'AS ''SELECT e.val FROM pg_catalog.unnest($1) e WHERE e.key = $2 LIMIT 1''', map_name, keytype, valtype);
  EXECUTE format('CREATE FUNCTION map_type.cardinality(map map_type.%I) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE '
                 'AS ''SELECT pg_catalog.cardinality($1)''', map_name);
  EXECUTE format('CREATE FUNCTION map_type.entries(map map_type.%I) RETURNS TABLE (key %s, value %s) LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE '
                 'AS ''SELECT e.key, e.val FROM pg_catalog.unnest($1) e''', map_name, keytype, valtype);
  EXECUTE format('CREATE OPERATOR %I.-> (LEFTARG = map_type.%I, RIGHTARG = %s, FUNCTION = map_type.extract)',
                 CASE WHEN to_regnamespace('public') IS NULL THEN 'map_type' ELSE 'public' END, map_name, keytype);
  RETURN format('map_type.%I', map_name)::regtype;
END
$$;
COMMENT ON FUNCTION map_type.create(regtype, regtype, text) IS 'the type of maps from keytype to valtype, made if there is none yet';
REVOKE EXECUTE ON FUNCTION map_type.create(regtype, regtype, text) FROM public;
SELECT map_type.create('text', 'text');
SELECT map_type.create('text', 'map_type.key_text_val_text');

-- ------------------------------------------------------------------ access method, wrappers, servers (SRV)
CREATE FUNCTION lake_iceberg.table_am_handler(internal) RETURNS table_am_handler
  LANGUAGE c AS 'MODULE_PATHNAME', 'lake_table_am_handler';
CREATE ACCESS METHOD iceberg TYPE TABLE HANDLER lake_iceberg.table_am_handler;
CREATE ACCESS METHOD pg_lake_iceberg TYPE TABLE HANDLER lake_iceberg.table_am_handler;
COMMENT ON ACCESS METHOD iceberg IS 'Apache Iceberg tables in object storage';
COMMENT ON ACCESS METHOD pg_lake_iceberg IS 'another name of iceberg';

CREATE FUNCTION lake_iceberg.fdw_validator(text[], oid) RETURNS void
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'lake_fdw_validator';
CREATE FOREIGN DATA WRAPPER pg_lake_table VALIDATOR lake_iceberg.fdw_validator;
CREATE FOREIGN DATA WRAPPER pg_lake_iceberg VALIDATOR lake_iceberg.fdw_validator;
CREATE FOREIGN DATA WRAPPER iceberg_catalog;
CREATE SERVER pg_lake FOREIGN DATA WRAPPER pg_lake_table;
CREATE SERVER pg_lake_iceberg FOREIGN DATA WRAPPER pg_lake_iceberg;
CREATE SERVER pg_lake_postgres_catalog TYPE 'postgres' FOREIGN DATA WRAPPER iceberg_catalog;
CREATE SERVER pg_lake_object_store_catalog TYPE 'object_store' FOREIGN DATA WRAPPER iceberg_catalog;
CREATE SERVER pg_lake_rest_catalog TYPE 'rest' FOREIGN DATA WRAPPER iceberg_catalog;
GRANT USAGE ON FOREIGN SERVER pg_lake TO lake_read, lake_read_write;
GRANT USAGE ON FOREIGN SERVER pg_lake_iceberg TO lake_read_write;
GRANT USAGE ON FOREIGN DATA WRAPPER iceberg_catalog TO lake_write;
GRANT USAGE ON FOREIGN SERVER pg_lake_postgres_catalog, pg_lake_object_store_catalog, pg_lake_rest_catalog TO lake_write;

-- ------------------------------------------------------------------ catalogs (CAT); heap whatever default_table_access_method says

-- One pointer row per Iceberg table: swapping metadata_location is the commit. pending_metadata is the inline metadata document of a table whose
-- creating transaction has not committed; the counts are totals of the current snapshot, for the planner. DROP TABLE of one that keeps_files
-- removes none: another engine made the table, or has dropped it through iceberg_tables. A row that CREATE DATABASE .. TEMPLATE
-- copied has another database_oid: the table is the other database's, and read-only here.
CREATE TABLE lake_iceberg.tables_internal (
  table_name regclass PRIMARY KEY,
  metadata_location text,
  previous_metadata_location text,
  read_only bool NOT NULL DEFAULT false,
  has_custom_location bool NOT NULL DEFAULT false,
  default_spec_id int NOT NULL DEFAULT 0,
  location text NOT NULL,
  pending_metadata text,
  record_count bigint NOT NULL DEFAULT 0,
  data_bytes bigint NOT NULL DEFAULT 0,
  file_count bigint NOT NULL DEFAULT 0,
  database_oid oid NOT NULL,
  keeps_files bool NOT NULL DEFAULT false
) USING heap WITH (fillfactor = 50);  -- room for the next version of a row on its page: HOT updates

-- Tables of other catalogs that clients of the SQL catalog registered through iceberg_tables.
CREATE TABLE lake_iceberg.tables_external (
  catalog_name varchar(255) NOT NULL,
  table_namespace varchar(255) NOT NULL,
  table_name varchar(255) NOT NULL,
  metadata_location varchar(1000),
  previous_metadata_location varchar(1000),
  iceberg_type varchar(5) DEFAULT 'TABLE',
  PRIMARY KEY (catalog_name, table_namespace, table_name)
) USING heap;

CREATE TABLE lake_iceberg.namespace_properties (
  catalog_name varchar(255) NOT NULL,
  namespace varchar(255) NOT NULL,
  property_key varchar(255) NOT NULL,
  property_value varchar(1000),
  PRIMARY KEY (catalog_name, namespace, property_key)
) USING heap;

CREATE TABLE lake_engine.deletion_queue (
  path text PRIMARY KEY,
  table_name regclass,
  orphaned_at timestamptz NOT NULL DEFAULT now(),
  retry_count int NOT NULL DEFAULT 0,
  is_prefix bool NOT NULL DEFAULT false,
  resolve_metadata bool NOT NULL DEFAULT false,
  last_attempt_at timestamptz
) USING heap;

-- The ledger: see src/extension/catalog/ledger.h. Written by frozen inserts, so it has no index and no constraint.
CREATE TABLE lake_engine.in_progress_files (
  path text,
  operation_id bigint,
  is_prefix bool,
  xid xid8,
  table_oid oid
) USING heap;
CREATE SEQUENCE lake_engine.operationid_seq;

ALTER TABLE lake_iceberg.tables_internal REPLICA IDENTITY FULL;
ALTER TABLE lake_iceberg.tables_external REPLICA IDENTITY FULL;
ALTER TABLE lake_iceberg.namespace_properties REPLICA IDENTITY FULL;
ALTER TABLE lake_engine.deletion_queue REPLICA IDENTITY FULL;
ALTER TABLE lake_engine.in_progress_files REPLICA IDENTITY FULL;
GRANT SELECT ON lake_engine.deletion_queue, lake_engine.in_progress_files TO lake_write;

CREATE VIEW lake_iceberg.tables AS
  SELECT current_database()::varchar(255) AS catalog_name,
         n.nspname::varchar(255) AS table_namespace,
         c.relname::varchar(255) AS table_name,
         t.metadata_location::varchar(1000) AS metadata_location,
         t.previous_metadata_location::varchar(1000) AS previous_metadata_location,
         'TABLE'::varchar(5) AS iceberg_type
    FROM lake_iceberg.tables_internal t
    JOIN pg_catalog.pg_class c ON c.oid = t.table_name::oid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE t.metadata_location IS NOT NULL
  UNION ALL
  SELECT catalog_name, table_namespace, table_name, metadata_location, previous_metadata_location, iceberg_type
    FROM lake_iceberg.tables_external
   WHERE metadata_location IS NOT NULL;

-- The relations of Iceberg's SQL catalog (CAT-1, CAT-2), found by clients through the search path: made here, moved to pg_catalog,
-- where nothing can be created directly.
CREATE VIEW lake_iceberg.iceberg_tables AS
  SELECT catalog_name, table_namespace, table_name, metadata_location, previous_metadata_location, iceberg_type
    FROM lake_iceberg.tables;
CREATE VIEW lake_iceberg.iceberg_namespace_properties AS
  SELECT catalog_name, namespace, property_key, property_value FROM lake_iceberg.namespace_properties;

-- The tables of this database: commits, new and renamed and dropped tables of other engines, with the rights of the client's role.
CREATE FUNCTION lake_iceberg.own_tables_trigger() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'lake_own_tables_trigger';
CREATE TRIGGER iceberg_tables_own INSTEAD OF INSERT OR UPDATE OR DELETE ON lake_iceberg.iceberg_tables
  FOR EACH ROW EXECUTE FUNCTION lake_iceberg.own_tables_trigger();

-- Behind it, by name: tables of other catalogs, which clients may keep here.
CREATE FUNCTION lake_iceberg.iceberg_tables_trigger() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.catalog_name = current_database() THEN
    RETURN OLD;
  ELSIF TG_OP <> 'DELETE' AND NEW.catalog_name = current_database() THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'INSERT' THEN
    INSERT INTO lake_iceberg.tables_external
      VALUES (NEW.catalog_name, NEW.table_namespace, NEW.table_name, NEW.metadata_location, NEW.previous_metadata_location,
              coalesce(NEW.iceberg_type, 'TABLE'));
    RETURN NEW;
  ELSIF TG_OP = 'UPDATE' THEN
    UPDATE lake_iceberg.tables_external
       SET catalog_name = NEW.catalog_name, table_namespace = NEW.table_namespace, table_name = NEW.table_name,
           metadata_location = NEW.metadata_location, previous_metadata_location = NEW.previous_metadata_location,
           iceberg_type = NEW.iceberg_type
     WHERE catalog_name = OLD.catalog_name AND table_namespace = OLD.table_namespace AND table_name = OLD.table_name
       AND metadata_location IS NOT DISTINCT FROM OLD.metadata_location;
    -- Another client swapped the pointer first: no row counts as updated, and that is how the client learns of the conflict.
    RETURN CASE WHEN FOUND THEN NEW END;
  END IF;
  DELETE FROM lake_iceberg.tables_external
   WHERE catalog_name = OLD.catalog_name AND table_namespace = OLD.table_namespace AND table_name = OLD.table_name;
  RETURN CASE WHEN FOUND THEN OLD END;
END
$$;
CREATE TRIGGER iceberg_tables_trigger INSTEAD OF INSERT OR UPDATE OR DELETE ON lake_iceberg.iceberg_tables
  FOR EACH ROW EXECUTE FUNCTION lake_iceberg.iceberg_tables_trigger();

-- A namespace of this database is a schema: who makes the one makes the other, with the rights of the client's role.
CREATE FUNCTION lake_iceberg.own_namespace_trigger() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.catalog_name = current_database() AND to_regnamespace(quote_ident(NEW.namespace)) IS NULL THEN
    EXECUTE format('CREATE SCHEMA %I', NEW.namespace);
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER namespace_properties_own BEFORE INSERT ON lake_iceberg.namespace_properties
  FOR EACH ROW EXECUTE FUNCTION lake_iceberg.own_namespace_trigger();
ALTER VIEW lake_iceberg.iceberg_tables SET SCHEMA pg_catalog;
ALTER VIEW lake_iceberg.iceberg_namespace_properties SET SCHEMA pg_catalog;

GRANT SELECT ON pg_catalog.iceberg_tables, pg_catalog.iceberg_namespace_properties, lake_iceberg.tables TO public;
GRANT ALL ON pg_catalog.iceberg_tables, pg_catalog.iceberg_namespace_properties TO iceberg_catalog;

-- ------------------------------------------------------------------ functions (FN)
CREATE FUNCTION lake.version() RETURNS text LANGUAGE c STABLE STRICT AS 'MODULE_PATHNAME', 'lake_version';

CREATE FUNCTION lake.register(tbl text, metadata_location text) RETURNS regclass
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'lake_register';
CREATE FUNCTION lake.add_files(tbl regclass, urls text[], hive_partitioning bool DEFAULT false, OUT files int, OUT rows bigint)
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'lake_add_files';
CREATE FUNCTION lake.add_files(tbl regclass, url text, hive_partitioning bool DEFAULT false, OUT files int, OUT rows bigint)
  LANGUAGE sql STRICT AS 'SELECT f.files, f.rows FROM lake.add_files($1, ARRAY[$2], $3) f';
COMMENT ON FUNCTION lake.add_files(regclass, text[], bool) IS 'makes existing Parquet files data files of the table, where they are';
COMMENT ON FUNCTION lake.register(text, text) IS 'takes an existing Iceberg table over, where it is';

CREATE FUNCTION lake.verify(tbl regclass) RETURNS TABLE (severity text, object text, problem text)
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'lake_verify';

CREATE FUNCTION lake_iceberg.metadata_text(metadata_uri text) RETURNS text
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'lake_metadata';
CREATE FUNCTION lake_iceberg.metadata(metadata_uri text) RETURNS jsonb
  LANGUAGE sql STRICT AS 'SELECT lake_iceberg.metadata_text(metadata_uri)::jsonb';
CREATE FUNCTION lake_iceberg.files(metadata_uri text)
  RETURNS TABLE (manifest_path text, content text, file_path text, file_format text, spec_id bigint, record_count bigint,
                 file_size_in_bytes bigint)
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'lake_files';
CREATE FUNCTION lake_iceberg.snapshots(metadata_uri text)
  RETURNS TABLE (sequence_number bigint, snapshot_id bigint, timestamp_ms timestamp, manifest_list text)
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'lake_snapshots';
CREATE FUNCTION lake_iceberg.data_file_stats(metadata_location text)
  RETURNS TABLE (path text, sequence_number bigint, lower_bounds json, upper_bounds json)
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'lake_data_file_stats';
REVOKE ALL ON FUNCTION lake_iceberg.data_file_stats(text) FROM public;
GRANT EXECUTE ON FUNCTION lake_iceberg.data_file_stats(text) TO lake_read;
CREATE FUNCTION lake_iceberg.find_all_referenced_files(metadata_path text) RETURNS SETOF text
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'lake_find_all_referenced_files';
REVOKE ALL ON FUNCTION lake_iceberg.find_all_referenced_files(text) FROM public;
GRANT EXECUTE ON FUNCTION lake_iceberg.find_all_referenced_files(text) TO lake_read;
CREATE FUNCTION lake_iceberg.table_size(regclass) RETURNS bigint LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'lake_table_size';

-- What a table held in the past, with the columns that it has now: SELECT * FROM lake.at_time(NULL::orders, '2026-11-01'). The setting
-- pg_lake_iceberg.read_as_of does it for all tables of a query, in the server.
CREATE FUNCTION lake.at_snapshot(tbl anyelement, snapshot_id bigint) RETURNS SETOF anyelement
  LANGUAGE c STABLE ROWS 10000 AS 'MODULE_PATHNAME', 'lake_at_snapshot';
CREATE FUNCTION lake.at_time(tbl anyelement, at timestamptz) RETURNS SETOF anyelement
  LANGUAGE c STABLE ROWS 10000 AS 'MODULE_PATHNAME', 'lake_at_time';
CREATE FUNCTION lake.at_ref(tbl anyelement, name text) RETURNS SETOF anyelement
  LANGUAGE c STABLE ROWS 10000 AS 'MODULE_PATHNAME', 'lake_at_ref';

-- In which rows two snapshots differ; without the first: all rows of the second; without the second: of the current one.
CREATE FUNCTION lake.changes(tbl anyelement, from_snapshot bigint, to_snapshot bigint DEFAULT NULL)
  RETURNS TABLE (change text, before anyelement, after anyelement)
  LANGUAGE c STABLE ROWS 1000 AS 'MODULE_PATHNAME', 'lake_changes';

-- Branches and tags, and going back to an older snapshot, for the table's owner (docs/branches.md).
CREATE FUNCTION lake.create_branch(tbl regclass, name text, snapshot_id bigint DEFAULT NULL, max_ref_age interval DEFAULT NULL, min_snapshots_to_keep int DEFAULT NULL,
                                   max_snapshot_age interval DEFAULT NULL)
  RETURNS void LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'lake_create_branch';
CREATE FUNCTION lake.create_tag(tbl regclass, name text, snapshot_id bigint DEFAULT NULL, max_ref_age interval DEFAULT NULL)
  RETURNS void LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'lake_create_tag';
CREATE FUNCTION lake.drop_branch(tbl regclass, name text) RETURNS void LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'lake_drop_branch';
CREATE FUNCTION lake.drop_tag(tbl regclass, name text) RETURNS void LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'lake_drop_tag';
CREATE FUNCTION lake.set_retention(tbl regclass, name text, max_ref_age interval DEFAULT NULL, min_snapshots_to_keep int DEFAULT NULL, max_snapshot_age interval DEFAULT NULL)
  RETURNS void LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'lake_set_retention';
CREATE FUNCTION lake.fast_forward(tbl regclass, branch text, "to" text) RETURNS void LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'lake_fast_forward';
CREATE FUNCTION lake.rollback_to_snapshot(tbl regclass, snapshot_id bigint) RETURNS void LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'lake_rollback_to_snapshot';
CREATE FUNCTION lake.rollback_to_time(tbl regclass, at timestamptz) RETURNS void LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'lake_rollback_to_time';
CREATE FUNCTION lake.set_current_snapshot(tbl regclass, snapshot_id bigint) RETURNS void LANGUAGE c VOLATILE AS 'MODULE_PATHNAME', 'lake_set_current_snapshot';

-- Iceberg's metadata tables: of the past of a table, and of its current snapshot. For those who may SELECT from it.
CREATE FUNCTION lake.snapshots(tbl regclass)
  RETURNS TABLE (committed_at timestamptz, snapshot_id bigint, parent_id bigint, operation text, manifest_list text, summary jsonb, sequence_number bigint,
                 schema_id int)
  LANGUAGE c STABLE STRICT ROWS 100 AS 'MODULE_PATHNAME', 'lake_show_snapshots';
CREATE FUNCTION lake.history(tbl regclass)
  RETURNS TABLE (made_current_at timestamptz, snapshot_id bigint, parent_id bigint, is_current_ancestor bool)
  LANGUAGE c STABLE STRICT ROWS 100 AS 'MODULE_PATHNAME', 'lake_show_history';
CREATE FUNCTION lake.refs(tbl regclass)
  RETURNS TABLE (name text, type text, snapshot_id bigint, max_reference_age_in_ms bigint, min_snapshots_to_keep int, max_snapshot_age_in_ms bigint)
  LANGUAGE c STABLE STRICT ROWS 1 AS 'MODULE_PATHNAME', 'lake_show_refs';
CREATE FUNCTION lake.manifests(tbl regclass)
  RETURNS TABLE (content text, path text, length bigint, partition_spec_id int, sequence_number bigint, added_snapshot_id bigint, added_files_count bigint,
                 existing_files_count bigint, deleted_files_count bigint, added_rows_count bigint, existing_rows_count bigint, deleted_rows_count bigint)
  LANGUAGE c STABLE STRICT ROWS 10 AS 'MODULE_PATHNAME', 'lake_show_manifests';
CREATE FUNCTION lake.files(tbl regclass)
  RETURNS TABLE (content text, file_path text, file_format text, spec_id int, partition jsonb, record_count bigint, file_size_in_bytes bigint,
                 sequence_number bigint, sort_order_id int)
  LANGUAGE c STABLE STRICT ROWS 100 AS 'MODULE_PATHNAME', 'lake_show_files';
CREATE FUNCTION lake.partitions(tbl regclass)
  RETURNS TABLE (partition jsonb, spec_id int, record_count bigint, file_count bigint, total_data_file_size_in_bytes bigint, position_delete_record_count bigint,
                 position_delete_file_count bigint, equality_delete_record_count bigint, equality_delete_file_count bigint)
  LANGUAGE c STABLE STRICT ROWS 100 AS 'MODULE_PATHNAME', 'lake_show_partitions';

-- The date so many days after 1970-01-01, Parquet's encoding; and an identity that the server does not know, so that what is around it stays here.
CREATE FUNCTION pg_catalog.to_date(double precision) RETURNS date
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lake_to_date';
CREATE FUNCTION pg_catalog.to_postgres(anyelement) RETURNS anyelement
  LANGUAGE c VOLATILE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lake_to_postgres';

CREATE FUNCTION lake_table.get_ftoption(options text[], key text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (SELECT substr(o, length($2) + 2) FROM unnest($1) o WHERE starts_with(o, $2 || '=') LIMIT 1);
CREATE FUNCTION lake_table.get_table_schema(regclass) RETURNS text
  LANGUAGE sql STABLE STRICT PARALLEL SAFE
  RETURN (SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1);
CREATE FUNCTION lake_table.get_table_name(regclass) RETURNS text
  LANGUAGE sql STABLE STRICT PARALLEL SAFE
  RETURN (SELECT c.relname FROM pg_catalog.pg_class c WHERE c.oid = $1);

CREATE FUNCTION lake_engine.flush_in_progress_queue() RETURNS SETOF text
  LANGUAGE c STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'lake_flush_in_progress_queue';
CREATE FUNCTION lake_engine.remove_queued_files(path text, is_prefix bool) RETURNS SETOF text
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'lake_remove_queued_files';

-- What runs in the server, and what does not (docs/pushdown.md). in_server: NULL where DuckDB's construct has the same name.
CREATE FUNCTION lake_engine.shippable_catalog()
  RETURNS TABLE (kind text, section text, names text, argument_types text, in_server text, condition text, note text, stays text,
                 example text)
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'lake_shippable_catalog';

-- The session's time zone, or the one of a name, as queries that run in the server bring it along (docs/link.md).
CREATE FUNCTION lake_engine.time_zone_rules() RETURNS text
  LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lake_session_time_zone_rules';
CREATE FUNCTION lake_engine.time_zone_rules(zone text) RETURNS text
  LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lake_time_zone_rules';

-- What L, D, G and S stand for in pictures of numbers, as such queries bring it along: the symbols of lc_numeric and lc_monetary, five lines.
CREATE FUNCTION lake_engine.number_symbols() RETURNS text
  LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lake_number_symbols';

-- The name of an enum and its labels in their order, each behind its length in bytes and a colon, as queries that order by it bring them along.
CREATE FUNCTION lake_engine.enum_labels(enum regtype) RETURNS text
  LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lake_enum_labels';

-- The composite type of a struct with these fields, made in lake_struct if there is none yet (STRUCT-1).
CREATE FUNCTION lake_engine.struct_type(names text[], types regtype[]) RETURNS regtype
  LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'lake_struct_type';

-- flush_deletion_queue(t): removes the queued files of table t, 0 for dropped tables; answers what was removed.
CREATE FUNCTION lake_engine.flush_deletion_queue(target regclass) RETURNS SETOF text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  entry record;
BEGIN
  FOR entry IN SELECT q.path, q.is_prefix FROM lake_engine.deletion_queue q
                WHERE coalesce(q.table_name::oid, 0) = target::oid FOR UPDATE SKIP LOCKED LOOP
    RETURN QUERY SELECT lake_engine.remove_queued_files(entry.path, entry.is_prefix);
    DELETE FROM lake_engine.deletion_queue q WHERE q.path = entry.path;
  END LOOP;
END
$$;

-- What the background worker does: queue entries older than the retention period; one that fails is tried again later.
CREATE FUNCTION lake_engine.flush_expired_deletions() RETURNS SETOF text
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  entry record;
  retention interval := make_interval(secs => (SELECT setting::int FROM pg_settings
                                                WHERE name = 'pg_lake_engine.orphaned_file_retention_period'));
  retry_after interval := make_interval(secs => (SELECT setting::int FROM pg_settings
                                                  WHERE name = 'pg_lake_engine.vacuum_file_remove_retry_interval'));
  max_retries int := (SELECT setting::int FROM pg_settings WHERE name = 'pg_lake_engine.vacuum_file_remove_max_retries');
BEGIN
  FOR entry IN SELECT q.path, q.is_prefix FROM lake_engine.deletion_queue q
                WHERE q.orphaned_at < now() - retention AND q.retry_count <= max_retries
                  AND (q.last_attempt_at IS NULL OR q.last_attempt_at < now() - retry_after)
                  FOR UPDATE SKIP LOCKED LOOP
    BEGIN
      RETURN QUERY SELECT lake_engine.remove_queued_files(entry.path, entry.is_prefix);
      DELETE FROM lake_engine.deletion_queue q WHERE q.path = entry.path;
    EXCEPTION WHEN OTHERS THEN
      UPDATE lake_engine.deletion_queue q SET retry_count = q.retry_count + 1, last_attempt_at = now() WHERE q.path = entry.path;
      RAISE WARNING 'could not remove "%": %', entry.path, SQLERRM;
    END;
  END LOOP;
END
$$;

REVOKE ALL ON FUNCTION lake_engine.flush_in_progress_queue(), lake_engine.remove_queued_files(text, bool),
  lake_engine.flush_deletion_queue(regclass), lake_engine.flush_expired_deletions() FROM public;
GRANT EXECUTE ON FUNCTION lake_engine.flush_in_progress_queue(), lake_engine.flush_deletion_queue(regclass) TO lake_write;

-- ------------------------------------------------------------------ what the tables consist of (CAT-6 to CAT-8)
-- Views over the metadata: the server reads it, for one table at a time, as the statement's PostgreSQL snapshot sees the pointer. A condition
-- table_name = 't'::regclass reads the metadata of that table alone. Rows that the running transaction has written belong to no file before the commit.
CREATE FUNCTION lake_table.files_of(tbl regclass)
  RETURNS TABLE (id bigint, path text, row_count bigint, updated_time timestamptz, file_size bigint, content int, deleted_row_count bigint,
                 first_row_id bigint)
  LANGUAGE c STABLE STRICT ROWS 100 AS 'MODULE_PATHNAME', 'lake_table_files';
CREATE FUNCTION lake_table.deletion_files_of(tbl regclass) RETURNS TABLE (path text, deleted_from text)
  LANGUAGE c STABLE STRICT ROWS 100 AS 'MODULE_PATHNAME', 'lake_table_deletion_files';
CREATE FUNCTION lake_table.fields_of(tbl regclass)
  RETURNS TABLE (field_id int, pg_attnum smallint, parent_field_id int, initial_default text, write_default text, field_pg_type regtype,
                 field_pg_typemod int, field_storage_pg_type regtype, field_storage_pg_typemod int)
  LANGUAGE c STABLE STRICT ROWS 20 AS 'MODULE_PATHNAME', 'lake_table_fields';
CREATE FUNCTION lake_table.column_stats_of(tbl regclass) RETURNS TABLE (path text, field_id int, lower_bound text, upper_bound text)
  LANGUAGE c STABLE STRICT ROWS 1000 AS 'MODULE_PATHNAME', 'lake_table_column_stats';
CREATE FUNCTION lake_table.partition_specs_of(tbl regclass) RETURNS TABLE (spec_id int, is_default bool)
  LANGUAGE c STABLE STRICT ROWS 1 AS 'MODULE_PATHNAME', 'lake_table_partition_specs';
CREATE FUNCTION lake_table.partition_fields_of(tbl regclass)
  RETURNS TABLE (source_field_id int, partition_field_id int, partition_field_name text, transform_name text, spec_id int)
  LANGUAGE c STABLE STRICT ROWS 1 AS 'MODULE_PATHNAME', 'lake_table_partition_fields';
CREATE FUNCTION lake_table.partition_values_of(tbl regclass) RETURNS TABLE (file_id bigint, partition_field_id int, value text)
  LANGUAGE c STABLE STRICT ROWS 100 AS 'MODULE_PATHNAME', 'lake_table_partition_values';
CREATE FUNCTION lake_table.row_ids_of(tbl regclass) RETURNS TABLE (first_row_id bigint, row_count bigint, file_id bigint)
  LANGUAGE c STABLE STRICT ROWS 100 AS 'MODULE_PATHNAME', 'lake_table_row_ids';

-- A snapshot older than another transaction's commit may see two rows of a table that this one has changed too; it is one table.
CREATE VIEW lake_table.lake_tables AS SELECT DISTINCT table_name FROM lake_iceberg.tables_internal;

CREATE VIEW lake_table.files AS
  SELECT f.id, t.table_name, f.path, f.row_count, f.updated_time, f.file_size, f.content, f.deleted_row_count, f.first_row_id
    FROM lake_table.lake_tables t, LATERAL lake_table.files_of(t.table_name) f;
CREATE VIEW lake_table.deletion_file_map AS
  SELECT t.table_name, d.path, d.deleted_from FROM lake_table.lake_tables t, LATERAL lake_table.deletion_files_of(t.table_name) d;
CREATE VIEW lake_table.field_id_mappings AS
  SELECT t.table_name, f.field_id, f.pg_attnum, f.parent_field_id, f.initial_default, f.write_default, f.field_pg_type, f.field_pg_typemod,
         f.field_storage_pg_type, f.field_storage_pg_typemod
    FROM lake_table.lake_tables t, LATERAL lake_table.fields_of(t.table_name) f;
CREATE VIEW lake_table.data_file_column_stats AS
  SELECT t.table_name, s.path, s.field_id, s.lower_bound, s.upper_bound
    FROM lake_table.lake_tables t, LATERAL lake_table.column_stats_of(t.table_name) s;
CREATE VIEW lake_table.partition_specs AS
  SELECT t.table_name, s.spec_id, s.is_default FROM lake_table.lake_tables t, LATERAL lake_table.partition_specs_of(t.table_name) s;
CREATE VIEW lake_table.partition_fields AS
  SELECT f.source_field_id, f.partition_field_id, f.partition_field_name, f.transform_name, t.table_name, f.spec_id
    FROM lake_table.lake_tables t, LATERAL lake_table.partition_fields_of(t.table_name) f;
CREATE VIEW lake_table.data_file_partition_values AS
  SELECT v.file_id AS id, v.partition_field_id, v.value
    FROM lake_table.lake_tables t, LATERAL lake_table.partition_values_of(t.table_name) v;
CREATE VIEW lake_table.row_id_mappings AS
  SELECT t.table_name, int8range(r.first_row_id, r.first_row_id + r.row_count) AS row_id_range, r.file_id, 0::bigint AS file_row_number
    FROM lake_table.lake_tables t, LATERAL lake_table.row_ids_of(t.table_name) r;

REVOKE ALL ON FUNCTION lake_table.files_of(regclass), lake_table.deletion_files_of(regclass), lake_table.fields_of(regclass),
  lake_table.column_stats_of(regclass), lake_table.partition_specs_of(regclass), lake_table.partition_fields_of(regclass),
  lake_table.partition_values_of(regclass), lake_table.row_ids_of(regclass) FROM public;
GRANT EXECUTE ON FUNCTION lake_table.files_of(regclass), lake_table.deletion_files_of(regclass), lake_table.fields_of(regclass),
  lake_table.column_stats_of(regclass), lake_table.partition_specs_of(regclass), lake_table.partition_fields_of(regclass),
  lake_table.partition_values_of(regclass), lake_table.row_ids_of(regclass) TO lake_read;
GRANT SELECT ON lake_table.files, lake_table.deletion_file_map, lake_table.field_id_mappings, lake_table.data_file_column_stats,
  lake_table.partition_specs, lake_table.partition_fields, lake_table.data_file_partition_values, lake_table.row_id_mappings TO lake_read;
-- What was shipped, and what was not and why (docs/explain.md).
CREATE FUNCTION lake.stat_lake_queries(OUT userid oid, OUT dbid oid, OUT queryid bigint, OUT part text, OUT relid oid, OUT calls bigint,
  OUT rows bigint, OUT link_bytes bigint, OUT engine_time double precision, OUT local_time double precision, OUT not_shipped text)
  RETURNS SETOF record LANGUAGE c STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lake_query_statistics';
CREATE FUNCTION lake.stat_lake_queries_reset() RETURNS void LANGUAGE c STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'lake_query_statistics_reset';
REVOKE ALL ON FUNCTION lake.stat_lake_queries_reset() FROM public;

CREATE VIEW lake.pg_stat_lake_queries AS
  SELECT userid, dbid, queryid, part, relid, calls, rows, link_bytes, engine_time, "local_time", not_shipped FROM lake.stat_lake_queries();

CREATE VIEW lake.pg_stat_lake_refusals AS
  SELECT reason, count(DISTINCT (s.userid, s.dbid, s.queryid)) AS queries, sum(s.calls)::bigint AS calls
    FROM lake.stat_lake_queries() s, unnest(string_to_array(s.not_shipped, E'\n')) reason
   GROUP BY reason;

CREATE FUNCTION lake.stat_progress(OUT pid int, OUT query_start timestamptz, OUT state text, OUT percentage double precision,
  OUT rows_processed bigint, OUT rows_total bigint)
  RETURNS SETOF record LANGUAGE c STRICT VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'lake_query_progress';
CREATE VIEW lake.pg_stat_progress_lake_queries AS
  SELECT p.pid, a.datid, a.datname, a.usesysid, p.query_start AS engine_start, p.state, p.percentage, p.rows_processed, p.rows_total
    FROM lake.stat_progress() p JOIN pg_catalog.pg_stat_activity a USING (pid);

GRANT SELECT ON lake.pg_stat_lake_queries, lake.pg_stat_lake_refusals, lake.pg_stat_progress_lake_queries TO public;

-- Shipped queries of every role call its functions of time zones; its tables have rights of their own.
GRANT USAGE ON SCHEMA lake_engine TO public;
