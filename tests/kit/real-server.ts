import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, socketTransport } from '#cli/socket-transport.ts';
import { type Client, createClient } from '#sdk/client.ts';
import { allBelow, filesBelow } from './disk.ts';
import { allGone, custody, descendants, type Ended, type Program, startProgram } from './program.ts';
import { until } from './until.ts';

/** Environment variables, as an administrator sets them. */
export type Settings = Readonly<Record<`CUSTODY_${string}`, string>>;

export interface ServerOptions {
  readonly data: string;
  readonly port: number;
  readonly settings?: Settings;
  /** Put before its command, as in `['faketime', ...]`. */
  readonly under?: readonly string[];
}

/** Hundreds of servers of tests need not write it each; `full-disks` of `npm run prove` has one. */
const withoutReserve: Settings = { CUSTODY_STORE_RESERVE_MIB: '0' };

/** `custody server` as a process of its own, with everything that a client needs to reach it. */
export interface RealServer {
  readonly data: string;
  readonly port: number;
  readonly url: string;
  /** The authority's certificate, PEM. */
  readonly caFile: string;
  /** The native API through the socket in the data directory; good over restarts. */
  readonly client: Client;
  /** A client of somebody who has logged in. */
  clientOf(token: string): Client;
  readonly program: Program;
  /** HTTPS with the server's own authority; redirects are not followed. */
  fetch(path: string, request?: RequestInit): Promise<Response>;
  /** Starts it, with other settings or under another program if some are given, and waits until it answers. */
  start(settings?: Settings, under?: readonly string[]): Promise<void>;
  /** Ends it with a signal, and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<Ended>;
  /** @throws Error when something is half done on its disk. */
  demandTidy(): void;
}

export async function startServer({ data, port, settings = {}, under = [] }: ServerOptions): Promise<RealServer> {
  const url = `https://127.0.0.1:${port}`;
  const caFile = join(data, 'tls', 'ca.pem');
  const socket = join(data, 'admin.sock');
  const launch = (chosen: Settings, before: readonly string[]) => {
    const [first = custody, ...rest] = [...before, custody];
    return startProgram([first, ...rest, 'server', '--data', data, '--listen', `127.0.0.1:${port}`], {
      environment: { ...withoutReserve, ...chosen },
    });
  };
  let program = launch(settings, under);
  await answering(program, socket);
  return {
    ...{ data, port, url, caFile },
    client: createClient({ send: socketTransport(socket) }),
    clientOf: (token) => createClient({ send: socketTransport(socket), credential: { token } }),
    get program() {
      return program;
    },
    fetch: (path, request) => fetch(`${url}${path}`, { redirect: 'manual', ...request, ...trusting(caFile) }),
    async start(chosen = settings, before = under) {
      program = launch(chosen, before);
      await answering(program, socket);
    },
    async end(signal) {
      const below = descendants(program.pid);
      const ended = await program.end(signal);
      await allGone(below);
      return ended;
    },
    demandTidy() {
      const left = [...filesBelow(join(data, 'evidence', 'staging')), ...allBelow(data).filter(isTemporary)];
      if (left.length > 0) {
        throw new Error(`The server left something half done: ${left.join(', ')}.`);
      }
    },
  };
}

/** What `fetch` needs to trust one authority and no other. */
function trusting(caFile: string): { readonly tls: { readonly ca: string } } {
  return { tls: { ca: readFileSync(caFile, 'utf8') } };
}

async function answering(program: Program, socket: string): Promise<void> {
  try {
    await until('the server answers', async () => {
      if (!program.isRunning) {
        throw new Error(`The server ended at once:\n${program.err()}`);
      }
      return program.err().includes('"The server answers."') && (await answers(socket));
    });
  } catch (failure) {
    await program[Symbol.asyncDispose]();
    throw failure;
  }
}

function isTemporary(path: string): boolean {
  return /\.(new|part|tmp)$/.test(path);
}
