-- The store of mifeng. Run as the database's owner, in one transaction: psql -1 -v ON_ERROR_STOP=1
-- Run again by a newer program, with the servers stopped, it keeps what is stored.
CREATE SCHEMA IF NOT EXISTS mifeng;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE TABLE IF NOT EXISTS mifeng.writer (one int PRIMARY KEY CHECK (one = 1), written bigint NOT NULL);
INSERT INTO mifeng.writer VALUES (1, 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS mifeng.changed (report bytea PRIMARY KEY, written bigint NOT NULL);
CREATE INDEX IF NOT EXISTS changed_written ON mifeng.changed (written);
CREATE TABLE IF NOT EXISTS mifeng.slots (slot bigint PRIMARY KEY, bytes bytea NOT NULL, day date NOT NULL DEFAULT current_date);
-- Why nobody may be served, while something is moved in.
CREATE TABLE IF NOT EXISTS mifeng.notices (one int PRIMARY KEY CHECK (one = 1), token text NOT NULL, text text NOT NULL);
-- Where the next entry of a tree goes that has no gaps.
CREATE TABLE IF NOT EXISTS mifeng.edges (tree text PRIMARY KEY, next bigint NOT NULL);

DROP FUNCTION IF EXISTS mifeng.sql_version();
CREATE FUNCTION mifeng.sql_version() RETURNS bigint LANGUAGE sql AS $$ SELECT 3::bigint $$;
-- Eight bytes of a key, from this one on.
CREATE OR REPLACE FUNCTION mifeng.number(k bytea, at int) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT (get_byte(k, at)::bigint << 56) | (get_byte(k, at + 1)::bigint << 48)
       | (get_byte(k, at + 2)::bigint << 40) | (get_byte(k, at + 3)::bigint << 32)
       | (get_byte(k, at + 4)::bigint << 24) | (get_byte(k, at + 5)::bigint << 16)
       | (get_byte(k, at + 6)::bigint << 8) | get_byte(k, at + 7)::bigint $$;
CREATE OR REPLACE FUNCTION mifeng.notice() RETURNS TABLE (token text, text text) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT n.token, n.text FROM mifeng.notices AS n $$;
CREATE OR REPLACE FUNCTION mifeng.notice_set(t text, words text) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ UPDATE mifeng.writer SET written = written + 1;
     DELETE FROM mifeng.notices;
     INSERT INTO mifeng.notices SELECT 1, t, words WHERE t IS NOT NULL $$;
CREATE OR REPLACE FUNCTION mifeng.written() RETURNS bigint LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT written FROM mifeng.writer $$;
CREATE OR REPLACE FUNCTION mifeng.take_turn() RETURNS bigint LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT written FROM mifeng.writer FOR UPDATE $$;
CREATE OR REPLACE FUNCTION mifeng.advance(reports bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ UPDATE mifeng.writer SET written = written + 1;
     INSERT INTO mifeng.changed (report, written)
       SELECT r, w.written FROM unnest(reports) AS r, mifeng.writer AS w
       ON CONFLICT (report) DO UPDATE SET written = excluded.written $$;
CREATE OR REPLACE FUNCTION mifeng.changed_after(after bigint) RETURNS TABLE (report bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT c.report FROM mifeng.changed AS c WHERE c.written > after ORDER BY c.written $$;
CREATE OR REPLACE FUNCTION mifeng.slot_put(n bigint, b bytea) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.slots (slot, bytes) VALUES (n, b) $$;
CREATE OR REPLACE FUNCTION mifeng.slots_put(ns bigint[], bs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.slots (slot, bytes) SELECT n, b FROM unnest(ns, bs) AS s(n, b) $$;
CREATE OR REPLACE FUNCTION mifeng.slot_get(n bigint) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT bytes FROM mifeng.slots WHERE slot = n $$;
CREATE OR REPLACE FUNCTION mifeng.slots_remove(ns bigint[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.slots WHERE slot = ANY (ns) $$;
-- An upload takes hours, not a day.
CREATE OR REPLACE FUNCTION mifeng.slots_old(low bigint, most bigint) RETURNS TABLE (slot bigint) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT s.slot FROM mifeng.slots AS s WHERE s.slot >= low AND s.day < current_date - 1 ORDER BY s.slot LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.slots_page(low bigint, most bigint) RETURNS TABLE (slot bigint, bytes bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT s.slot, s.bytes FROM mifeng.slots AS s WHERE s.slot >= low ORDER BY s.slot LIMIT most $$;

CREATE TABLE IF NOT EXISTS mifeng.meta (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.meta_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.meta WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.meta_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.meta_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.meta AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.meta_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.meta AS t (key, value)
       SELECT CASE WHEN k <> 'log/head' OR EXISTS (SELECT 1 FROM mifeng.notices) THEN k
         WHEN octet_length(v) > 8 THEN CASE WHEN mifeng.number(v, 0) = e.next THEN k END END, v
       FROM unnest(ks, vs) AS n(k, v), mifeng.edges AS e WHERE e.tree = 'log_leaves'
     ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE CASE
       WHEN t.key = 'log/head' THEN substr(t.value, 1, 2) = '\x0101' OR substr(t.value, 1, 8) <= substr(excluded.value, 1, 8)
       ELSE t.key NOT IN ('schema', 'mark', 'retention-folder') END $$;

CREATE TABLE IF NOT EXISTS mifeng.data_keys (key bytea PRIMARY KEY CHECK (octet_length(key) = 16), value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.data_keys_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.data_keys WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.data_keys_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.data_keys_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.data_keys AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.data_keys_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.data_keys AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;

CREATE TABLE IF NOT EXISTS mifeng.reports (key bytea PRIMARY KEY CHECK (octet_length(key) = 16), value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.reports_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.reports WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.reports_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.reports_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.reports AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.reports_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.reports AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;

CREATE TABLE IF NOT EXISTS mifeng.cases (key bytea PRIMARY KEY CHECK (octet_length(key) = 16), value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.cases_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.cases WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.cases_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.cases_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.cases AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.cases_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.cases AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;

CREATE TABLE IF NOT EXISTS mifeng.audit (key bytea PRIMARY KEY CHECK (octet_length(key) = 16), value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.audit_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.audit WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.audit_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.audit_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.audit AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.audit_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.audit AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;

CREATE TABLE IF NOT EXISTS mifeng.envelopes (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.envelopes_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.envelopes WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.envelopes_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.envelopes_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.envelopes AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.envelopes_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.envelopes AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v) $$;

CREATE TABLE IF NOT EXISTS mifeng.shares (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.shares_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.shares WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.shares_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.shares_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.shares AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.shares_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.shares AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v) $$;

CREATE TABLE IF NOT EXISTS mifeng.locators (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.locators_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.locators WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.locators_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.locators_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.locators AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.locators_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.locators AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;
CREATE OR REPLACE FUNCTION mifeng.locators_remove(ks bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.locators WHERE key = ANY (ks) $$;

CREATE TABLE IF NOT EXISTS mifeng.files (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.files_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.files WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.files_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.files_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.files AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.files_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.files AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;
CREATE OR REPLACE FUNCTION mifeng.files_remove(ks bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.files WHERE key = ANY (ks) $$;

CREATE TABLE IF NOT EXISTS mifeng.awards (key bytea PRIMARY KEY CHECK (octet_length(key) = 16), value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.awards_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.awards WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.awards_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.awards_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.awards AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.awards_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.awards AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;

CREATE TABLE IF NOT EXISTS mifeng.packages (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.packages_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.packages WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.packages_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.packages_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.packages AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.packages_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.packages AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;
CREATE OR REPLACE FUNCTION mifeng.packages_remove(ks bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.packages WHERE key = ANY (ks) $$;

CREATE TABLE IF NOT EXISTS mifeng.staff (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.staff_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.staff WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.staff_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.staff_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.staff AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.staff_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.staff AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;

CREATE TABLE IF NOT EXISTS mifeng.attempts (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.attempts_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.attempts WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.attempts_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.attempts_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.attempts AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.attempts_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.attempts AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;
CREATE OR REPLACE FUNCTION mifeng.attempts_remove(ks bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.attempts WHERE key = ANY (ks) $$;

CREATE TABLE IF NOT EXISTS mifeng.log_leaves (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.log_leaves_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.log_leaves WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.log_leaves_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.log_leaves_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.log_leaves AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.log_leaves_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.log_leaves AS t (key, value)
       SELECT CASE WHEN octet_length(k) = 8 AND mifeng.number(k, 0) = e.next + o - 1 THEN k END, v
       FROM unnest(ks, vs) WITH ORDINALITY AS n(k, v, o), mifeng.edges AS e WHERE e.tree = 'log_leaves';
     UPDATE mifeng.edges SET next = next + cardinality(ks) WHERE tree = 'log_leaves' $$;

CREATE TABLE IF NOT EXISTS mifeng.log_nodes (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.log_nodes_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.log_nodes WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.log_nodes_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.log_nodes_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.log_nodes AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.log_nodes_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.log_nodes AS t (key, value)
       SELECT CASE WHEN octet_length(k) = 9 AND get_byte(k, 0) < 48
         AND mifeng.number(k, 1) >= 0 AND mifeng.number(k, 1) < (e.next >> get_byte(k, 0)) THEN k END, v
       FROM unnest(ks, vs) AS n(k, v), mifeng.edges AS e WHERE e.tree = 'log_leaves' $$;

CREATE TABLE IF NOT EXISTS mifeng.trail (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.trail_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.trail WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.trail_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.trail_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.trail AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.trail_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.trail AS t (key, value)
       SELECT CASE WHEN octet_length(k) = 8 AND mifeng.number(k, 0) = e.next + o - 1 THEN k END, v
       FROM unnest(ks, vs) WITH ORDINALITY AS n(k, v, o), mifeng.edges AS e WHERE e.tree = 'trail';
     UPDATE mifeng.edges SET next = next + cardinality(ks) WHERE tree = 'trail' $$;

CREATE TABLE IF NOT EXISTS mifeng.tickets (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.tickets_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.tickets WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.tickets_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.tickets_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.tickets AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.tickets_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.tickets AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;
CREATE OR REPLACE FUNCTION mifeng.tickets_remove(ks bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.tickets WHERE key = ANY (ks) $$;

CREATE TABLE IF NOT EXISTS mifeng.views (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.views_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.views WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.views_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.views_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.views AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.views_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.views AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;
CREATE OR REPLACE FUNCTION mifeng.views_remove(ks bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.views WHERE key = ANY (ks) $$;

CREATE TABLE IF NOT EXISTS mifeng.access (key bytea PRIMARY KEY, value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.access_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT value FROM mifeng.access WHERE key = k $$;
DROP FUNCTION IF EXISTS mifeng.access_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.access_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT t.key, t.value FROM mifeng.access AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.access_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.access AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;

INSERT INTO mifeng.edges SELECT 'log_leaves', count(*) FROM mifeng.log_leaves ON CONFLICT DO NOTHING;
INSERT INTO mifeng.edges SELECT 'trail', count(*) + 1 FROM mifeng.trail ON CONFLICT DO NOTHING;
UPDATE mifeng.meta AS t SET value = decode(lpad(to_hex(e.next), 16, '0'), 'hex') || t.value FROM mifeng.edges AS e
  WHERE e.tree = 'log_leaves' AND t.key = 'log/head' AND substr(t.value, 1, 2) = '\x0101';

-- Functions are everybody's until somebody says otherwise.
REVOKE ALL ON SCHEMA mifeng FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA mifeng FROM PUBLIC;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA mifeng FROM mifeng_whole;
GRANT USAGE ON SCHEMA mifeng TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.sql_version() TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.notice() TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.notice_set(text, text) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.written() TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.take_turn() TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.advance(bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.changed_after(bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.slot_get(bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.slot_put(bigint, bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.slots_put(bigint[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.slots_remove(bigint[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.slots_old(bigint, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.slots_page(bigint, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.meta_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.meta_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.meta_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.reports_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.reports_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.reports_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.cases_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.cases_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.cases_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.audit_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.audit_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.audit_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.envelopes_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.envelopes_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.envelopes_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.shares_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.shares_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.shares_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.locators_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.locators_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.locators_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.locators_remove(bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.files_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.files_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.files_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.files_remove(bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.awards_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.awards_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.awards_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.packages_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.packages_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.packages_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.packages_remove(bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.staff_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.staff_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.staff_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.attempts_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.attempts_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.attempts_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.attempts_remove(bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.trail_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.trail_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.trail_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.tickets_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.tickets_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.tickets_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.tickets_remove(bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.views_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.views_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.views_put(bytea[], bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.views_remove(bytea[]) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.access_get(bytea) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.access_scan(bytea, bytea, bigint) TO mifeng_whole;
GRANT EXECUTE ON FUNCTION mifeng.access_put(bytea[], bytea[]) TO mifeng_whole;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA mifeng FROM mifeng_portal;
GRANT USAGE ON SCHEMA mifeng TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.sql_version() TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.notice() TO mifeng_portal;
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
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_scan(bytea, bytea, bigint) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_get(bytea) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.trail_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.tickets_get(bytea) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.tickets_put(bytea[], bytea[]) TO mifeng_portal;
GRANT EXECUTE ON FUNCTION mifeng.tickets_remove(bytea[]) TO mifeng_portal;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA mifeng FROM mifeng_console;
GRANT USAGE ON SCHEMA mifeng TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.sql_version() TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.notice() TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.written() TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.take_turn() TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.advance(bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.changed_after(bigint) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.slot_get(bigint) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.slot_put(bigint, bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.slots_remove(bigint[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.slots_old(bigint, bigint) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.meta_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.meta_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_scan(bytea, bytea, bigint) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.reports_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.cases_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.cases_scan(bytea, bytea, bigint) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.cases_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.audit_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.audit_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.shares_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.files_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.files_scan(bytea, bytea, bigint) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.files_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.files_remove(bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.awards_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.awards_scan(bytea, bytea, bigint) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.awards_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.packages_remove(bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.staff_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.staff_scan(bytea, bytea, bigint) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.staff_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.attempts_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.attempts_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.attempts_remove(bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_scan(bytea, bytea, bigint) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.trail_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.trail_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.tickets_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.tickets_scan(bytea, bytea, bigint) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.tickets_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.tickets_remove(bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.views_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.views_scan(bytea, bytea, bigint) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.views_put(bytea[], bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.views_remove(bytea[]) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.access_get(bytea) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.access_scan(bytea, bytea, bigint) TO mifeng_console;
GRANT EXECUTE ON FUNCTION mifeng.access_put(bytea[], bytea[]) TO mifeng_console;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA mifeng FROM mifeng_office;
GRANT USAGE ON SCHEMA mifeng TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.sql_version() TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.notice() TO mifeng_office;
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
GRANT EXECUTE ON FUNCTION mifeng.data_keys_scan(bytea, bytea, bigint) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.data_keys_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.reports_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.cases_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.cases_scan(bytea, bytea, bigint) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.cases_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.audit_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.audit_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.envelopes_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.files_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.files_scan(bytea, bytea, bigint) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.files_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.files_remove(bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.awards_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.awards_scan(bytea, bytea, bigint) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.awards_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.packages_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.packages_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.packages_remove(bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.staff_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.staff_scan(bytea, bytea, bigint) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.staff_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.attempts_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.attempts_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.attempts_remove(bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_scan(bytea, bytea, bigint) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.log_leaves_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_get(bytea) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.log_nodes_put(bytea[], bytea[]) TO mifeng_office;
GRANT EXECUTE ON FUNCTION mifeng.trail_put(bytea[], bytea[]) TO mifeng_office;
