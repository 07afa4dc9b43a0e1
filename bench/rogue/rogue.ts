import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdminClient } from '../admin-client.ts';
import { type Fleet, startFleet } from '../fleet/fleet.ts';
import { preciseNow } from '../fleet/protocol.ts';
import { freePort } from '../measure-custody.ts';
import { startCustody, startScript } from '../processes.ts';
import { median, spread } from '../statistics.ts';
import { type RogueEnded, type RogueKind, rogueEndedSchema } from './protocol.ts';

export interface RogueOptions {
  readonly agents: number;
  /** How many rounds count for each kind of rogue, and as many without one. */
  readonly rounds: number;
}

const goals = { ratio: 1.2, cutOff: 2_000 } as const;
const warmUpRounds = 3;

interface Place {
  readonly admin: AdminClient;
  readonly fleet: Fleet;
  readonly endpointIds: readonly string[];
  readonly url: string;
  readonly caPem: string;
}

/** How long orders to a fleet take while one enrolled agent says all that it can (promise P70), beside the same without it. */
export async function rogue(options: RogueOptions): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'custody-bench-'));
  const address = `127.0.0.1:${await freePort()}`;
  const server = startCustody(['server', '--data', data, '--listen', address, '--log', 'error']);
  const admin = new AdminClient(data);
  try {
    await admin.untilReady();
    const caPem = await readFile(join(data, 'tls/ca.pem'), 'utf8');
    const url = `https://${address}`;
    const token = await admin.createToken(options.agents);
    const fleet = await startFleet({ kind: 'custody', agents: options.agents, url, caPem, token });
    await fleet.connect(options.agents);
    const place = { admin, fleet, url, caPem, endpointIds: await admin.listEndpoints(options.agents) };
    try {
      await rounds(place, warmUpRounds);
      return await compare(place, options);
    } finally {
      await fleet.stop();
    }
  } finally {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }
}

async function compare(place: Place, options: RogueOptions): Promise<string> {
  const lines = [`orders to ${options.agents} agents, ${options.rounds} rounds each, with one rogue agent and without`];
  for (const kind of ['results', 'junk'] as const) {
    const before = await rounds(place, options.rounds);
    const { during, ended } = await withRogue(place, kind, options);
    lines.push('', ...report(kind, { before, during, ended }));
  }
  return lines.join('\n');
}

async function withRogue(place: Place, kind: RogueKind, options: RogueOptions) {
  const { url, caPem, admin } = place;
  const process = startScript('bench/rogue/main.ts');
  process.say(JSON.stringify({ kind, url, caPem, token: await admin.createToken(1) }));
  await process.next();
  process.say('begin');
  const during = await rounds(place, options.rounds);
  process.say('end');
  const ended = rogueEndedSchema.parse(JSON.parse(await process.next()));
  await process.ended;
  return { during, ended };
}

async function rounds({ admin, fleet, endpointIds }: Place, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const sha256 = createHash('sha256').update(randomBytes(16)).digest('hex');
    await fleet.expect(endpointIds.length);
    const start = preciseNow();
    await admin.quarantine({ endpointIds, path: '/srv/sample', sha256 });
    times.push((await fleet.recorded()) - start);
  }
  return times;
}

interface Compared {
  readonly before: readonly number[];
  readonly during: readonly number[];
  readonly ended: RogueEnded;
}

function report(kind: RogueKind, { before, during, ended }: Compared): readonly string[] {
  const name = kind === 'results' ? '10,000 results a second' : '100 MiB a second of junk';
  const ratio = median(during) / median(before);
  const longest = ended.cutOffs.length === 0 ? 'never' : `${Math.max(...ended.cutOffs).toFixed(0)} ms`;
  return [
    `  ${name}`,
    `    without    ${spread(before)}`,
    `    with it    ${spread(during)}`,
    `    ratio of medians ${ratio.toFixed(2)} (goal ${goals.ratio} or less)`,
    `    cut off ${ended.cutOffs.length} times, at the latest after ${longest} (goal ${goals.cutOff} ms), refused ${ended.refusals} times`,
  ];
}
