import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { day } from '#core/time.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { type Happening, happenings, type Model, openModel } from './fleet-model.ts';
import { invariants, type Memory } from './invariants.ts';

const names = Object.keys(happenings).filter((name): name is Happening => name in happenings);
/** Orders that are carried out and reported lead to the interesting states, so they happen more often. */
const usual: readonly Happening[] = ['quarantineEverywhere', 'deliver', 'deliver', 'work', 'work', 'report'];
const story = fc.array(fc.tuple(fc.constantFrom(...names, ...usual), fc.nat(1_000)), {
  minLength: 1,
  maxLength: 40,
  size: 'max',
});
const runs = Number(process.env['CUSTODY_TEST_RUNS'] ?? 40);
const seed = Number(process.env['CUSTODY_TEST_SEED'] ?? Date.now() % 2 ** 31);

test('Whatever happens to orders, reports and time, every invariant of the life cycle holds and every task ends.', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (steps) => {
      await using model = await openModel(2);
      const memory: Memory = { states: new Map() };
      for (const [name, choice] of steps) {
        await happenings[name](model, choice);
        await holds(model, memory);
      }
      model.ports.clock.advance(10 * day);
      await expireOverdue(model.ports);
      await holds(model, memory);
      const open = [...memory.states.values()].filter((state) => !['finished', 'expired', 'cancelled'].includes(state));
      expect(open).toEqual([]);
    }),
    { numRuns: runs, seed },
  );
}, 120_000);

async function holds(model: Model, memory: Memory): Promise<void> {
  await model.ports.store.read(async (reader) => {
    for (const [name, check] of Object.entries(invariants)) {
      await check(model, reader, memory).catch((cause: unknown) => {
        throw new Error(`The invariant does not hold: ${name}`, { cause });
      });
    }
  });
}
