import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { type Sha256, sha256Schema } from '#core/file/hash.ts';
import type { BlobStore, UploadId } from '#core/ports/blobs.ts';

/** One place where blobs are kept. */
export interface BlobPlace {
  open(): Promise<BlobStore>;
  /** Makes the medium unusable, as a disk that was pulled out. */
  break(): Promise<void>;
  remove(): Promise<void>;
}

export const anyLimit = 1_000_000_000;

export function uploadIdOf(name: string): UploadId {
  return createHash('sha256').update(name).digest('hex') as UploadId;
}

export function hashOf(bytes: Uint8Array): Sha256 {
  return sha256Schema.parse(createHash('sha256').update(bytes).digest('hex'));
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function streamOf(...chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(chunk);
      }
      controller.close();
    },
  });
}

/** Breaks once its bytes were taken, and not before. */
export function breakingStream(bytes: Uint8Array, why: string): ReadableStream<Uint8Array> {
  let taken = false;
  return new ReadableStream(
    {
      pull(controller) {
        if (taken) {
          controller.error(new Error(why));
          return;
        }
        taken = true;
        controller.enqueue(bytes);
      },
    },
    { highWaterMark: 0 },
  );
}

export async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** A body whose end the test holds in its hand. */
function openBody() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
  });
  return {
    body,
    push: (bytes: Uint8Array) => controller?.enqueue(bytes),
    finish: () => controller?.close(),
  };
}

const upload = uploadIdOf('one upload');
const hello = bytesOf('hello ');
const world = bytesOf('world');
const whole = bytesOf('hello world');

/** The store under test, made anew for each test. */
class Bench {
  readonly #makePlace: () => Promise<BlobPlace>;
  #place: BlobPlace | undefined;
  #blobs: BlobStore | undefined;

  constructor(makePlace: () => Promise<BlobPlace>) {
    this.#makePlace = makePlace;
  }

