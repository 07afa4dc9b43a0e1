import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Decrypter } from 'age-encryption';
import { sha256Of, type World } from './world.ts';

/** What one object in the vault holds, opened without any of the product's own code. */
export interface HeldObject {
  readonly id: string;
  /** Undefined when it cannot be opened. */
  readonly content: Uint8Array | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Whether the metadata inside names the hash and the size of the bytes inside. */
  readonly isTrue: boolean;
}

/** Every complete object. */
export async function heldObjects({ vault, keys }: Pick<World, 'vault' | 'keys'>): Promise<readonly HeldObject[]> {
  const names = readdirSync(vault).filter((name) => name.endsWith('.age'));
  return Promise.all(names.map((name) => openHeld(path.join(vault, name), keys.identity)));
}

async function openHeld(file: string, identity: string): Promise<HeldObject> {
  const id = path.basename(file, '.age');
  try {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const { metadata, content } = splitObject(await decrypter.decrypt(readFileSync(file)));
    const isTrue = metadata['sha256'] === sha256Of(content) && metadata['size'] === content.length;
    return { id, content, metadata, isTrue };
  } catch {
    return { id, content: undefined, metadata: {}, isTrue: false };
  }
}

/** The plaintext of a vault object: the length of the metadata as 4 bytes, big-endian; the metadata; the file's bytes. */
export function splitObject(plain: Uint8Array) {
  const length = new DataView(plain.buffer, plain.byteOffset).getUint32(0);
  const text = Buffer.from(plain.subarray(4, 4 + length)).toString();
  return { metadata: JSON.parse(text) as Record<string, unknown>, content: plain.subarray(4 + length) };
}

/** The state in each record, as in `held`. */
export function recordStates(vault: string): readonly string[] {
  return readdirSync(vault)
    .filter((name) => name.endsWith('.json'))
    .map((name) => stateIn(readFileSync(path.join(vault, name), 'utf8')));
}

function stateIn(text: string): string {
  try {
    return String(JSON.parse(text).progress.state);
  } catch {
    return 'unreadable';
  }
}

/** What was being written when the child ended, and is of no use. */
export function unfinished(vault: string): readonly string[] {
  return readdirSync(vault).filter((name) => name.endsWith('.part'));
}
