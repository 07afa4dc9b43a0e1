import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { isSuccess, type Outcome } from '#core/outcome.ts';
import { hour } from '#core/time.ts';
import { createKey } from '#core/verbs/create-key.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { listHashes } from '#core/verbs/list-hashes.ts';
import { unlistHashes } from '#core/verbs/unlist-hashes.ts';
import { createCortexDialect } from '#dialects/cortex/index.ts';
import type { CortexStatus } from '#dialects/cortex/status.ts';
import { administrator, sha256Of } from '#kit/fleet.ts';
import { openPorts, type TestPorts } from '#kit/ports.ts';
import { DiskAgent, type Done } from './disk-agent.ts';

const names = ['one.bin', 'two.bin'] as const;
const content = 'the same bytes everywhere\n';
const sha256 = sha256Of(new TextEncoder().encode(content));
const origin = { principal: administrator, dialect: 'cortex' } as const;

const runs = Number(process.env['CUSTODY_TEST_RUNS'] ?? 20);
const seed = Number(process.env['CUSTODY_TEST_SEED'] ?? Date.now() % 2 ** 31);

/** What was ordered and answered, so that what is said later can be held to it. */
interface Model {
  readonly actions: string[];
  /** Files that were ever made, by endpoint and name. */
  readonly made: Map<string, number>;
  /** What each vault held when its agent last reported. */
  readonly reported: Map<string, boolean>;
  isBlocked: boolean;
}

class Fleet implements AsyncDisposable {
  readonly agents: readonly DiskAgent[];
  readonly ports: TestPorts;
  readonly #call: (call: string, fields: object) => Promise<{ status: number; reply: unknown }>;

  private constructor(ports: TestPorts, agents: readonly DiskAgent[], call: Fleet['call']) {
    this.ports = ports;
    this.agents = agents;
    this.#call = call;
  }

  static async open(): Promise<Fleet> {
    const ports = await openPorts();
    const dialect = createCortexDialect(ports);
    const asked = { name: 'soar', role: 'Responder', level: 'standard', expiresAt: null } as const;
    const { key, secret } = await createKey(ports, administrator, asked);
    const headers = { 'x-xdr-auth-id': String(key.id), authorization: secret };
    const call: Fleet['call'] = async (name, fields) => {
      const body = JSON.stringify({ request_data: fields });
      const request = new Request(`https://custody.test/public_api/v1/${name}`, { method: 'POST', headers, body });
      const answer = await dialect.handle(request, { remoteAddress: '192.0.2.99', local: false });
      return { status: answer.status, reply: ((await answer.json()) as { reply: unknown }).reply };
    };
    return new Fleet(ports, [await DiskAgent.start(ports, 'web-1'), await DiskAgent.start(ports, 'web-2')], call);
  }

  call(name: string, fields: object): Promise<{ status: number; reply: unknown }> {
    return this.#call(name, fields);
  }

  agent(choice: number): DiskAgent {
    return this.agents[choice % this.agents.length] ?? expect.unreachable();
  }

  async statusesOf(actionId: string): Promise<Readonly<Record<string, CortexStatus>>> {
    const { reply } = await this.call('actions/get_action_status', { group_action_id: actionId });
    return (reply as { data: Readonly<Record<string, CortexStatus>> }).data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.agents) {
      agent[Symbol.dispose]();
    }
    await this.ports[Symbol.asyncDispose]();
  }
}

/** Something that happens. Each is harmless where there is nothing that it applies to; afterwards everything must agree. */
class Happening implements fc.AsyncCommand<Model, Fleet> {
  readonly #name: string;
  readonly #happen: (model: Model, fleet: Fleet) => Promise<void>;

  constructor(name: string, happen: (model: Model, fleet: Fleet) => Promise<void>) {
    this.#name = name;
    this.#happen = happen;
  }

  check(): boolean {
    return true;
  }

  async run(model: Model, fleet: Fleet): Promise<void> {
    fleet.ports.clock.advance(1);
    await this.#happen(model, fleet);
    await everythingAgrees(model, fleet);
  }

  toString(): string {
    return this.#name;
  }
}

async function order(
  model: Model,
  fleet: Fleet,
  { call, fields }: { readonly call: string; readonly fields: object },
): Promise<boolean> {
  const { status, reply } = await fleet.call(call, fields);
  if (status === 200) {
    model.actions.push((reply as { action_id: string }).action_id);
  }
  return status === 200;
}

