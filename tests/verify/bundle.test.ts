import { Database } from 'bun:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TextReader, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { Glob } from 'bun';
import type { ActionId } from '#core/action/action-id.ts';
import { bundleNames as names } from '#core/bundle/layout.ts';
import { manifestSchema } from '#core/bundle/manifest.ts';
import { writeSums } from '#core/bundle/sums.ts';
import type { Records } from '#core/ports/store/store.ts';
import { exportBundle } from '#core/verbs/export-bundle.ts';
import { recordOrderRefused } from '#core/verbs/record-order-refused.ts';
import { takeDeliverable } from '#core/verbs/take-deliverable.ts';
import { startAgent } from '#kit/agent.ts';
import { administrator, sha256Of } from '#kit/fleet.ts';
import { verifyBundle } from '#verify/main.ts';
import { newKeyPair } from '#wire/signature.ts';
import { writeNoteKey } from '#wire/signed-note.ts';
import { type BundleWorld, openBundleWorld, pack, runVerifier, unpack } from './bundle-world.ts';

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const bytes = (from: string) => new TextEncoder().encode(from);

let world: BundleWorld;
let whole: ReadonlyMap<string, Uint8Array>;

beforeAll(async () => {
  world = await openBundleWorld();
  whole = await unpack(
    await world.save({ subject: { kind: 'incident', id: world.incident }, reason: 'for the court' }),
  );
});

afterAll(() => world[Symbol.asyncDispose]());

type Files = Map<string, Uint8Array>;

let number = 0;

/** The bundle after somebody has changed it. */
async function verdictOf(change: (files: Files) => void, key?: string) {
  const files = new Map(whole);
  change(files);
  number += 1;
  const file = await pack(join(world.directory, `changed-${number}.zip`), files);
  return verifyBundle({ file, key });
}

/** As somebody would who knows how the list is made. */
function listAnew(files: Files): void {
  const listed = text(files.get(names.sums))
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [line.slice(66)]));
  const sums = listed.flatMap((name) => {
    const found = files.get(name);
    return found === undefined ? [] : [{ name, sha256: sha256Of(found) }];
  });
  files.set(names.sums, bytes(writeSums(sums)));
}

function lines(files: Files, name: string): readonly string[] {
  return text(files.get(name)).split('\n').slice(0, -1);
}

const joined = (some: readonly string[]) => bytes(some.map((line) => `${line}\n`).join(''));

describe('a bundle', () => {
  test.each([
    ['action', () => world.fetchId, { reports: 2, files: 2 }],
    ['incident', () => world.incident, { reports: 3, files: 2 }],
    ['file', () => world.guid, { reports: 1, files: 2 }],
  ] as const)('of an %s is what it was when it is checked', async (kind, id, counts) => {
    const file = await world.save({ subject: { kind, id: id() }, reason: 'for the court' });
    const key = world.native.ports.checkpoints.verifierKey;
    const verdict = await verifyBundle({ file, key });
    expect(verdict).toMatchObject({ finding: null, keyIsGiven: true, subject: `${kind} ${id()}`, ...counts });
    expect(verdict.events).toBeGreaterThan(3);
    const without = await world.save({ subject: { kind, id: id() }, evidence: false });
    expect(await verifyBundle({ file: without })).toMatchObject({ finding: null, files: 0, keyIsGiven: false });
  });

  test('of one machine’s file tells nothing of another machine', async () => {
    const files = await unpack(await world.save({ subject: { kind: 'file', id: world.guid } }));
    const other = world.endpoints[1]?.id ?? expect.unreachable();
    expect(text(files.get(names.endpoints))).not.toContain(other);
    expect(text(files.get(names.reports))).not.toContain(other);
    const events = lines(new Map(files), names.events).map((line): unknown[] => JSON.parse(line));
    expect(events.length).toBeGreaterThan(3);
    expect(events.filter((event) => event[8] === other)).toEqual([]);
  });

  test('shows hostile names as text, and what was done by whom, when and why', () => {
    const page = text(whole.get(names.report));
    expect(page).toContain('/srv/&lt;b&gt;bad&lt;');
    expect(page).not.toContain('<b>');
    expect(page).not.toMatch(/<script|https?:|src=/);
    expect(page).toContain('looks &lt;odd&gt;');
    expect(page).toContain('for the court');
    expect(page).toContain('agent of web-1');
    expect(page).toContain('2026-11-22T12:00:00.000Z');
  });

  test('is recorded as an export before anybody has it, with who and why', async () => {
    const { ports } = world.native;
    const [first] = await ports.store.read(({ events }) => events.list({ types: ['bundle_exported'] }, 0, 1));
    expect(first).toMatchObject({
      incidentId: world.incident,
      actor: { name: 'local administrator' },
      facts: {
        reason: 'for the court',
        withEvidence: true,
        remoteAddress: '192.0.2.1',
        sums: sha256Of(whole.get(names.sums) ?? bytes('')),
      },
    });
  });

  test('opens with its password only', async () => {
    const file = await world.save({ subject: { kind: 'action', id: world.fetchId }, password: 'infected' });
    expect((await verifyBundle({ file, password: 'infected' })).finding).toBeNull();
    for (const password of [undefined, 'other']) {
      const { finding } = await verifyBundle({ file, password });
      expect(finding?.kind).toBe('malformed');
    }
  });
});

