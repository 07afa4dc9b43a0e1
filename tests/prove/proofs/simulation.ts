import { crashes, roughFleet, Totals } from '../../kit/simulation/scenarios.ts';
import { simulate } from '../../kit/simulation/simulation.ts';
import { type Proof, Tally } from '../proof.ts';

const all = 10_000;
const few = 5;
const linesTold = 60;

/** P22: a fleet in one process, in virtual time, where everything fails at random. A seed replays to the last byte. */
export const simulation: Proof = {
  name: 'simulation',
  promises: ['P22', 'P32', 'P33', 'P72', 'P80'],
  async run(context) {
    const tally = new Tally(context, 'P22', 'seeds of a simulated fleet: no task lost, doubled or without an end');
    const totals = new Totals();
    const seeds = context.sample ? few : all;
    for (let index = 0; index < seeds; index += 1) {
      const seed = context.seed + index;
      const { violation, tail, counts } = await simulate(roughFleet(seed));
      totals.add(counts);
      tally.point(
        `CUSTODY_TEST_SEED=${seed} bin/bun test tests/model/simulation.test.ts`,
        violation === undefined ? [] : [violation],
      );
      if (violation !== undefined) {
        context.say(tail.slice(-linesTold).join('\n'));
      }
      if ((index + 1) % 100 === 0 || index + 1 === seeds) {
        context.say(`after ${index + 1} seeds: ${totals.of(crashes)} crashes; ${totals.words}`);
      }
    }
    return [tally.row()];
  },
};
