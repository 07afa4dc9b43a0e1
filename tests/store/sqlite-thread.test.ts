import { expect, test } from 'bun:test';
import { noDeadline } from '#store/deadline.ts';
import { ConnectionPool } from '#store/drivers/sqlite/connection-pool.ts';
import { explainSqliteFailure, SqliteFailure } from '#store/drivers/sqlite/sqlite-failure.ts';
import { SqliteThread } from '#store/drivers/sqlite/thread.ts';
import { makeSqlitePlace } from './sqlite-place.ts';

const openThread = (path: string) => new SqliteThread(path);
const statement = (sql: string) => ({ sql, parameters: [] });

test('A thread that dies inside a transaction is unavailable; its lock is free and nothing of it is kept.', async () => {
  const place = await makeSqlitePlace();
  const pool = new ConnectionPool({ path: place.path, writes: true, size: 1, openThread });
  const first = await pool.begin(noDeadline);
  await first.run([statement('create table t (a integer) strict')]);
  await first.commit();
  const doomed = await pool.begin(noDeadline);
  await doomed.run([statement('insert into t values (1)')]);
  const underWay = doomed.run([statement('insert into t values (2)')]).catch((error: unknown) => error);
  await pool.endThread();
  expect(explainSqliteFailure(await underWay).fault.code).toBe('unavailable');
  const failure = await doomed.commit().catch((error: unknown) => error);
  expect(explainSqliteFailure(failure).fault.code).toBe('unavailable');
  await doomed.rollback();
  const next = await pool.begin(noDeadline);
  const [counted] = await next.run([statement('select count(*) as rows from t')]);
  expect(counted?.rows).toEqual([{ rows: 0 }]);
  await next.rollback();
  await pool.close();
  await place.remove();
});

test('A full disk is said to be one, and the work is run again only where room was made.', () => {
  const full = new SqliteFailure('SQLITE_FULL', 'database or disk is full');
  const made = explainSqliteFailure(full, () => true);
  expect(made).toMatchObject({ retry: true, fault: { code: 'unavailable' } });
  expect(made.fault.message).toContain('is full');
  expect(explainSqliteFailure(full, () => false).retry).toBe(false);
  const asked: string[] = [];
  const other = new SqliteFailure('SQLITE_IOERR_WRITE', 'disk I/O error');
  expect(explainSqliteFailure(other, () => asked.push('room') > 0).retry).toBe(false);
  expect(asked).toEqual([]);
});

test('Of a commit and an abandonment, whichever is first decides.', async () => {
  const place = await makeSqlitePlace();
  const pool = new ConnectionPool({ path: place.path, writes: true, size: 1, openThread });
  const abandoned = await pool.begin(noDeadline);
  await abandoned.run([statement('create table lost (a integer) strict')]);
  expect(abandoned.abandon()).toBe(true);
  const failure = await abandoned.commit().catch((error: unknown) => error);
  expect(explainSqliteFailure(failure).fault.code).toBe('timeout');
  await abandoned.rollback();
  const kept = await pool.begin(noDeadline);
  await kept.run([statement('create table kept (a integer) strict')]);
  await kept.commit();
  expect(kept.abandon()).toBe(false);
  const last = await pool.begin(noDeadline);
  const [tables] = await last.run([statement('select name from sqlite_schema')]);
  expect(tables?.rows).toEqual([{ name: 'kept' }]);
  await last.rollback();
  await pool.close();
  await place.remove();
});
