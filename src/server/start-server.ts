import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { Fault } from '#core/fault.ts';
import { type Certificate, ownCertificate } from './authority.ts';
import { type ComposedServer, composeServer, type Machine, steadied } from './compose.ts';
import { type Config, type ConfigSources, type ListenAddress, publicUrlOf } from './config.ts';
import type { DataDirectory } from './data-directory.ts';
import { type Administrator, makeFirstUser } from './first-start.ts';
import { isRecoveryIdentityHere } from './keys.ts';
import { listen } from './listen.ts';
import { type OpenDirectory, openDataDirectory } from './open-data-directory.ts';
import { noteRecordsPlace } from './records-place.ts';

/** A server that answers. */
export interface RunningServer {
  readonly config: Config;
  readonly directory: DataDirectory;
  readonly machine: Machine;
  readonly composed: ComposedServer;
  readonly publicUrl: string;
  readonly port: number;
  /** Only at the first start. */
  readonly administrator: Administrator | undefined;
  close(): Promise<void>;
}

const socketPath = '/agent/v1';
const uploadsPath = '/agent/v1/uploads';

/** Starts a server; it answers when the promise resolves. @throws Fault, one sentence that says what to do. */
export async function startServer(sources: ConfigSources): Promise<RunningServer> {
  const opened = await openDataDirectory(sources);
  try {
    const started = await openServer(opened);
    return {
      ...started,
      async close() {
        await started.close();
        opened.lock.release();
      },
    };
  } catch (error) {
    opened.lock.release();
    throw error;
  }
}

async function openServer({ machine: bare, directory, config, given }: OpenDirectory): Promise<RunningServer> {
  const machine = await steadied(bare, directory);
  const certificate = await certificateOf(machine, directory, config);
  const address = await settleAddress(config.CUSTODY_LISTEN);
  const publicUrl = publicUrlOf(config, address.port);
  const composed = await composeServer(machine, directory, {
    ...{ config, given, publicUrl },
    certificatePem: certificate.certificatePem,
  });
  try {
    if (composed.ports.store.reach === 'process') {
      await composed.ports.store.transact(({ endpoints }) => endpoints.clearPresence());
    }
    const listener = await listen({
      ...certificate,
      ...composed.sockets,
      address,
      adminSocket: directory.adminSocket,
      agentAddress: config.CUSTODY_AGENT_LISTEN,
      ...{ socketPath, uploadsPath, agentPath: socketPath },
      ...{ log: machine.log, clock: machine.clock },
      http2: config.CUSTODY_HTTP2 === 'on',
      mostOfAddress: config.CUSTODY_ADDRESS_REQUESTS,
      answer: composed.answer,
    });
    const close = () => listener.close(() => composed.close());
    // Only now: the password is shown once, and a start that failed would have used it up.
    const administrator = await makeFirstUser(composed.ports, config).catch(async (failure: unknown) => {
      await listener.close(() => Promise.resolve());
      throw failure;
    });
    const { port, agentPort } = listener;
    const ports = { port, ...(agentPort !== undefined && { agentPort }) };
    machine.log.info('The server answers.', { url: publicUrl, ...ports, data: directory.root });
    await noteRecordsPlace({ ...machine, directory, config });
    await remindOfRecoveryIdentity(machine, directory);
    return {
      config,
      directory,
      machine,
      composed,
      publicUrl,
      port,
      administrator,
      close,
    };
  } catch (error) {
    await composed.close();
    throw error;
  }
}

async function certificateOf(machine: Machine, directory: DataDirectory, config: Config): Promise<Certificate> {
  const { CUSTODY_TLS_CERT: certificate, CUSTODY_TLS_KEY: key } = config;
  if (certificate !== undefined && key !== undefined) {
    return {
      certificatePem: await readSettingFile('CUSTODY_TLS_CERT', certificate),
      keyPem: await readSettingFile('CUSTODY_TLS_KEY', key),
    };
  }
  return ownCertificate({ ...machine, directory }, certificateNames(config));
}

async function readSettingFile(setting: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Fault('invalid_request', `${setting} names a file that cannot be read: ${path}.`, { cause });
  }
}

/** Every name under which this server may be called. */
function certificateNames(config: Config): readonly string[] {
  const { CUSTODY_LISTEN: main, CUSTODY_AGENT_LISTEN: agents = main } = config;
  const hosts = [main, agents].map(({ host }) => (host === '0.0.0.0' || host === '::' ? hostname() : host));
  const publicHost = config.CUSTODY_PUBLIC_URL === undefined ? [] : [new URL(config.CUSTODY_PUBLIC_URL).hostname];
  const names = ['localhost', '127.0.0.1', '::1', ...hosts, ...publicHost];
  return [...new Set([...names.map((name) => name.replace(/^\[|\]$/g, '')), ...config.CUSTODY_TLS_NAMES])];
}

async function remindOfRecoveryIdentity(machine: Machine, directory: DataDirectory): Promise<void> {
  if (await isRecoveryIdentityHere(machine.fs, directory)) {
    machine.log.warn('The recovery identity lies on this machine. Move it to a safe place and delete it here.', {
      file: directory.recoveryIdentity,
    });
  }
}

/** Port 0 means any free one; it must be known before the first link to this server is made. */
async function settleAddress({ host, port }: ListenAddress): Promise<ListenAddress> {
  if (port !== 0) {
    return { host, port };
  }
  const probe = createServer().listen(0, host);
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return { host, port: address === null || typeof address === 'string' ? 0 : address.port };
}
