import { resolve } from 'node:path';
import { Fault } from '#core/fault.ts';
import { fileSystem } from '../file-system.ts';
import { createLog } from '../log.ts';
import { lockFile } from '../process-lock.ts';
import { stopSignal } from '../stop-signal.ts';
import { systemClock } from '../system-clock.ts';
import { systemRandom } from '../system-random.ts';
import { answerQuestion } from './desk.ts';
import { Judge } from './judge.ts';
import { KeyRing, rotateOrderKey } from './key-ring.ts';
import { listenForServer, type SignerCertificates } from './listen.ts';
import { type MadeSigner, makeSigner, type SignerWish } from './make-signer.ts';
import { parseSignerPolicy } from './policy.ts';
import { RefusalLog } from './refusal-log.ts';
import { type SignerDirectory, signerDirectory } from './signer-directory.ts';

const tools = { fs: fileSystem, clock: systemClock, random: systemRandom } as const;

/** `custody signer init`: makes what a signer needs. @throws Fault as `makeSigner` */
async function init(wish: SignerWish): Promise<MadeSigner> {
  return makeSigner(tools, wish);
}

/**
 * `custody signer run`: signs until it is told to stop.
 * @throws Fault `invalid_request` for a policy that cannot be followed, `unavailable` without its key or its address.
 */
async function run(root: string): Promise<void> {
  const stopped = stopSignal();
  const directory = signerDirectory(resolve(root));
  const log = createLog('info');
  const policy = await readPolicy(directory);
  const lock = lockFile(`${directory.root}/lock`, `Another signer runs on ${directory.root}.`);
  try {
    const ring = new KeyRing({ fs: fileSystem, directory: directory.root });
    const { publicKey } = await ring.current();
    const judge = new Judge(policy, systemClock);
    const refusals = new RefusalLog({ file: directory.refusals, clock: systemClock, log });
    const listener = await listenForServer({
      address: policy.address,
      certificates: policy.address.kind === 'tls' ? await readCertificates(directory) : undefined,
      log,
      answer: (question) => answerQuestion({ ring, judge, refusals }, question),
    });
    const facts = { publicKey: Buffer.from(publicKey).toString('base64'), port: listener.port };
    log.info('The signer answers.', facts);
    log.info('Stopping.', { signal: await stopped });
    await listener.close();
  } finally {
    lock.release();
  }
}

/** `custody signer rotate`: a running signer goes on with the new key by itself. @throws Fault as `rotateOrderKey` */
async function rotate(root: string): Promise<{ readonly publicKey: string }> {
  const { publicKey } = await rotateOrderKey({ fs: fileSystem, directory: resolve(root) }, systemClock);
  return { publicKey: Buffer.from(publicKey).toString('base64') };
}

async function readPolicy(directory: SignerDirectory) {
  return parseSignerPolicy(await demandText(directory.policy, 'Make one with `custody signer init`.'));
}

async function readCertificates(directory: SignerDirectory): Promise<SignerCertificates> {
  const advice = '`custody signer init` with a tls:// address makes it.';
  return {
    authority: await demandText(directory.authority, advice),
    certificate: await demandText(directory.certificate, advice),
    key: await demandText(directory.certificateKey, advice),
  };
}

async function demandText(path: string, advice: string): Promise<string> {
  const bytes = await fileSystem.read(path);
  if (bytes === undefined) {
    throw new Fault('not_found', `There is no ${path}. ${advice}`);
  }
  return new TextDecoder().decode(bytes);
}

/** What the program's entry may start of the signer. It loads nothing of the store, the dialects or the gateway. */
export const signerPrograms = { init, run, rotate } as const;