test('a bundle with orders that ended without a report is as whole as one with reports', async () => {
  await using other = await openBundleWorld();
  const { ports, ask } = other.native;
  const endpointIds = other.endpoints.map(({ id }) => id);
  const order = await ask('/actions/retrieve', { method: 'POST', body: { endpointIds, paths: ['/srv/a'] } });
  const { id } = (await order.json()) as { readonly id: ActionId };
  const [refused, cancelled] = await ports.store.read(({ tasks }) => tasks.byAction(id));
  await takeDeliverable(ports, { endpointIds: endpointIds.slice(0, 1) });
  const { endpointId, id: taskId } = refused ?? expect.unreachable();
  await recordOrderRefused(ports, { endpointId, taskId, why: 'forged' });
  await ask(`/actions/${id}/cancel`, { method: 'POST' });
  const ended = await ports.store.read(({ tasks }) => tasks.byIds([taskId, cancelled?.id ?? expect.unreachable()]));
  expect(ended.map(({ state }) => state).toSorted()).toEqual(['cancelled', 'finished']);
  const file = await other.save({ subject: { kind: 'action', id } });
  expect(await verifyBundle({ file })).toMatchObject({ finding: null, files: 0, reports: 0 });
  const directory = join(other.directory, 'by-hand');
  expect((await runVerifier(directory, await unpack(file))).said).toStartWith('As it was exported');
});

test('a bundle of a report that had no room for paths is as whole as one with paths', async () => {
  await using other = await openBundleWorld();
  const { ports, ask } = other.native;
  const endpoint = other.endpoints[0] ?? expect.unreachable();
  const agent = startAgent(ports, endpoint, { '/srv/a': bytes('a') });
  const body = { endpointIds: [endpoint.id], paths: ['/srv/a'] };
  const order = await ask('/actions/retrieve', { method: 'POST', body });
  const { id } = (await order.json()) as { readonly id: ActionId };
  await agent.work({ withoutPaths: true });
  const file = await other.save({ subject: { kind: 'action', id } });
  expect(await verifyBundle({ file })).toMatchObject({ finding: null, files: 1, reports: 1 });
  const directory = join(other.directory, 'by-hand');
  expect((await runVerifier(directory, await unpack(file))).said).toStartWith('As it was exported');
});

