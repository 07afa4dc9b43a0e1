import { expect, test } from 'bun:test';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { actionIdSchema, newTaskId } from '#core/action/action-id.ts';
import { endpointIdSchema } from '#core/endpoint/endpoint-id.ts';
import type { Fs } from '#core/ports/fs.ts';
import { SignerRefusal } from '#core/ports/order-signer.ts';
import { hour } from '#core/time.ts';
import { fetchOf } from '#kit/parameters.ts';
import { dataDirectory } from '#server/data-directory.ts';
import { fileSystem } from '#server/file-system.ts';
import { firstBook, OrderKeyBook } from '#server/order-key-book.ts';
import { createRemoteSigner, type SignerPlace } from '#server/remote-signer.ts';
import { answerQuestion } from '#server/signer/desk.ts';
import { Judge } from '#server/signer/judge.ts';
import { aloneWithKey, KeyRing, rotateOrderKey } from '#server/signer/key-ring.ts';
import { listenForServer } from '#server/signer/listen.ts';
import { makeSigner } from '#server/signer/make-signer.ts';
import { parseSignerPolicy } from '#server/signer/policy.ts';
import { RefusalLog } from '#server/signer/refusal-log.ts';
import { type SignerDirectory, signerDirectory } from '#server/signer/signer-directory.ts';
import { systemClock } from '#server/system-clock.ts';
import { systemRandom } from '#server/system-random.ts';
import { encode } from '#wire/codec.ts';
import { limits } from '#wire/limits.ts';
import type { Order } from '#wire/order.ts';
import { changesBetween } from '#wire/order-key.ts';
import { isSignatureValid, newKeyPair, readPublicKey } from '#wire/signature.ts';
import { signerPath } from '#wire/signer.ts';

const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const tools = { fs: fileSystem, clock: systemClock, random: systemRandom };

function orderBytes(changes: Partial<Order> = {}): Uint8Array {
  const now = Date.now();
  const order: Order = {
    v: 1,
    endpointId: endpointIdSchema.parse('a'.repeat(32)),
    actionId: actionIdSchema.parse('17'),
    taskId: newTaskId(systemRandom),
    parameters: fetchOf('/srv/a'),
    ...{ issuedAt: now, notBefore: now, deadline: now + hour },
    ...changes,
  };
  return encode(order);
}

async function openSigner(listen: (root: string) => string, more = '') {
  const root = await mkdtemp(join(tmpdir(), 'custody-signer-'));
  const directory = signerDirectory(join(root, 'signer'));
  const made = await makeSigner(tools, { directory: directory.root, listen: listen(root) });
  const policy = parseSignerPolicy(`listen = ${JSON.stringify(listen(root))}\n${more}`);
  const desk = {
    ring: new KeyRing({ fs: fileSystem, directory: directory.root }),
    judge: new Judge(policy, systemClock),
    refusals: new RefusalLog({ file: directory.refusals, clock: systemClock, log }),
  };
  const text = (path: string) => readFile(path, 'utf8');
  const start = async () =>
    listenForServer({
      address: policy.address,
      certificates:
        policy.address.kind === 'tls'
          ? {
              authority: await text(directory.authority),
              certificate: await text(directory.certificate),
              key: await text(directory.certificateKey),
            }
          : undefined,
      log,
      answer: (question) => answerQuestion(desk, question),
    });
  let listener = await start();
  const recorded: number[] = [];
  const openBook = () =>
    OrderKeyBook.open({
      ...{ fs: fileSystem, clock: systemClock, log, file: join(root, 'book.json') },
      record: async (changes) => void recorded.push(...changes.map(({ sequence }) => sequence)),
    });
  const book = await openBook();
  const clientAt = (place: SignerPlace, of = book) => createRemoteSigner({ place, book: of, clock: systemClock });
  return {
    ...{ root, directory, made, book, openBook, recorded, clientAt },
    port: () => listener.port ?? 0,
    stop: () => listener.close(),
    async restart() {
      listener = await start();
    },
    async [Symbol.asyncDispose]() {
      await listener.close().catch(quiet);
      await rm(root, { recursive: true });
    },
  };
}

