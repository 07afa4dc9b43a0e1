import { expect, test } from 'bun:test';
import { first } from '#store/migrations/0001-first.ts';
import type { ColumnTypes } from '#store/sql/dialect.ts';
import type { MakePlace } from './place.ts';
import { actionId, endpointId, endpointOf, quarantineOf, sha256Of, taskId, vaultObject } from './records.ts';

const hash = sha256Of('evil');
const path = Buffer.from('/bin/evil');

/** Parameters as the first version stored them. */
const olderParameters = [
  { verb: 'fetch', files: [{ path: path.toString('base64') }] },
  { verb: 'quarantine', path: path.toString('base64'), sha256: hash },
  { verb: 'restore', sha256: hash },
];

function oldRows(bytes: string): readonly string[] {
  const { guid, fileGuid } = quarantineOf(1);
  const nothing = "'', '', '', '[]', '[]', '[]'";
  return [
    ...[
      [1, 9],
      [2, 8],
    ].map(
      ([id = 0, enrolledAt]) =>
        `insert into endpoints values ('${endpointId(id)}', ${123456789 + id}, ${bytes}, 'age1x', '', '', '[]', 'h', 'h',
          'linux', ${nothing}, '', '', '[]', '[]', ${enrolledAt}, 9, null, null)`,
    ),
    `insert into actions values ('${actionId(1)}', 'quarantine', 'local', 'local', 'local', null, 'native', null, null,
      1, 9000, null, 1)`,
    ...olderParameters.map(
      (
        parameters,
        index,
      ) => `insert into tasks values ('${taskId(index)}', '${actionId(1)}', '${endpointId(1)}', ${index},
        '${parameters.verb}', null, '${JSON.stringify(parameters)}', 'pending', 1, 9000, null, null, null, null)`,
    ),
    ...[1, 11, 12, 13, 15].map(
      (id) => `insert into api_keys values (${id}, 'k', 'Viewer', 'standard', ${bytes}, 1, 'ana', null)`,
    ),
    `insert into events values (1, 'key_created', 1, 'user', 'u1', 'ana', null, null, '{"keyId":11,"name":"k"}')`,
    `insert into events values (2, 'key_created', 1, 'user', 'u2', 'eve', null, null, '{"keyId":7,"name":"\\"keyId\\":1,"}')`,
    // A key that a user's key made, one that a key which is gone made, which that first key had made, and one of the operating system's.
    ...[
      ["'key', '11', 'k'", 12],
      ["'key', '12', 'k'", 14],
      ["'key', '14', 'k'", 13],
      ["'local', 'local', 'local'", 15],
    ].map(
      ([maker, id], index) =>
        `insert into events values (${3 + index}, 'key_created', 1, ${maker}, null, null, '{"keyId":${id},"name":"k"}')`,
    ),
    `insert into outcomes values ('${taskId(1)}', 0, 'done', null, '', null, '', null, null, null, null, '[]', 5, null)`,
    `insert into outcomes values ('${taskId(0)}', 0, 'done', null, '', null, '', null, '${hash}', 42, null, '[]', 7, null)`,
    `insert into evidence values ('${hash}', 42, 5)`,
    `insert into quarantine values ('${vaultObject(1)}', '${guid}', '${fileGuid}', '${endpointId(1)}', ${bytes},
      '/bin/evil', '${hash}', 42, '${actionId(1)}', 1001, 'held', null, null)`,
  ];
}

/** What the first version kept is there after a later one has opened the store. */
export function testMigration(
  makePlace: MakePlace,
  { types, bytes }: { readonly types: ColumnTypes; readonly bytes: (hex: string) => string },
): void {
  test('A store that the first version wrote keeps what it holds, and older orders mean what they meant.', async () => {
    const place = await makePlace();
    const version = `create table schema_version (version ${types.integer} not null)${types.tableOptions}`;
    const statements = [version, ...first.statements(types), 'insert into schema_version values (1)'];
    for (const statement of [...statements, ...oldRows(bytes(path.toString('hex')))]) {
      await place.run(statement);
    }
    const store = await place.open();
    const tasks = await store.read((reader) => reader.tasks.byAction(actionId(1)));
    const [outcome] = await store.read((reader) => reader.outcomes.byTask(taskId(1)));
    const records = await store.read((reader) => reader.quarantine.byObjects([vaultObject(1)]));
    expect(tasks.map(({ parameters }) => parameters)).toEqual([
      {
        verb: 'fetch',
        files: [{ path: records[0]?.path ?? expect.unreachable(), vaultObject: null, indexedSha256: null }],
      },
      { verb: 'quarantine', path: records[0]?.path ?? null, sha256: hash, overrideProtection: false },
      { verb: 'restore', sha256: hash, vaultObject: null, to: null, ifOccupied: 'fail' },
    ]);
    expect(outcome).toMatchObject({ outcome: 'done', effect: null, details: {} });
    expect(records).toEqual([quarantineOf(1, { takenAt: 1_001 })]);
    const owners = (await store.read(({ credentials }) => credentials.keys())).map(({ id, owner }) => [id, owner]);
    expect(owners).toEqual([
      [1, null],
      [11, 'u1'],
      [12, 'u1'],
      [13, 'u1'],
      [15, null],
    ]);
    const kept = await store.read(({ evidence }) => evidence.byHashes([hash]));
    expect(kept).toEqual([{ sha256: hash, size: 42, storedAt: 5, wantedAt: 7, damagedAt: null, deletion: null }]);
    const claims = await store.read(({ evidence }) => evidence.claimsOf([hash]));
    expect(claims).toMatchObject([{ taskId: taskId(0), ordinal: 0, actionId: actionId(1), at: 7, isOpen: true }]);
    await store.transact(({ endpoints }) => endpoints.insert(endpointOf(3, { enrolledAt: 1 })));
    const order = { by: 'enrolment', direction: 'ascending' } as const;
    const { items } = await store.read(({ endpoints }) => endpoints.list({}, order, { offset: 0, limit: 9 }));
    expect(items.map(({ id }) => id)).toEqual([2, 1, 3].map(endpointId));
    await store.close();
    await place.remove();
  });
}
