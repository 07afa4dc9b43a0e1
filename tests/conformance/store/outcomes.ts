import { describe, expect, test } from 'bun:test';
import { filePathSchema } from '#core/file/file-path.ts';
import { outcomes as outcomeNames, outcomeReasons } from '#core/outcome.ts';
import { type MakePlace, withStore } from './place.ts';
import {
  actionId,
  actionOf,
  endpointId,
  fileOf,
  outcomeOf,
  pathOf,
  plant,
  sha256Of,
  taskId,
  taskOf,
  vaultObject,
} from './records.ts';

export function describeOutcomes(makePlace: MakePlace): void {
  describe('keeps outcomes', () => {
    running(makePlace);
    test(
      'Every outcome and reason comes back as it was given, in order.',
      withStore(makePlace, async (store) => {
        await plant(store);
        const full = {
          path: pathOf('/bin/evil'),
          fileGuid: fileOf(1, '/bin/evil').guid,
          sha256: sha256Of('evil'),
          size: Number.MAX_SAFE_INTEGER,
          vaultObject: vaultObject(1),
          effect: 'taken' as const,
          losses: ['owner', 'a "quoted" \n line'],
          details: {
            links: 3,
            running: [{ pid: 7, startedAt: 1_700_000_000_000 }],
            indexedSha256: sha256Of('earlier'),
            fromVault: vaultObject(2),
            originalPath: '/bin/\\xff',
            displaced: vaultObject(3),
            rule: 'no "payroll"',
            package: 'libc6',
            modifiedNs: '-12',
            live: false,
          },
          deliveredAt: 7,
        };
        const outcomes = [
          ...outcomeNames.map((outcome, index) => outcomeOf(1, index, { outcome })),
          ...outcomeReasons.map((reason, index) => outcomeOf(1, 100 + index, { ...full, outcome: 'refused', reason })),
        ];
        await store.transact(async (transaction) => {
          await transaction.tasks.insert([taskOf(1)]);
          await transaction.outcomes.put(outcomes.toReversed());
        });
        expect(await store.read((reader) => reader.outcomes.byTask(taskId(1)))).toEqual(outcomes);
      }),
    );

    test(
      'Outcomes of many tasks that say the same go in together, beside others, with their bytes.',
      withStore(makePlace, async (store) => {
        await plant(store);
        const path = filePathSchema.parse(Uint8Array.from([47, 0xff, 0x22, 0x0a, 0xc3]));
        const numbers = Array.from({ length: 300 }, (_, number) => number + 1);
        const outcomes = numbers.map((number) => {
          const same = { outcome: 'cancelled', reason: 'superseded', message: "it's ü", path } as const;
          return outcomeOf(number, 0, number % 3 === 0 ? { ...same, path: null, size: 7 } : same);
        });
        await store.transact(async (transaction) => {
          await transaction.tasks.insert(numbers.map((number) => taskOf(number)));
          await transaction.outcomes.put(outcomes);
        });
        expect(await store.read((reader) => reader.outcomes.byActions([actionId(1)]))).toEqual(outcomes);
      }),
    );

    test(
      'Putting replaces all that the named tasks had, and nothing of the others.',
      withStore(makePlace, async (store) => {
        await plant(store);
        const late = outcomeOf(2, 5, { message: 'after all' });
        await store.transact(async (transaction) => {
          await transaction.tasks.insert([taskOf(1, { ordinal: 1 }), taskOf(2, { ordinal: 0 })]);
          await transaction.outcomes.put([
            outcomeOf(1, 0, { outcome: 'expired' }),
            outcomeOf(2, 0, { outcome: 'expired' }),
            outcomeOf(2, 1, { outcome: 'expired' }),
          ]);
          await transaction.outcomes.put([late]);
          await transaction.outcomes.put([]);
        });
        const expected = [late, outcomeOf(1, 0, { outcome: 'expired' })];
        expect(await store.read((reader) => reader.outcomes.byActions([actionId(1)]))).toEqual(expected);
        expect(await store.read((reader) => reader.outcomes.byActions([]))).toEqual([]);
      }),
    );

    test(
      'A delivery is marked once, on the named files only.',
      withStore(makePlace, async (store) => {
        await plant(store);
        await store.transact(async (transaction) => {
          await transaction.tasks.insert([taskOf(1)]);
          await transaction.outcomes.put([outcomeOf(1, 0), outcomeOf(1, 1), outcomeOf(1, 2)]);
          await transaction.outcomes.markDelivered(taskId(1), [0], 5);
          await transaction.outcomes.markDelivered(taskId(1), [0, 1, 77], 6);
        });
        const found = await store.read((reader) => reader.outcomes.byTask(taskId(1)));
        expect(found.map(({ deliveredAt }) => deliveredAt)).toEqual([5, 6, null]);
      }),
    );
  });
}

function running(makePlace: MakePlace): void {
  test(
    'What an action met running is found by content, by endpoint and path.',
    withStore(makePlace, async (store) => {
      await plant(store, 2);
      const sha256 = sha256Of('evil');
      const processes = [{ pid: 7, startedAt: 5 }];
      const met = { sha256, details: { running: processes } };
      await store.transact(async (transaction) => {
        await transaction.actions.insert(actionOf(2));
        await transaction.tasks.insert([
          taskOf(1, { endpointId: endpointId(2) }),
          taskOf(2),
          taskOf(3, { actionId: actionId(2) }),
        ]);
        await transaction.outcomes.put([
          outcomeOf(1, 0, met),
          outcomeOf(2, 0, { ...met, displayPath: '/bin/b' }),
          outcomeOf(2, 1, { ...met, displayPath: '/bin/a' }),
          outcomeOf(2, 2, { sha256, message: '"running":[{' }),
          outcomeOf(2, 3, { ...met, sha256: sha256Of('other') }),
          outcomeOf(3, 0, met),
        ]);
      });
      const found = (offset: number, limit: number) =>
        store.read((reader) => reader.outcomes.runningIn(actionId(1), sha256, { offset, limit }));
      const [first, second] = ['/bin/a', '/bin/b'].map((displayPath) => {
        return { endpointId: endpointId(1), displayPath, processes };
      });
      const third = { endpointId: endpointId(2), displayPath: '/bin/evil', processes };
      expect<unknown>(await found(0, 9)).toEqual({ total: 3, items: [first, second, third] });
      expect<unknown>(await found(1, 1)).toEqual({ total: 3, items: [second] });
    }),
  );
}
