/** What one transport did. */
export interface Measured {
  /** Milliseconds of each round. */
  readonly rounds: readonly number[];
  /** The server's private memory per idle agent. */
  readonly bytesPerAgent: number;
}

/** Rounds that do not count: both servers' code is compiled by the runtime while it runs for the first times. */
const warmUp = 5;

export async function measureRounds(rounds: number, oneRound: () => Promise<number>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < warmUp + rounds; round += 1) {
    times.push(await oneRound());
  }
  return times.slice(warmUp);
}