const unixSigner = (more = '') => openSigner((root) => `unix:${join(root, 's.sock')}`, more);
const identityOf = (directory: SignerDirectory) => readFile(directory.serverIdentity, 'utf8');

test('orders are signed over a socket that nobody else may open, each that the policy allows, the others with their rule', async () => {
  await using signer = await unixSigner('verbs = ["fetch"]');
  const path = join(signer.root, 's.sock');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const client = signer.clientAt({ kind: 'unix', path });
  const good = orderBytes();
  const bad = orderBytes({ parameters: { verb: 'scan' } });
  const { key, results } = await client.sign([good, bad, new Uint8Array([1])]);
  expect(Buffer.from(key).toString('base64')).toBe(signer.made.publicKey);
  const [signature, refused, odd] = results;
  expect(signature).toBeInstanceOf(Uint8Array);
  const signed = { bytes: good, signature: signature as Uint8Array };
  expect(isSignatureValid('custody-order-v1', signed, readPublicKey(key))).toBe(true);
  expect([refused, odd].map((each) => (each instanceof SignerRefusal ? each.rule : each))).toEqual(['verb', 'form']);
  expect(await client.judge([good, bad])).toEqual([undefined, expect.any(SignerRefusal)]);
  const lines = (await readFile(signer.directory.refusals, 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).rule)).toEqual(['verb', 'form']);
  const statement = encode({ v: 1, origin: 'o', verifierKey: 'k' });
  const stated = { bytes: statement, signature: await client.signStatement('ledger', statement) };
  expect(isSignatureValid('custody-ledger-v1', stated, readPublicKey(key))).toBe(true);
  await expect(client.signStatement('trust', statement)).rejects.toBeInstanceOf(SignerRefusal);
});

test('a socket for a group has its mode and its number, and takes the place of what a killed signer left', async () => {
  const group = process.getgid?.() ?? 0;
  await using signer = await unixSigner(`socket_group = ${group}`);
  const path = join(signer.root, 's.sock');
  const { mode, gid } = await stat(path);
  expect([mode & 0o777, gid]).toEqual([0o660, group]);
  await expect(signer.restart()).rejects.toMatchObject({ code: 'conflict' });
  await signer.stop();
  await Bun.write(path, '');
  await signer.restart();
  await signer.clientAt({ kind: 'unix', path }).judge([]);
});

test('many large orders are signed, in as many questions as it takes', async () => {
  await using signer = await unixSigner();
  const client = signer.clientAt({ kind: 'unix', path: join(signer.root, 's.sock') });
  const files = Array.from({ length: 8_000 }, (_, index) => fetchOf(`/srv/${'x'.repeat(100)}/${index}`).files).flat();
  const orders = Array.from({ length: 6 }, () => orderBytes({ parameters: { verb: 'fetch', files } }));
  const { results } = await client.sign([...orders, ...Array.from({ length: 2_500 }, () => orderBytes())]);
  expect(results).toHaveLength(2_506);
  expect(results.every((each) => each instanceof Uint8Array)).toBe(true);
});

test('a signer that is away is said to be, and is found again', async () => {
  await using signer = await unixSigner();
  const client = signer.clientAt({ kind: 'unix', path: join(signer.root, 's.sock') });
  await client.judge([]);
  await signer.stop();
  await expect(client.sign([orderBytes()])).rejects.toMatchObject({ code: 'unavailable' });
  await signer.restart();
  expect((await client.sign([orderBytes()])).results[0]).toBeInstanceOf(Uint8Array);
});