function quarantineOn(agent: DiskAgent, name: string) {
  const filters = [{ field: 'endpoint_id_list', operator: 'in', value: [agent.endpoint.id] }];
  return { filters, file_path: agent.fileNamed(name), file_hash: sha256 };
}

async function restoreFiles(model: Model, fleet: Fleet, choice: number): Promise<void> {
  const only = choice < fleet.agents.length ? fleet.agent(choice) : undefined;
  const waiting = await waitingQuarantines(model, fleet, only);
  const wasTaken = await order(model, fleet, {
    call: 'endpoints/restore',
    fields: { file_hash: sha256, ...(only !== undefined && { endpoint_id: only.endpoint.id }) },
  });
  expect(wasTaken && model.isBlocked).toBe(false);
  for (const { actionId, endpointId } of wasTaken ? waiting : []) {
    expect(['CANCELLED', 'PENDING_ABORT']).toContain((await fleet.statusesOf(actionId))[endpointId] ?? '');
  }
}

/** Quarantines that clients are told of as PENDING. */
async function waitingQuarantines({ actions }: Model, fleet: Fleet, only: DiskAgent | undefined) {
  const waiting: { readonly actionId: string; readonly endpointId: string }[] = [];
  const all = await fleet.ports.store.read((reader) => reader.actions.list({}, { offset: 0, limit: 1_000 }));
  const quarantines = all.items.filter(({ verb, id }) => verb === 'quarantine' && actions.includes(id));
  for (const { id: actionId } of quarantines) {
    for (const [endpointId, status] of Object.entries(await fleet.statusesOf(actionId))) {
      if (status === 'PENDING' && (only === undefined || only.endpoint.id === endpointId)) {
        waiting.push({ actionId, endpointId });
      }
    }
  }
  return waiting;
}

async function report(model: Model, agent: DiskAgent): Promise<void> {
  await agent.report();
  for (const name of names) {
    model.reported.set(keyOf(agent, name), agent.inVault(name).length > 0);
  }
}

function keyOf(agent: DiskAgent, name: string): string {
  return `${agent.endpoint.id} ${name}`;
}

/** The heart of it: what the API says of every file and every action is what the disks, the vaults and the journals have. */
async function everythingAgrees(model: Model, fleet: Fleet): Promise<void> {
  await statusesOfFilesAgree(model, fleet);
  for (const actionId of model.actions) {
    await statusesOfActionAgree(actionId, fleet);
  }
  for (const agent of fleet.agents) {
    for (const name of names) {
      const copies = agent.onDisk(name).length + agent.inVault(name).length + agent.letGo(name);
      expect([name, copies]).toEqual([name, model.made.get(keyOf(agent, name)) ?? 0]);
    }
  }
}

async function statusesOfFilesAgree(model: Model, fleet: Fleet): Promise<void> {
  const places = fleet.agents.flatMap((agent) => names.map((name) => ({ agent, name })));
  const files = places.map(({ agent, name }) => ({
    ...{ endpoint_id: agent.endpoint.id, file_path: agent.fileNamed(name), file_hash: sha256 },
  }));
  const { reply } = await fleet.call('quarantine/status', { files });
  const expected = places.map(({ agent, name }, index) => ({
    ...files[index],
    status: agent.hasUnreported
      ? (model.reported.get(keyOf(agent, name)) ?? false)
      : agent.inVault(name).includes(sha256),
  }));
  expect(reply).toEqual(expected);
}

/** Whether what an agent did for a task, undefined for nothing, is what a status says of it. */
type Claim = (done: Done | undefined) => boolean;

const unreported: Claim = (done) => done?.isReported !== true;
const ended = (claim: (outcomes: readonly Outcome[]) => boolean): Claim => {
  return (done) => done?.isReported === true && claim(done.ends);
};
const overdue: Claim = (done) => unreported(done) || ended((ends) => ends.every((end) => end === 'expired'))(done);

const claims: Readonly<Record<CortexStatus, Claim>> = {
  PENDING: unreported,
  IN_PROGRESS: unreported,
  PENDING_ABORT: unreported,
  CANCELLED: (done) => done === undefined,
  ABORTED: ended((ends) => ends.every((end) => end === 'cancelled')),
  EXPIRED: overdue,
  TIMEOUT: overdue,
  COMPLETED_SUCCESSFULLY: ended((ends) => ends.every(isSuccess)),
  COMPLETED_PARTIAL: ended((ends) => ends.some(isSuccess) && !ends.every(isSuccess)),
  FAILED: ended((ends) => !ends.some(isSuccess)),
};

