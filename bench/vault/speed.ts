import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { importAead } from '#age/aead.ts';
import { inFlight } from '#age/in-order.ts';
import { parseIdentity, parseRecipient } from '#age/keys.ts';
import { chunkBytes, chunkNonce } from '#age/stream.ts';
import type { Handle } from '#agent/platform/platform.ts';
import { decrypt } from '#agent/vault/age/reader.ts';
import { encrypt } from '#agent/vault/age/writer.ts';
import { benchKeys, mebibyte } from './keys.ts';

/** `MIB ROUNDS DIRECTORY`: the seconds of processor time of each round, as JSON. A script, alone in its process. */
const warmUps = 2;
const chunk = new Uint8Array(randomBytes(chunkBytes));
const keys = await benchKeys();

async function bareCipher(bytes: number): Promise<void> {
  const aead = await importAead(new Uint8Array(randomBytes(32)));
  let pending: Promise<unknown>[] = [];
  for (let index = 0; index * chunkBytes < bytes; index += 1) {
    pending.push(aead.seal(chunkNonce(index, false), chunk));
    if (pending.length === inFlight) {
      await Promise.all(pending);
      pending = [];
    }
  }
  await Promise.all(pending);
}

function bareHash(bytes: number): void {
  const hash = createHash('sha256');
  for (let position = 0; position < bytes; position += chunkBytes) {
    hash.update(chunk);
  }
  hash.digest();
}

/** What a quarantine does with the bytes once they are read, up to the point where they are written. */
async function hashAndEncrypt(bytes: number, write: (sealed: Uint8Array) => void): Promise<void> {
  const hash = createHash('sha256');
  let position = 0;
  const source = (into: Uint8Array) => {
    const length = Math.min(into.length, bytes - position);
    into.set(chunk.subarray(0, length));
    hash.update(into.subarray(0, length));
    position += length;
    return length;
  };
  for await (const sealed of encrypt(source, [keys.recipient, keys.recoveryRecipient].map(parseRecipient))) {
    write(sealed);
  }
  hash.digest();
}

async function decryptAndHash(object: Handle): Promise<void> {
  const hash = createHash('sha256');
  for await (const plaintext of decrypt(object, parseIdentity(keys.identity), () => undefined)) {
    hash.update(plaintext);
  }
  hash.digest();
}

/** Seconds of processor time, of all threads: what else the machine does counts for little. */
async function timed(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

const [size, rounds, directory = ''] = process.argv.slice(2);
const bytes = Number(size) * mebibyte;
const object = openSync(path.join(directory, 'object'), 'wx+') as Handle;
await hashAndEncrypt(bytes, (sealed) => writeSync(object, sealed));
const kinds = {
  cipher: () => bareCipher(bytes),
  hash: () => bareHash(bytes),
  seal: () => hashAndEncrypt(bytes, () => undefined),
  open: () => decryptAndHash(object),
};
const times: Record<string, number[]> = { cipher: [], hash: [], seal: [], open: [] };
for (let round = 0; round < warmUps + Number(rounds); round += 1) {
  for (const [name, work] of Object.entries(kinds)) {
    const time = await timed(work);
    if (round >= warmUps) {
      times[name]?.push(time);
    }
  }
}
closeSync(object);
process.stdout.write(JSON.stringify(times));
