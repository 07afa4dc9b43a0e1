import { Database } from 'bun:sqlite';
import { expect, test } from 'bun:test';
import { rootOf } from '#core/ledger/frontier.ts';
import { proveConsistency } from '#core/ledger/proof.ts';
import { isSameHash } from '#core/ledger/tree-hash.ts';
import { provesConsistency } from '#core/ledger/verify-proof.ts';
import type { Store } from '#core/ports/store/store.ts';
import { type KnownCheckpoint, verifyLedger } from '#core/verbs/verify-ledger.ts';
import { type Chance, seeded, testSeed } from '#kit/chance.ts';
import { actionId, endpointId, eventOf } from '../conformance/store/records.ts';
import { makeSqlitePlace } from './sqlite-place.ts';

const events = 700;
const tamperings = 1_000;

async function plant(store: Store): Promise<KnownCheckpoint> {
  for (let done = 0; done < events; done += 100) {
    const some = Array.from({ length: 100 }, (_, index) =>
      eventOf(`${done + index}`, {
        facts: { index: done + index, path: `/srv/${index}` },
        ...(index % 3 === 0 && { actionId: actionId(index), endpointId: endpointId(index) }),
      }),
    );
    await store.transact((transaction) => transaction.events.append(some));
  }
  const frontier = await store.read(({ ledger }) => ledger.frontier());
  return { size: frontier.size, root: rootOf(frontier) };
}

/** What somebody who can write to the database may do to the record. */
type Tampering = (database: Database, chance: Chance) => void;

const anyEvent = (chance: Chance) => 1 + chance.whole(events - 1);

const texts = ['type', 'actor_kind', 'actor_id', 'actor_name', 'facts_json'] as const;

/** The tree made anew over what stands there, as a server would. */
function reseal(database: Database): void {
  database.run('delete from ledger');
  database.run('delete from ledger_nodes');
}

const edit: Tampering = (database, chance) => {
  const column = chance.one(texts);
  database.run(`update events set ${column} = ${column} || 'x' where sequence = ?`, [anyEvent(chance)]);
};

const remove: Tampering = (database, chance) => {
  database.run('delete from events where sequence = ?', [anyEvent(chance)]);
};

const ways: Readonly<Record<string, Tampering>> = {
  edit,
  'change of a time': (database, chance) => {
    database.run('update events set at = at + 1 where sequence = ?', [anyEvent(chance)]);
  },
  'change of whose it is': (database, chance) => {
    const column = chance.one(['action_id', 'endpoint_id', 'incident_id'] as const);
    database.run(`update events set ${column} = coalesce(${column}, '') || '7' where sequence = ?`, [anyEvent(chance)]);
  },
  removal: remove,
  'removal of the last ones': (database, chance) => {
    database.run('delete from events where sequence > ?', [chance.whole(events - 1)]);
  },
  'removal of all': (database) => {
    database.run('delete from events');
  },
  'removal, the rest moved up': (database, chance) => {
    const gone = anyEvent(chance);
    database.run('delete from events where sequence = ?', [gone]);
    for (let sequence = gone + 1; sequence <= events; sequence += 1) {
      database.run('update events set sequence = ? where sequence = ?', [sequence - 1, sequence]);
    }
  },
  insertion: (database) => {
    database.run(
      `insert into events select sequence + 1, type, at, actor_kind, actor_id, actor_name, action_id, endpoint_id, facts_json, incident_id
       from events order by sequence desc limit 1`,
    );
  },
  'swap of neighbours': (database, chance) => {
    const first = 1 + chance.whole(events - 2);
    database.run('update events set sequence = 1000000 where sequence = ?', [first]);
    database.run('update events set sequence = ? where sequence = ?', [first, first + 1]);
    database.run('update events set sequence = ? where sequence = 1000000', [first + 1]);
  },
  'change of a leaf': (database, chance) => {
    database.run('update ledger_nodes set hash = randomblob(32) where level = 0 and ordinal = ?', [
      anyEvent(chance) - 1,
    ]);
  },
  'change of a node': (database, chance) => {
    database.run('update ledger_nodes set hash = randomblob(32) where level = 8 and ordinal = ?', [chance.whole(1)]);
  },
  'removal of a node': (database, chance) => {
    database.run('delete from ledger_nodes where level = ? and ordinal = ?', [chance.one([0, 8]), chance.whole(1)]);
  },
  'change of the peaks': (database) => {
    database.run('update ledger set peaks = randomblob(length(peaks))');
  },
  'change of the size': (database, chance) => {
    database.run('update ledger set size = size + ?', [chance.one([-100, -1, 1, 100])]);
  },
  'edit, sealed anew': (database, chance) => {
    edit(database, chance);
    reseal(database);
  },
  'removal of the last ones, sealed anew': (database, chance) => {
    database.run('delete from events where sequence > ?', [chance.whole(events - 1)]);
    reseal(database);
  },
};

const tables = ['events', 'ledger', 'ledger_nodes'] as const;

function bringBack(database: Database): void {
  for (const table of tables) {
    database.run(`delete from main.${table}`);
    database.run(`insert into main.${table} select * from kept.${table}`);
  }
}

/** Whoever threw the tree away lets the server make another. */
async function sealAnew(store: Store): Promise<void> {
  const { size } = await store.read(({ ledger }) => ledger.frontier());
  if (size === 0) {
    await store.transact(({ ledger }) => ledger.seal(2 * events));
  }
}

/**
 * What an agent finds that remembers the checkpoint from before and asks for the newest one: the same tree, one that is proved to begin
 * with it, or another.
 */
async function seenByWitnesses(store: Store, known: KnownCheckpoint): Promise<string> {
  const frontier = await store.read(({ ledger }) => ledger.frontier());
  const newer = { size: frontier.size, root: rootOf(frontier) };
  if (newer.size === known.size && isSameHash(newer.root, known.root)) {
    return 'the same tree';
  }
  const prove = () => store.read(({ ledger }) => proveConsistency(known.size, newer.size, ledger.nodes));
  const proof = await prove().catch(() => undefined);
  return proof !== undefined && provesConsistency(proof, { older: known, newer }) ? 'a longer tree' : 'another tree';
}

test(`${tamperings} tamperings with the record are ${tamperings} times found`, async () => {
  const place = await makeSqlitePlace();
  const store = await place.open(60_000);
  const known = await plant(store);
  const chance = seeded(testSeed());
  const before = await verifyLedger({ store }, [known]);
  expect(before).toMatchObject({ events, finding: undefined });
  const tools = new Database(place.path);
  tools.run('attach ? as kept', [`${place.path}.kept`]);
  for (const table of tables) {
    tools.run(`create table kept.${table} as select * from main.${table}`);
  }
  let noticed = 0;
  for (let round = 0; round < tamperings; round += 1) {
    const way = chance.one(Object.keys(ways));
    tools.transaction(() => ways[way]?.(tools, chance))();
    await sealAnew(store);
    const { finding } = await verifyLedger({ store }, [known]);
    expect([round, way, finding?.message]).toEqual([round, way, expect.any(String)]);
    const seen = await seenByWitnesses(store, known);
    expect([round, way, seen]).toEqual([round, way, seen === 'the same tree' ? seen : 'another tree']);
    noticed += seen === 'another tree' ? 1 : 0;
    tools.transaction(() => bringBack(tools))();
  }
  expect(await verifyLedger({ store }, [known])).toEqual(before);
  // An event that is changed under its tree shows to whoever reads the events; a tree that was made to fit, to every agent.
  expect(noticed).toBeGreaterThan(tamperings / 5);
  tools.close();
  await store.close();
  await place.remove();
}, 600_000);
