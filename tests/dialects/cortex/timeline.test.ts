import { expect, test } from 'bun:test';
import { createIncident } from '#core/verbs/create-incident.ts';
import { administrator } from '#kit/fleet.ts';
import { badHash, goodPath, openWorld, quarantineFields, retrievalFields } from './world.ts';

test('an action stands in the timeline of its incident, whether the id is a number, text or misplaced', async () => {
  await using world = await openWorld();
  const { ports, web } = world;
  const { incident } = await createIncident(ports, {
    origin: { principal: administrator, dialect: 'native' },
    ...{ name: 'calc went bad', description: '', severity: 'high', endpointIds: [], files: [], processes: [] },
  });
  const { id } = incident;
  await world.call('endpoints/quarantine', { ...quarantineFields(web), incident_id: Number(id) });
  await world.work();
  await world.call('endpoints/restore', { file_hash: badHash, incident_id: ` 0${id}` });
  await world.work();
  const fields = { ...retrievalFields({ linux: [goodPath] }, web), incident_id: id };
  await world.call('endpoints/file_retrieval', fields);
  await world.call('endpoints/file_retrieval', { ...fields, incident_id: '1' });
  const events = await ports.store.read((reader) => reader.events.list({ incidentId: id }, 0, 100));
  const started = events.filter(({ type }) => type === 'action_started');
  expect(started.map(({ facts }) => [facts['verb'], facts['incidentId']])).toEqual([
    ['quarantine', id],
    ['restore', id],
    ['fetch', id],
  ]);
  expect(events.filter(({ type }) => type === 'task_finished')).toHaveLength(2);
});

test('an incident that nobody knows never stops an action: the id is kept with it as it was given', async () => {
  await using world = await openWorld();
  const given = [null, '', ' ', 302, '302', '0302', 'INC-7', 9_007_199_254_740_993, '9007199254740993000'];
  for (const incident_id of given) {
    expect((await world.call('endpoints/quarantine', { ...quarantineFields(world.web), incident_id })).status).toBe(
      200,
    );
  }
  const { items } = await world.ports.store.read(({ actions }) => actions.list({}, { offset: 0, limit: 10 }));
  expect(items.map((action) => action.incidentId ?? '').toSorted()).toEqual(
    ['', '', '', '302', '302', '302', 'INC-7', '9007199254740992', '9007199254740993000'].toSorted(),
  );
});
