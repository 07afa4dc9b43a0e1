import { Database } from 'bun:sqlite';
import { describe, expect, test } from 'bun:test';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openWorld, post, type World } from './world.ts';

const path = '/rest/fetchfile/start';

async function start(world: World, cookie: string): Promise<Record<string, unknown>> {
  const body = { elementGuids: [world.web.guidOf('/srv/calc.bin')], initiatorUserName: 'ana@example.com' };
  const answer = await world.send(post(path, cookie, body));
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
}

async function started(world: World): Promise<number> {
  return world.ports.store.read(async ({ actions }) => (await actions.list({}, { offset: 0, limit: 1 })).total);
}

describe('Every status of the start page is reached for its true reason', () => {
  test('SUCCESS: the file is known and evidence has a place to go', async () => {
    await using world = await openWorld();
    const answer = await start(world, await world.cookieOf('Investigator'));
    expect(answer).toMatchObject({ data: true, status: 'SUCCESS', message: '' });
    expect(world.ports.rung).toEqual([world.web.endpoint.id]);
  });

  test('PARTIAL_SUCCESS: one of the GUIDs is unknown, and the known file is fetched all the same', async () => {
    await using world = await openWorld();
    const cookie = await world.cookieOf('Investigator');
    const elementGuids = ['2111376845.-3637657128836262604', world.web.guidOf('/srv/calc.bin')];
    const answer = await world.send(post(path, cookie, { elementGuids, initiatorUserName: 'ana@example.com' }));
    expect(await answer.json()).toMatchObject({
      data: true,
      status: 'PARTIAL_SUCCESS',
      message: expect.stringContaining('2111376845.-3637657128836262604'),
    });
    expect(await started(world)).toBe(1);
  });

  test('FAILURE: none of the GUIDs is known', async () => {
    await using world = await openWorld();
    const body = { elementGuids: ['2111376845.-3637657128836262604'], initiatorUserName: 'ana@example.com' };
    const answer = await world.send(post(path, await world.cookieOf('Investigator'), body));
    expect(await answer.json()).toMatchObject({ data: false, status: 'FAILURE' });
    expect(await started(world)).toBe(0);
  });

  test('NO_SERVERS_CONFIGURED: evidence storage is switched off', async () => {
    await using world = await openWorld({ evidence: 'off' });
    const answer = await start(world, await world.cookieOf('Investigator'));
    expect(answer).toMatchObject({ data: false, status: 'NO_SERVERS_CONFIGURED' });
    expect(await started(world)).toBe(0);
  });

  test('NO_SERVERS_CONFIGURED: the evidence directory is not there any more, and its path is not told', async () => {
    await using world = await openWorld();
    const cookie = await world.cookieOf('Investigator');
    const evidence = join(world.ports.directory, 'evidence');
    await rename(evidence, `${evidence}-unmounted`);
    await writeFile(evidence, 'no directory');
    const answer = await start(world, cookie);
    expect(answer).toMatchObject({ data: false, status: 'NO_SERVERS_CONFIGURED' });
    expect(JSON.stringify(answer)).not.toContain(world.ports.directory);
    expect(await started(world)).toBe(0);
  });

  test('QUERY_LIMIT_CROSSED: more files than the administrator lets one batch hold', async () => {
    await using world = await openWorld({ policy: { batchLimit: 1 } });
    const elementGuids = [world.web.guidOf('/srv/calc.bin'), world.web.guidOf('/srv/report.txt')];
    const body = { elementGuids, initiatorUserName: 'ana@example.com' };
    const answer = await world.send(post(path, await world.cookieOf('Investigator'), body));
    expect(await answer.json()).toMatchObject({ data: false, status: 'QUERY_LIMIT_CROSSED' });
    expect(await started(world)).toBe(0);
  });

  test('TIMEOUT_ERROR: the store is locked beyond its deadline; nothing runs, then or later', async () => {
    await using world = await openWorld({ storeDeadline: 400 });
    const cookie = await world.cookieOf('Investigator');
    const other = new Database(join(world.ports.directory, 'store.sqlite'));
    other.run('BEGIN IMMEDIATE');
    const answer = await start(world, cookie);
    other.run('ROLLBACK');
    other.close();
    expect(answer).toMatchObject({ data: false, status: 'TIMEOUT_ERROR' });
    await Bun.sleep(600);
    expect(await started(world)).toBe(0);
    expect(world.ports.rung).toEqual([]);
    expect(await start(world, cookie)).toMatchObject({ status: 'SUCCESS' });
  });
});

test('A GUID may be spelt in the compact form', async () => {
  await using world = await openWorld();
  const [high, low] = world.web.guidOf('/srv/calc.bin').split('.');
  const bytes = Buffer.alloc(12);
  bytes.writeInt32BE(Number(high), 0);
  bytes.writeBigInt64BE(BigInt(low ?? ''), 4);
  const body = { elementGuids: [bytes.toString('base64url')], initiatorUserName: 'ana@example.com' };
  const answer = await world.send(post(path, await world.cookieOf('Investigator'), body));
  expect(await answer.json()).toMatchObject({ data: true, status: 'SUCCESS' });
});