test('a bundle says what was deleted since, when and why, and is as whole as before', async () => {
  await using other = await openBundleWorld();
  const gone = sha256Of(bytes('good'));
  const deletion = await other.native.ask(`/evidence/${gone}/deletion`, {
    method: 'POST',
    body: { reason: 'a private letter' },
  });
  expect(deletion.ok).toBe(true);
  const file = await other.save({ subject: { kind: 'action', id: other.fetchId } });
  expect(await verifyBundle({ file })).toMatchObject({ finding: null, files: 1, reports: 2 });
  const { evidence } = manifestSchema.parse(JSON.parse(text((await unpack(file)).get(names.manifest))));
  expect(evidence.find(({ sha256 }) => sha256 === gone)?.absent).toMatch(
    /^The bytes were deleted at 2026-11-22T12:00:00.000Z by local administrator: a private letter\./,
  );
});

test('a bundle of bytes that a disk has changed does not come whole, and the damage is on the record', async () => {
  await using other = await openBundleWorld();
  const { ports } = other.native;
  const damaged = sha256Of(bytes('bad'));
  const stored = [...new Glob(`**/${damaged.slice(2)}.age`).scanSync(join(ports.directory, 'evidence'))];
  const place = join(ports.directory, 'evidence', stored[0] ?? expect.unreachable());
  const content = new Uint8Array(await readFile(place));
  await writeFile(place, content.with(content.length - 1, (content.at(-1) ?? 0) ^ 1));
  const body = { subject: { kind: 'action', id: other.fetchId } };
  const answer = await other.native.ask('/bundles', { method: 'POST', body });
  const whole = await answer.arrayBuffer().catch(() => undefined);
  expect(whole).toBeUndefined();
  const found = await ports.store.read(({ events }) => events.list({ types: ['evidence_damaged'] }, 0, 9));
  expect(found.map(({ facts }) => facts['sha256'])).toEqual([damaged]);
  // The next one is told, and has the rest.
  const next = await other.save(body);
  expect(await verifyBundle({ file: next })).toMatchObject({ finding: null, files: 1 });
});

const taken = (name: string) => name.startsWith('evidence/');

const changes: readonly (readonly [string, string, (files: Files) => void])[] = [
  ['file_altered', 'a file’s byte', (files) => flip(files, [...files.keys()].find(taken) ?? '')],
  ['file_altered', 'the report for people', (files) => flip(files, names.report)],
  ['file_altered', 'an event', (files) => flip(files, names.events)],
  ['file_missing', 'a file that is gone', (files) => void files.delete([...files.keys()].find(taken) ?? '')],
  ['file_unlisted', 'a file that was added', (files) => void files.set('evidence/more', bytes('more'))],
  ['malformed', 'a list that is none', (files) => void files.set(names.sums, bytes('none'))],
  ['malformed', 'bytes that are no text', (files) => void files.set(names.checkpoint, Uint8Array.of(0xff))],
  [
    'export_contradicted',
    'a file that was taken out, and the list made anew',
    (files) => {
      files.delete([...files.keys()].find(taken) ?? '');
      listAnew(files);
    },
  ],
  [
    'export_contradicted',
    'another page for people, and the list made anew',
    (files) => {
      files.set(names.report, bytes('<p>Nothing happened.</p>'));
      listAnew(files);
    },
  ],
  [
    'events_unproved',
    'another name in an event, and the list made anew',
    (files) => {
      files.set(names.events, bytes(text(files.get(names.events)).replace('administrator', 'administrat0r')));
      listAnew(files);
    },
  ],
  [
    'events_unproved',
    'an event that was left out, and the list made anew',
    (files) => {
      files.set(names.events, joined(lines(files, names.events).slice(1)));
      listAnew(files);
    },
  ],
  [
    'events_unproved',
    'events in another order',
    (files) => {
      files.set(names.events, joined(lines(files, names.events).toReversed()));
      listAnew(files);
    },
  ],
  [
    'events_unproved',
    'a proof of less',
    (files) => void files.set(names.proof, joined(lines(files, names.proof).slice(1))),
  ],
  ['events_unproved', 'another export', (files) => flip(files, names.exported, '"sums\\":\\"')],
  ['malformed', 'no export', (files) => void files.set(names.exported, bytes(''))],
  ['checkpoint_untrusted', 'another size', (files) => flip(files, names.checkpoint, '\n')],
  [
    'checkpoint_untrusted',
    'another key',
    (files) => {
      const { publicKey } = newKeyPair();
      files.set(names.key, bytes(writeNoteKey({ name: 'custody/test', publicKey })));
    },
  ],
];

