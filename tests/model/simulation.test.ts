import { expect, test } from 'bun:test';
import { testSeed } from '#kit/chance.ts';
import { breakages } from '#kit/simulation/breakages.ts';
import { crashes, largeFleet, roughFleet, Totals } from '#kit/simulation/scenarios.ts';
import { type SimulationOptions, type SimulationResult, simulate } from '#kit/simulation/simulation.ts';

/** With `CUSTODY_TEST_SEED` the first simulation is that of the seed. */
const seed = testSeed();
const seeds = Array.from({ length: 5 }, (_, index) => seed + index);
/** A fault in the product may need some luck to show. */
const mostTries = 100;

async function demandSound(options: SimulationOptions): Promise<SimulationResult> {
  const result = await simulate(options);
  if (result.violation !== undefined) {
    throw new Error(`CUSTODY_TEST_SEED=${options.seed}: ${result.violation}\n${result.tail.slice(-60).join('\n')}`);
  }
  return result;
}

test('No task is lost, doubled or without an end where server, agents, disks, clocks, store and network fail at random.', async () => {
  const totals = new Totals();
  for (const each of seeds) {
    totals.add((await demandSound(roughFleet(each))).counts);
  }
  process.stdout.write(`${totals.words}\n`);
  expect(totals.of(crashes)).toBeGreaterThan(20 * seeds.length);
}, 600_000);

test('A seed replays to the last byte, and another one does not.', async () => {
  const [first, again, other] = [
    await simulate(roughFleet(seed)),
    await simulate(roughFleet(seed)),
    await simulate(roughFleet(seed + 1)),
  ];
  expect(again.digest).toBe(first.digest);
  expect(again.happened).toBe(first.happened);
  expect(other.digest).not.toBe(first.digest);
}, 600_000);

test('A thousand endpoints go through an hour of it.', async () => {
  const { happened } = await demandSound(largeFleet(seed));
  expect(happened).toBeGreaterThan(500_000);
}, 600_000);

test.each(breakages)(
  'A simulation finds it when the promise is broken: %s.',
  async (breakage) => {
    let violation: string | undefined;
    for (let tried = 0; tried < mostTries && violation === undefined; tried += 1) {
      ({ violation } = await simulate(roughFleet(1_000 * tried, breakage)));
    }
    expect(violation).toBeString();
  },
  600_000,
);
