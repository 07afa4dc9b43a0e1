import { expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '#kit/disk.ts';
import { custody, runProgram } from '#kit/program.ts';
import { SettableClock } from '#kit/settable-clock.ts';
import { until } from '#kit/until.ts';
import { openWorld } from '#kit/world.ts';

const hour = 3_600_000;

test('an order that comes late waits for somebody to confirm it, is found by that, and is then carried out', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'custody-late-'));
  try {
    const clock = new SettableClock(join(directory, 'clock'));
    const settings = { CUSTODY_CONFIRM_AFTER: '1' };
    await using world = await openWorld({ agents: 2, serverUnder: clock.under, settings });
    const { client, server } = world;
    const [late, away] = [world.agent(0), world.agent(1)];
    const path = late.put('bad.bin', 'bad');
    await world.known(late, path);
    await late.end('SIGTERM');
    await away.end('SIGTERM');
    const endpointIds = [late.id, away.id];
    const { id } = await client.quarantineFile({ endpointIds, path, sha256: sha256('bad') });
    const waiting = () => client.listActions({ unconfirmed: 'true' });
    expect(await waiting()).toEqual({ items: [], total: 0 });
    expect(await client.readAction(id)).toMatchObject({ unconfirmedCount: 0, tasks: [{ unconfirmed: null }, {}] });

    clock.set(2 * hour);
    await until('the jump is seen', async () => (await client.readServer()).clockDoubt !== null);
    await client.acceptClock({ reason: 'two hours have passed' });
    await late.connect();
    const action = await until('it is known to wait', async () => {
      const found = await client.readAction(id);
      return typeof found.tasks[0]?.unconfirmed?.keptBackAt === 'string' ? found : undefined;
    });
    expect(existsSync(path)).toBe(true);
    expect(action).toMatchObject({
      unconfirmedCount: 2,
      tasks: [
        { waitsFor: { reason: 'unconfirmed' }, unconfirmed: { wantedAt: action.createdAt } },
        { waitsFor: { reason: 'unconfirmed' }, unconfirmed: { wantedAt: action.createdAt, keptBackAt: null } },
      ],
    });
    expect((await waiting()).items).toMatchObject([{ id, unconfirmedCount: 2 }]);
    expect(await client.countActions({ unconfirmed: 'true' })).toEqual({ counts: { pending: 1 }, total: 1 });
    const { out } = await runProgram([custody, 'actions', 'list', '--unconfirmed', '--data', server.data]);
    expect(out).toMatch(new RegExp(`^ID .* UNCONFIRMED .*\\n${id} .* 2 +2 `));

    await client.confirmAction(id, { endpointIds: [late.id] });
    await until('it is done', async () => (await client.readAction(id)).tasks[0]?.status === 'completed_successfully');
    expect(existsSync(path)).toBe(false);
    expect((await waiting()).items).toMatchObject([{ id, unconfirmedCount: 1 }]);
    await client.cancelAction(id);
    expect((await waiting()).total).toBe(0);
  } finally {
    rmSync(directory, { recursive: true });
  }
}, 120_000);
