import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { BundleSubject } from '#core/bundle/subject.ts';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { parsePath } from '#core/file/file-path.ts';
import { fileGuid } from '#core/file/guid.ts';
import { bundleContents } from '#core/verbs/bundle-contents.ts';
import { retrieveFiles } from '#core/verbs/retrieve-files.ts';
import { startAgent } from '#kit/agent.ts';
import { administrator, enrolMachine, fileFacts, inventory } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';

const path = '/srv/bad';
const bytes = new TextEncoder().encode('bad');

let ports: TestPorts;
let endpoints: readonly Endpoint[];

beforeEach(async () => {
  ports = await openPorts();
  endpoints = [await enrolMachine(ports), await enrolMachine(ports), await enrolMachine(ports)];
});

afterEach(() => ports[Symbol.asyncDispose]());

/** From all machines. */
async function fetchAll() {
  const [endpointIds, paths] = [endpoints.map(({ id }) => id), { linux: [parsePath(path)] }];
  const origin = { principal: administrator, dialect: 'native' } as const;
  const { id } = await retrieveFiles(ports, { origin, endpointIds, paths });
  for (const endpoint of endpoints) {
    await inventory(ports, endpoint, [fileFacts(path, bytes)]);
    await startAgent(ports, endpoint, { [path]: bytes }).work();
  }
  return id;
}

function contentsOf(subject: BundleSubject, limits: { readonly tasks: number; readonly actions: number }) {
  return ports.store.read((reader) => bundleContents(reader, subject, limits));
}

test('a bundle of one machine’s file counts what that machine was ordered, however many others were', async () => {
  const id = await fetchAll();
  const endpoint = endpoints[1] ?? expect.unreachable();
  const file = { kind: 'file', id: fileGuid(endpoint.number, parsePath(path)) } as const;
  const contents = await contentsOf(file, { tasks: 1, actions: 1 });
  expect(contents.reported.map(({ endpointId }) => endpointId)).toEqual([endpoint.id]);
  expect(contents.evidence.map(({ sources }) => sources.map(({ endpointId }) => endpointId))).toEqual([[endpoint.id]]);
  const refused = await contentsOf({ kind: 'action', id }, { tasks: 2, actions: 1 }).catch((thrown: unknown) => thrown);
  expect(refused).toMatchObject({ code: 'limit_exceeded', details: { limit: 2 } });
  expect((await contentsOf({ kind: 'action', id }, { tasks: 3, actions: 1 })).reported.length).toBe(3);
});

test('a file in more actions than a bundle holds is refused, and not cut', async () => {
  await fetchAll();
  await fetchAll();
  const { number } = endpoints[0] ?? expect.unreachable();
  const file = { kind: 'file', id: fileGuid(number, parsePath(path)) } as const;
  const refused = await contentsOf(file, { tasks: 9, actions: 1 }).catch((thrown: unknown) => thrown);
  expect(refused).toMatchObject({ code: 'limit_exceeded', details: { limit: 1 } });
  expect((await contentsOf(file, { tasks: 9, actions: 2 })).actions.length).toBe(2);
});
