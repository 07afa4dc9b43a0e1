import { expect, test } from 'bun:test';
import { createHash, type KeyObject } from 'node:crypto';
import type { Action, Task } from '#core/action/action.ts';
import { sha256Schema } from '#core/file/hash.ts';
import { vaultObjectIdSchema } from '#core/file/vault-object-id.ts';
import { outcomes } from '#core/outcome.ts';
import { vaultEffects } from '#core/outcome-details.ts';
import type { Store } from '#core/ports/store/store.ts';
import { type AgentRequestHandler, createAgentRequests } from '#gateway/agent-requests.ts';
import { type Chance, seeded } from '#kit/chance.ts';
import { fetchOf, quarantineOf } from '#kit/parameters.ts';
import { encode } from '#wire/codec.ts';
import type { Report } from '#wire/report.ts';
import { newKeyPair, readPrivateKey, signBytes } from '#wire/signature.ts';
import { type UploadTarget, uploadHeaders, uploadPath, uploadStatement } from '#wire/upload.ts';
import type { Device } from './device.ts';
import { Fleet } from './fleet.ts';
import type { TestAgent } from './test-agent.ts';
import { until } from './until.ts';

const attempts = 10_000;
const atOnce = 250;
const sha256 = sha256Schema.parse('ab'.repeat(32));
const vaultObject = vaultObjectIdSchema.parse('00000000-0000-4000-8000-000000000001');

/** Limits are another test's: here everything is to be heard. */
const boundless = {
  rates: { frames: { burst: 1e9, perSecond: 1e9 }, bytes: { burst: 1e12, perSecond: 1e12 } },
  presenceInterval: 1e9,
  watchInterval: 1e9,
  helloPatience: 1e9,
  hellosAtOnce: 10_000,
  strangersOfAddress: 10_000,
};

interface Ordered {
  readonly action: Action;
  readonly task: Task;
}

/** A victim with work under way and a file in its vault, and a rogue that is enrolled and connected as well. */
interface Stage {
  readonly fleet: Fleet;
  readonly handle: AgentRequestHandler;
  readonly victim: Device;
  readonly rogue: Device;
  readonly agent: TestAgent;
  readonly victims: readonly Ordered[];
  readonly own: readonly Ordered[];
  readonly strangerKey: KeyObject;
}

async function ordered(fleet: Fleet, device: Device): Promise<readonly Ordered[]> {
  const actions = [
    await fleet.order([device], fetchOf('/srv/a')),
    await fleet.order([device], quarantineOf('/srv/evil', sha256)),
    await fleet.order([device], fetchOf('/srv/b')),
  ];
  fleet.ring([device]);
  const all = await Promise.all(actions.map(async (action) => ({ action, tasks: await fleet.tasksOf(action) })));
  return all.flatMap(({ action, tasks }) => tasks.map((task) => ({ action, task })));
}

async function openStage(fleet: Fleet): Promise<Stage> {
  const [victim, rogue] = [await fleet.enrol('victim'), await fleet.enrol('rogue')];
  const [honest, agent] = [await fleet.join(victim), await fleet.join(rogue)];
  const victims = await ordered(fleet, victim);
  const own = await ordered(fleet, rogue);
  await until(() => honest.all('order').length === victims.length && agent.all('order').length === own.length);
  const running = victims[0]?.task.id ?? expect.unreachable();
  honest.accept(running);
  const taskId = victims[1]?.task.id ?? expect.unreachable();
  const file = {
    vaultObject,
    taskId: 'e'.repeat(32) as typeof taskId,
    path: pathOf(victims),
    sha256,
    size: 3,
    takenAt: 1,
  };
  honest.say({ type: 'vault', part: 'begin', held: [file], damaged: [] });
  await honest.next('vault_recorded');
  await until(async () => (await fleet.store.read(({ tasks }) => tasks.byId(running)))?.state === 'running');
  const handle = createAgentRequests(fleet.ports, { recoveryRecipient: 'age1' });
  return {
    fleet,
    handle,
    victim,
    rogue,
    agent,
    victims,
    own,
    strangerKey: readPrivateKey(newKeyPair().privatePem).key,
  };
}

