import { expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { durableFiles } from '#agent/platform/durable-files.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import { restoreByToken } from '#agent/service/restore-by-token.ts';
import { silent } from '#agent/service/unsent-reports.ts';
import { handOver, takeCarriedOrders } from '#agent/tasks/carried-orders.ts';
import { Fault } from '#core/fault.ts';
import type { Fs } from '#core/ports/fs.ts';
import { writeOrderToken } from '#wire/order-token.ts';
import { toQuarantine } from './parameters.ts';
import { agentWorld } from './running-agent.ts';
import { until } from './until.ts';
import { pathOf, sha256Of } from './vault-world.ts';

test('what takes files is not carried by hand, neither to the command nor to the agent that runs', async () => {
  await using world = await agentWorld();
  const file = path.join(world.files, 'a');
  writeFileSync(file, 'bytes');
  const { order, bytes, signature } = world.server.makeOrder(toQuarantine(pathOf(file), sha256Of('bytes')));
  const signed = { bytes, signature };
  const token = writeOrderToken(signed);
  const refused = await restoreByToken({ dataDirectory: world.data, token }).catch((fault: unknown) => fault);
  expect(refused).toBeInstanceOf(Fault);
  expect(refused).toMatchObject({ code: 'invalid_request' });

  world.start();
  await until(() => world.server.hellos.length > 0, 'the agent connects');
  const carried = path.join(world.data, 'carried');
  await handOver({ fs: durableFiles, directory: carried }, { taskId: order.taskId, signed });
  writeFileSync(path.join(carried, 'no-task'), token);
  await until(() => readdirSync(carried).length === 0, 'the agent has looked at both');
  expect(world.log()).toContain('An order that was brought to this machine could not be taken.');
  expect(readFileSync(file, 'utf8')).toBe('bytes');
  expect(existsSync(path.join(world.data, 'journal', order.taskId))).toBe(false);
});

test('what was dealt with and cannot be removed is removed later, and the agent goes on', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'custody-carried-'));
  writeFileSync(path.join(directory, 'no-task'), 'no token');
  const refused = Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
  let refusals = 0;
  const fs: Fs = {
    ...durableFiles,
    remove: (file) => {
      refusals += 1;
      return refusals === 1 ? Promise.reject(refused) : durableFiles.remove(file);
    },
  };
  const ending = new AbortController();
  const taking = takeCarriedOrders(
    {
      ...{ fs, directory, log: silent, journal: { stateOf: () => undefined } },
      clock: { ...systemClock, schedule: (_, call) => systemClock.schedule(1, call) },
      take: () => Promise.resolve(),
      hurry: () => undefined,
    },
    ending.signal,
  );
  await until(() => readdirSync(directory).length === 0, 'it is gone');
  ending.abort();
  await taking;
  expect(refusals).toBeGreaterThan(1);
  rmSync(directory, { recursive: true });
});
