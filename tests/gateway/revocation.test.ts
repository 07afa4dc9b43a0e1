import { expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { sha256Schema } from '#core/file/hash.ts';
import type { Doorbell } from '#core/ports/doorbell.ts';
import { revokeEndpoints } from '#core/verbs/revoke-endpoints.ts';
import { AgentGateway } from '#gateway/agent-gateway.ts';
import { createAgentRequests } from '#gateway/agent-requests.ts';
import { administrator } from '#kit/fleet.ts';
import { fetchOf } from '#kit/parameters.ts';
import { encode } from '#wire/codec.ts';
import { signBytes } from '#wire/signature.ts';
import { uploadHeaders, uploadPath, uploadStatement } from '#wire/upload.ts';
import type { Device } from './device.ts';
import { Fleet } from './fleet.ts';
import { TestAgent } from './test-agent.ts';
import { until } from './until.ts';

const connection = { remoteAddress: '192.0.2.7' };
const revokedWords = { final: true, why: 'This endpoint was revoked.' };

/** Another server's doorbell: it rings nobody here. */
const elsewhere: Doorbell = { reach: 'process', ring: () => undefined, stopChanged: () => undefined };

async function revoke(fleet: Fleet, { endpoint }: Device, doorbell: Doorbell = elsewhere): Promise<void> {
  const request = { principal: administrator, name: 'delete', facts: { dialect: 'native' } };
  await revokeEndpoints({ ...fleet.ports, doorbell }, { request, endpointIds: [endpoint.id], reason: 'stolen' });
}

test('The usual settings have a revocation in effect within five seconds.', async () => {
  const { defaultGatewaySettings } = await import('#gateway/gateway-settings.ts');
  expect(defaultGatewaySettings.watchInterval).toBeLessThanOrEqual(2_500);
});

test('What another server on the same store revokes is cut off here, and what was ordered of it ends honestly.', async () => {
  await using fleet = await Fleet.open({ watchInterval: 20 });
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  const running = await fleet.order([device], fetchOf('/srv/a'));
  fleet.ring([device]);
  const order = await agent.nextOrder();
  agent.accept(order.taskId);
  await until(async () => (await fleet.tasksOf(running))[0]?.state === 'running');
  const queued = await fleet.order([device], fetchOf('/srv/b'));
  await revoke(fleet, device);
  expect(await agent.next('refused')).toMatchObject(revokedWords);
  expect(agent.closedWith).toBeDefined();
  const outcomesOf = async (action: typeof queued) => {
    const [task] = await fleet.tasksOf(action);
    const outcomes = await fleet.store.read((reader) => reader.outcomes.byTask(task?.id ?? expect.unreachable()));
    return outcomes.map(({ outcome, reason }) => [task?.state, outcome, reason]);
  };
  expect(await outcomesOf(queued)).toEqual([['cancelled', 'cancelled', 'withdrawn']]);
  expect(await outcomesOf(running)).toEqual([['finished', 'interrupted', 'withdrawn']]);
  const again = fleet.connect(device);
  again.hello();
  expect(await again.next('refused')).toMatchObject(revokedWords);
});

test('A signer that is away, or stands still, keeps nobody connected who was revoked.', async () => {
  await using fleet = await Fleet.open({ watchInterval: 20 });
  for (const trouble of ['isAway', 'isSilent'] as const) {
    const device = await fleet.enrol(trouble);
    const agent = await fleet.join(device);
    fleet.signer[trouble] = true;
    await revoke(fleet, device, fleet.gateway.doorbell);
    expect(await agent.next('refused')).toMatchObject(revokedWords);
    fleet.signer.isAway = false;
  }
  // A round that waits for a silent signer would keep the gateway from closing.
  fleet.signer.isSilent = false;
});

test('Of two servers on one store, each parts from its own, and a server that starts finds who was revoked before.', async () => {
  await using fleet = await Fleet.open({ watchInterval: 20 });
  const second = new AgentGateway(fleet.ports, { watchInterval: 20 });
  const [here, there, stays] = [await fleet.enrol('here'), await fleet.enrol('there'), await fleet.enrol('stays')];
  const agents = [await fleet.join(here), new TestAgent(second, there), new TestAgent(second, stays)] as const;
  for (const agent of agents.slice(1)) {
    agent.hello();
    await agent.next('welcome');
  }
  await revoke(fleet, here, second.doorbell);
  await revoke(fleet, there, fleet.gateway.doorbell);
  expect(await agents[0].next('refused')).toMatchObject(revokedWords);
  expect(await agents[1].next('refused')).toMatchObject(revokedWords);
  expect(agents[2].closedWith).toBeUndefined();
  await second.close();
});

/** A PATCH whose body is under way until the test says so. */
async function slowUpload(fleet: Fleet, device: Device, revocations: AgentGateway['revocations'] | undefined) {
  const content = new TextEncoder().encode('hello world');
  const action = await fleet.order([device], fetchOf('/srv/a'));
  const [task] = await fleet.tasksOf(action);
  const sha256 = sha256Schema.parse(createHash('sha256').update(content).digest('hex'));
  const { id: endpointId } = device.endpoint;
  const target = { endpointId, taskId: task?.id ?? expect.unreachable(), ordinal: 0, sha256, size: content.length };
  const handle = createAgentRequests(fleet.ports, { recoveryRecipient: 'age1', ...(revocations && { revocations }) });
  const request = (method: 'HEAD' | 'PATCH', body?: ReadableStream<Uint8Array>) =>
    new Request(`https://server${uploadPath(target.taskId, 0)}`, {
      method,
      headers: {
        [uploadHeaders.endpoint]: endpointId,
        [uploadHeaders.sha256]: sha256,
        [uploadHeaders.size]: String(content.length),
        [uploadHeaders.offset]: '0',
        [uploadHeaders.signature]: Buffer.from(
          signBytes('custody-upload-v1', uploadStatement(method, target, 0), device.key),
        ).toString('base64'),
      },
      ...(body && { body }),
    });
  const began = Promise.withResolvers<ReadableStreamDefaultController<Uint8Array>>();
  // Nothing is asked of it before storage reads: until then a revocation would be found at the door.
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        began.resolve(controller);
        return new Promise(() => undefined);
      },
    },
    { highWaterMark: 0 },
  );
  const answer = handle(request('PATCH', body), connection);
  const controller = await began.promise;
  const send = () => {
    controller.enqueue(content);
    controller.close();
  };
  return { answer, send, sha256, head: () => handle(request('HEAD'), connection) };
}