function pathOf(victims: readonly Ordered[]) {
  const parameters = victims[1]?.task.parameters;
  return parameters?.verb === 'quarantine' ? (parameters.path ?? expect.unreachable()) : expect.unreachable();
}

/** One attempt; resolves once it was refused, and fails where it was not. */
type Attempt = (stage: Stage, chance: Chance) => Promise<void> | void;

/** Somebody else's task, action or endpoint, or a signature by somebody else's key: never all of one's own. */
function foreignReport({ victim, rogue, victims, own, strangerKey }: Stage, chance: Chance) {
  const [mine, theirs] = [chance.one(own), chance.one(victims)];
  const shape = chance.whole(4);
  const endpointId = shape === 0 ? victim.endpoint.id : rogue.endpoint.id;
  const taskId = (shape <= 1 ? theirs : mine).task.id;
  const actionId = (shape <= 2 ? theirs : mine).action.id;
  const key = shape <= 2 ? chance.one([rogue.key, strangerKey]) : chance.one([victim.key, strangerKey]);
  const report: Report = {
    ...{ v: 1, endpointId, actionId, taskId, startedAt: 1, finishedAt: 2 },
    files: [
      {
        ...{
          ordinal: chance.whole(3),
          outcome: chance.one(outcomes),
          reason: null,
          message: 'x',
          path: pathOf(victims),
        },
        ...{ sha256, size: 3, vaultObject, effect: chance.one([null, ...vaultEffects]), losses: [], details: {} },
      },
    ],
  };
  return { taskId, bytes: encode(report), key };
}

const reports: Attempt = (stage, chance) => {
  const { bytes, key } = foreignReport(stage, chance);
  stage.agent.say({ type: 'report', report: bytes, signature: signBytes('custody-report-v1', bytes, key) });
};

const statements: Attempt = ({ agent, victims }, chance) => {
  const { task } = chance.one(victims);
  const told = chance.one(['accepted', 'order_refused', 'heartbeat'] as const);
  switch (told) {
    case 'accepted':
      agent.accept(task.id, chance.one(victims).task.id);
      return;
    case 'order_refused':
      agent.say({ type: 'order_refused', taskId: task.id, why: 'not wanted' });
      return;
    case 'heartbeat':
      agent.session.frame(encode({ type: 'heartbeat', endpointId: task.endpointId, taskId: task.id }));
  }
};

const vaults: Attempt = async ({ agent, victims }, chance) => {
  const { task } = chance.one(victims);
  const file = { vaultObject, taskId: task.id, path: pathOf(victims), sha256, size: chance.whole(9), takenAt: 2 };
  agent.say({ type: 'vault', part: 'begin', held: chance.one([[], [file]]), damaged: chance.one([[], [vaultObject]]) });
  await agent.next('vault_recorded');
};

const hellos: Attempt = async ({ fleet, victim, rogue, strangerKey }, chance) => {
  const agent = fleet.connect(victim);
  const nonce = agent.all('challenge')[0]?.nonce ?? expect.unreachable();
  const foreign = fleet.connect(rogue).all('challenge')[0]?.nonce ?? expect.unreachable();
  const [bytes, key] = chance.one([
    [nonce, rogue.key],
    [nonce, strangerKey],
    [foreign, victim.key],
  ] as const);
  agent.hello({ signature: signBytes('custody-hello-v1', bytes, key), vaultRecipient: 'age1stolen' });
  expect(await agent.next('refused')).toMatchObject({ final: true });
};

const uploads: Attempt = async ({ handle, victim, rogue, victims, strangerKey }, chance) => {
  const { task } = chance.one(victims);
  const content = new TextEncoder().encode(`forged ${chance.whole(1_000)}`);
  const [speaker, key] = chance.one([
    [victim, rogue.key],
    [victim, strangerKey],
    [rogue, rogue.key],
    [rogue, victim.key],
  ] as const);
  const target: UploadTarget = {
    ...{ endpointId: speaker.endpoint.id, taskId: task.id, ordinal: chance.whole(1), size: content.length },
    sha256: sha256Schema.parse(createHash('sha256').update(content).digest('hex')),
  };
  const method = chance.one(['HEAD', 'PATCH'] as const);
  const signature = signBytes('custody-upload-v1', uploadStatement(method, target, 0), key);
  const request = new Request(`https://server${uploadPath(target.taskId, target.ordinal)}`, {
    method,
    headers: {
      [uploadHeaders.endpoint]: target.endpointId,
      [uploadHeaders.sha256]: target.sha256,
      [uploadHeaders.size]: String(target.size),
      [uploadHeaders.offset]: '0',
      [uploadHeaders.signature]: Buffer.from(signature).toString('base64'),
    },
    ...(method === 'PATCH' && { body: content }),
  });
  const { status } = await handle(request, { remoteAddress: '192.0.2.9' });
  // 429 and 504: the same rogue has just asked, or asks again, for the same file.
  expect([401, 403, 429, 504]).toContain(status);
};

