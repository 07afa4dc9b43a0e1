import { describe, expect, test } from 'bun:test';
import { emptyFrontier, grow, rootOf } from '#core/ledger/frontier.ts';
import { proveConsistency, proveInclusion } from '#core/ledger/proof.ts';
import { hashLeaf, type TreeHash } from '#core/ledger/tree-hash.ts';
import { provesConsistency, provesInclusion } from '#core/ledger/verify-proof.ts';
import type { Store } from '#core/ports/store/store.ts';
import { type MakePlace, type StorePlace, withStore } from './place.ts';
import { actionId, endpointId, eventOf } from './records.ts';

async function append(store: Store, count: number): Promise<void> {
  await store.transact(({ events }) => events.append(Array.from({ length: count }, (_, index) => eventOf(`${index}`))));
}

async function forgetLedger(place: StorePlace): Promise<void> {
  await place.run('delete from ledger');
  await place.run('delete from ledger_nodes');
}

/** The hashes of the events as they stand there. */
async function leavesOf(store: Store): Promise<readonly TreeHash[]> {
  const leaves = await store.read(({ ledger }) => ledger.leaves(0, 10_000));
  return leaves.map(({ bytes }) => hashLeaf(bytes));
}

export function describeLedger(makePlace: MakePlace): void {
  describe('keeps a ledger', () => {
    test(
      'Every event is a leaf, committed with it, and none where the transaction was rolled back.',
      withStore(makePlace, async (store) => {
        expect(await store.read(({ ledger }) => ledger.frontier())).toEqual(emptyFrontier);
        await append(store, 3);
        const failed = store.transact(async ({ events }) => {
          await events.append([eventOf('never')]);
          throw new Error('rolled back');
        });
        expect(await failed.catch((error: unknown) => String(error))).toContain('rolled back');
        await append(store, 0);
        await append(store, 2);
        const leaves = await leavesOf(store);
        expect(leaves).toHaveLength(5);
        const frontier = await store.read(({ ledger }) => ledger.frontier());
        expect(frontier).toEqual(grow(emptyFrontier, leaves).frontier);
      }),
    );

    test(
      'A leaf says everything that its event says, and nothing else.',
      withStore(makePlace, async (store) => {
        const more = { actionId: actionId(7), endpointId: endpointId(1), type: 'task_finished' } as const;
        await store.transact(({ events }) =>
          events.append([eventOf('x', { facts: { b: 1, a: ['ü', null] }, ...more }), eventOf('half \ud83d')]),
        );
        const [whole, half] = await store.read(({ ledger }) => ledger.leaves(0, 10));
        const { at, actor } = eventOf('x');
        const list = ['custody-event-1', 1, 'task_finished', at, actor.kind, actor.id, actor.name];
        expect(JSON.parse(new TextDecoder().decode(whole?.bytes))).toEqual([
          ...[...list, actionId(7), endpointId(1), null, '{"a":["ü",null],"b":1}'],
        ]);
        const frontier = await store.read(({ ledger }) => ledger.frontier());
        const hashes = [whole, half].map((leaf) => hashLeaf(leaf?.bytes ?? expect.unreachable()));
        expect(rootOf(frontier)).toEqual(rootOf(grow(emptyFrontier, hashes).frontier));
      }),
    );
    proves(makePlace);
    catchesUp(makePlace);
  });
}

function proves(makePlace: MakePlace): void {
  test(
    'Hundreds of leaves are proved out of the nodes that are kept.',
    withStore(makePlace, async (store) => {
      for (const count of [1, 255, 1, 300, 43]) {
        await append(store, count);
      }
      const leaves = await leavesOf(store);
      const rootAt = (size: number) => rootOf(grow(emptyFrontier, leaves.slice(0, size)).frontier);
      await store.read(async ({ ledger }) => {
        for (const [index, size] of [
          [0, 1],
          [0, 600],
          [255, 256],
          [299, 557],
          [599, 600],
          [512, 600],
        ] as const) {
          const proof = await proveInclusion(index, size, ledger.nodes);
          const leaf = leaves[index] ?? expect.unreachable();
          expect([index, size, provesInclusion(proof, { leaf, index, size, root: rootAt(size) })]).toEqual([
            index,
            size,
            true,
          ]);
        }
        for (const [older, newer] of [
          [1, 600],
          [256, 257],
          [300, 600],
          [557, 600],
        ] as const) {
          const proof = await proveConsistency(older, newer, ledger.nodes);
          const claim = {
            older: { size: older, root: rootAt(older) },
            newer: { size: newer, root: rootAt(newer) },
          };
          expect([older, newer, provesConsistency(proof, claim)]).toEqual([older, newer, true]);
        }
        const missing = await ledger.nodes([{ level: 0, index: 600 }]).catch((fault: { code?: string }) => fault.code);
        expect(missing).toBe('not_found');
      });
    }),
  );
}

function catchesUp(makePlace: MakePlace): void {
  test(
    'Events of a program that kept no ledger become leaves when asked, or with the next event.',
    withStore(makePlace, async (store, place) => {
      await append(store, 5);
      const expected = await store.read(({ ledger }) => ledger.frontier());
      await forgetLedger(place);
      expect(await store.transact(({ ledger }) => ledger.seal(2))).toBe(2);
      expect((await store.read(({ ledger }) => ledger.frontier())).size).toBe(2);
      expect(await store.transact(({ ledger }) => ledger.seal(10))).toBe(3);
      expect(await store.transact(({ ledger }) => ledger.seal(10))).toBe(0);
      expect(await store.read(({ ledger }) => ledger.frontier())).toEqual(expected);
      await forgetLedger(place);
      await store.transact(({ ledger }) => ledger.seal(2));
      await append(store, 1);
      const frontier = await store.read(({ ledger }) => ledger.frontier());
      expect(frontier).toEqual(grow(emptyFrontier, await leavesOf(store)).frontier);
      expect(frontier.size).toBe(6);
    }),
  );
}