test.each(changes)('%s is found: %s', async (kind, _, change) => {
  const { finding } = await verdictOf(change);
  expect(finding?.kind).toBe(kind as never);
});

test('an export of another number of reports than the ledger tells of is contradicted by it', async () => {
  await using other = await openBundleWorld();
  const { ports } = other.native;
  const subject = { kind: 'action', id: other.fetchId as ActionId } as const;
  const request = { principal: administrator, remoteAddress: '192.0.2.1', subject, reason: null, withEvidence: true };
  const { entries } = await exportBundle({ ...ports, store: tellingMore(ports.store) }, request);
  const file = join(other.directory, 'more.zip');
  await writeFile(file, new Uint8Array(await new Response(ports.archiver.zip(entries)).arrayBuffer()));
  expect((await verifyBundle({ file })).finding?.kind).toBe('export_contradicted');
  expect((await runVerifier(join(other.directory, 'by-hand'), await unpack(file))).code).toBe(1);
});

/** As a server has them that records one report more than it exports. */
function tellingMore(records: Records): Records {
  return {
    reach: records.reach,
    read: (work, options) => records.read(work, options),
    demandWritable: () => records.demandWritable(),
    transact: (work, options) =>
      records.transact((transaction) => {
        const { events } = transaction;
        const append: typeof events.append = (added) =>
          events.append(added.map((event) => ({ ...event, facts: { ...event.facts, reports: 3 } })));
        return work({ ...transaction, events: { ...events, append } });
      }, options),
  };
}

test('what calls itself a directory is found, for it may be unpacked as a file', async () => {
  const file = join(world.directory, 'directories.zip');
  const writer = new ZipWriter(new Uint8ArrayWriter());
  for (const [name, content] of whole) {
    await writer.add(name, new Uint8ArrayReader(content));
  }
  const attributes = { externalFileAttributes: 0x10, msdosAttributesRaw: 0x10 };
  await writer.add('evidence/planted.exe', new TextReader('MZ'), attributes);
  await writeFile(file, await writer.close());
  expect((await verifyBundle({ file })).finding?.kind).toMatch(/^(file_unlisted|malformed)$/);
});

test.each([
  ['encrypted', 'infected'],
  ['plain', undefined],
] as const)('what unpacks to more than the archive says is read no further than that: %s', async (kind, password) => {
  const file = join(world.directory, `${kind}.zip`);
  const manifest = text(whole.get(names.manifest));
  const options = password === undefined ? {} : ({ password, encryptionStrength: 3 } as const);
  const writer = new ZipWriter(new Uint8ArrayWriter(), options);
  await writer.add(names.manifest, new TextReader(manifest.padEnd(20 * 1024 ** 2)));
  const zip = Buffer.from(await writer.close());
  const sizeInDirectory = zip.lastIndexOf('PK\u0001\u0002') + 24;
  const verdict = async () => {
    await writeFile(file, zip);
    return (await verifyBundle({ file, password })).finding?.kind;
  };
  expect(await verdict()).toBe('file_missing');
  zip.writeUInt32LE(manifest.length + 1, sizeInDirectory);
  expect(await verdict()).toBe('malformed');
});

test('a line without an end is refused before it fills the memory', async () => {
  const { finding } = await verdictOf((files) => files.set(names.events, new Uint8Array(65 * 1024 ** 2).fill(0x61)));
  expect(finding?.kind).toBe('file_altered');
  const { finding: listed } = await verdictOf((files) => {
    files.set(names.events, new Uint8Array(65 * 1024 ** 2).fill(0x61));
    listAnew(files);
  });
  expect(listed).toMatchObject({ kind: 'malformed', message: expect.stringContaining('longer line') });
});