async function dumpOf(store: Store): Promise<readonly string[]> {
  const rows: string[] = [];
  for await (const row of store.dump()) {
    rows.push(JSON.stringify(row));
  }
  return rows;
}

test('Nobody speaks for another: of 10,000 attempts none is accepted, and not a row of the store changes.', async () => {
  await using fleet = await Fleet.open(boundless);
  const stage = await openStage(fleet);
  const chance = seeded(35);
  const before = await dumpOf(fleet.store);
  const kinds = [reports, reports, statements, hellos, uploads];
  let [made, reported] = [0, 0];
  while (made < attempts) {
    const attemptsNow = Array.from({ length: atOnce - 1 }, () => chance.one(kinds));
    reported += attemptsNow.filter((kind) => kind === reports).length;
    await Promise.all(attemptsNow.map(async (attempt) => attempt(stage, chance)));
    await vaults(stage, chance);
    await until(() => stage.agent.all('report_refused').length === reported);
    made += atOnce;
  }
  expect(stage.agent.all('recorded')).toEqual([]);
  expect(stage.agent.closedWith).toBeUndefined();
  expect(await dumpOf(fleet.store)).toEqual([...before]);
}, 120_000);

test("Whoever names another's task does not take that one's own word away.", async () => {
  await using fleet = await Fleet.open({ coalesce: 50 });
  const [victim, rogue] = [await fleet.enrol('victim'), await fleet.enrol('rogue')];
  const [honest, agent] = [await fleet.join(victim), await fleet.join(rogue)];
  const action = await fleet.order([victim], fetchOf('/srv/a'));
  fleet.ring([victim]);
  const { taskId } = await honest.nextOrder();
  // Both are recorded in one run.
  honest.accept(taskId);
  agent.accept(taskId);
  await until(async () => (await fleet.tasksOf(action))[0]?.state === 'running');
});

test.each([
  '../server',
  'a/b',
  `${'0'.repeat(31)}/`,
  '..',
  '%2e%2e',
  '0'.repeat(33),
  'A'.repeat(32),
  '\0'.repeat(32),
  '',
])('An id is never a path: %j is refused at the edge, wherever it is said.', async (id) => {
  await using fleet = await Fleet.open();
  const handle = createAgentRequests(fleet.ports, { recoveryRecipient: 'age1' });
  const request = (path: string, endpoint: string) =>
    new Request(`https://server/agent/v1/uploads/${path}/0`, {
      method: 'HEAD',
      headers: { [uploadHeaders.endpoint]: endpoint, [uploadHeaders.sha256]: sha256, [uploadHeaders.size]: '1' },
    });
  const connection = { remoteAddress: '' };
  const header = id.replaceAll('\0', '%00');
  expect([400, 404]).toContain((await handle(request('0'.repeat(32), header), connection)).status);
  expect([400, 404]).toContain((await handle(request(encodeURIComponent(id), '0'.repeat(32)), connection)).status);
  const device = await fleet.enrol();
  for (const message of [
    { type: 'accepted', taskIds: [id] },
    { type: 'order_refused', taskId: id, why: 'x' },
    { type: 'vault', part: 'begin', held: [], damaged: [id] },
  ]) {
    const agent = await fleet.join(device);
    agent.session.frame(encode(message));
    expect(agent.closedWith).toBeDefined();
  }
  const stranger = fleet.connect(device);
  stranger.hello({ endpointId: id as typeof device.endpoint.id });
  expect(stranger.closedWith).toBeDefined();
});