async function statusesOfActionAgree(actionId: string, fleet: Fleet): Promise<void> {
  const statuses = Object.entries(await fleet.statusesOf(actionId));
  expect(statuses).not.toEqual([]);
  for (const [endpointId, status] of statuses) {
    const agent = fleet.agents.find(({ endpoint }) => endpoint.id === endpointId) ?? expect.unreachable();
    expect([actionId, status, claims[status](agent.doneFor(actionId))]).toEqual([actionId, status, true]);
  }
}

const which = fc.nat({ max: 1 });
const named = fc.constantFrom(...names);

const commands = [
  fc.tuple(named, fc.subarray([0, 1], { minLength: 1 })).map(
    ([name, chosen]) =>
      new Happening(`quarantine ${name} on ${chosen}`, async (model, fleet) => {
        for (const choice of chosen) {
          const agent = fleet.agent(choice);
          await order(model, fleet, { call: 'endpoints/quarantine', fields: quarantineOn(agent, name) });
        }
      }),
  ),
  fc
    .nat({ max: 3 })
    .map((choice) => new Happening(`restore ${choice}`, (model, fleet) => restoreFiles(model, fleet, choice))),
  fc.boolean().map(
    (allow) =>
      new Happening(allow ? 'allow' : 'block', async (model, { ports }) => {
        const list = allow ? 'allow' : 'block';
        await listHashes(ports, { origin, hashes: [sha256], list, prevent: !allow });
        model.isBlocked = !allow;
      }),
  ),
  fc.constant(
    new Happening('unlist', async (model, { ports }) => {
      await unlistHashes(ports, administrator, [sha256]);
      model.isBlocked = false;
    }),
  ),
  fc.tuple(which, named).map(
    ([choice, name]) =>
      new Happening(`create ${name} on ${choice}`, async (model, fleet) => {
        const agent = fleet.agent(choice);
        if (await agent.create(name, content)) {
          model.made.set(keyOf(agent, name), (model.made.get(keyOf(agent, name)) ?? 0) + 1);
        }
      }),
  ),
  which.map((choice) => new Happening(`receive ${choice}`, (_model, fleet) => fleet.agent(choice).receive())),
  which.map((choice) => new Happening(`accept ${choice}`, (_model, fleet) => fleet.agent(choice).accept())),
  which.map((choice) => new Happening(`work ${choice}`, (_model, fleet) => fleet.agent(choice).work())),
  which.map((choice) => new Happening(`report ${choice}`, (model, fleet) => report(model, fleet.agent(choice)))),
  which.map(
    (choice) =>
      new Happening(`all of it ${choice}`, async (model, fleet) => {
        const agent = fleet.agent(choice);
        await agent.receive();
        await agent.accept();
        await agent.work();
        await report(model, agent);
      }),
  ),
  fc.constantFrom(1, 50).map(
    (hours) =>
      new Happening(`${hours} h pass`, async (_model, { ports }) => {
        ports.clock.advance(hours * hour);
        await expireOverdue(ports);
      }),
  ),
];

test('whatever is ordered, listed, missed and reported, the statuses of files and actions agree with the disks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 30, size: 'max' }), async (happenings) => {
      await using fleet = await Fleet.open();
      const model: Model = { actions: [], made: new Map(), reported: new Map(), isBlocked: false };
      for (const agent of fleet.agents) {
        for (const name of names) {
          await agent.create(name, content);
          model.made.set(keyOf(agent, name), 1);
        }
      }
      await fc.asyncModelRun(() => ({ model, real: fleet }), happenings);
      await allComeBack(model, fleet);
    }),
    { numRuns: runs, seed },
  );
}, 240_000);

/** In the end every order is over, and a last restore brings back whatever has a place to go. */
async function allComeBack(model: Model, fleet: Fleet): Promise<void> {
  await listHashes(fleet.ports, { origin, hashes: [sha256], list: 'allow', prevent: false });
  model.isBlocked = false;
  for (const _round of [1, 2]) {
    fleet.ports.clock.advance(1);
    await restoreFiles(model, fleet, 3);
    for (const agent of fleet.agents) {
      await agent.receive();
      await agent.accept();
      await agent.work();
      await report(model, agent);
    }
  }
  await everythingAgrees(model, fleet);
  for (const actionId of model.actions) {
    for (const status of Object.values(await fleet.statusesOf(actionId))) {
      expect(['PENDING', 'IN_PROGRESS', 'PENDING_ABORT']).not.toContain(status);
    }
  }
  for (const agent of fleet.agents) {
    expect(names.filter((name) => agent.onDisk(name).length === 0)).toEqual([]);
  }
}
