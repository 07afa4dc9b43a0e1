import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { wholeFleet } from '#core/access/scope.ts';
import { type Sha256, sha256Schema } from '#core/file/hash.ts';
import { createEnrolmentToken } from '#core/verbs/create-enrolment-token.ts';
import { type AgentRequestHandler, type AgentRequestPorts, createAgentRequests } from '#gateway/agent-requests.ts';
import { uploadIdOf } from '#gateway/handle-upload.ts';
import { fetchOf } from '#kit/parameters.ts';
import { enrolmentReplySchema, enrolmentStatement } from '#wire/enrolment.ts';
import { newKeyPair, readPrivateKey, signBytes } from '#wire/signature.ts';
import { type UploadTarget, uploadHeaders, uploadPath, uploadStatement } from '#wire/upload.ts';
import { breakingStream } from '../conformance/blobs.ts';
import type { Device } from './device.ts';
import { Fleet, someFacts } from './fleet.ts';

type Body = NonNullable<ConstructorParameters<typeof Response>[0]>;

const recoveryRecipient = 'age1recovery';
const connection = { remoteAddress: '192.0.2.7' };
const local = { kind: 'local', id: 'local', name: 'local', role: 'Instance Administrator', scope: wholeFleet } as const;

function handlerOf(fleet: Fleet, change: Partial<AgentRequestPorts> = {}): AgentRequestHandler {
  return createAgentRequests({ ...fleet.ports, ...change }, { recoveryRecipient });
}

async function tokenOf(fleet: Fleet): Promise<string> {
  return (await createEnrolmentToken(fleet.ports, local, { uses: 1, lifetime: 60_000, tags: [] })).secret;
}

function enrolment(token: string, forgedBy?: string): Request {
  const pair = newKeyPair();
  const publicKey = Buffer.from(pair.publicKey).toString('base64');
  const asked = { token, publicKey, vaultRecipient: 'age1vault' };
  const { key } = readPrivateKey(forgedBy ?? pair.privatePem);
  const signature = Buffer.from(signBytes('custody-enrol-v1', enrolmentStatement(asked), key)).toString('base64');
  return post(JSON.stringify({ ...asked, facts: someFacts, signature }));
}

function post(body: string): Request {
  return new Request('https://server/agent/v1/enrol', { method: 'POST', body });
}

test('A machine with a token and a key of its own is enrolled, and told what it must pin.', async () => {
  await using fleet = await Fleet.open();
  const response = await handlerOf(fleet)(enrolment(await tokenOf(fleet)), connection);
  expect(response.status).toBe(200);
  const reply = enrolmentReplySchema.parse(await response.json());
  expect(reply.recoveryRecipient).toBe(recoveryRecipient);
  expect(reply.orderKey).toBe(Buffer.from(fleet.signer.publicKey).toString('base64'));
  expect(await fleet.store.read(({ endpoints }) => endpoints.byId(reply.endpointId))).toBeDefined();
});

test('A token that is used up, or none at all, enrols nobody.', async () => {
  await using fleet = await Fleet.open();
  const [handle, token] = [handlerOf(fleet), await tokenOf(fleet)];
  await handle(enrolment(token), connection);
  expect((await handle(enrolment(token), connection)).status).toBe(401);
  expect((await handle(enrolment('invented'), connection)).status).toBe(401);
});

test('A machine whose first answer was lost asks again with the token that it used up, and is told the same.', async () => {
  await using fleet = await Fleet.open();
  const [handle, token] = [handlerOf(fleet), await tokenOf(fleet)];
  const asked = await enrolment(token).text();
  const lost = await (await handle(post(asked), connection)).json();
  const told = await handle(post(asked), connection);
  expect([told.status, await told.json()]).toEqual([200, lost]);
  expect((await handle(enrolment(token), connection)).status).toBe(401);
});

test('A key that the sender cannot sign with is not enrolled, and the token stays good.', async () => {
  await using fleet = await Fleet.open();
  const [handle, token] = [handlerOf(fleet), await tokenOf(fleet)];
  expect((await handle(enrolment(token, newKeyPair().privatePem), connection)).status).toBe(401);
  expect((await handle(enrolment(token), connection)).status).toBe(200);
});

