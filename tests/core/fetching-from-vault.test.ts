import { expect, test } from 'bun:test';
import { parsePath } from '#core/file/file-path.ts';
import { fileGuid } from '#core/file/guid.ts';
import { quarantineFiles } from '#core/verbs/quarantine-files.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { startFetch } from '#core/verbs/start-fetch.ts';
import { startAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, fileFacts, inventory, sha256Of } from '#kit/fleet.ts';
import { openPorts } from '#kit/ports.ts';

const origin = { principal: administrator, dialect: 'native' } as const;
const path = parsePath('/srv/evil.bin');
const bytes = new TextEncoder().encode('evil bytes');
const others = new TextEncoder().encode('other bytes');
const sha256 = sha256Of(bytes);

/** A machine whose vault holds one file, inventoried before or not. */
async function openMachine({ inventoried = true } = {}) {
  const ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  await inventory(ports, endpoint, inventoried ? [fileFacts('/srv/evil.bin', bytes)] : []);
  const agent = startAgent(ports, endpoint, { '/srv/evil.bin': bytes });
  await quarantineFiles(ports, { origin, endpointIds: [endpoint.id], path, sha256 });
  await agent.work();
  const { items } = await ports.store.read(({ quarantine }) => quarantine.list({}, { offset: 0, limit: 9 }));
  const record = items[0] ?? expect.unreachable();
  const fetched = async (guids: readonly string[]) => {
    const { action, unknown } = await startFetch(ports, { origin, guids });
    const [task] = await ports.store.read(({ tasks }) => tasks.byAction(action.id));
    return { action, unknown, task, parameters: task?.parameters };
  };
  return { ports, endpoint, agent, record, guid: fileGuid(endpoint.number, path), fetched };
}

test('A file in the vault is fetched by the GUID that it had and by its own, once, and stays there.', async () => {
  const { ports, agent, record, guid, fetched } = await openMachine();
  await using _ = ports;
  const files = [{ path, vaultObject: record.vaultObject, indexedSha256: sha256 }];
  expect((await fetched([guid])).parameters).toEqual({ verb: 'fetch', files });
  expect((await fetched([record.guid])).parameters).toEqual({ verb: 'fetch', files });
  const both = await fetched([guid, record.guid, '1.1']);
  expect(both.parameters).toEqual({ verb: 'fetch', files });
  expect(both.unknown).toEqual(['1.1']);
  await agent.work();
  const outcomes = await ports.store.read((reader) => reader.outcomes.byActions([both.action.id]));
  expect(outcomes).toMatchObject([
    { outcome: 'done', sha256, details: { fromVault: record.vaultObject }, effect: null },
  ]);
  expect(agent.disk.size).toBe(0);
});

test('A file that was taken before any inventory saw it can be fetched all the same.', async () => {
  const { ports, record, guid, fetched } = await openMachine({ inventoried: false });
  await using _ = ports;
  expect((await fetched([guid])).parameters).toMatchObject({ files: [{ vaultObject: record.vaultObject }] });
});

test('What stands on the disk comes before what its place left in the vault.', async () => {
  const { ports, endpoint, agent, record, guid, fetched } = await openMachine();
  await using _ = ports;
  agent.disk.set('/srv/evil.bin', others);
  const changedNs = `${ports.clock.now() + 1}000000`;
  await inventory(ports, endpoint, [fileFacts('/srv/evil.bin', others, { changedNs })]);
  const { parameters } = await fetched([guid, record.guid]);
  expect(parameters).toEqual({
    verb: 'fetch',
    files: [
      { path, vaultObject: null, indexedSha256: sha256Of(others) },
      { path, vaultObject: record.vaultObject, indexedSha256: sha256 },
    ],
  });
});

test('A fetch of a file that changed since tells both hashes.', async () => {
  await using ports = await openPorts();
  const endpoint = await enrolMachine(ports);
  const stranger = await enrolMachine(ports, { hostName: 'web-2' });
  await inventory(ports, endpoint, [fileFacts('/srv/evil.bin', bytes)]);
  const agent = startAgent(ports, endpoint, { '/srv/evil.bin': others });
  const action = await retrieveFiles(ports, {
    origin,
    endpointIds: [endpoint.id, stranger.id],
    paths: { linux: [path, parsePath('/srv/never-seen')] },
  });
  await agent.work();
  const tasks = await ports.store.read((reader) => reader.tasks.byAction(action.id));
  const indexed = tasks.map(({ parameters }) =>
    parameters.verb === 'fetch' ? parameters.files.map((file) => file.indexedSha256) : [],
  );
  expect(indexed).toEqual([
    [sha256, null],
    [null, null],
  ]);
  const outcomes = await ports.store.read((reader) => reader.outcomes.byActions([action.id]));
  expect(outcomes).toMatchObject([
    { outcome: 'done', sha256: sha256Of(others), details: { indexedSha256: sha256 } },
    { outcome: 'not_found' },
  ]);
});
