import type { ChildProcess } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { z } from 'zod';
import type { Principal } from '#core/access/principal.ts';
import { Fault } from '#core/fault.ts';
import { minute } from '#core/time.ts';
import { createEnrolmentToken } from '#core/verbs/create-enrolment-token.ts';
import { ended, startOwn } from './program.ts';
import type { RunningServer } from './start-server.ts';

/** What is read of an agent's identity here. */
const identitySchema = z.union([
  z.object({ servers: z.array(z.url()), formerServers: z.array(z.url()) }),
  z.object({ server: z.url() }).transform(({ server }) => ({ servers: [server], formerServers: [] })),
]);

const upPrincipal: Pick<Principal, 'kind' | 'id' | 'name'> = { kind: 'local', id: 'up', name: 'custody up' };

/** An agent for this machine, in its own process, enrolled over the real protocol. */
export interface LocalAgent {
  /** Resolves with the exit code when it ends by itself. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

export async function startLocalAgent(server: RunningServer, roots: readonly string[]): Promise<LocalAgent> {
  const { directory } = server;
  const url = addressOf(server);
  if (!(await addressesKnown(server)).includes(url)) {
    await enrol(server, url, roots);
  }
  const words = ['--data', directory.agent, '--roots', roots.join(delimiter)];
  const own = ['--protect', serversOwn(server).join(delimiter)];
  const child = startOwn(['agent', 'run', ...words, ...own, '--with-parent']);
  const end = ended(child);
  return { ended: end, stop: () => stop(child, end) };
}

/** Whoever may fetch files from this machine must not fetch the keys of the fleet; the sample files are for trying. */
function serversOwn({ config, directory }: RunningServer): readonly string[] {
  const { store, evidence, settings, keys, tls, recoveryIdentity, lock } = directory;
  const { CUSTODY_EVIDENCE: chosen, CUSTODY_TLS_KEY: tlsKey } = config;
  const elsewhere = [chosen, tlsKey].flatMap((each) => (each === undefined || each === 'off' ? [] : [each]));
  return [store, `${store}-wal`, `${store}-shm`, evidence, settings, keys, tls, recoveryIdentity, lock, ...elsewhere];
}

/** The addresses under which the agent knows the server; enrolling again, with its own key, teaches it a new one. */
async function addressesKnown({ machine, directory }: RunningServer): Promise<readonly string[]> {
  const bytes = await machine.fs.read(join(directory.agent, 'identity.json'));
  if (bytes === undefined) {
    return [];
  }
  const { servers, formerServers } = identitySchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  return [...servers, ...formerServers].map((each) => new URL(each).origin);
}

async function enrol(server: RunningServer, url: string, roots: readonly string[]): Promise<void> {
  const { composed, directory } = server;
  const { secret } = await createEnrolmentToken(composed.ports, upPrincipal, {
    uses: 1,
    lifetime: 5 * minute,
    tags: ['local'],
  });
  const authority = server.config.CUSTODY_TLS_CERT ?? directory.authority;
  const words = ['--server', url, '--ca', authority, '--token', '-', '--data', directory.agent];
  const child = startOwn(['agent', 'enroll', ...words, '--roots', roots.join(delimiter)], secret);
  if ((await ended(child)) !== 0) {
    throw new Fault('unavailable', 'The agent of this machine could not be enrolled; its own message is above.');
  }
}

/** Where the agent finds a server on the same machine, whatever it listens on; a certificate of one's own has one name. */
function addressOf({ config, port, publicUrl }: RunningServer): string {
  if (config.CUSTODY_TLS_CERT !== undefined) {
    return publicUrl;
  }
  const { host } = config.CUSTODY_LISTEN;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return new URL(`https://${name.includes(':') ? `[${name}]` : name}:${port}`).origin;
}

async function stop(child: ChildProcess, end: Promise<number>): Promise<void> {
  child.kill('SIGTERM');
  await end;
}
