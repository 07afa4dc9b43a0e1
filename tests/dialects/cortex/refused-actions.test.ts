import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Json } from '#core/custody/event.ts';
import { type CortexWorld, openWorld } from './world.ts';

let world: CortexWorld;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world[Symbol.asyncDispose]());

const noEndpoint = 'No endpoint was found for creating the requested action';
const list = (id: string): Json => [{ field: 'endpoint_id_list', operator: 'in', value: [id] }];

describe.each(['isolate', 'unisolate/', 'isolate/', 'unisolate'])('endpoints/%s', (name) => {
  test('is refused for endpoints that are known, with the reason and on record', async () => {
    const id = world.web.endpoint.id;
    for (const fields of [{ endpoint_id: id }, { endpoint_id: id.toUpperCase() }, { filters: list(id) }]) {
      const answer = await world.call(`endpoints/${name}`, fields);
      expect(answer).toMatchObject({
        status: 500,
        reply: { err_code: 500, err_extra: `${noEndpoint}: no agent of this server can isolate its endpoint` },
      });
    }
    const events = await world.ports.store.read((reader) =>
      reader.events.list({ types: ['fleet_action_refused'] }, 0, 100),
    );
    expect(events.filter(({ facts }) => facts['name'] === name.replace('/', '')).length).toBeGreaterThan(2);
  });

  test('is refused for endpoints that nobody knows, without a record', async () => {
    const answer = await world.call(`endpoints/${name}`, { endpoint_id: 'f'.repeat(32) });
    expect(answer).toMatchObject({ status: 500, reply: { err_extra: noEndpoint } });
  });

  test('names endpoints in one way', async () => {
    const id = world.web.endpoint.id;
    const both = await world.call(`endpoints/${name}`, { endpoint_id: id, filters: list(id) });
    expect(both).toMatchObject({ status: 500, reply: { err_extra: expect.stringContaining('one way') } });
    const none = await world.call(`endpoints/${name}`, {});
    expect(none).toMatchObject({ status: 500, reply: { err_extra: expect.stringContaining('endpoint_id_list') } });
  });
});

test.each(['terminate_process', 'terminate_causality/'])('endpoints/%s is refused likewise', async (name) => {
  const answer = await world.call(`endpoints/${name}`, {
    ...{ agent_id: world.web.endpoint.id, instance_id: 'AQ', process_name: 'calc' },
  });
  expect(answer).toMatchObject({
    status: 500,
    reply: { err_code: 500, err_extra: `${noEndpoint}: no agent of this server can end a process` },
  });
  const unknown = await world.call(`endpoints/${name}`, { agent_id: 'f'.repeat(32) });
  expect(unknown).toMatchObject({ status: 500, reply: { err_extra: noEndpoint } });
});
