import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import * as vectors from 'cctv-age';
import { DamagedObject } from '#age/damaged.ts';
import { parseIdentity } from '#age/keys.ts';
import type { Handle } from '#agent/platform/platform.ts';
import { decrypt } from '#agent/vault/age/reader.ts';

/** One file of the age specification's own test vectors (C2SP CCTV). */
interface Vector {
  readonly expect: string;
  readonly payload: string | undefined;
  readonly identities: readonly string[];
  readonly isForOthers: boolean;
  readonly file: Uint8Array;
}

function parseVector(bytes: Uint8Array): Vector {
  const end = Buffer.from(bytes).indexOf('\n\n');
  const lines = Buffer.from(bytes).toString('latin1', 0, end).split('\n');
  const values = (name: string) =>
    lines.flatMap((line) => (line.startsWith(`${name}: `) ? [line.slice(name.length + 2)] : []));
  const identities = values('identity');
  const isX25519 = (identity: string) => identity.startsWith('AGE-SECRET-KEY-1');
  return {
    expect: values('expect')[0] ?? '',
    payload: values('payload')[0],
    identities: identities.filter(isX25519),
    // A passphrase, ASCII armour or a hybrid key: no vault object has any of them.
    isForOthers: [...values('passphrase'), ...values('armored')].length > 0 || !identities.every(isX25519),
    file: values('compressed').includes('zlib') ? inflateSync(bytes.subarray(end + 2)) : bytes.subarray(end + 2),
  };
}

const all = Object.entries(vectors as Record<string, unknown>).flatMap(([name, bytes]): [string, Vector][] =>
  bytes instanceof Uint8Array ? [[name, parseVector(bytes)]] : [],
);
const nobody = 'AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0';

/** What was released, and whether the end was reached. */
interface Read {
  readonly released: string;
  readonly bytes: number;
  readonly failure: unknown;
}

async function read({ file, identities }: Vector): Promise<Read> {
  const directory = mkdtempSync(path.join(tmpdir(), 'custody-vector-'));
  const hash = createHash('sha256');
  let bytes = 0;
  writeFileSync(path.join(directory, 'object'), file);
  const handle = openSync(path.join(directory, 'object'), 'r') as Handle;
  try {
    for await (const chunk of decrypt(handle, parseIdentity(identities[0] ?? nobody), () => undefined)) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    return { released: hash.copy().digest('hex'), bytes, failure: undefined };
  } catch (failure) {
    return { released: hash.copy().digest('hex'), bytes, failure };
  } finally {
    closeSync(handle);
    rmSync(directory, { recursive: true });
  }
}

test('the vectors are there', () => {
  expect(all.length).toBe(143);
  expect(all.filter(([, vector]) => !vector.isForOthers).length).toBeGreaterThan(60);
});

/**
 * Where the specification lets a reader that cannot see the end of its input release one chunk more, ours, which knows
 * where the file ends, does not: the bytes that it releases instead.
 */
const releasedEarlier: Readonly<Record<string, number>> = {
  stream_no_final_full: 0,
  stream_no_final_two_chunks_full: 64 * 1024,
  stream_trailing_garbage_long: 0,
  stream_trailing_garbage_short: 0,
  stream_two_final_chunks: 0,
  stream_two_final_chunks_full: 0,
  stream_two_final_chunks_second: 64 * 1024,
};

const nothing = createHash('sha256').digest('hex');

test.each(all.filter(([, vector]) => !vector.isForOthers))('age vector %s', async (name, vector) => {
  const { released, bytes, failure } = await read(vector);
  const earlier = releasedEarlier[name];
  if (earlier !== undefined) {
    expect(failure).toBeInstanceOf(DamagedObject);
    expect(bytes).toBe(earlier);
  } else if (vector.expect === 'success') {
    expect(failure).toBeUndefined();
    expect(released).toBe(vector.payload ?? '');
  } else {
    expect(failure).toBeInstanceOf(DamagedObject);
    expect(released).toBe(vector.payload ?? nothing);
  }
});

test.each(all.filter(([, vector]) => vector.isForOthers))(
  'age vector %s, which is no vault object',
  async (_, vector) => {
    const { released, failure } = await read(vector);
    expect(failure).toBeInstanceOf(DamagedObject);
    expect(released).toBe(nothing);
  },
);
