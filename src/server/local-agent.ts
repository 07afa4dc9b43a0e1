import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Principal } from '#core/access/principal.ts';
import { Fault } from '#core/fault.ts';
import { minute } from '#core/time.ts';
import { createEnrolmentToken } from '#core/verbs/create-enrolment-token.ts';
import { ended, startOwn } from './program.ts';
import type { RunningServer } from './start-server.ts';

const upPrincipal: Pick<Principal, 'kind' | 'id' | 'name'> = { kind: 'local', id: 'up', name: 'custody up' };

/** An agent for this machine, in its own process, enrolled over the real protocol. */
export interface LocalAgent {
  /** Resolves with the exit code when it ends by itself. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

export async function startLocalAgent(server: RunningServer, roots: readonly string[]): Promise<LocalAgent> {
  const { directory, machine } = server;
  const url = `https://${loopback(server)}:${server.port}`;
  const isEnrolled = (await machine.fs.read(join(directory.agent, 'identity.json'))) !== undefined;
  if (!isEnrolled) {
    await enrol(server, url, roots);
  }
  const child = startOwn(['agent', 'run', '--data', directory.agent, '--roots', roots.join(':'), '--with-parent']);
  const end = ended(child);
  return { ended: end, stop: () => stop(child, end) };
}

async function enrol(server: RunningServer, url: string, roots: readonly string[]): Promise<void> {
  const { composed, directory } = server;
  const { secret } = await createEnrolmentToken(composed.ports, upPrincipal, {
    uses: 1,
    lifetime: 5 * minute,
    tags: ['local'],
  });
  const words = ['--server', url, '--ca', directory.authority, '--token', '-', '--data', directory.agent];
  const child = startOwn(['agent', 'enroll', ...words, '--roots', roots.join(':')], secret);
  if ((await ended(child)) !== 0) {
    throw new Fault('unavailable', 'The agent of this machine could not be enrolled; its own message is above.');
  }
}

/** The name under which the agent reaches a server on the same machine, whatever the server listens on. */
function loopback({ config }: RunningServer): string {
  const { host } = config.CUSTODY_LISTEN;
  if (host === '0.0.0.0' || host === '::') {
    return '127.0.0.1';
  }
  return host.includes(':') ? `[${host}]` : host;
}

async function stop(child: ChildProcess, end: Promise<number>): Promise<void> {
  child.kill('SIGTERM');
  await end;
}
