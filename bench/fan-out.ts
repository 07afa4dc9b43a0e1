import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureBare } from './measure-bare.ts';
import { measureCustody } from './measure-custody.ts';
import type { Measured } from './measured.ts';
import { warmUpAgents } from './memory.ts';
import { median, spread } from './statistics.ts';

export interface FanOutOptions {
  readonly agents: number;
  /** How many rounds count; those of the warm-up come before. */
  readonly rounds: number;
}

const goals = { ratio: 4, kilobytesPerAgent: 12 } as const;

/**
 * Time from the API call to the moment at which the last of the fleet knows that its outcome is durable, beside the
 * bare transport in the same run; and the server's memory per idle agent beside the bare transport's.
 */
export async function fanOut(options: FanOutOptions): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'custody-bench-'));
  try {
    const custody = await measureCustody(data, options);
    const bare = await measureBare(data, options);
    return report(options, custody, bare);
  } finally {
    await rm(data, { recursive: true, force: true });
  }
}

function report({ agents, rounds }: FanOutOptions, custody: Measured, bare: Measured): string {
  const ratio = median(custody.rounds) / median(bare.rounds);
  const first = warmUpAgents(agents);
  return [
    `fan-out to ${agents} agents, ${rounds} rounds after the warm-up`,
    '  time: from the API call to the last agent being told that its outcome is durable; bare transport: one frame to',
    '  every connection and one back',
    `  memory: private memory of the server with all agents connected, less that with the first ${first} connected,`,
    `  shared out among the other ${agents - first}; all were enrolled before, at a server`,
    '  that was then started anew',
    '',
    line('custody', custody),
    line('bare transport', bare),
    `  ratio of medians ${ratio.toFixed(2)} (goal ${goals.ratio} or less)`,
    `  memory           ${kilobytes(custody)} KB (goal ${goals.kilobytesPerAgent} KB or less)`,
  ].join('\n');
}

function line(name: string, measured: Measured): string {
  const time = spread(measured.rounds).padEnd(32);
  return `  ${name.padEnd(16)} ${time} ${kilobytes(measured).padStart(6)} KB per idle agent`;
}

function kilobytes({ bytesPerAgent }: Measured): string {
  return (bytesPerAgent / 1_024).toFixed(1);
}
