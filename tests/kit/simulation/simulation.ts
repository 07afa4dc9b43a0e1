import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOrder } from '#agent/tasks/verify-order.ts';
import type { ActionId } from '#core/action/action-id.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import type { Reader } from '#core/ports/store/store.ts';
import { day, hour, type Milliseconds, minute, second } from '#core/time.ts';
import { createEnrolmentToken } from '#core/verbs/create-enrolment-token.ts';
import { enrolEndpoint } from '#core/verbs/enrol-endpoint.ts';
import { releaseEmergencyStop } from '#core/verbs/release-emergency-stop.ts';
import { SqliteBackend } from '#store/drivers/sqlite/sqlite-backend.ts';
import { SqlStore } from '#store/sql-store.ts';
import { readPrivateKey } from '#wire/signature.ts';
import { administrator } from '../fleet.ts';
import type { Breakage } from './breakages.ts';
import { demandAlways, demandAtTheEnd, demandInQuiet, demandOnDisk, type Memory, noteLate } from './invariants.ts';
import { sha256Of, userDirectory } from './machine-files.ts';
import { Network } from './network.ts';
import { type KnownFile, Operators } from './operators.ts';
import { SimulatedAgent } from './simulated-agent.ts';
import { type LivePorts, policyOf, SimulatedServer } from './simulated-server.ts';
import { InstantThread } from './store-thread.ts';
import { Timeline } from './timeline.ts';
import { Trace } from './trace.ts';
import { type Climate, type Mishap, Weather } from './weather.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly agents: number;
  /** How long people order and things go wrong. */
  readonly span: Milliseconds;
  /** Between two orders, on average. */
  readonly ordersEvery: Milliseconds;
  /** Between two mishaps of machines and networks, on average. */
  readonly mishapsEvery: Milliseconds;
  /** How often all records are held against all machines. */
  readonly looksEvery: Milliseconds;
  readonly climate: Climate;
  readonly breakage?: Breakage;
  /** How many of the last lines of what happened are told. Default: 400. */
  readonly lines?: number;
}

export interface SimulationResult {
  /** The hash of all that happened. */
  readonly digest: string;
  /** What did not hold; the first of it. Undefined: all held. */
  readonly violation: string | undefined;
  /** The last lines of what happened. */
  readonly tail: readonly string[];
  readonly counts: ReadonlyMap<Mishap, number>;
  readonly happened: number;
  readonly actions: number;
}

/** What may befall machines, with how often out of all. */
const disasters = {
  agent_killed: 6,
  agent_lost_power: 6,
  server_killed: 3,
  server_lost_power: 2,
  connection_reset: 6,
  connection_silent: 4,
  partition: 3,
  agent_clock_jumped: 3,
  server_clock_jumped: 1,
} as const satisfies Partial<Record<Mishap, number>>;

type Disaster = keyof typeof disasters;

const disasterNames = Object.keys(disasters).filter((name): name is Disaster => name in disasters);
const jumps: readonly Milliseconds[] = [-365 * day, -hour, hour, 365 * day];
/** Mostly; now and then it is as long as the whole. */
const longestDown = 3 * minute;
/** By then the last agent has connected again, and has nothing left to do or to say. */
const quiet = 15 * minute;
const sweep = 3 * minute;
const mostReleases = 10;
const longestCarried = 5 * minute;
const longestRegret = 80;

/** A fleet in one process: server and agents by the product's own code, all else by a seed. */
class Simulation {
  readonly timeline = new Timeline();
  readonly weather: Weather;
  readonly trace: Trace;
  readonly network: Network;
  readonly server: SimulatedServer;
  readonly agents: readonly SimulatedAgent[];
  readonly acknowledged: ActionId[] = [];
  readonly memory: Memory = { states: new Map(), overdueSince: new Map(), late: new Set() };
  readonly #options: SimulationOptions;
  readonly #directory: string;
  readonly #records: SqlStore;
  readonly #operators: Operators;
  violation: string | undefined;

