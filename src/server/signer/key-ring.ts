import type { KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Fault } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { SignedKeyChange } from '#core/ports/order-signer.ts';
import { claimedKeyChange, signKeyChange } from '#wire/order-key.ts';
import { newKeyPair, readPrivateKey } from '#wire/signature.ts';
import { lockFile } from '../process-lock.ts';
import { fromStored, storedChangeSchema, toStored } from './stored-change.ts';

export const orderKeyLock = 'order-key.lock';

const changesSchema = z.array(storedChangeSchema);

/** The private order key as it is now. */
export interface OrderKey {
  readonly key: KeyObject;
  readonly publicKey: Uint8Array;
  /** That led to it, oldest first. */
  readonly changes: readonly SignedKeyChange[];
}

export interface RingPlace {
  readonly fs: Fs;
  /** Holds `order-key.pem`, and `order-key-changes.json` once the key was changed. */
  readonly directory: string;
}

/**
 * The private order key in its directory. It is read again when its file is another one: whoever changes the key need not stop
 * whoever signs with it.
 */
export class KeyRing {
  readonly #place: RingPlace;
  #known: { readonly mark: string; readonly orderKey: OrderKey } | undefined;

  constructor(place: RingPlace) {
    this.#place = place;
  }

  /** @throws Fault `unavailable` where the key is not there or cannot be read. */
  async current(): Promise<OrderKey> {
    const file = join(this.#place.directory, 'order-key.pem');
    try {
      const { ino, mtimeNs, size } = await stat(file, { bigint: true });
      const mark = `${ino} ${mtimeNs} ${size}`;
      if (this.#known?.mark !== mark) {
        this.#known = { mark, orderKey: await readOrderKey(this.#place) };
      }
      return this.#known.orderKey;
    } catch (cause) {
      throw new Fault('unavailable', `The order key ${file} cannot be read. Bring it back from a backup.`, { cause });
    }
  }
}

/**
 * Makes a new order key; the old one signs it, and is gone. The change is durable before the key that it leads to takes its place,
 * and the new key before the change, so that a crash at any moment leaves one key that agents can be led to.
 */
export async function rotateOrderKey(place: RingPlace, clock: Clock): Promise<OrderKey> {
  return aloneWithKey(place.directory, () => rotateAlone(place, clock));
}

/**
 * While nobody else changes the key that lies there.
 * @throws Fault `conflict` where somebody does; what the work throws.
 */
export async function aloneWithKey<Result>(directory: string, work: () => Promise<Result>): Promise<Result> {
  const lock = lockFile(join(directory, orderKeyLock), 'The order key is being changed just now.');
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function rotateAlone(place: RingPlace, clock: Clock): Promise<OrderKey> {
  const { fs, directory } = place;
  const known = await readOrderKey(place);
  const former = await demandFile(fs, join(directory, 'order-key.pem'));
  const next = newKeyPair().privatePem;
  await fs.replace(join(directory, nextFile), new TextEncoder().encode(next));
  const issuedAt = clock.now();
  const last = known.changes.at(-1);
  const sequence = Math.max(issuedAt, (last === undefined ? 0 : claimedKeyChange(last).sequence) + 1);
  const change = signKeyChange({ former, next }, { sequence, issuedAt });
  const text = JSON.stringify([...known.changes, change].map(toStored), null, 2);
  await fs.replace(join(directory, changesFile), new TextEncoder().encode(`${text}\n`));
  return readOrderKey(place);
}

const nextFile = 'order-key-next.pem';
const changesFile = 'order-key-changes.json';

/** Brings a change that was cut off to its end. */
async function readOrderKey({ fs, directory }: RingPlace): Promise<OrderKey> {
  const file = join(directory, 'order-key.pem');
  const stored = await fs.read(join(directory, changesFile));
  const changes =
    stored === undefined ? [] : changesSchema.parse(JSON.parse(new TextDecoder().decode(stored))).map(fromStored);
  const last = changes.at(-1);
  const present = readPrivateKey(await demandFile(fs, file));
  if (last === undefined || isSame(claimedKeyChange(last).next, present.publicKey)) {
    return { ...present, changes };
  }
  const nextPem = await demandFile(fs, join(directory, nextFile));
  const next = readPrivateKey(nextPem);
  if (!isSame(claimedKeyChange(last).next, next.publicKey)) {
    throw new Fault('conflict', `${join(directory, changesFile)} leads to a key that is not here.`);
  }
  await fs.replace(file, new TextEncoder().encode(nextPem));
  await fs.remove(join(directory, nextFile));
  return { ...next, changes };
}

async function demandFile(fs: Fs, path: string): Promise<string> {
  const bytes = await fs.read(path);
  if (bytes === undefined) {
    throw new Fault('not_found', `There is no ${path}.`);
  }
  return new TextDecoder().decode(bytes);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
