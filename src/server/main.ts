import { Fault } from '#core/fault.ts';
import { backUp, restoreBackup } from './backup-commands.ts';
import type { ConfigSources } from './config.ts';
import { startLocalAgent } from './local-agent.ts';
import { openLocalServices } from './local-services.ts';
import { prepare } from './open-data-directory.ts';
import { rotateEvidenceKey } from './rotate-evidence-key.ts';
import { makeSampleFiles } from './sample-files.ts';
import { rotateOrderKey as rotateKey } from './signer/key-ring.ts';
import { startServer } from './start-server.ts';
import { stopSignal } from './stop-signal.ts';
import { verifyServer } from './verify-server.ts';
import { welcome } from './welcome.ts';

/** Where words for people go. */
export interface Words {
  say(text: string): void;
}

/** `custody server`: runs until it is told to stop. */
export async function runServer(sources: ConfigSources, words: Words): Promise<void> {
  const stopped = stopSignal();
  const server = await startServer(sources);
  if (server.administrator !== undefined) {
    words.say(welcome(server, { withSamples: false }));
  }
  const signal = await stopped;
  server.machine.log.info('Stopping.', { signal });
  await server.close();
}

/** `custody up`: a server and an agent for this machine, until it is told to stop or the agent ends. */
export async function runUp(sources: ConfigSources, words: Words): Promise<void> {
  const stopped = stopSignal();
  const server = await startServer(sources);
  try {
    const { CUSTODY_AGENT_ROOTS: chosen } = server.config;
    if (chosen === undefined) {
      await makeSampleFiles(server.directory.sample);
    }
    const agent = await startLocalAgent(server, chosen ?? [server.directory.sample]).finally(() =>
      // Without an agent, too: the first password is shown now or never.
      words.say(welcome(server, { withSamples: chosen === undefined })),
    );
    const first = await Promise.race([stopped, agent.ended]);
    if (typeof first === 'number') {
      const advice = 'The agent of this machine has ended. The server goes on; Ctrl-C stops it.';
      server.machine.log.error(advice, { code: first });
    }
    await stopped;
    await agent.stop();
  } finally {
    await server.close();
  }
}

/**
 * `custody rotate-order-key`: beside a running server, which goes on with the new key by itself, or without one.
 * @throws Fault `conflict` where another process has the key.
 */
export async function rotateOrderKey(sources: ConfigSources): Promise<{ readonly publicKey: string }> {
  const { machine, directory, config } = await prepare(sources, { mustExist: true });
  if (config.CUSTODY_SIGNER.kind !== 'local') {
    throw new Fault('conflict', 'A signer has the order key: use `custody signer rotate` where it is.');
  }
  const { publicKey } = await rotateKey({ fs: machine.fs, directory: directory.keys }, machine.clock);
  return { publicKey: Buffer.from(publicKey).toString('base64') };
}

/** What the program's entry may start of the server. */
export const serverPrograms = {
  runServer,
  runUp,
  backUp,
  restoreBackup,
  rotateEvidenceKey,
  verifyServer,
  openLocalServices,
  rotateOrderKey,
} as const;