test('a changed key is taken by the changes that lead to it, recorded once, and another key never', async () => {
  await using signer = await unixSigner();
  const client = signer.clientAt({ kind: 'unix', path: join(signer.root, 's.sock') });
  await client.judge([]);
  const first = Buffer.from(client.publicKey).toString('base64');
  let changes = 0;
  client.onChange(() => {
    changes += 1;
  });
  const place = { fs: fileSystem, directory: signer.directory.root };
  await rotateOrderKey(place, systemClock);
  await rotateOrderKey(place, systemClock);
  await Promise.all([client.judge([]), client.sign([orderBytes()]), client.judge([])]);
  expect([changes, signer.recorded.length]).toEqual([1, 2]);
  expect(client.changesFrom(first)).toHaveLength(2);
  expect(client.changedAt).toBeDefined();
  const again = await signer.openBook();
  expect(again.publicKey).toEqual(client.publicKey);

  // Somebody puts a key of their own in the signer's place.
  await fileSystem.remove(join(signer.directory.root, 'order-key-changes.json'));
  await fileSystem.replace(signer.directory.orderKey, new TextEncoder().encode(newKeyPair().privatePem));
  const failure = await client.sign([orderBytes()]).catch((thrown: unknown) => thrown);
  expect(failure).toMatchObject({ code: 'unavailable', details: { signer: 'other_key' } });
  expect(client.publicKey).toEqual(again.publicKey);
});

test('a question that is too long is answered in words', async () => {
  await using signer = await unixSigner();
  const socketPath = join(signer.root, 's.sock');
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    const asked = plainRequest({ socketPath, method: 'POST', path: signerPath }, resolve);
    asked.once('error', reject);
    asked.end(Buffer.alloc(limits.frameBytes + 100_000));
  });
  const { statusCode } = await answer;
  expect([statusCode, await text(await answer)]).toEqual([400, `A question has at most ${limits.frameBytes} bytes.`]);
});

test('over the network nobody is heard who does not show the certificate that was made for the server', async () => {
  await using signer = await openSigner(() => 'tls://127.0.0.1:0');
  await using stranger = await openSigner(() => 'tls://127.0.0.1:0');
  const identity = await identityOf(signer.directory);
  const place = { kind: 'tls', host: '127.0.0.1', port: signer.port(), identity } as const;
  expect((await signer.clientAt(place).sign([orderBytes()])).results[0]).toBeInstanceOf(Uint8Array);

  const others = await identityOf(stranger.directory);
  const mixed = others.replace(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n$/, '');
  const authority = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n$/.exec(identity)?.[0] ?? '';
  for (const wrong of [others, `${mixed}${authority}`]) {
    const client = signer.clientAt({ ...place, identity: wrong });
    await expect(client.judge([])).rejects.toMatchObject({ code: 'unavailable' });
  }
  const bare = new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: signer.port(),
        path: '/v1',
        method: 'POST',
        ca: authority,
        servername: 'custody-signer',
      },
      resolve,
    );
    asked.once('error', reject);
    asked.end();
  });
  await expect(bare).rejects.toThrow();
  expect(() => signer.clientAt({ ...place, identity: 'nonsense' })).toThrow('server-identity.pem');
});

test('the key of a server moves once, is gone there, and is never overwritten', async () => {
  await using signer = await unixSigner();
  const server = join(signer.root, 'server');
  await mkdir(join(server, 'keys'), { recursive: true });
  await chmod(server, 0o700);
  const pem = newKeyPair().privatePem;
  const file = join(server, 'keys', 'order-key.pem');
  await fileSystem.replace(file, new TextEncoder().encode(pem));
  const into = { directory: join(signer.root, 'moved'), listen: 'unix:/run/s.sock', fromServer: server };
  await expect(makeSigner(tools, { ...into, directory: signer.directory.root })).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(await readFile(file, 'utf8')).toBe(pem);
  const { publicKey } = await makeSigner(tools, into);
  expect(await fileSystem.read(file)).toBeUndefined();
  expect(await readFile(join(into.directory, 'order-key.pem'), 'utf8')).toBe(pem);
  expect(JSON.parse(await readFile(join(server, 'keys', 'order-key-book.json'), 'utf8'))).toMatchObject({ publicKey });
  await expect(makeSigner(tools, into)).rejects.toMatchObject({ code: 'conflict' });
});