test.each([
  ['no JSON', '{', 400],
  ['missing fields', '{}', 400],
  ['more than the limit', `"${'x'.repeat(70_000)}"`, 413],
])('An enrolment with %s is answered with words.', async (_name, body, status) => {
  await using fleet = await Fleet.open();
  const response = await handlerOf(fleet)(post(body), connection);
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({ error: expect.any(String), code: expect.any(String) });
});

test.each([
  ['GET', '/agent/v1/enrol'],
  ['POST', '/agent/v1/other'],
  ['PATCH', '/agent/v1/uploads/a/b/c'],
  ['DELETE', '/agent/v1/uploads/a/0'],
])('%s %s is unknown, and says so in JSON.', async (method, path) => {
  await using fleet = await Fleet.open();
  const response = await handlerOf(fleet)(new Request(`https://server${path}`, { method }), connection);
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ code: 'not_found' });
});

function hashOf(bytes: Uint8Array): Sha256 {
  return sha256Schema.parse(createHash('sha256').update(bytes).digest('hex'));
}

/** An endpoint with an open fetch task, and how its agent asks. */
class Uploader {
  readonly fleet: Fleet;
  readonly device: Device;
  readonly target: UploadTarget;

  constructor(fleet: Fleet, device: Device, target: UploadTarget) {
    this.fleet = fleet;
    this.device = device;
    this.target = target;
  }

  static async open(fleet: Fleet, content: Uint8Array): Promise<Uploader> {
    const device = await fleet.enrol();
    const action = await fleet.order([device], fetchOf('/srv/a'));
    const [task] = await fleet.tasksOf(action);
    if (task === undefined) {
      throw new Error('the action has no task');
    }
    const { id: endpointId } = device.endpoint;
    const file = { ordinal: 0, sha256: hashOf(content), size: content.length };
    return new Uploader(fleet, device, { endpointId, taskId: task.id, ...file });
  }

  request(method: 'HEAD' | 'PATCH', offset: number, body?: Body): Request {
    const { endpointId, taskId, ordinal, sha256, size } = this.target;
    const signature = signBytes('custody-upload-v1', uploadStatement(method, this.target, offset), this.device.key);
    return new Request(`https://server${uploadPath(taskId, ordinal)}`, {
      method,
      headers: {
        [uploadHeaders.endpoint]: endpointId,
        [uploadHeaders.time]: '0',
        [uploadHeaders.sha256]: sha256,
        [uploadHeaders.size]: String(size),
        [uploadHeaders.offset]: String(offset),
        [uploadHeaders.signature]: Buffer.from(signature).toString('base64'),
      },
      ...(body === undefined ? {} : { body }),
    });
  }

  with(target: Partial<UploadTarget>): Uploader {
    return new Uploader(this.fleet, this.device, { ...this.target, ...target });
  }

  async head(handle = handlerOf(this.fleet)): Promise<readonly [number, string | null]> {
    const response = await handle(this.request('HEAD', 0), connection);
    return [response.status, response.headers.get(uploadHeaders.offset)];
  }

  async patch(offset: number, body: Body, handle = handlerOf(this.fleet)) {
    const response = await handle(this.request('PATCH', offset, body), connection);
    return [response.status, response.headers.get(uploadHeaders.offset)] as const;
  }
}

const content = new TextEncoder().encode('hello world');

test('A file that is sent in parts is stored under its hash, and recorded.', async () => {
  await using fleet = await Fleet.open();
  const uploader = await Uploader.open(fleet, content);
  expect(await uploader.head()).toEqual([200, '0']);
  expect(await uploader.patch(0, 'hello ')).toEqual([204, '6']);
  expect(await uploader.head()).toEqual([200, '6']);
  expect(await fleet.blobs.size(uploader.target.sha256)).toBeUndefined();
  expect(await uploader.patch(6, 'world')).toEqual([204, '11']);
  expect(await fleet.blobs.size(uploader.target.sha256)).toBe(11);
  const [record] = await fleet.store.read(({ evidence }) => evidence.byHashes([uploader.target.sha256]));
  expect(record?.size).toBe(11);
});

test('What the evidence store holds already need not be sent again.', async () => {
  await using fleet = await Fleet.open();
  const uploader = await Uploader.open(fleet, content);
  await uploader.patch(0, content);
  const other = await Uploader.open(fleet, content);
  expect(await other.head()).toEqual([204, '11']);
});

