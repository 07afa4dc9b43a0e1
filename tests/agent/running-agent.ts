import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { enrolAgent } from '#agent/main.ts';
import { TinyServer } from './tiny-server.ts';

/** An enrolled agent with files to look after, and the server that it belongs to. */
export interface AgentWorld extends AsyncDisposable {
  readonly server: TinyServer;
  readonly base: string;
  readonly data: string;
  readonly files: string;
  /** Starts the agent as this user from now on; its data directory becomes that user's. */
  giveTo(user: number): void;
  /** In this working directory, else in `/`; under this policy, else under the machine's; its clock is ahead by so many milliseconds. */
  start(directory?: string, policy?: string, ahead?: number): ChildProcess;
  /** Kills the agent as power loss would, children left to themselves, and waits until it is gone. */
  kill(): Promise<void>;
  log(): string;
}

export async function agentWorld(): Promise<AgentWorld> {
  const server = await TinyServer.start();
  const base = mkdtempSync(path.join(tmpdir(), 'custody-agent-'));
  chmodSync(base, 0o755);
  const [data, files, log] = [path.join(base, 'data'), path.join(base, 'files'), path.join(base, 'log')];
  mkdirSync(files);
  await enrolAgent({
    server: server.url,
    caFile: server.caFile,
    token: server.token,
    dataDirectory: data,
    roots: [files],
  });
  let running: ChildProcess | undefined;
  let identity: { uid?: number; gid?: number } = {};
  const end = async (signal: NodeJS.Signals) => {
    const child = running;
    running = undefined;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await gone;
    }
  };
  return {
    ...{ server, base, data, files },
    giveTo(user) {
      identity = { uid: user, gid: user };
      spawnSync('chown', ['-R', `${user}:${user}`, data]);
    },
    start(directory, policy, ahead = 0) {
      const entry = path.join(import.meta.dirname, 'agent-process.ts');
      const words = [data, '20000', policy ?? '', String(ahead)];
      running = spawn(process.execPath, ['--config=/dev/null', '--no-env-file', entry, ...words], {
        cwd: directory ?? '/',
        env: {},
        ...identity,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      running.stderr?.on('data', (chunk) => appendFileSync(log, chunk));
      return running;
    },
    kill: () => end('SIGKILL'),
    log: () => (existsSync(log) ? readFileSync(log, 'utf8') : ''),
    async [Symbol.asyncDispose]() {
      await end('SIGTERM');
      await server[Symbol.asyncDispose]();
      rmSync(base, { recursive: true, force: true });
    },
  };
}
