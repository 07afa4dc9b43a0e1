import { expect, test } from 'bun:test';
import type { Ports } from '#core/ports/ports.ts';
import { createCortexDialect } from '#dialects/cortex/index.ts';
import type { Dialect } from '#dialects/dialect.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { bytesOf } from '#kit/event-stream.ts';
import { openPorts } from '#kit/ports.ts';
import { openGoldenWorld } from '../cortex/golden-cases.ts';
import { callCortex } from './cortex-requests.ts';
import { nativeRequests, openNativeFleet } from './native-requests.ts';
import { guardedOperation, keyOfOutsider, type Recorded } from './outsider.ts';

const role = 'Instance Administrator';

/** Ids that are drawn, and how long a caller has to wait, are not the same twice. */
function masked(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/-?\d{6,}(\.-?\d{6,})?/g, 'DIGITS')
    .replaceAll(/"(createdBy|id|ALERT_ID)": ?"\d+"/g, 'NUMBER');
}

async function answersOf(
  dialect: Dialect,
  headers: Readonly<Record<string, string>>,
  asked: readonly Recorded[],
): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const { method, path, body, headers: own } of asked) {
    const init = { method, headers: { ...own, ...headers }, ...(body !== undefined && method !== 'GET' && { body }) };
    const request = new Request(`https://custody.test:8443${path}`, init);
    const answer = await dialect.handle(request, { remoteAddress: '192.0.2.200', local: false });
    answers.push(
      `${method} ${path} ${body ?? ''}\n${answer.status} ${masked(new TextDecoder().decode(await bytesOf(answer)))}`,
    );
  }
  return answers;
}

/** That a hash is on a list is no endpoint's: whoever orders it back is told, whatever they may see. */
async function listAlike(from: Ports, to: Ports): Promise<void> {
  const { items } = await from.store.read(({ hashLists }) => hashLists.list({}, { offset: 0, limit: 1_000 }));
  await to.store.transact(({ hashLists }) => hashLists.put(items));
}

const sameAnswers = 'whoever may see no endpoint is told what is told where there are none at all, over the';

test(`${sameAnswers} Cortex XDR API`, async () => {
  const golden = await openGoldenWorld();
  await using world = golden.world;
  const recorded = await callCortex(golden);
  await using empty = await openPorts();
  await listAlike(world.ports, empty);
  const [full, twin] = [createCortexDialect(world.ports), createCortexDialect(empty)];
  const asked = recorded.filter((each) => guardedOperation(full, each));
  const told = await answersOf(full, await keyOfOutsider(world.ports, role), asked);
  const expected = await answersOf(twin, await keyOfOutsider(empty, role), asked);
  const different = told.flatMap((answer, index) => (answer === expected[index] ? [] : [answer, expected[index]]));
  expect(different).toEqual([]);
});

test(`${sameAnswers} native API`, async () => {
  await using world = await openNativeFleet();
  await using empty = await openPorts();
  const [full, twin] = [createNativeDialect(world.ports), createNativeDialect(empty)];
  const asked = (await nativeRequests(world)).filter((each) => guardedOperation(full, each));
  const told = await answersOf(full, await keyOfOutsider(world.ports, role), asked);
  const expected = await answersOf(twin, await keyOfOutsider(empty, role), asked);
  const different = told.flatMap((answer, index) => (answer === expected[index] ? [] : [answer, expected[index]]));
  expect(different).toEqual([]);
});
