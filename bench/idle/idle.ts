import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { AdminClient } from '../admin-client.ts';
import { processorTime, type Use, useOf } from '../inventory/process-use.ts';
import { freePort } from '../measure-custody.ts';
import { pause } from '../pause.ts';
import { startCustody, startScript } from '../processes.ts';

export interface IdleOptions {
  /** How long each is watched. */
  readonly seconds: number;
}

const root = new URL('../..', import.meta.url).pathname;
const goals = { megabytes: 60, processorShare: 0.001 } as const;
/** By then what was needed to start has been given back. */
const settling = 30_000;

interface Contender {
  readonly name: string;
  readonly pid: number;
  readonly isAgent: boolean;
  stop(): Promise<unknown>;
}

interface Watched extends Contender {
  readonly use: Use;
  /** Of one processor. */
  readonly share: number;
}

/** Memory and processor time of an agent with nothing to do, beside a bare process of the same runtime with one WebSocket. */
export async function idle({ seconds }: IdleOptions): Promise<string> {
  const base = await mkdtemp(join(tmpdir(), 'custody-bench-'));
  const data = join(base, 'server');
  const address = `127.0.0.1:${await freePort()}`;
  const server = startCustody(['server', '--data', data, '--listen', address, '--log', 'error']);
  const contenders: Contender[] = [];
  try {
    const admin = new AdminClient(data);
    await admin.untilReady();
    const executable = await buildExecutable(base);
    const place = { base, data, address, admin };
    contenders.push(await startAgent('one-file executable', executable, place));
    contenders.push(await startAgent('from source', join(root, 'bin/custody'), place));
    contenders.push(await startBare(data));
    await pause(settling);
    return report(seconds, await watch(contenders, seconds));
  } finally {
    await Promise.all(contenders.map((each) => each.stop()));
    await server.stop();
    await rm(base, { recursive: true, force: true });
  }
}

async function buildExecutable(base: string): Promise<string> {
  const build = spawn(process.execPath, [join(root, 'tools/build.ts'), '--native', '--out', base], { stdio: 'ignore' });
  const code = await new Promise((resolve) => build.once('exit', resolve));
  if (code !== 0) {
    throw new Error('The executable could not be built.');
  }
  return join(base, `custody-${process.platform}-${process.arch}`);
}

interface Place {
  readonly base: string;
  readonly data: string;
  readonly address: string;
  readonly admin: AdminClient;
}

async function startAgent(name: string, program: string, { base, data, address, admin }: Place): Promise<Contender> {
  const home = join(base, name.replaceAll(' ', '-'));
  const [files, own] = [join(home, 'files'), join(home, 'data')];
  await mkdir(files, { recursive: true });
  const ca = join(data, 'tls/ca.pem');
  const token = await admin.createToken(1);
  const where = ['--server', `https://${address}`, '--ca', ca, '--data', own, '--roots', files];
  const enrolling = spawn(program, ['agent', 'enroll', ...where, '--token', token], { stdio: 'ignore' });
  await new Promise((resolve) => enrolling.once('exit', resolve));
  const agent = spawn(program, ['agent', 'run', '--data', own], { stdio: 'ignore' });
  return { name, pid: agent.pid ?? 0, isAgent: true, stop: () => end(agent) };
}

async function startBare(data: string): Promise<Contender> {
  const server = startScript('bench/bare-server.ts', [join(data, 'tls/server.pem'), join(data, 'tls/server-key.pem')]);
  const { port } = z.object({ port: z.number() }).parse(JSON.parse(await server.next()));
  const client = startScript('bench/idle/bare-client.ts', [`wss://127.0.0.1:${port}/`, join(data, 'tls/ca.pem')]);
  await client.next();
  const stop = async () => {
    await client.stop();
    await server.stop();
  };
  return { name: 'bare WebSocket', pid: client.pid, isAgent: false, stop };
}

async function end(agent: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => agent.once('exit', resolve));
  agent.kill('SIGTERM');
  await ended;
}

async function watch(contenders: readonly Contender[], seconds: number): Promise<readonly Watched[]> {
  const before = contenders.map(({ pid }) => processorTime(pid));
  await pause(seconds * 1_000);
  return contenders.map((each, index) => {
    const spent = processorTime(each.pid) - (before[index] ?? Number.NaN);
    return { ...each, use: useOf(each.pid), share: spent / (seconds * 1_000) };
  });
}

function report(seconds: number, watched: readonly Watched[]): string {
  const bare = watched.find(({ isAgent }) => !isAgent);
  const agents = watched.filter(({ isAgent }) => isAgent);
  const largest = Math.max(...agents.map(({ use }) => use.resident));
  const busiest = Math.max(...agents.map(({ share }) => share));
  return [
    `an idle agent, connected, watched for ${seconds} s, ${settling / 1_000} s after its start`,
    '  memory and processor time of the agent and of its children, if it has any then',
    '',
    ...watched.map(line),
    `  ratio to the bare process: resident ${(largest / (bare?.use.resident ?? Number.NaN)).toFixed(2)}`,
    `  resident   ${megabytes(largest)} MB at most (goal ${goals.megabytes} MB or less)`,
    `  processor  ${percent(busiest)} at most (goal ${percent(goals.processorShare)} or less; ticks are of 10 ms)`,
  ].join('\n');
}

function line({ name, use, share }: Watched): string {
  const memory = `${megabytes(use.resident).padStart(6)} MB resident, ${megabytes(use.proportional).padStart(6)} MB proportional`;
  return `  ${name.padEnd(20)} ${memory}, ${use.processes} process(es), ${percent(share)} of one processor`;
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)} %`;
}
