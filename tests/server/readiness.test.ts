import { expect, test } from 'bun:test';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '#core/fault.ts';
import type { Ports } from '#core/ports/ports.ts';
import { openPorts } from '#kit/ports.ts';
import { Readiness } from '#server/readiness.ts';

async function told(ports: Ports): Promise<readonly [number, string]> {
  const answer = await new Readiness(ports).answer();
  return [answer.status, await answer.text()];
}

test('a server that can do its work is ready, without evidence storage too, and leaves no trace', async () => {
  await using ports = await openPorts();
  expect(await told(ports)).toEqual([200, 'ready\n']);
  expect(await told({ ...ports, blobs: undefined })).toEqual([200, 'ready\n']);
  const probe = { principalKind: 'local', principalId: 'readiness' } as const;
  expect(await ports.store.read(({ idempotency }) => idempotency.count(probe))).toBe(0);
});

test('evidence that cannot be written is told', async () => {
  await using ports = await openPorts();
  const evidence = join(ports.directory, 'evidence');
  await rm(evidence, { recursive: true });
  await writeFile(evidence, 'no directory');
  expect(await told(ports)).toEqual([503, 'evidence cannot be written\n']);
});

test('a store that answers and takes nothing is told, and a signer that is away; orders that are held are none of it', async () => {
  await using ports = await openPorts({ obstacle: 'signer_away' });
  const { store } = ports;
  const readOnly = {
    ...ports,
    store: {
      ...store,
      reach: store.reach,
      read: store.read.bind(store),
      demandWritable: () => Promise.reject(new Fault('unavailable', 'The disk is full.')),
    },
  } as unknown as Ports;
  expect(await told(readOnly)).toEqual([
    503,
    'nothing can be written to the store\nno order can be signed: the signer is away\n',
  ]);
  const held = { ...ports, dispatch: { ...ports.dispatch, obstacle: async () => 'held' as const } };
  expect(await told(held)).toEqual([200, 'ready\n']);
});

test('what people should know is told beside, whether the server is ready or not', async () => {
  await using ports = await openPorts();
  const notes = () => ['evidence storage has no room: nothing can be fetched'];
  const ready = await new Readiness(ports, notes).answer();
  expect([ready.status, await ready.text()]).toEqual([200, `ready\n${notes()[0]}\n`]);
  const away = await new Readiness(
    { ...ports, dispatch: { ...ports.dispatch, obstacle: async () => 'signer_away' } },
    notes,
  ).answer();
  expect([away.status, await away.text()]).toEqual([
    503,
    `no order can be signed: the signer is away\n${notes()[0]}\n`,
  ]);
});

test('asking often writes seldom, and what changes is told within two seconds', async () => {
  await using ports = await openPorts();
  let now = 0;
  let probes = 0;
  let broken = false;
  const readiness = new Readiness({
    ...ports,
    clock: { ...ports.clock, monotonic: () => now },
    blobs: {
      ...ports.blobs,
      demandWritable: async () => {
        probes += 1;
        if (broken) {
          throw new Fault('evidence_unavailable', 'no room');
        }
      },
    } as Ports['blobs'],
  });
  await Promise.all(Array.from({ length: 100 }, () => readiness.answer()));
  expect(probes).toBe(1);
  broken = true;
  now = 1_999;
  expect((await readiness.answer()).status).toBe(200);
  now = 2_000;
  expect((await readiness.answer()).status).toBe(503);
});