test('What was deleted, or is damaged, must be sent again, and is held again then.', async () => {
  await using fleet = await Fleet.open();
  const { sha256 } = (await Uploader.open(fleet, content)).target;
  const send = async () => {
    const uploader = await Uploader.open(fleet, content);
    const asked = await uploader.head();
    await uploader.patch(0, content);
    return asked;
  };
  expect([await send(), await send()]).toEqual([
    [200, '0'],
    [204, '11'],
  ]);
  const by = { kind: 'user', id: 'u', name: 'u' } as const;
  await fleet.store.transact(({ evidence }) => evidence.markDeleted(sha256, { at: 1, rule: 'person', reason: '', by }));
  expect([await send(), await send()]).toEqual([
    [200, '0'],
    [204, '11'],
  ]);
  await fleet.store.transact(({ evidence }) => evidence.markDamaged(sha256, 1));
  expect([await send(), await send()]).toEqual([
    [200, '0'],
    [204, '11'],
  ]);
  const [record] = await fleet.store.read(({ evidence }) => evidence.byHashes([sha256]));
  expect(record).toMatchObject({ deletion: null, damagedAt: null });
  const claims = await fleet.store.read(({ evidence }) => evidence.claimsOf([sha256]));
  expect(claims).toHaveLength(6);
});

test('An upload whose last answer was lost is completed by asking.', async () => {
  await using fleet = await Fleet.open();
  const uploader = await Uploader.open(fleet, content);
  const body = new Blob([content]).stream();
  await fleet.blobs.append(uploadIdOf(uploader.target), { offset: 0, body, limit: 11 });
  expect(await uploader.head()).toEqual([204, '11']);
  expect(await fleet.blobs.size(uploader.target.sha256)).toBe(11);
});

test('An empty file needs no bytes, only the asking.', async () => {
  await using fleet = await Fleet.open();
  const uploader = await Uploader.open(fleet, new Uint8Array());
  expect(await uploader.head()).toEqual([204, '0']);
  expect(await fleet.blobs.size(uploader.target.sha256)).toBe(0);
});

test('Bytes of another hash are refused and forgotten.', async () => {
  await using fleet = await Fleet.open();
  const uploader = await Uploader.open(fleet, content);
  expect((await uploader.patch(0, 'HELLO WORLD'))[0]).toBe(422);
  expect(await uploader.head()).toEqual([200, '0']);
  expect((await uploader.patch(0, content))[0]).toBe(204);
});

test('A wrong offset is a conflict, and too many bytes are too large.', async () => {
  await using fleet = await Fleet.open();
  const uploader = await Uploader.open(fleet, content);
  expect((await uploader.patch(3, 'lo'))[0]).toBe(409);
  expect((await uploader.patch(0, 'hello world and more'))[0]).toBe(413);
});

test('Only the endpoint itself, for its own open fetch task, may send.', async () => {
  await using fleet = await Fleet.open();
  const uploader = await Uploader.open(fleet, content);
  const other = await Uploader.open(fleet, content);
  const forged = new Uploader(fleet, other.device, uploader.target);
  expect((await forged.patch(0, content))[0]).toBe(401);
  expect((await uploader.with({ taskId: other.target.taskId }).patch(0, content))[0]).toBe(403);
  expect((await uploader.with({ ordinal: 1 }).patch(0, content))[0]).toBe(403);
  expect((await uploader.with({ size: 20_000_000 }).patch(0, content))[0]).toBe(413);
  const request = uploader.request('PATCH', 0, 'hello world');
  request.headers.set(uploadHeaders.size, '10');
  expect((await handlerOf(fleet)(request, connection)).status).toBe(401);
  request.headers.delete(uploadHeaders.size);
  expect((await handlerOf(fleet)(request, connection)).status).toBe(400);
});

test('Without evidence storage the agent is asked to try later.', async () => {
  await using fleet = await Fleet.open();
  const uploader = await Uploader.open(fleet, content);
  const handle = handlerOf(fleet, { blobs: undefined });
  expect((await uploader.head(handle))[0]).toBe(507);
  expect((await uploader.patch(0, content, handle))[0]).toBe(507);
});

