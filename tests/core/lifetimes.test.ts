import { expect, test } from 'bun:test';
import { verbs } from '#core/action/verb.ts';
import { parsePath } from '#core/file/file-path.ts';
import { day, hour } from '#core/time.ts';
import { changeLifetimes } from '#core/verbs/change-lifetimes.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { readLifetimes } from '#core/verbs/read-lifetimes.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { startSearch } from '#core/verbs/start-search.ts';
import { administrator, enrolMachine, sha256Of } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';

const path = parsePath('/srv/file');
const sha256 = sha256Of(new Uint8Array(1));

test('what is set counts for orders from then on, in every dialect and over what a dialect would say', async () => {
  await using ports = await openPorts();
  const { id } = await enrolMachine(ports);
  const waits = async (dialect: 'cortex' | 'cybereason' | 'native') => {
    const common = { origin: { principal: administrator, dialect }, endpointIds: [id] };
    const search = { pattern: { by: 'path', path }, lifetime: 3 * day } as const;
    const actions = [
      await quarantineFiles(ports, { ...common, path, sha256 }),
      await retrieveFiles(ports, { ...common, paths: { linux: [path] } }),
      await startSearch(ports, { ...common, ...search }),
    ];
    return actions.map(({ deadline, createdAt }) => deadline - createdAt);
  };
  expect(await waits('cortex')).toEqual([4 * day, 4 * day, 3 * day]);
  await changeLifetimes(ports, administrator, { quarantine: hour, search: 30 * day });
  await changeLifetimes(ports, administrator, { search: 2 * hour });
  for (const dialect of ['cortex', 'cybereason', 'native'] as const) {
    expect(await waits(dialect)).toEqual([hour, 4 * day, 2 * hour]);
  }
  expect(await readLifetimes(ports)).toEqual({ ...ports.policy.lifetime, quarantine: hour, search: 2 * hour });
});

test('each change is an event that says what changed; the same said again is none', async () => {
  await using ports = await openPorts();
  await changeLifetimes(ports, administrator, { quarantine: hour, restore: day });
  await changeLifetimes(ports, administrator, { quarantine: hour, restore: 2 * day });
  await changeLifetimes(ports, administrator, { quarantine: hour });
  await changeLifetimes(ports, administrator, {});
  const events = await ports.store.read((reader) => reader.events.list({ types: ['settings_changed'] }, 0, 10));
  const setting = 'action_lifetimes';
  expect(events.map(({ actor, facts }) => [actor.id, facts])).toEqual([
    [administrator.id, { setting, changed: { quarantine: hour, restore: day }, before: {} }],
    [administrator.id, { setting, changed: { restore: 2 * day }, before: { quarantine: hour, restore: day } }],
  ]);
});

test.each([hour - 1, 30 * day + 1, Number.NaN, 1.5 * hour + 0.5])('%p milliseconds are refused', async (wrong) => {
  await using ports = await openPorts();
  const change = changeLifetimes(ports, administrator, { restore: day, quarantine: wrong });
  expect(await change.catch((fault: unknown) => fault)).toMatchObject({ code: 'invalid_request' });
  expect(await readLifetimes(ports)).toEqual(ports.policy.lifetime);
});

test.each(verbs)('of every verb, %s among them, an hour and 30 days are taken, and nothing beyond', async (verb) => {
  await using ports = await openPorts();
  for (const taken of [hour, 30 * day]) {
    await changeLifetimes(ports, administrator, { [verb]: taken });
    expect((await readLifetimes(ports))[verb]).toBe(taken);
  }
  for (const refused of [hour - 1, 30 * day + 1]) {
    const change = changeLifetimes(ports, administrator, { [verb]: refused });
    expect(await change.catch((fault: unknown) => fault)).toMatchObject({ code: 'invalid_request' });
  }
  expect((await readLifetimes(ports))[verb]).toBe(30 * day);
});
