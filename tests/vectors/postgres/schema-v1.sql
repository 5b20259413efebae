-- The store of mifeng. Run once, as the database's owner, in one transaction: psql -1 -v ON_ERROR_STOP=1
CREATE SCHEMA mifeng;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE TABLE mifeng.writer (one int PRIMARY KEY CHECK (one = 1), written bigint NOT NULL);
INSERT INTO mifeng.writer VALUES (1, 0);
CREATE TABLE mifeng.changed (report bytea PRIMARY KEY, written bigint NOT NULL);
CREATE INDEX changed_written ON mifeng.changed (written);
CREATE TABLE mifeng.slots (slot bigint PRIMARY KEY, bytes bytea NOT NULL, day date NOT NULL DEFAULT current_date);

CREATE FUNCTION mifeng.sql_version() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE FUNCTION mifeng.written() RETURNS bigint LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT written FROM mifeng.writer $$;
CREATE FUNCTION mifeng.take_turn() RETURNS bigint LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT written FROM mifeng.writer FOR UPDATE $$;
CREATE FUNCTION mifeng.advance(reports bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ UPDATE mifeng.writer SET written = written + 1;
     INSERT INTO mifeng.changed (report, written)
       SELECT r, w.written FROM unnest(reports) AS r, mifeng.writer AS w
       ON CONFLICT (report) DO UPDATE SET written = excluded.written $$;
CREATE FUNCTION mifeng.changed_after(after bigint) RETURNS TABLE (report bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT c.report FROM mifeng.changed AS c WHERE c.written > after ORDER BY c.written $$;
CREATE FUNCTION mifeng.slot_put(n bigint, b bytea) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.slots (slot, bytes) VALUES (n, b) $$;
CREATE FUNCTION mifeng.slot_get(n bigint) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT bytes FROM mifeng.slots WHERE slot = n $$;
CREATE FUNCTION mifeng.slots_remove(ns bigint[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.slots WHERE slot = ANY (ns) $$;

CREATE TABLE mifeng.meta (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE FUNCTION mifeng.meta_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.meta WHERE key = k $$;
CREATE FUNCTION mifeng.meta_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.meta AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.meta_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.meta AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE t.key NOT IN ('schema', 'mark') $$;

CREATE TABLE mifeng.data_keys (key bytea PRIMARY KEY CHECK (octet_length(key) = 16), value bytea NOT NULL);
CREATE FUNCTION mifeng.data_keys_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.data_keys WHERE key = k $$;
CREATE FUNCTION mifeng.data_keys_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.data_keys AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.data_keys_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.data_keys AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;

CREATE TABLE mifeng.reports (key bytea PRIMARY KEY CHECK (octet_length(key) = 16), value bytea NOT NULL);
CREATE FUNCTION mifeng.reports_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.reports WHERE key = k $$;
CREATE FUNCTION mifeng.reports_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.reports AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.reports_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.reports AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;

CREATE TABLE mifeng.cases (key bytea PRIMARY KEY CHECK (octet_length(key) = 16), value bytea NOT NULL);
CREATE FUNCTION mifeng.cases_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.cases WHERE key = k $$;
CREATE FUNCTION mifeng.cases_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.cases AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.cases_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.cases AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;

CREATE TABLE mifeng.audit (key bytea PRIMARY KEY CHECK (octet_length(key) = 16), value bytea NOT NULL);
CREATE FUNCTION mifeng.audit_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.audit WHERE key = k $$;
CREATE FUNCTION mifeng.audit_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.audit AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.audit_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.audit AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;

CREATE TABLE mifeng.envelopes (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE FUNCTION mifeng.envelopes_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.envelopes WHERE key = k $$;
CREATE FUNCTION mifeng.envelopes_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.envelopes AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.envelopes_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.envelopes AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v) $$;

CREATE TABLE mifeng.shares (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE FUNCTION mifeng.shares_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.shares WHERE key = k $$;
CREATE FUNCTION mifeng.shares_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.shares AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.shares_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.shares AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v) $$;

CREATE TABLE mifeng.locators (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE FUNCTION mifeng.locators_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.locators WHERE key = k $$;
CREATE FUNCTION mifeng.locators_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.locators AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.locators_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.locators AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;
CREATE FUNCTION mifeng.locators_remove(ks bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.locators WHERE key = ANY (ks) $$;

CREATE TABLE mifeng.files (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE FUNCTION mifeng.files_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.files WHERE key = k $$;
CREATE FUNCTION mifeng.files_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.files AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.files_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.files AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;
CREATE FUNCTION mifeng.files_remove(ks bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.files WHERE key = ANY (ks) $$;

CREATE TABLE mifeng.awards (key bytea PRIMARY KEY CHECK (octet_length(key) = 16), value bytea NOT NULL);
CREATE FUNCTION mifeng.awards_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.awards WHERE key = k $$;
CREATE FUNCTION mifeng.awards_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.awards AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.awards_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.awards AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;

CREATE TABLE mifeng.packages (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE FUNCTION mifeng.packages_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.packages WHERE key = k $$;
CREATE FUNCTION mifeng.packages_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.packages AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.packages_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.packages AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;
CREATE FUNCTION mifeng.packages_remove(ks bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.packages WHERE key = ANY (ks) $$;

CREATE TABLE mifeng.staff (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE FUNCTION mifeng.staff_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.staff WHERE key = k $$;
CREATE FUNCTION mifeng.staff_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.staff AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.staff_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.staff AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;

CREATE TABLE mifeng.attempts (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE FUNCTION mifeng.attempts_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.attempts WHERE key = k $$;
CREATE FUNCTION mifeng.attempts_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.attempts AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.attempts_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.attempts AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;
CREATE FUNCTION mifeng.attempts_remove(ks bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.attempts WHERE key = ANY (ks) $$;

CREATE TABLE mifeng.log_leaves (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE FUNCTION mifeng.log_leaves_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.log_leaves WHERE key = k $$;
CREATE FUNCTION mifeng.log_leaves_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.log_leaves AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.log_leaves_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.log_leaves AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v) $$;

CREATE TABLE mifeng.log_nodes (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE FUNCTION mifeng.log_nodes_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.log_nodes WHERE key = k $$;
CREATE FUNCTION mifeng.log_nodes_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.log_nodes AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.log_nodes_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.log_nodes AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v) $$;

CREATE TABLE mifeng.trail (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE FUNCTION mifeng.trail_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.trail WHERE key = k $$;
CREATE FUNCTION mifeng.trail_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.trail AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.trail_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.trail AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v) $$;

CREATE TABLE mifeng.tickets (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE FUNCTION mifeng.tickets_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.tickets WHERE key = k $$;
CREATE FUNCTION mifeng.tickets_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.tickets AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.tickets_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.tickets AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;
CREATE FUNCTION mifeng.tickets_remove(ks bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.tickets WHERE key = ANY (ks) $$;

CREATE TABLE mifeng.views (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE FUNCTION mifeng.views_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.views WHERE key = k $$;
CREATE FUNCTION mifeng.views_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.views AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.views_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.views AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;
CREATE FUNCTION mifeng.views_remove(ks bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.views WHERE key = ANY (ks) $$;

CREATE TABLE mifeng.access (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE FUNCTION mifeng.access_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.access WHERE key = k $$;
CREATE FUNCTION mifeng.access_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.access AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.access_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.access AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;

-- Functions are everybody's until somebody says otherwise.
REVOKE ALL ON SCHEMA mifeng FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA mifeng FROM PUBLIC;

GRANT USAGE ON SCHEMA mifeng TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.sql_version() TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.written() TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.take_turn() TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.advance(bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.changed_after(bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.slot_get(bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.slot_put(bigint, bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.slots_remove(bigint[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.meta_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.meta_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.meta_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.reports_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.reports_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.reports_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.cases_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.cases_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.cases_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.audit_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.audit_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.audit_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.envelopes_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.envelopes_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.envelopes_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.shares_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.shares_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.shares_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.locators_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.locators_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.locators_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.locators_remove(bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.files_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.files_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.files_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.files_remove(bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.awards_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.awards_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.awards_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.packages_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.packages_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.packages_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.packages_remove(bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.staff_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.staff_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.staff_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.attempts_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.attempts_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.attempts_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.attempts_remove(bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.trail_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.trail_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.trail_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.tickets_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.tickets_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.tickets_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.tickets_remove(bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.views_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.views_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.views_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.views_remove(bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.access_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.access_scan(bytea, bytea, int) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.access_put(bytea[], bytea[]) TO mifeng_whole;

GRANT USAGE ON SCHEMA mifeng TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.sql_version() TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.written() TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.take_turn() TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.advance(bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.slot_get(bigint) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.slot_put(bigint, bytea) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.slots_remove(bigint[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.meta_get(bytea) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.meta_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_get(bytea) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.reports_get(bytea) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.reports_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.cases_get(bytea) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.cases_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.audit_get(bytea) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.audit_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.envelopes_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.shares_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.locators_get(bytea) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.locators_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.locators_remove(bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.files_get(bytea) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.files_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.files_remove(bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.awards_get(bytea) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.awards_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.packages_remove(bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_get(bytea) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_scan(bytea, bytea, int) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_get(bytea) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.trail_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.tickets_get(bytea) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.tickets_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.tickets_remove(bytea[]) TO mifeng_portal;

GRANT USAGE ON SCHEMA mifeng TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.sql_version() TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.written() TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.take_turn() TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.advance(bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.changed_after(bigint) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.slot_get(bigint) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.slot_put(bigint, bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.slots_remove(bigint[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.meta_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.meta_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.reports_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.cases_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.cases_scan(bytea, bytea, int) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.cases_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.audit_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.audit_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.shares_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.files_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.files_scan(bytea, bytea, int) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.files_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.files_remove(bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.awards_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.awards_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.packages_remove(bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.staff_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.staff_scan(bytea, bytea, int) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.staff_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.attempts_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.attempts_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.attempts_remove(bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_scan(bytea, bytea, int) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.trail_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.trail_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.tickets_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.tickets_scan(bytea, bytea, int) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.tickets_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.tickets_remove(bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.views_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.views_scan(bytea, bytea, int) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.views_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.views_remove(bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.access_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.access_scan(bytea, bytea, int) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.access_put(bytea[], bytea[]) TO mifeng_console;

GRANT USAGE ON SCHEMA mifeng TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.sql_version() TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.written() TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.take_turn() TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.advance(bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.changed_after(bigint) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.slot_get(bigint) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.slot_put(bigint, bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.slots_remove(bigint[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.meta_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.meta_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.reports_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.cases_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.cases_scan(bytea, bytea, int) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.cases_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.audit_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.audit_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.envelopes_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.files_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.files_scan(bytea, bytea, int) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.files_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.files_remove(bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.awards_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.awards_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.packages_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.packages_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.packages_remove(bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.staff_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.staff_scan(bytea, bytea, int) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.staff_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.attempts_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.attempts_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.attempts_remove(bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_scan(bytea, bytea, int) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.trail_put(bytea[], bytea[]) TO mifeng_office;
