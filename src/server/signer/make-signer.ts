import { chown, open, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Random } from '#core/ports/random.ts';
import { newKeyPair, readPrivateKey } from '#wire/signature.ts';
import { type DataDirectory, dataDirectory } from '../data-directory.ts';
import { firstBook } from '../order-key-book.ts';
import { lockDataDirectory } from '../process-lock.ts';
import { makeCertificates } from './certificates.ts';
import { aloneWithKey, KeyRing, orderKeyLock } from './key-ring.ts';
import { type SignerDirectory, signerDirectory } from './signer-directory.ts';

export interface SignerWish {
  readonly directory: string;
  /** Where it will listen: `unix:/PATH` or `tls://HOST:PORT`. */
  readonly listen: string;
  /** The data directory of a server that is not running: its order key moves here. */
  readonly fromServer?: string | undefined;
  /** A file with an order key, which stays where it is. */
  readonly orderKey?: string | undefined;
}

export interface MadeSigner {
  readonly directory: string;
  /** Base64. */
  readonly publicKey: string;
  readonly policy: string;
  /** To be brought to the server; null where a socket file makes it needless. */
  readonly serverIdentity: string | null;
}

interface Tools {
  readonly fs: Fs;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Makes what a signer needs in its directory. A server's own key is moved: the copy is durable here before it is removed there.
 * @throws Fault `conflict` where the directory holds a key already, the server runs or its key is being changed; `invalid_request` for a file that holds no key.
 */
export async function makeSigner(tools: Tools, wish: SignerWish): Promise<MadeSigner> {
  const directory = signerDirectory(resolve(wish.directory));
  const { fs } = tools;
  await fs.makeDirectory(directory.root);
  await demandPlace(fs, directory, wish);
  const serverIdentity = wish.listen.startsWith('tls:') ? await keepCertificates(tools, directory) : null;
  if ((await fs.read(directory.policy)) === undefined) {
    await fs.replace(directory.policy, new TextEncoder().encode(policyText(wish.listen)));
  }
  const pem = await keyFor(tools, directory, wish);
  const publicKey = Buffer.from(readPrivateKey(pem).publicKey).toString('base64');
  return { directory: directory.root, publicKey, policy: directory.policy, serverIdentity };
}

/** A move that was cut off goes on; any other key that is there already is never overwritten. */
async function demandPlace(fs: Fs, directory: SignerDirectory, { fromServer }: SignerWish): Promise<void> {
  const present = await fs.read(directory.orderKey);
  const moving = fromServer === undefined ? undefined : await fs.read(dataDirectory(resolve(fromServer)).orderKey);
  const goesOn = moving !== undefined && (isOverwritten(moving) || Buffer.compare(present ?? moving, moving) === 0);
  if (present !== undefined && !goesOn) {
    throw new Fault('conflict', `${directory.root} holds an order key already. Name a directory that holds none.`);
  }
}

async function keyFor({ fs }: Tools, directory: SignerDirectory, wish: SignerWish): Promise<string> {
  if (wish.fromServer !== undefined) {
    return moveKey(fs, directory, resolve(wish.fromServer));
  }
  const pem = wish.orderKey === undefined ? newKeyPair().privatePem : await readKey(fs, resolve(wish.orderKey));
  await fs.replace(directory.orderKey, new TextEncoder().encode(pem));
  return pem;
}

async function moveKey(fs: Fs, directory: SignerDirectory, root: string): Promise<string> {
  const server = dataDirectory(root);
  const lock = lockDataDirectory(server);
  try {
    const present = await fs.read(server.orderKey);
    if (present === undefined || !isOverwritten(present)) {
      await readKey(fs, server.orderKey);
      await aloneWithKey(server.keys, () => copyKey(fs, directory, server));
      await giveBack(join(server.keys, orderKeyLock), root);
    }
    const pem = await readKey(fs, directory.orderKey);
    await forgetKey(fs, server);
    return pem;
  } finally {
    lock.release();
    await giveBack(server.lock, root);
  }
}

/** A change of the key that was cut off is brought to its end first: half of one would lead agents to a key that is nowhere. */
async function copyKey(fs: Fs, directory: SignerDirectory, server: DataDirectory): Promise<void> {
  const { publicKey } = await new KeyRing({ fs, directory: server.keys }).current();
  const changes = await fs.read(server.orderKeyChanges);
  if (changes !== undefined) {
    await fs.replace(join(directory.root, 'order-key-changes.json'), changes);
  }
  await fs.replace(directory.orderKey, new TextEncoder().encode(await readKey(fs, server.orderKey)));
  if ((await fs.read(server.orderKeyBook)) === undefined) {
    await fs.replace(server.orderKeyBook, firstBook(publicKey));
    await giveBack(server.orderKeyBook, server.root);
  }
}

/** The key itself goes last: while its file is there, overwritten or not, a move that was cut off can go on. */
async function forgetKey(fs: Fs, server: DataDirectory): Promise<void> {
  const files = [server.orderKeyNext, server.orderKey];
  for (const file of files) {
    if ((await fs.read(file)) !== undefined) {
      await overwrite(file);
    }
  }
  await fs.remove(server.orderKeyNext);
  await fs.remove(server.orderKeyChanges);
  await fs.remove(server.orderKey);
}

/** Of a key that is durable elsewhere, and whose file was about to be removed. */
function isOverwritten(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every((byte) => byte === 0);
}

/** The administrator who moves the key may be another user than the server's. */
async function giveBack(file: string, root: string): Promise<void> {
  const { uid, gid } = await stat(root);
  if (process.getuid?.() === 0) {
    await chown(file, uid, gid);
  }
}

/** As far as the file system lets go of what stood there; SECURITY.md says what to do about the rest. */
async function overwrite(path: string): Promise<void> {
  const { size } = await stat(path);
  const file = await open(path, 'r+');
  try {
    await file.write(new Uint8Array(size), 0, size, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readKey(fs: Fs, path: string): Promise<string> {
  const bytes = await fs.read(path);
  if (bytes === undefined) {
    throw new Fault('invalid_request', `There is no order key ${path}.`);
  }
  const pem = new TextDecoder().decode(bytes);
  readPrivateKey(pem);
  return pem;
}

async function keepCertificates(tools: Tools, directory: SignerDirectory): Promise<string> {
  const { authority, signer, server } = await makeCertificates(tools);
  const keep = (path: string, text: string) => tools.fs.replace(path, new TextEncoder().encode(text));
  await keep(directory.authority, authority);
  await keep(directory.certificate, signer.certificate);
  await keep(directory.certificateKey, signer.key);
  await keep(directory.serverIdentity, `${server.key}${server.certificate}${authority}`);
  return directory.serverIdentity;
}

function policyText(listen: string): string {
  return `# What this signer signs. It reads this when it starts; a key that it does not know keeps it from starting.
listen = ${JSON.stringify(listen)}
# May connect beside the signer's own user: the number of the server's group (getent group custody).
# socket_group = 987

# verbs = ["fetch", "quarantine", "restore", "purge", "search", "logs", "scan"]
# statements = ["trust", "ledger"]
# orders_per_minute = 60000
# Of quarantine, restore and purge alone.
# destructive_per_minute = 6000
# longest_lifetime_days = 30
# How far the server's clock may be from this one.
# clock_tolerance_hours = 25
`;
}
