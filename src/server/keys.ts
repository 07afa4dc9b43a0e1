import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { Fault } from '#core/fault.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Random } from '#core/ports/random.ts';
import { newKeyPair } from '#wire/signature.ts';
import type { DataDirectory } from './data-directory.ts';

/** The keys whose loss would orphan a fleet; made once, at the first start. */
export interface ServerKeys {
  /** PKCS #8 PEM of the Ed25519 key that signs checkpoints of the ledger. */
  readonly ledgerKeyPem: string;
  readonly ledgerOrigin: string;
  /** 32 bytes that seal API keys in the store. */
  readonly secretsKey: Uint8Array;
  /** The organisation's age recipient: the second one of every vault object. */
  readonly recoveryRecipient: string;
}

const identityHeader = [
  '# Custody recovery identity. With it, and only with it, quarantined files can be opened when an endpoint and its key are lost.',
  '# Move this file off this machine, to where your most precious secrets are, and delete it here.',
].join('\n');

type KeyPorts = { readonly fs: Fs; readonly random: Random; readonly directory: DataDirectory };

export interface KeyWish {
  /** False: another process has the private order key, and it must not lie here as well. */
  readonly signsOrders: boolean;
}

/**
 * Reads the server's keys; at the first start they are made.
 * @throws Fault `conflict` when some are there and others are not: new ones would orphan the fleet without a word.
 */
export async function loadKeys(ports: KeyPorts, { signsOrders }: KeyWish): Promise<ServerKeys> {
  const { fs, random, directory } = ports;
  await fs.makeDirectory(directory.keys);
  await demandAllOrNone(fs, directory, signsOrders);
  const make = () => newKeyPair().privatePem;
  if (signsOrders) {
    await readOrMakeText(fs, directory.orderKey, async () => make());
  }
  const ledgerKeyPem = await readOrMakeText(fs, directory.ledgerKey, async () => make());
  const ledgerOrigin = await readOrMakeText(fs, directory.ledgerOrigin, async () => newOrigin(random));
  const secretsKey = await readOrMake(fs, directory.secretsKey, async () => random.bytes(32));
  const recoveryRecipient = await readOrMakeText(fs, directory.recoveryRecipient, () => makeRecoveryKey(ports));
  return {
    ...{ ledgerKeyPem, secretsKey },
    ledgerOrigin: ledgerOrigin.trim(),
    recoveryRecipient: recoveryRecipient.trim(),
  };
}

function newOrigin(random: Random): string {
  return `custody/${Buffer.from(random.bytes(8)).toString('hex')}\n`;
}

/** Whether the recovery identity still lies on the server, where it does not belong. */
export async function isRecoveryIdentityHere(fs: Fs, directory: DataDirectory): Promise<boolean> {
  return (await fs.read(directory.recoveryIdentity)) !== undefined;
}

/** The recipient is made last, so it tells that the first start came to its end. */
async function demandAllOrNone(fs: Fs, directory: DataDirectory, signsOrders: boolean): Promise<void> {
  for (const path of signsOrders ? [] : [directory.orderKey, directory.orderKeyNext]) {
    if ((await fs.read(path)) !== undefined) {
      const advice = 'Move it with `custody signer init --from-server`, or delete it where the signer has it already.';
      const message = `CUSTODY_SIGNER is set, and the private order key lies in ${path} all the same. ${advice}`;
      throw new Fault('conflict', message);
    }
  }
  const isComplete = (await fs.read(directory.recoveryRecipient)) !== undefined;
  const isUsed = (await fs.list(directory.root)).includes('custody.sqlite');
  const ordersBy = signsOrders ? directory.orderKey : directory.orderKeyBook;
  for (const path of [ordersBy, directory.ledgerKey, directory.secretsKey, directory.recoveryRecipient]) {
    if ((isComplete || isUsed) && (await fs.read(path)) === undefined) {
      const elsewhere = path === directory.orderKey ? ' Where a signer has it, name that in CUSTODY_SIGNER.' : '';
      const advice = 'Bring it back from a backup: a new one would be refused by every agent that is enrolled.';
      throw new Fault('conflict', `The key ${path} is missing. ${advice}${elsewhere}`);
    }
  }
}

/** The identity's file is durable before the recipient's, so that no file is ever locked to a key nobody has. */
async function makeRecoveryKey({ fs, directory }: KeyPorts): Promise<string> {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const text = `${identityHeader}\n# public key: ${recipient}\n${identity}\n`;
  await fs.replace(directory.recoveryIdentity, new TextEncoder().encode(text));
  return `${recipient}\n`;
}

async function readOrMakeText(fs: Fs, path: string, make: () => Promise<string>): Promise<string> {
  const bytes = await readOrMake(fs, path, async () => new TextEncoder().encode(await make()));
  return new TextDecoder().decode(bytes);
}

async function readOrMake(fs: Fs, path: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const known = await fs.read(path);
  if (known !== undefined) {
    return known;
  }
  const made = await make();
  await fs.replace(path, made);
  return made;
}