test('A file that does not fit beside the reserve takes no byte; what is held already needs none.', async () => {
  await using fleet = await Fleet.open();
  const uploader = await Uploader.open(fleet, content);
  const full = handlerOf(fleet, { blobs: fleet.blobsWith(content.length) });
  expect((await uploader.patch(0, content.subarray(0, 6)))[0]).toBe(204);
  // The first bytes are here: the rest fits, where the whole would not.
  expect((await uploader.head(handlerOf(fleet, { blobs: fleet.blobsWith(content.length - 6) })))[0]).toBe(200);
  expect((await uploader.head(handlerOf(fleet, { blobs: fleet.blobsWith(content.length - 7) })))[0]).toBe(507);
  expect((await uploader.patch(6, content.subarray(6)))[0]).toBe(204);
  const again = await Uploader.open(fleet, content);
  expect((await again.head(handlerOf(fleet, { blobs: fleet.blobsWith(0) })))[0]).toBe(204);
  expect((await again.head(full))[0]).toBe(204);
});

test('An upload that breaks off goes on from what arrived.', async () => {
  await using fleet = await Fleet.open();
  const uploader = await Uploader.open(fleet, content);
  const broken = breakingStream(content.subarray(0, 6), 'gone');
  expect((await uploader.patch(0, broken))[0]).toBe(504);
  expect(await uploader.head()).toEqual([200, '6']);
  expect(await uploader.patch(6, 'world')).toEqual([204, '11']);
});

test('A newer request ends one whose connection died without a word, and goes on from what that one brought.', async () => {
  await using fleet = await Fleet.open();
  const uploader = await Uploader.open(fleet, content);
  const handle = handlerOf(fleet);
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const dead = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
      given.enqueue(content.subarray(0, 6));
    },
  });
  const older = uploader.patch(0, dead, handle);
  while ((await fleet.blobs.staged(uploadIdOf(uploader.target))) === 0 && (controller?.desiredSize ?? 0) <= 0) {
    await Bun.sleep(5);
  }
  expect(await uploader.head(handle)).toEqual([200, '6']);
  expect((await older)[0]).toBe(504);
  expect(await uploader.patch(6, 'world', handle)).toEqual([204, '11']);
});

test('A file that has changed takes the place of what was sent of it: an endpoint cannot name hashes without end.', async () => {
  await using fleet = await Fleet.open();
  const uploader = await Uploader.open(fleet, content);
  await uploader.patch(0, 'hello ');
  for (let change = 0; change < 5; change += 1) {
    const bytes = new TextEncoder().encode(`change ${change}`);
    const changed = uploader.with({ sha256: hashOf(bytes), size: bytes.length });
    expect(await changed.head()).toEqual([200, '0']);
    expect((await changed.patch(0, bytes.subarray(0, 3)))[0]).toBe(204);
  }
  expect(await fleet.blobs.sweepStaged(Date.now() + 60_000)).toBe(1);
});

test('One PATCH takes no more than a chunk, and the chunk stays.', async () => {
  await using fleet = await Fleet.open();
  const uploader = await Uploader.open(fleet, content);
  const handle = createAgentRequests(fleet.ports, { recoveryRecipient, uploadChunkBytes: 4 });
  expect((await uploader.patch(0, 'hello ', handle))[0]).toBe(413);
  expect(await uploader.head(handle)).toEqual([200, '4']);
  expect((await uploader.patch(4, 'o wo', handle))[0]).toBe(204);
});

test('How far an upload has come is what its agent was told, and nothing of what came and was not kept.', async () => {
  await using fleet = await Fleet.open();
  const uploader = await Uploader.open(fleet, content);
  const { taskId } = uploader.target;
  const come = () => fleet.ports.uploadProgress.of([taskId]);
  expect(come()).toBeNull();
  await uploader.head();
  expect(come()).toEqual({ bytesReceived: 0, bytesTotal: 11, files: 1 });
  await uploader.patch(0, 'hello ');
  expect(come()).toEqual({ bytesReceived: 6, bytesTotal: 11, files: 1 });
  expect((await uploader.patch(9, 'ld'))[0]).toBe(409);
  expect(come()?.bytesReceived).toBe(6);
  expect((await uploader.patch(6, breakingStream(content.subarray(6, 8), 'dead')))[0]).toBe(504);
  expect(come()?.bytesReceived).toBe(6);
  expect(await uploader.head()).toEqual([200, '8']);
  expect(come()?.bytesReceived).toBe(8);
  expect((await uploader.patch(8, 'XXX'))[0]).toBe(422);
  expect(come()).toBeNull();
  await uploader.head();
  expect(await uploader.patch(0, content)).toEqual([204, '11']);
  expect(come()).toEqual({ bytesReceived: 11, bytesTotal: 11, files: 1 });
});