/** A data directory with an order key. */
async function serverIn(root: string) {
  const directory = dataDirectory(join(root, 'server'));
  await mkdir(directory.keys, { recursive: true });
  await chmod(directory.root, 0o700);
  await fileSystem.replace(directory.orderKey, new TextEncoder().encode(newKeyPair().privatePem));
  const place = { fs: fileSystem, directory: directory.keys };
  const { publicKey } = await new KeyRing(place).current();
  await fileSystem.replace(directory.orderKeyBook, firstBook(publicKey));
  return { directory, place, publicKey };
}

/** Ends before what it would do as number `steps` + 1. */
function dyingAfter(steps: number): Fs {
  let left = steps;
  const dies = () => {
    left -= 1;
    if (left < 0) {
      throw new Error('the power is gone');
    }
  };
  return {
    ...fileSystem,
    async replace(path, bytes) {
      dies();
      await fileSystem.replace(path, bytes);
    },
    async remove(path) {
      dies();
      await fileSystem.remove(path);
    },
  };
}

test.each([1, 2, 3])(
  'a key moves with its change although that was cut off after step %i, and no private key stays behind',
  async (steps) => {
    await using signer = await unixSigner();
    const { directory: server, place, publicKey: first } = await serverIn(signer.root);
    const rotating = rotateOrderKey({ ...place, fs: dyingAfter(steps) }, systemClock);
    await expect(rotating).rejects.toThrow('the power is gone');
    const into = join(signer.root, 'moved');
    const { publicKey } = await makeSigner(tools, {
      ...{ directory: into, listen: 'unix:/run/s.sock', fromServer: server.root },
    });
    const moved = await new KeyRing({ fs: fileSystem, directory: into }).current();
    expect(Buffer.from(moved.publicKey).toString('base64')).toBe(publicKey);
    expect(changesBetween(moved.changes, first, moved.publicKey)).toHaveLength(steps === 1 ? 0 : 1);
    expect((await readdir(server.keys)).toSorted()).toEqual(['order-key-book.json', 'order-key.lock']);
  },
);

test.each([0, 1, 2, 3, 4, 5])('a move that was cut off after step %i goes on', async (steps) => {
  await using signer = await unixSigner();
  const { directory: server, place, publicKey } = await serverIn(signer.root);
  const { publicKey: rotated } = await rotateOrderKey(place, systemClock);
  const into = join(signer.root, 'moved');
  const wish = { directory: into, listen: 'unix:/run/s.sock', fromServer: server.root };
  await expect(makeSigner({ ...tools, fs: dyingAfter(steps) }, wish)).rejects.toThrow('the power is gone');
  await makeSigner(tools, wish);
  const moved = await new KeyRing({ fs: fileSystem, directory: into }).current();
  expect(moved.publicKey).toEqual(rotated);
  expect(changesBetween(moved.changes, publicKey, rotated)).toHaveLength(1);
  expect((await readdir(server.keys)).toSorted()).toEqual(['order-key-book.json', 'order-key.lock']);
  await expect(makeSigner(tools, wish)).rejects.toMatchObject({ code: 'conflict' });
});

test('a key is not moved while it is being changed', async () => {
  await using signer = await unixSigner();
  const { directory: server } = await serverIn(signer.root);
  const wish = { directory: join(signer.root, 'moved'), listen: 'unix:/run/s.sock', fromServer: server.root };
  await aloneWithKey(server.keys, async () => {
    await expect(makeSigner(tools, wish)).rejects.toMatchObject({ code: 'conflict' });
  });
  expect(await fileSystem.read(server.orderKey)).toBeDefined();
});