test('An upload that is under way is broken off, nothing of it becomes evidence, and the next request is refused.', async () => {
  await using fleet = await Fleet.open({ watchInterval: 20 });
  const device = await fleet.enrol();
  const upload = await slowUpload(fleet, device, fleet.gateway.revocations);
  await revoke(fleet, device);
  expect((await upload.answer).status).toBe(504);
  expect((await upload.head()).status).toBe(401);
  expect(await fleet.store.read(({ evidence }) => evidence.byHashes([upload.sha256]))).toEqual([]);
});

test('Even where nobody broke it off, an upload that ends after the revocation stores nothing.', async () => {
  await using fleet = await Fleet.open();
  const device = await fleet.enrol();
  const upload = await slowUpload(fleet, device, undefined);
  await revoke(fleet, device);
  upload.send();
  expect((await upload.answer).status).toBe(401);
  expect(await fleet.blobs.size(upload.sha256)).toBeUndefined();
  expect(await fleet.store.read(({ evidence }) => evidence.byHashes([upload.sha256]))).toEqual([]);
});

test('What a revoked agent says after its connection was ended is not heard.', async () => {
  await using fleet = await Fleet.open({ watchInterval: 20 });
  const device = await fleet.enrol();
  const agent = await fleet.join(device);
  await revoke(fleet, device);
  await agent.next('refused');
  const before = await fleet.store.read((reader) => reader.events.lastSequence());
  const files = encode({ type: 'inventory', batch: 1, part: 'whole_begin', files: [], gone: [] });
  agent.session.frame(files);
  agent.session.frame(encode({ type: 'generation_kept', generation: 9 }));
  expect(agent.all('inventory_recorded')).toEqual([]);
  expect(await fleet.store.read((reader) => reader.events.lastSequence())).toBe(before);
});
