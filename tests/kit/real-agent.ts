import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { allBelow } from './disk.ts';
import { nobodyOwner } from './nobody.ts';
import { allGone, custody, descendants, type Ended, type Program, runProgram, startProgram } from './program.ts';
import type { RealServer } from './real-server.ts';
import { until } from './until.ts';

export interface AgentOptions {
  /** Holds the agent's data directory and its root. */
  readonly directory: string;
  /** Put before every command of the agent: `asNobody` runs it as somebody else. */
  readonly as?: readonly string[];
  /** Put before every command too, of the same user. */
  readonly under?: readonly string[];
  /** The executable; default: the checkout's. */
  readonly executable?: string;
  /** Where its commands are called; default: `/`. */
  readonly cwd?: string;
  /** More words for `agent run`. */
  readonly words?: readonly string[];
}

/** An enrolled agent, `custody agent run` as a process of its own. */
export interface RealAgent {
  readonly id: string;
  readonly number: number;
  readonly data: string;
  /** The directory that it inventories. */
  readonly root: string;
  readonly program: Program;
  /** A path below the root. */
  path(name: string): string;
  /** Writes a file below the root. @returns its path. */
  put(name: string, bytes: string | Uint8Array): string;
  /** Gives everything below the root that has this name to the user that the agent runs as. */
  give(name: string): Promise<void>;
  start(): void;
  /** Starts it where it is not running, and waits until the server has it. */
  connect(): Promise<void>;
  /** Ends it with a signal, and waits until it and all its children are gone. */
  end(signal: NodeJS.Signals): Promise<Ended>;
  /** @throws Error when something is half done on its disk. */
  demandTidy(): void;
}

/** Enrols over the real protocol and starts it; it may not be connected yet. */
export async function startAgent(server: RealServer, options: AgentOptions): Promise<RealAgent> {
  const { directory, as = [], under = [], executable = custody, cwd = '/', words: more = [] } = options;
  const [data, root] = [join(directory, 'data'), join(directory, 'root')];
  mkdirSync(root, { recursive: true });
  // A copy, as an administrator brings it to a machine: the server's own directory is closed to others.
  const caFile = join(directory, 'ca.pem');
  copyFileSync(server.caFile, caFile);
  if (as.length > 0) {
    await giveAway(directory);
  }
  const command = (...words: readonly string[]) =>
    [...as, ...under, executable, 'agent', ...words] as [string, ...string[]];
  const { endpointId, endpointNumber } = await enrol(server, command('enroll'), { caFile, data, root, cwd });
  const launch = () => startProgram(command('run', '--data', data, ...more), { cwd });
  let program = launch();
  const path = (name: string) => join(root, name);
  const start = () => {
    program = launch();
  };
  return {
    ...{ id: endpointId, number: endpointNumber, data, root, start },
    get program() {
      return program;
    },
    path,
    put(name, bytes) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), bytes);
      return path(name);
    },
    give: (name) => giveAway(path(name)),
    async connect() {
      if (!program.isRunning) {
        start();
      }
      await until(`agent ${endpointId} is connected\n${program.err()}`, async () => {
        const { presence } = await server.client.readEndpoint(endpointId);
        return presence === 'connected';
      });
    },
    async end(signal) {
      const below = descendants(program.pid);
      const ended = await program.end(signal);
      await allGone(below);
      return ended;
    },
    demandTidy() {
      const left = [...allBelow(root), ...allBelow(data)].filter((path) => isHalfDone(path, data));
      if (left.length > 0) {
        throw new Error(`Agent ${endpointId} left something half done: ${left.join(', ')}.`);
      }
    },
  };
}

async function giveAway(path: string): Promise<void> {
  const { code, err } = await runProgram(['chown', '-R', nobodyOwner, path]);
  if (code !== 0) {
    throw new Error(err);
  }
}

async function enrol(
  server: RealServer,
  command: readonly [string, ...string[]],
  { caFile, data, root, cwd }: Readonly<Record<'caFile' | 'data' | 'root' | 'cwd', string>>,
): Promise<{ readonly endpointId: string; readonly endpointNumber: number }> {
  const { token } = await server.client.createEnrolmentToken({});
  const where = ['--server', server.url, '--ca', caFile, '--token', '-', '--data', data, '--roots', root];
  const { code, out, err } = await runProgram([...command, ...where, '--json'], { input: token, cwd });
  if (code !== 0) {
    throw new Error(`An agent could not be enrolled: ${err}`);
  }
  return JSON.parse(out);
}

/** A file in a staging directory, a vault object that is not whole, or bytes that wait to be uploaded. */
function isHalfDone(path: string, data: string): boolean {
  return path.includes('/.custody-') || path.endsWith('.part') || path.startsWith(join(data, 'spool/'));
}
