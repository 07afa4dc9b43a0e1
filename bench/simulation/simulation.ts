import { decode, encode } from '#wire/codec.ts';
import { agentMessageSchema } from '#wire/messages.ts';
import { largeFleet } from '../../tests/kit/simulation/scenarios.ts';
import { simulate } from '../../tests/kit/simulation/simulation.ts';
import { Timeline } from '../../tests/kit/simulation/timeline.ts';

export interface SimulationBenchOptions {
  readonly endpoints: number;
  readonly seed: number;
}

const goal = 20;
const microseconds = 1_000_000;

/**
 * What an hour of a simulated fleet costs in processor time, beside a timeline on which as many things happen of which each is one
 * heartbeat that is encoded, decoded and checked.
 */
export async function simulationBench({ endpoints, seed }: SimulationBenchOptions): Promise<string> {
  const options = { ...largeFleet(seed), agents: endpoints };
  let happened = 0;
  let violation: string | undefined;
  const seconds = await processorSeconds(async () => {
    ({ happened, violation } = await simulate(options));
  });
  const bare = await processorSeconds(() => bareTimeline(happened));
  const ratio = seconds / bare;
  return [
    `${endpoints} endpoints for an hour, and until all is quiet: ${happened} happenings, seed ${seed}, ${violation ?? 'all holds'}`,
    `  simulation    ${seconds.toFixed(1)} s of processor time, ${(endpoints / seconds).toFixed(0)} endpoint hours in a second`,
    `  bare timeline ${bare.toFixed(1)} s`,
    `  ratio         ${ratio.toFixed(1)} (goal ${goal} or less)`,
  ].join('\n');
}

async function bareTimeline(count: number): Promise<void> {
  const timeline = new Timeline();
  for (let planned = 0; planned < count; planned += 1) {
    timeline.at(planned, () => decode(encode({ type: 'heartbeat' }), agentMessageSchema));
  }
  await timeline.run(count);
}

async function processorSeconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / microseconds;
}
