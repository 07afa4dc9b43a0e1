import { expect, test } from 'bun:test';
import type { EventType } from '#core/custody/event.ts';
import { startAgent } from '#kit/agent.ts';
import { enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { type NativeWorld, openNative } from './world.ts';

const bytes = new TextEncoder().encode('odd');
const path = '/srv/odd';

async function openWithFile(reasonRequired: boolean) {
  const world = await openNative({ policy: { reasonRequired } });
  const endpoint = await enrolMachine(world.ports);
  const facts = fileFacts(path, bytes);
  await inventory(world.ports, endpoint, [facts]);
  const listed = await world.ask('/files/search', { method: 'POST', body: {} });
  const { items } = (await listed.json()) as { readonly items: readonly { readonly guid: string }[] };
  const endpointIds = [endpoint.id];
  const orders = [
    ['/actions/fetch', { guids: items.map(({ guid }) => guid) }],
    ['/actions/retrieve', { endpointIds, paths: [path] }],
    ['/actions/quarantine', { endpointIds, path, sha256: sha256Of(bytes) }],
  ] as const;
  return { world, orders, agent: startAgent(world.ports, endpoint, { [path]: bytes }) };
}

async function reasonsOf({ ports }: NativeWorld, type: EventType) {
  const found = await ports.store.read(({ events }) => events.list({ types: [type] }, 0, 99));
  return found.map(({ facts }) => facts['reason']);
}

test('a reason is kept with the order, shown with the action, and told with every download', async () => {
  const { world, orders, agent } = await openWithFile(true);
  await using _ = world;
  const ids: string[] = [];
  for (const [order, body] of orders) {
    const answer = await world.ask(order, { method: 'POST', body: { ...body, reason: ` because of ${order} ` } });
    expect(answer.status).toBe(201);
    const started = (await answer.json()) as { readonly id?: string; readonly action?: { readonly id: string } };
    ids.push(started.id ?? started.action?.id ?? '');
    await agent.work();
  }
  const whys = orders.map(([order]) => `because of ${order}`);
  expect(await reasonsOf(world, 'action_started')).toEqual(whys);
  for (const [index, id] of ids.entries()) {
    expect(await (await world.ask(`/actions/${id}`)).json()).toMatchObject({ reason: whys[index] });
  }
  const download = await world.ask(`/actions/${ids[0]}/evidence?reason=triage%20of%20%C3%BC`);
  expect(download.status).toBe(200);
  await download.arrayBuffer();
  expect(await reasonsOf(world, 'evidence_delivered')).toEqual(['triage of ü']);
});

test('where the server asks why, whoever does not say it is told so, and nothing is done', async () => {
  const { world, orders } = await openWithFile(true);
  await using _ = world;
  const fetches = await world.ask('/actions/retrieve', { method: 'POST', body: { ...orders[1][1], reason: 'x' } });
  const { id } = (await fetches.json()) as { readonly id: string };
  const refused = [
    ...orders.map(([order, body]) => world.ask(order, { method: 'POST', body })),
    ...orders.map(([order, body]) => world.ask(order, { method: 'POST', body: { ...body, reason: '  ' } })),
    world.ask(`/actions/${id}/evidence`),
    world.ask(`/actions/${id}/tasks/${'0'.repeat(32)}/evidence/0/view`),
    world.ask('/bundles', { method: 'POST', body: { subject: { kind: 'action', id } } }),
  ];
  for (const answer of await Promise.all(refused)) {
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('reason');
  }
  expect(await reasonsOf(world, 'action_started')).toEqual(['x']);
  expect(await reasonsOf(world, 'bundle_exported')).toEqual([]);
});

test('by default nobody has to say why', async () => {
  const { world, orders } = await openWithFile(false);
  await using _ = world;
  for (const [order, body] of orders) {
    expect((await world.ask(order, { method: 'POST', body })).status).toBe(201);
  }
  expect(await reasonsOf(world, 'action_started')).toEqual([null, null, null]);
});

test('a remediation and a list that take files into vaults are asked why, and those that take none are not', async () => {
  const { world, orders } = await openWithFile(true);
  await using _ = world;
  const sha256 = sha256Of(bytes);
  const [endpointId = ''] = orders[1][1].endpointIds;
  const post = (route: string, body: object) => world.ask(route, { method: 'POST', body });
  const row = (remedy: string) => ({ rows: [{ remedy, endpointId, target: remedy === 'block' ? sha256 : guid }] });
  const guid = orders[0][1].guids[0];
  const block = { hashes: [sha256], list: 'block' };
  for (const refused of [
    post('/remediations', row('quarantine')),
    post('/remediations', { ...row('quarantine'), reason: ' ' }),
    post('/hashes', { ...block, quarantineExisting: true }),
  ]) {
    expect((await refused).status).toBe(400);
    expect(await (await refused).text()).toContain('reason');
  }
  expect(await reasonsOf(world, 'action_started')).toEqual([]);
  expect((await post('/remediations', row('block'))).status).toBe(201);
  expect((await post('/hashes', { ...block, comment: 'seen' })).status).toBe(200);
  expect((await post('/remediations', { ...row('quarantine'), reason: 'beacon' })).status).toBe(201);
  const listed = await post('/hashes', { ...block, quarantineExisting: true, reason: 'worm' });
  expect(await listed.json()).toMatchObject({ actions: [{ reason: 'worm' }] });
  expect(await reasonsOf(world, 'action_started')).toEqual(['beacon', 'worm']);
  expect(await reasonsOf(world, 'remediation_started')).toEqual([null, 'beacon']);
  expect(await reasonsOf(world, 'list_changed')).toEqual([null, null, 'worm']);
});