  constructor(options: SimulationOptions) {
    this.#options = options;
    const { seed, agents, climate, breakage } = options;
    this.#directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'custody-simulation-'));
    const storePath = join(this.#directory, 'store.sqlite');
    const { timeline } = this;
    this.weather = new Weather(seed, climate);
    this.trace = new Trace(timeline, options.lines);
    const parts = { timeline, weather: this.weather, trace: this.trace };
    this.network = new Network(parts);
    const around = { ...parts, network: this.network, breakage };
    this.server = new SimulatedServer({
      ...around,
      seed: seed + 1,
      storePath,
      policy: policyOf(Math.ceil(agents * 0.6)),
      signing: (orders, now) => void this.#noteLate(orders, now),
    });
    const orderKey = readPrivateKey(this.server.orderKeyPem).publicKey;
    const changed = (agent: SimulatedAgent, file: string | undefined) => this.#look(() => demandOnDisk(agent, file));
    this.agents = Array.from(
      { length: agents },
      (_, index) => new SimulatedAgent(`m${index}`, { ...around, orderKey, seed: seed + 100 + index, changed }),
    );
    this.#records = recordsAt(storePath, timeline);
    const files = this.#saveFiles();
    this.#operators = new Operators({
      ...{ weather: this.weather, trace: this.trace, files },
      endpointIds: this.agents.map(({ identity }) => identity.endpointId),
      acknowledged: (action) => {
        this.acknowledged.push(action);
        this.#regretSometimes();
      },
      carry: (endpointId, token) => this.#carry(endpointId, token),
      wrong: (words) => this.violated(words),
    });
  }

  /** Runs all of it. */
  async run(): Promise<SimulationResult> {
    const { span, looksEvery } = this.#options;
    this.weather.isCalm = true;
    await this.timeline.settle(this.server.start());
    await this.timeline.settle(this.#enrolAll());
    for (const agent of this.agents) {
      this.timeline.at(this.weather.between(0, 10 * second), () => agent.start());
    }
    await this.timeline.run(minute);
    this.weather.isCalm = false;
    this.#planOrder();
    this.#planDisaster();
    for (let passed = 0; passed < span && this.violation === undefined; passed += looksEvery) {
      await this.timeline.run(Math.min(looksEvery, span - passed));
      await this.#hold((reader) => demandAlways(this, reader));
    }
    if (this.violation === undefined) {
      await this.#calmDown();
    }
    return this.#result();
  }

  read<Result>(work: (reader: Reader) => Promise<Result>): Promise<Result> {
    return this.#records.read(work, { search: true });
  }

  get records(): SqlStore {
    return this.#records;
  }

  /** The first thing that does not hold is the one to look at. */
  violated(words: string): void {
    this.violation ??= words;
  }

  async close(): Promise<void> {
    this.server.crash('killed');
    await this.#records.close();
    rmSync(this.#directory, { recursive: true });
  }

  /** Everything works again, and stays so: what is left to do is done. Then all deadlines pass. */
  async #calmDown(): Promise<void> {
    this.weather.isCalm = true;
    for (const agent of this.agents) {
      this.network.heal(agent.name);
      agent.wall.ahead = 0;
      agent.start();
    }
    this.server.wall.ahead = 0;
    await this.timeline.settle(this.server.start());
    await this.#release();
    await this.timeline.run(quiet);
    await this.#hold((reader) => demandInQuiet(this, reader));
    // As if all of them had been asleep.
    for (const { wall } of [this.server, ...this.agents]) {
      wall.ahead += 800 * day;
      wall.slept += 800 * day;
    }
    await this.timeline.run(sweep);
    await this.#hold((reader) => demandAlways(this, reader));
    await this.#hold((reader) => demandAtTheEnd(this, reader));
  }

  /** Nothing is stopped any more. What had gone wrong with the store or the server before may still be felt: then it is tried again. */
  async #release(): Promise<void> {
    for (let tried = 0; tried < mostReleases; tried += 1) {
      const { ports } = this.server;
      if (ports !== undefined && (await this.#hasReleased(ports))) {
        return;
      }
      await this.timeline.run(10 * second);
    }
    this.violated('It does not hold that a stop can be released when nothing goes wrong any more.');
  }

  async #hasReleased(ports: LivePorts): Promise<boolean> {
    const releasing = releaseEmergencyStop(ports, administrator, 'It is over.');
    const patience = this.timeline.pass(minute).then(() => false);
    const released = releasing.then(
      () => true,
      () => false,
    );
    return await this.timeline.settle(Promise.race([released, patience]));
  }

  async #hold(demand: (reader: Reader) => Promise<void>): Promise<void> {
    if (this.violation === undefined) {
      await this.read(demand).catch((thrown: unknown) => this.violated(String(thrown)));
    }
  }

  /** At once: nothing else happens before it has looked. */
  async #noteLate(orders: readonly Uint8Array[], now: Milliseconds): Promise<void> {
    const ids = orders.flatMap((order) => readOrder(order)?.taskId ?? []);
    await this.#hold((reader) => noteLate(this, reader, { ids, now }));
  }

  #look(demand: () => void): void {
    try {
      demand();
    } catch (thrown) {
      this.violated(String(thrown));
    }
  }

  /** What most machines have alike, and what each has alone. */
  #saveFiles(): readonly KnownFile[] {
    const alike = ['tool', 'copy', 'page'].map((name) => new TextEncoder().encode(`${name} `.repeat(20)));
    const [tool, copy, page] = alike;
    for (const agent of this.agents) {
      agent.put(`${userDirectory}/own`, new TextEncoder().encode(`of ${agent.name} alone `.repeat(8)));
      for (const [name, bytes] of [
        ['tool', tool],
        ['tool-2', this.weather.chance.whole(1) === 0 ? tool : copy],
        ['page', page],
      ] as const) {
        agent.put(`${userDirectory}/${name}`, bytes ?? new Uint8Array());
      }
    }
    const known = [
      ['tool', tool],
      ['tool-2', copy],
      ['page', page],
    ] as const;
    const shared = known.map(([name, bytes]) => ({
      path: `${userDirectory}/${name}`,
      sha256: sha256Of(bytes ?? new Uint8Array()),
    }));
    const nowhere = { path: `${userDirectory}/nowhere`, sha256: sha256Of(new TextEncoder().encode('nowhere')) };
    return [...shared, ...shared, nowhere];
  }

  async #enrolAll(): Promise<void> {
    const { ports } = this.server;
    if (ports === undefined) {
      throw new Error('The server has not started.');
    }
    const uses = this.agents.length;
    const { secret: token } = await createEnrolmentToken(ports, administrator, { uses, lifetime: hour, tags: [] });
    for (const { identity, facts } of this.agents) {
      const devicePublicKey = readPrivateKey(identity.devicePrivateKey).publicKey;
      const { vaultRecipient } = identity;
      await enrolEndpoint(ports, { token, devicePublicKey, vaultRecipient, facts, remoteAddress: '' });
    }
  }

  #planOrder(): void {
    const { weather, timeline } = this;
    timeline.at(weather.between(0, 2 * this.#options.ordersEvery), () => {
      if (!weather.isCalm && this.server.ports !== undefined) {
        void this.#operators.act(this.server.ports);
      }
      if (weather.chance.whole(4) === 0) {
        this.#saveSomething();
      }
      this.#planOrder();
    });
  }

  /** A user saves a file where there is none: perhaps where one was taken. */
  #saveSomething(): void {
    const agent = this.weather.chance.one(this.agents);
    const path = `${userDirectory}/${this.weather.chance.one(['tool', 'tool-2', 'page'])}`;
    if (!(this.weather.isCalm || agent.disk.has(path))) {
      agent.put(path, new TextEncoder().encode(`saved at ${this.timeline.now} on ${agent.name}`));
    }
  }

  /** Somebody sees at once that it was wrong, and stops everything: just as the order is signed, under way, or being written down. */
  #regretSometimes(): void {
    const { weather, timeline } = this;
    if (weather.chance.whole(7) === 0) {
      timeline.at(weather.between(0, longestRegret), () => {
        if (!weather.isCalm && this.server.ports !== undefined) {
          void this.#operators.act(this.server.ports, 'stop');
        }
      });
    }
  }

  /** It takes a while to get there, and now and then it is given twice. */
  #carry(endpointId: EndpointId, token: string): void {
    const { weather, timeline } = this;
    const agent = this.agents.find(({ identity }) => identity.endpointId === endpointId);
    for (let times = weather.chance.whole(2) === 0 ? 2 : 1; times > 0; times -= 1) {
      timeline.at(weather.between(0, longestCarried), () => agent?.carry(token));
    }
  }

  #planDisaster(): void {
    const { weather, timeline } = this;
    timeline.at(weather.between(0, 2 * this.#options.mishapsEvery), () => {
      if (!weather.isCalm) {
        this.#befall(this.#drawDisaster());
        this.#planDisaster();
      }
    });
  }

  #drawDisaster(): Disaster {
    const { chance } = this.weather;
    let left = chance.fraction() * disasterNames.reduce((sum, name) => sum + disasters[name], 0);
    for (const name of disasterNames) {
      left -= disasters[name];
      if (left < 0) {
        return name;
      }
    }
    return 'connection_reset';
  }

  #befall(disaster: Disaster): void {
    const { weather, timeline, server, network } = this;
    const agent = weather.chance.one(this.agents);
    const down = weather.between(0, weather.chance.whole(9) === 0 ? this.#options.span : longestDown);
    weather.count(disaster);
    switch (disaster) {
      case 'agent_killed':
      case 'agent_lost_power':
        agent.crash(disaster === 'agent_killed' ? 'killed' : 'lost_power');
        timeline.at(down, () => agent.start());
        return;
      case 'server_killed':
      case 'server_lost_power':
        server.crash(disaster === 'server_killed' ? 'killed' : 'lost_power');
        timeline.at(weather.between(0, longestDown / 2), () => void server.start());
        return;
      case 'connection_reset':
        network.cut(agent.name, 'reset');
        return;
      case 'connection_silent':
        network.cut(agent.name, 'silent');
        return;
      case 'partition':
        network.partition(agent.name);
        timeline.at(down, () => network.heal(agent.name));
        return;
      case 'agent_clock_jumped':
      case 'server_clock_jumped': {
        const { wall } = disaster === 'agent_clock_jumped' ? agent : server;
        const by = weather.chance.one(jumps);
        this.trace.note(`${wall === server.wall ? 'server' : agent.name} has its clock set ${by} ahead`);
        wall.ahead = by;
        timeline.at(down, () => {
          wall.ahead = 0;
        });
      }
    }
  }

  #result(): SimulationResult {
    return {
      digest: this.trace.digest,
      violation: this.violation,
      tail: this.trace.tail,
      counts: this.weather.counts,
      happened: this.timeline.happened,
      actions: this.acknowledged.length,
    };
  }
}

/** The store's file as it is at this moment, for whoever stands outside of time. */
function recordsAt(path: string, timeline: Timeline): SqlStore {
  const clock = { now: () => 0, monotonic: () => timeline.now, schedule: () => () => undefined };
  const backend = new SqliteBackend(path, { openThread: (file) => new InstantThread(file) });
  return new SqlStore(backend, { clock, deadline: minute });
}

/** Runs one simulation to its end. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const simulation = new Simulation(options);
  try {
    return await simulation.run();
  } finally {
    await simulation.close();
  }
}