test('the program that comes with a bundle finds it as it was, and finds what was changed', async () => {
  const { code, said } = await runVerifier(join(world.directory, 'whole'), whole);
  expect([code, said]).toEqual([0, expect.stringMatching(/^As it was exported: \d+ files, \d+ events, 3 reports/)]);
  for (const [index, [kind, , change]] of changes.entries()) {
    const files = new Map(whole);
    change(files);
    // It says which is the key, and leaves it to whoever reads that to compare it.
    const result = await runVerifier(join(world.directory, `by-hand-${index}`), files);
    expect([kind, result.code]).toEqual([kind, 1]);
  }
});

test('a ledger with another key than the one that was given is not believed', async () => {
  const key = writeNoteKey({ name: 'custody/test', publicKey: newKeyPair().publicKey });
  const { finding } = await verdictOf(() => undefined, key);
  expect(finding?.kind).toBe('checkpoint_untrusted');
  expect((await verdictOf(() => undefined)).finding).toBeNull();
});

test('whatever single byte of a bundle is another one, the change is found', async () => {
  const sizes = [...whole].map(([name, { length }]) => ({ name, length }));
  const total = sizes.reduce((sum, { length }) => sum + length, 0);
  const missed: string[] = [];
  for (let count = 0; count < 300; count += 1) {
    // Spread over all files, the small ones as often as the large ones.
    const { name, length } = sizes[count % sizes.length] ?? expect.unreachable();
    const at = (count * 7_919) % length;
    const { finding } = await verdictOf((files) => {
      const changed = new Uint8Array(files.get(name) ?? []);
      changed[at] = (changed[at] ?? 0) ^ (1 << (count % 8));
      files.set(name, changed);
    });
    if (finding === null) {
      missed.push(`${name} at ${at}`);
    }
  }
  expect(total).toBeGreaterThan(5_000);
  // Only the name of a signature that nobody asks for could be one, and there is one signature.
  expect(missed).toEqual([]);
}, 60_000);

/** Changes the byte behind `after`, or the one in the middle. */
function flip(files: Files, name: string, after?: string): void {
  const changed = new Uint8Array(files.get(name) ?? []);
  const at = after === undefined ? Math.floor(changed.length / 2) : text(changed).indexOf(after) + after.length;
  changed[at] = (changed[at] ?? 0) ^ 1;
  files.set(name, changed);
}

/** Of a server whose database somebody changed, and which signs what stands there now. */
const lies: readonly (readonly [string, string, (world: BundleWorld) => readonly [string, ...string[]]])[] = [
  [
    'report_forged',
    'a report that no agent signed',
    () => ["update tasks set report_signature = zeroblob(64) where verb = 'quarantine'"],
  ],
  [
    'report_forged',
    'a report of another task',
    () => [
      "update tasks set report = (select report from tasks where verb = 'quarantine'), report_signature = (select report_signature from tasks where verb = 'quarantine')",
    ],
  ],
  [
    'report_unrecorded',
    'a report that was left out',
    () => ["update tasks set report = null, report_signature = null where verb = 'quarantine'"],
  ],
  ['report_forged', 'another key of an endpoint', () => ['update endpoints set device_public_key = zeroblob(32)']],
  [
    'evidence_unreported',
    'a file as if it were from elsewhere',
    () => ["update outcomes set display_path = '/srv/else' where outcome = 'done'"],
  ],
  [
    'evidence_unreported',
    'a file with other bytes than the agent saw',
    () => [`update outcomes set sha256 = '${'a'.repeat(64)}' where outcome = 'done'`],
  ],
];

test.each(lies)('%s is found in a bundle that the server made itself: %s', async (kind, _, statements) => {
  await using lying = await openBundleWorld();
  const database = new Database(join(lying.native.ports.directory, 'store.sqlite'));
  for (const statement of statements(lying)) {
    database.run(statement);
  }
  database.close();
  const file = await lying.save({ subject: { kind: 'incident', id: lying.incident }, evidence: false });
  expect((await verifyBundle({ file })).finding?.kind).toBe(kind as never);
});
