import { expect, test } from 'bun:test';
import { z } from 'zod';
import { createKey } from '#core/verbs/create-key.ts';
import { createCortexDialect } from '#dialects/cortex/index.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { administrator, sha256Of } from '#kit/fleet.ts';
import { openWorld, post, texts } from './cybereason/world.ts';

const calc = '/srv/calc.bin';
const sha256 = sha256Of(new TextEncoder().encode(texts[calc] ?? ''));

/** One server, spoken to in all three dialects. */
async function openDialects() {
  const world = await openWorld();
  const cookie = await world.cookieOf('Responder', 'ana@example.com');
  const native = createNativeDialect(world.ports);
  const cortex = createCortexDialect(world.ports);
  const key = await createKey(world.ports, administrator, {
    ...{ name: 'soar', role: 'Responder', level: 'standard', expiresAt: null },
  });
  const headers = { 'x-xdr-auth-id': String(key.key.id), authorization: key.secret };
  return {
    world,
    cybereason: (path: string, body: unknown) => world.send(post(path, cookie, body)),
    async native(path: string, body?: unknown) {
      const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
      const request = new Request(`https://custody.test/api/v1${path}`, init);
      return (await native.handle(request, { remoteAddress: '192.0.2.1', local: true })).json() as Promise<unknown>;
    },
    async cortex(call: string, fields: object) {
      const body = JSON.stringify({ request_data: fields });
      const url = `https://custody.test/public_api/v1/${call}`;
      return cortex.handle(new Request(url, { method: 'POST', headers, body }), {
        ...{ remoteAddress: '192.0.2.2', local: false },
      });
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

/** How the one file of a task ended. */
function outcomeOf(facts: Readonly<Record<string, unknown>>): unknown {
  const files = z.array(z.object({ outcome: z.string() })).safeParse(facts['files']);
  return files.success ? files.data[0]?.outcome : null;
}

const timelineSchema = z.object({
  items: z.array(z.object({ type: z.string(), facts: z.record(z.string(), z.unknown()) })),
});

test('whatever is done for an incident, in whichever dialect and under whichever of its names, stands in its timeline', async () => {
  await using dialects = await openDialects();
  const { world, native, cybereason, cortex } = dialects;
  const endpointId = world.web.endpoint.id;
  const { incident } = z
    .object({ incident: z.object({ id: z.string(), guid: z.string() }) })
    .parse(await native('/incidents', { name: 'calc went bad', files: [{ endpointId, path: calc }] }));
  await native('/incidents', { name: 'another one' });
  const target = { targetId: world.web.guidOf(calc), actionType: 'QUARANTINE_FILE' };
  const quarantined = await cybereason('/rest/remediate', {
    malopId: incident.guid,
    actionsByMachine: { [world.web.guid]: [target] },
  });
  expect(quarantined.status).toBe(200);
  await world.web.agent.work();
  const restored = await cortex('endpoints/restore/', { file_hash: sha256, incident_id: Number(incident.id) });
  expect(restored.status).toBe(200);
  await world.web.agent.work();
  await native('/actions/fetch', { guids: [target.targetId], incidentId: incident.guid });
  await world.web.agent.work();
  await cybereason('/rest/crimes/status', { [incident.guid]: 'CLOSED' });
  const { items } = timelineSchema.parse(await native(`/incidents/${incident.id}/timeline`));
  const done = items.map(({ type, facts }) => [type, facts['verb'] ?? facts['status'] ?? outcomeOf(facts)]);
  const told: readonly unknown[] = ['incident_created', 'incident_changed', 'action_started', 'task_finished'];
  expect(done.filter(([type]) => told.includes(type))).toEqual([
    ['incident_created', null],
    ['action_started', 'quarantine'],
    ['task_finished', 'done'],
    ['action_started', 'restore'],
    ['task_finished', 'done'],
    ['action_started', 'fetch'],
    ['task_finished', 'done'],
    ['incident_changed', 'resolved_true_positive'],
  ]);
  const dialectsUsed = items.flatMap(({ type, facts }) => (type === 'action_started' ? facts['dialect'] : []));
  expect(dialectsUsed).toEqual(['cybereason', 'cortex', 'native']);
});
