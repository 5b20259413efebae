//! How `meta` is written: what all processes start from, the log's head, the days.

/// What every process reads before anything else is written once. The log's head comes after its entry and says in clear how
/// many there are; a smaller one, even of somebody who had looked before the last entry came, changes nothing. The newest day,
/// in clear before its seal, goes up: no further than the day after the database's own, and by ten at most, as long as a server
/// may have been off (`clock::checked`). The first one is the database's own day, or next to it. An operator's word has a function of its own. While the whole role moves something or puts it back in
/// here, the head comes first, and the days as they were. Days from before version 4 said nothing in clear.
pub const META_PUT: &str = "INSERT INTO mifeng.meta AS t (key, value)
       SELECT CASE WHEN k NOT IN ('log/head', 'day/newest', 'day/confirmed') OR (session_user = 'mifeng_whole' AND EXISTS (SELECT 1 FROM mifeng.notices)) THEN k
         WHEN octet_length(v) > 8 THEN CASE k WHEN 'log/head' THEN CASE WHEN mifeng.number(v, 0) = e.next THEN k END
           WHEN 'day/newest' THEN CASE WHEN mifeng.number(v, 0)
             BETWEEN LEAST(mifeng.day() - 1, d.last) AND LEAST(mifeng.day() + 1, d.last + 10) THEN k END END END, v
       FROM unnest(ks, vs) AS n(k, v), mifeng.edges AS e,
         (SELECT max(mifeng.number(value, 0)) AS last FROM mifeng.meta
          WHERE key = 'day/newest' AND substr(value, 1, 2) <> '\\x0101') AS d
       WHERE e.tree = 'log_leaves'
     ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE CASE
       WHEN t.key = 'log/head' THEN substr(t.value, 1, 2) = '\\x0101' OR substr(t.value, 1, 8) <= substr(excluded.value, 1, 8)
       WHEN t.key = 'day/newest' THEN CASE WHEN substr(t.value, 1, 2) = '\\x0101' OR (session_user = 'mifeng_whole' AND EXISTS (SELECT 1 FROM mifeng.notices)) THEN true
         ELSE mifeng.number(excluded.value, 0) BETWEEN mifeng.number(t.value, 0) AND mifeng.number(t.value, 0) + 10 END
       ELSE t.key NOT IN ('schema', 'mark', 'retention-folder') END";

/// Forwards and back. The day's record may lie there already, as it is.
pub const DAY_CONFIRM: &str = "
CREATE OR REPLACE FUNCTION mifeng.day_confirm(newest bytea, confirmed bytea) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.meta (key, value)
       SELECT d.k, d.v FROM (VALUES ('day/newest'::bytea, newest), ('day/confirmed'::bytea, confirmed)) AS d(k, v) WHERE d.v IS NOT NULL
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;
";