  get place(): BlobPlace {
    return present(this.#place);
  }

  get blobs(): BlobStore {
    return present(this.#blobs);
  }

  async setUp(): Promise<void> {
    this.#place = await this.#makePlace();
    this.#blobs = await this.#place.open();
  }

  async reopen(): Promise<void> {
    await this.blobs.close();
    this.#blobs = await this.place.open();
  }

  async tearDown(): Promise<void> {
    await this.blobs.close();
    await this.place.remove();
  }

  async store(bytes: Uint8Array): Promise<Sha256> {
    const id = uploadIdOf(`upload of ${hashOf(bytes)}`);
    await this.blobs.append(id, { offset: 0, body: streamOf(bytes), limit: anyLimit });
    await this.blobs.commit(id, hashOf(bytes));
    return hashOf(bytes);
  }
}

function present<Value>(value: Value | undefined): Value {
  if (value === undefined) {
    throw new Error('The bench is not set up.');
  }
  return value;
}

/** What every `BlobStore` owes, clause by clause of the port's comment. */
export function describeBlobs(name: string, makePlace: () => Promise<BlobPlace>): void {
  describe(`The blob store ${name}`, () => {
    const bench = new Bench(makePlace);
    beforeEach(() => bench.setUp());
    afterEach(() => bench.tearDown());
    testUploads(bench);
    testCommits(bench);
    testReading(bench);
    testMedium(bench);
  });
}

function testUploads(bench: Bench): void {
  test('has nothing staged for an upload that it does not know.', async () => {
    expect(await bench.blobs.staged(upload)).toBe(0);
  });

  test('refuses an offset that is not the staged size, and keeps what it has.', async () => {
    await bench.blobs.append(upload, { offset: 0, body: streamOf(hello), limit: anyLimit });
    for (const offset of [0, 5, 7]) {
      const late = bench.blobs.append(upload, { offset, body: streamOf(world), limit: anyLimit });
      await expect(late).rejects.toMatchObject({ code: 'conflict' });
    }
    expect(await bench.blobs.staged(upload)).toBe(6);
  });

  test('refuses a second append to an upload while one is under way, but not to another upload.', async () => {
    const first = openBody();
    const slow = bench.blobs.append(upload, { offset: 0, body: first.body, limit: anyLimit });
    first.push(hello);
    const second = bench.blobs.append(upload, { offset: 0, body: streamOf(world), limit: anyLimit });
    await expect(second).rejects.toMatchObject({ code: 'conflict' });
    const other = uploadIdOf('another upload');
    expect(await bench.blobs.append(other, { offset: 0, body: streamOf(world), limit: anyLimit })).toBe(5);
    first.finish();
    expect(await slow).toBe(6);
  });

  test('counts only safe bytes as staged while an append is under way.', async () => {
    await bench.blobs.append(upload, { offset: 0, body: streamOf(hello), limit: anyLimit });
    const second = openBody();
    const slow = bench.blobs.append(upload, { offset: 6, body: second.body, limit: anyLimit });
    second.push(world);
    expect(await bench.blobs.staged(upload)).toBe(6);
    second.finish();
    await slow;
    expect(await bench.blobs.staged(upload)).toBe(11);
  });

  test('keeps what arrived before the stream broke.', async () => {
    const body = breakingStream(hello, 'the line went dead');
    const appended = bench.blobs.append(upload, { offset: 0, body, limit: anyLimit });
    await expect(appended).rejects.toThrow('the line went dead');
    expect(await bench.blobs.staged(upload)).toBe(6);
    await bench.blobs.append(upload, { offset: 6, body: streamOf(world), limit: anyLimit });
    await bench.blobs.commit(upload, hashOf(whole));
  });

  test('refuses an upload that passes its limit, and keeps nothing beyond it.', async () => {
    const long = bench.blobs.append(upload, { offset: 0, body: streamOf(hello, world), limit: 8 });
    await expect(long).rejects.toMatchObject({ code: 'too_large' });
    expect(await bench.blobs.staged(upload)).toBeLessThanOrEqual(8);
  });

  test('takes an upload of exactly its limit.', async () => {
    expect(await bench.blobs.append(upload, { offset: 0, body: streamOf(whole), limit: 11 })).toBe(11);
  });

  test('forgets an upload that is discarded, and minds no unknown one.', async () => {
    await bench.blobs.append(upload, { offset: 0, body: streamOf(hello), limit: anyLimit });
    await bench.blobs.discard(upload);
    await bench.blobs.discard(upload);
    expect(await bench.blobs.staged(upload)).toBe(0);
    expect(await bench.blobs.append(upload, { offset: 0, body: streamOf(world), limit: anyLimit })).toBe(5);
  });

  test('has one upload for one place: other content takes the place of what was begun.', async () => {
    const place = upload.slice(0, 32);
    const [first, second] = [`${place}${'1'.repeat(32)}` as UploadId, `${place}${'2'.repeat(32)}` as UploadId];
    await bench.blobs.append(first, { offset: 0, body: streamOf(hello), limit: anyLimit });
    expect(await bench.blobs.staged(second)).toBe(0);
    expect(await bench.blobs.staged(first)).toBe(6);
    await bench.blobs.append(second, { offset: 0, body: streamOf(world), limit: anyLimit });
    expect([await bench.blobs.staged(first), await bench.blobs.staged(second)]).toEqual([0, 5]);
  });

  test('sweeps uploads that got nothing for long, and neither newer ones nor one that is under way.', async () => {
    await bench.blobs.append(upload, { offset: 0, body: streamOf(hello), limit: anyLimit });
    expect(await bench.blobs.sweepStaged(Date.now() - 60_000)).toBe(0);
    expect(await bench.blobs.staged(upload)).toBe(6);
    const open = openBody();
    const other = uploadIdOf('another upload');
    const slow = bench.blobs.append(other, { offset: 0, body: open.body, limit: anyLimit });
    expect(await bench.blobs.sweepStaged(Date.now() + 60_000)).toBe(1);
    expect(await bench.blobs.staged(upload)).toBe(0);
    open.push(world);
    open.finish();
    expect(await slow).toBe(5);
    expect(await bench.blobs.staged(other)).toBe(5);
  });
}

function testCommits(bench: Bench): void {
  test('shows a blob only after its bytes were compared with its hash.', async () => {
    await bench.blobs.append(upload, { offset: 0, body: streamOf(whole), limit: anyLimit });
    expect(await bench.blobs.size(hashOf(whole))).toBeUndefined();
    await expect(bench.blobs.read(hashOf(whole))).rejects.toMatchObject({ code: 'not_found' });
  });

  test('refuses and discards an upload with another hash.', async () => {
    await bench.blobs.append(upload, { offset: 0, body: streamOf(hello), limit: anyLimit });
    const commit = bench.blobs.commit(upload, hashOf(world));
    await expect(commit).rejects.toMatchObject({ code: 'conflict', details: { found: hashOf(hello) } });
    expect(await bench.blobs.staged(upload)).toBe(0);
    expect(await bench.blobs.size(hashOf(world))).toBeUndefined();
    expect(await bench.blobs.size(hashOf(hello))).toBeUndefined();
  });

  test('refuses false bytes for a blob that it holds, and the blob stays as it was.', async () => {
    const hash = await bench.store(whole);
    await bench.blobs.append(upload, { offset: 0, body: streamOf(hello), limit: anyLimit });
    await expect(bench.blobs.commit(upload, hash)).rejects.toMatchObject({ code: 'conflict' });
    expect(await readAll(await bench.blobs.read(hash))).toEqual(whole);
  });

  test('takes a commit that is repeated.', async () => {
    await bench.blobs.append(upload, { offset: 0, body: streamOf(whole), limit: anyLimit });
    await bench.blobs.commit(upload, hashOf(whole));
    await bench.blobs.commit(upload, hashOf(whole));
    expect(await bench.blobs.size(hashOf(whole))).toBe(11);
  });

  test('stores the same bytes of two uploads once.', async () => {
    await bench.store(whole);
    await bench.blobs.append(upload, { offset: 0, body: streamOf(whole), limit: anyLimit });
    await bench.blobs.commit(upload, hashOf(whole));
    expect(await Array.fromAsync(bench.blobs.list())).toEqual([hashOf(whole)]);
  });

  test('cannot commit what was never uploaded.', async () => {
    await expect(bench.blobs.commit(upload, hashOf(whole))).rejects.toMatchObject({ code: 'not_found' });
  });
}

function testReading(bench: Bench): void {
  test('takes an upload in parts and gives back the very bytes.', async () => {
    expect(await bench.blobs.append(upload, { offset: 0, body: streamOf(hello), limit: anyLimit })).toBe(6);
    expect(await bench.blobs.staged(upload)).toBe(6);
    expect(await bench.blobs.append(upload, { offset: 6, body: streamOf(world), limit: anyLimit })).toBe(11);
    await bench.blobs.commit(upload, hashOf(whole));
    expect(await readAll(await bench.blobs.read(hashOf(whole)))).toEqual(whole);
    expect(await bench.blobs.size(hashOf(whole))).toBe(11);
    expect(await bench.blobs.staged(upload)).toBe(0);
  });

  test('keeps an empty file.', async () => {
    const hash = await bench.store(new Uint8Array());
    expect(await bench.blobs.size(hash)).toBe(0);
    expect(await readAll(await bench.blobs.read(hash))).toEqual(new Uint8Array());
  });

  test('lists every stored hash and no upload.', async () => {
    const hashes = [await bench.store(hello), await bench.store(world), await bench.store(whole)];
    await bench.blobs.append(upload, { offset: 0, body: streamOf(bytesOf('unfinished')), limit: anyLimit });
    expect((await Array.fromAsync(bench.blobs.list())).toSorted()).toEqual(hashes.toSorted());
  });

  test('has no size for, and cannot read, a hash that it does not hold.', async () => {
    expect(await bench.blobs.size(hashOf(whole))).toBeUndefined();
    await expect(bench.blobs.read(hashOf(whole))).rejects.toMatchObject({ code: 'not_found' });
  });

  test('lets a reader stop early.', async () => {
    const hash = await bench.store(new Uint8Array(3_000_000));
    const reader = (await bench.blobs.read(hash)).getReader();
    await reader.read();
    await reader.cancel();
    expect(await bench.blobs.size(hash)).toBe(3_000_000);
  });
}

function testMedium(bench: Bench): void {
  test('keeps blobs and uploads when it is closed and opened again.', async () => {
    const hash = await bench.store(whole);
    await bench.blobs.append(upload, { offset: 0, body: streamOf(hello), limit: anyLimit });
    await bench.reopen();
    expect(await bench.blobs.size(hash)).toBe(11);
    expect(await bench.blobs.staged(upload)).toBe(6);
    await bench.blobs.append(upload, { offset: 6, body: streamOf(world), limit: anyLimit });
    await bench.blobs.commit(upload, hash);
  });

  test('builds no name from anything but hex digits.', async () => {
    for (const name of ['../escape', '', '.', 'a'.repeat(63), `${'a'.repeat(62)}/b`, 'A'.repeat(64)]) {
      await expect(call(() => bench.blobs.staged(name as UploadId))).rejects.toMatchObject({ code: 'invalid_request' });
      await expect(call(() => bench.blobs.size(name as Sha256))).rejects.toMatchObject({ code: 'invalid_request' });
      await expect(call(() => bench.blobs.read(name as Sha256))).rejects.toMatchObject({ code: 'invalid_request' });
    }
  });

  test('proves that it can be written, and leaves nothing of the proof.', async () => {
    await bench.blobs.demandWritable();
    expect(await Array.fromAsync(bench.blobs.list())).toEqual([]);
  });

  test('says how much room there is, and that there is none for more.', async () => {
    const { freeBytes = 0 } = (await bench.blobs.room()) ?? {};
    expect(freeBytes).toBeGreaterThan(0);
    await bench.blobs.demandRoom(0);
    const fault = await bench.blobs.demandRoom(2 ** 60).catch((thrown: unknown) => thrown);
    expect(fault).toMatchObject({ code: 'evidence_unavailable', message: expect.stringContaining('has no room') });
  });

  test('says evidence_unavailable, with the cause, to every call once its medium is gone.', async () => {
    const hash = await bench.store(whole);
    await bench.blobs.append(upload, { offset: 0, body: streamOf(hello), limit: anyLimit });
    await bench.place.break();
    const calls: (() => Promise<unknown>)[] = [
      () => bench.blobs.demandWritable(),
      () => bench.blobs.room(),
      () => bench.blobs.demandRoom(0),
      () => bench.blobs.size(hash),
      () => bench.blobs.staged(upload),
      () => bench.blobs.append(upload, { offset: 6, body: streamOf(world), limit: anyLimit }),
      () => bench.blobs.commit(upload, hashOf(hello)),
      () => bench.blobs.read(hash),
      () => Array.fromAsync(bench.blobs.list()),
    ];
    for (const attempt of calls) {
      const fault = await attempt().catch((thrown: unknown) => thrown);
      expect(fault).toMatchObject({ code: 'evidence_unavailable', cause: expect.any(Error) });
    }
  });
}

/** A throw before the promise counts as a rejection. */
async function call<Result>(work: () => Promise<Result>): Promise<Result> {
  return await work();
}
