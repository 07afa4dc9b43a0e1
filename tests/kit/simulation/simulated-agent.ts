import { createHash } from 'node:crypto';
import { forgetOld } from '#agent/chores/forget-old.ts';
import { type AgentCore, assembleCore } from '#agent/core.ts';
import { type DataDirectory, dataDirectory } from '#agent/identity/data-directory.ts';
import { endpointIdOf, type Identity } from '#agent/identity/identity.ts';
import { Journal } from '#agent/journal/journal.ts';
import { Bandwidth } from '#agent/link/bandwidth.ts';
import { laneOf, openLanes } from '#agent/means.ts';
import { type Ending, ending } from '#agent/operations/ending.ts';
import { neverBegun } from '#agent/operations/may-begin.ts';
import { takeCarriedOrders } from '#agent/tasks/carried-orders.ts';
import { ClockNote } from '#agent/tasks/clock-note.ts';
import { Halt } from '#agent/tasks/halt.ts';
import { Paused } from '#agent/tasks/perform.ts';
import { ServerClock } from '#agent/tasks/server-clock.ts';
import { readOrder } from '#agent/tasks/verify-order.ts';
import { vaultObjectOf } from '#agent/vault/record.ts';
import type { SignedBytes } from '#core/action/action.ts';
import type { TaskId } from '#core/action/action-id.ts';
import type { HostFacts } from '#core/endpoint/endpoint.ts';
import { endpointNumberSchema } from '#core/endpoint/endpoint-id.ts';
import type { MachineMark } from '#core/endpoint/machine.ts';
import { displayPath } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { VaultObjectId } from '#core/file/vault-object-id.ts';
import { minute, second } from '#core/time.ts';
import type { Order } from '#wire/order.ts';
import { readOrderToken } from '#wire/order-token.ts';
import type { ReportedFile } from '#wire/report.ts';
import { readPrivateKey } from '#wire/signature.ts';
import { type Breakage, brokenHalt, brokenJournal } from './breakages.ts';
import { type CrashKind, SimulatedDisk } from './disk.ts';
import { fetchFiles, spooledOf } from './fetch-work.ts';
import { Life } from './life.ts';
import { epoch, MachineClock, type WallClock } from './machine-clock.ts';
import { FileIndex, sha256Of, userDirectory } from './machine-files.ts';
import type { Network } from './network.ts';
import { SeededRandom, seededKey } from './seeded-random.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';
import { type Effect, VaultWork } from './vault-work.ts';
import type { Weather } from './weather.ts';

export interface AgentSurroundings {
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly trace: Trace;
  readonly network: Network;
  /** The order key that it pinned at enrolment. */
  readonly orderKey: Uint8Array;
  readonly seed: number;
  readonly breakage: Breakage | undefined;
  /** Looks at the disk after each change of it. */
  changed(agent: SimulatedAgent, file: string | undefined): void;
}

interface Running {
  readonly life: Life;
  readonly core: AgentCore;
  readonly index: FileIndex;
  readonly journal: Journal;
  readonly clock: MachineClock;
}

/** One machine with the agent's real core on a disk, a clock and a network that are simulated. */
export class SimulatedAgent {
  readonly name: string;
  readonly identity: Identity;
  readonly directory: DataDirectory;
  readonly disk: SimulatedDisk;
  readonly wall: WallClock = { ahead: 0, slept: 0 };
  /** What became of files on this machine, for good. */
  readonly effects: Effect[] = [];
  /** Those of tasks whose report had been written before. */
  readonly late: Effect[] = [];
  /** Of what it has begun to carry out, the tasks. */
  readonly begun = new Set<TaskId>();
  /** Those that were begun although it had heard that they are halted. */
  readonly begunHalted: TaskId[] = [];
  /** Those that it ended as expired while they were good, by a clock that is right; what is carried to it is judged by its own. */
  readonly expiredEarly: TaskId[] = [];
  readonly #carried = new Set<TaskId>();
  readonly #ended = new Set<TaskId>();
  /** What must be kept of each content: one for each of its files that nobody has ordered to be deleted. */
  readonly kept = new Map<Sha256, number>();
  /** The server has refused it for good. */
  isRefused = false;
  readonly #around: AgentSurroundings;
  readonly #random: SeededRandom;
  readonly #machine: MachineMark;
  readonly #gone = new Set<VaultObjectId>();
  #life: Life | undefined;
  #running: Running | undefined;

  constructor(name: string, around: AgentSurroundings) {
    this.name = name;
    this.#around = around;
    this.#random = new SeededRandom(around.seed);
    const devicePrivateKey = seededKey(this.#random);
    this.identity = {
      ...{ v: 2, endpointId: endpointIdOf(readPrivateKey(devicePrivateKey).publicKey) },
      endpointNumber: endpointNumberSchema.parse(123_456_789),
      ...{ devicePrivateKey, vaultIdentity: 'AGE-SECRET-KEY-1', vaultRecipient: 'age1simulated', orderKeySequence: 0 },
      orderKey: Buffer.from(around.orderKey).toString('base64'),
      ...{ recoveryRecipient: 'age1recovery', roots: ['/srv'], servers: ['https://custody.test'], formerServers: [] },
      ...{ authorities: ['pem'], trustSequence: 0, proxy: null },
    };
    this.directory = dataDirectory(`/agent`);
    const { timeline, weather, trace } = around;
    const isUnsynced = (file: string) =>
      around.breakage === 'journal_unsynced' && file.startsWith(this.directory.journal);
    const changed = (file?: string) => around.changed(this, file);
    this.disk = new SimulatedDisk({ name, timeline, weather, trace, isUnsynced, changed });
    this.#machine = { system: createHash('sha256').update(name).digest('hex'), hardware: null };
  }

  /** It has begun this, or has it in its journal. */
  hasHeardOf(taskId: TaskId): boolean {
    return this.begun.has(taskId) || this.disk.has(`${this.directory.journal}/${taskId}`);
  }

  get isRunning(): boolean {
    return this.#life !== undefined;
  }

  start(): void {
    if (this.#life === undefined && !this.isRefused) {
      const life = new Life();
      this.#life = life;
      this.#around.trace.note(`${this.name} starts`);
      void this.#run(life);
    }
  }

  /** Ends between two steps, without a word. */
  crash(kind: CrashKind): void {
    if (this.#life !== undefined) {
      this.#around.trace.note(`${this.name} is ${kind}`);
      this.#life.end();
      this.#life = undefined;
      this.#running = undefined;
      this.#around.network.callerEnded(this.name, kind);
      this.disk.crash(kind);
    }
  }

  /** A user saves a file. */
  put(path: string, bytes: Uint8Array): void {
    this.disk.put(path, bytes);
    this.kept.set(sha256Of(bytes), (this.kept.get(sha256Of(bytes)) ?? 0) + 1);
    this.filesChanged([path]);
  }

  /** Somebody brings an order to this machine as text: it is there for good, and taken by the agent that runs, or by the next one. */
  carry(token: string): void {
    const order = readOrder(readOrderToken(token).bytes);
    if (order === undefined) {
      throw new Error('A token of a simulation is no order.');
    }
    this.#carried.add(order.taskId);
    this.#around.trace.note(`${this.name} is brought ${order.taskId}`);
    this.disk.put(`${this.directory.carried}/${order.taskId}`, new TextEncoder().encode(token));
    if (this.#running !== undefined) {
      void this.#takeCarried(this.#running);
    }
  }

  /** As the agent does all its life; here only while there is something, for its looks would be most of what happens. */
  async #takeCarried({ life, core, journal, clock }: Running): Promise<void> {
    const { directory } = this;
    const ending = new AbortController();
    const fs = this.disk.fsOf(life);
    const list = async (name: string) => {
      const names = await fs.list(name);
      if (names.length === 0) {
        ending.abort();
      }
      return names;
    };
    const take = (signed: SignedBytes) =>
      core.agent.heard({ type: 'order', order: signed.bytes, signature: signed.signature });
    const hurry = (taskId: TaskId) => core.runner.hurry(taskId);
    const log = this.#around.trace.logOf(this.name);
    await takeCarriedOrders(
      { fs: { ...fs, list }, directory: directory.carried, journal, clock, log, take, hurry },
      ending.signal,
    );
  }

  /** How many of each content are there whatever happens next, on the disk and in the vault. */
  certainCopies(): ReadonlyMap<Sha256, number> {
    const copies = new Map<Sha256, number>();
    for (const [file, bytes] of this.disk.certain()) {
      if (file.startsWith(`${userDirectory}/`) || (file.startsWith(this.directory.vault) && file.endsWith('.age'))) {
        copies.set(sha256Of(bytes), (copies.get(sha256Of(bytes)) ?? 0) + 1);
      }
    }
    return copies;
  }

  #happened(effect: Effect): void {
    this.effects.push(effect);
    if (this.#ended.has(effect.taskId)) {
      this.late.push(effect);
    }
  }

  #letGo(vaultObject: VaultObjectId, sha256: Sha256): void {
    if (!this.#gone.has(vaultObject)) {
      this.#gone.add(vaultObject);
      this.kept.set(sha256, (this.kept.get(sha256) ?? 0) - 1);
    }
  }

  /** Somebody changed these files. */
  filesChanged(paths: readonly string[]): void {
    if (this.#running?.index.look(paths) === true) {
      this.#running.core.feed.changed();
    }
  }

  /** Never rejects. */
  async #run(life: Life): Promise<void> {
    const { timeline, trace } = this.#around;
    try {
      await this.#live(life);
    } catch (thrown) {
      trace.note(`${this.name} ends: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      this.isRefused = isFinal(thrown);
      this.crash('killed');
      timeline.at(minute, () => this.start());
    }
  }

  async #live(life: Life): Promise<void> {
    const { timeline, trace, network, breakage } = this.#around;
    const clock = new MachineClock(timeline, this.wall, life);
    const log = trace.logOf(this.name);
    const fs = this.disk.fsOf(life);
    const { signal } = new AbortController();
    const clockNote = await ClockNote.open(fs, this.directory.serverClock, log);
    const { journal: whole, open } = await Journal.open(fs, this.directory.journal, log);
    const journal = brokenJournal(whole, breakage);
    const halt = await Halt.open(fs, this.directory.halt, log);
    const serverClock = new ServerClock(clock, clockNote.former);
    const index = new FileIndex(this.disk);
    const net = network.netOf({ name: this.name, life });
    const random = this.#random;
    const lanes = openLanes();
    const ports = { net, clock, random, log, fs, signal, platform: { lock: () => () => undefined } };
    const bench = { life, clock, serverClock, log, net, signal };
    const core = assembleCore(
      ports,
      {
        ...{ directory: this.directory, identity: this.identity, lineage: this.#lineage() },
        ...{ journal, clockNote, serverClock, index, servers: oneServer, halt: brokenHalt(halt, breakage) },
      },
      {
        facts: () => this.facts,
        laneOf: ({ parameters }) => laneOf(lanes, parameters, null),
        perform: async (order, { isResumed, gate }) => {
          // As the agent's own hands do before a file: a halt or a cancellation may have come while the journal was written.
          const may = isResumed ? 'go' : gate.mayBegin();
          if (may === 'halted') {
            throw new Paused('A server has halted what was ordered.');
          }
          if (may !== 'go') {
            return unbegun(order, may);
          }
          this.#begins(order, halt, isResumed);
          return await this.#perform(bench, order, isResumed);
        },
        reported: (taskId, order, files) => {
          this.#ended.add(taskId);
          const isGood = epoch + timeline.now + this.wall.slept < order.deadline - second;
          if (isGood && !this.#carried.has(taskId) && files.some(({ outcome }) => outcome === 'expired')) {
            this.expiredEarly.push(taskId);
          }
          this.#reported(life, order, files);
        },
        welcomed: () => undefined,
        lost: () => undefined,
        noticed: () => undefined,
      },
    );
    this.#running = { life, core, index, journal, clock };
    void this.#takeCarried(this.#running);
    for (const entry of open) {
      core.runner.start(entry);
    }
    for (const entry of open) {
      await core.runner.forestall(entry);
    }
    await Promise.all([core.link.run(signal), forgetOld(serverClock, journal, signal)]);
  }

  get facts(): HostFacts {
    return {
      hostName: this.name,
      platform: 'linux',
      operatingSystem: 'Debian GNU/Linux',
      operatingSystemVersion: '13',
      architecture: 'x64',
      addresses: [],
      macAddresses: [],
      users: [],
      domain: '',
      agentVersion: '0.1.0',
      roots: ['/srv'],
      limitations: [],
    };
  }

  #lineage() {
    const { disk, directory } = this;
    const machine = this.#machine;
    return {
      machine,
      get generation() {
        return Number(Buffer.from(disk.get(directory.lineage) ?? []).toString());
      },
      keep: (generation: number) => {
        disk.put(directory.lineage, Buffer.from(String(generation)));
        return true;
      },
    };
  }

  #begins({ taskId, parameters }: Order, halt: Halt, isResumed: boolean): void {
    this.begun.add(taskId);
    if (!isResumed && halt.isHalted(parameters.verb)) {
      this.begunHalted.push(taskId);
    }
  }

  async #perform(bench: Bench, order: Order, isResumed: boolean): Promise<ReportedFile[]> {
    const { parameters, taskId } = order;
    const work = this.#work(bench, order, isResumed);
    if (this.#around.breakage === 'success_before_effect' && parameters.verb === 'quarantine') {
      const { path, sha256 } = parameters;
      const bytes = path && this.disk.get(displayPath(path));
      if (path !== null && bytes !== undefined && bytes !== null && sha256Of(bytes) === sha256) {
        // Says what it will have done, and does it afterwards, unless it is cut off.
        work.catch(() => undefined);
        const facts = { path, sha256, size: bytes.length, vaultObject: vaultObjectOf(taskId, path) };
        return [{ ...ending({ outcome: 'done', message: 'Done.', effect: 'taken', ...facts }), ordinal: 0 }];
      }
    }
    return (await work).map((each, ordinal) => ({ ...each, ordinal }));
  }

  #work(bench: Bench, order: Order, isResumed: boolean): Promise<readonly Ending[]> {
    const { life, clock, serverClock, log, net, signal } = bench;
    const { parameters, taskId } = order;
    const vault = new VaultWork(
      {
        ...{ life, clock, disk: this.disk, vault: this.directory.vault },
        takesFirst: this.#around.breakage === 'taken_before_kept',
        happened: (effect) => this.#happened(effect),
        mayGo: (vaultObject, sha256) => this.#letGo(vaultObject, sha256),
      },
      { taskId, isResumed },
    );
    switch (parameters.verb) {
      case 'quarantine':
        return vault.quarantine(parameters);
      case 'restore':
        return vault.restore(parameters);
      case 'purge':
        return vault.purge(parameters);
      case 'undo':
        return vault.undo(parameters);
      case 'fetch': {
        const deviceKey = readPrivateKey(this.identity.devicePrivateKey).key;
        const bandwidth = new Bandwidth(clock, () => null);
        const uploads = { net, clock: serverClock, random: this.#random, log, deviceKey, bandwidth, chunkBytes: 32 };
        const { spool } = this.directory;
        return fetchFiles({ life, disk: this.disk, spool, uploads, signal }, { ...order, parameters });
      }
      case 'restore_objects':
        return vault.restoreObjects(parameters);
      case 'plan':
        return vault.plan(parameters);
      case 'search':
      case 'logs':
      case 'scan':
        throw new Error(`No simulation orders a ${parameters.verb}.`);
    }
  }

  #reported(life: Life, { parameters, taskId }: Order, files: readonly ReportedFile[]): void {
    this.filesChanged(files.flatMap(({ path }) => (path === null ? [] : [displayPath(path)])));
    if (parameters.verb === 'fetch') {
      for (const ordinal of parameters.files.keys()) {
        const file = spooledOf(this.directory.spool, taskId, ordinal);
        // What is left of a spool costs room and nothing else.
        this.disk.write(life, { file, bytes: null }).catch(() => undefined);
      }
    }
  }
}

interface Bench {
  readonly life: Life;
  readonly clock: MachineClock;
  readonly serverClock: ServerClock;
  readonly log: ReturnType<Trace['logOf']>;
  readonly net: ReturnType<Network['netOf']>;
  readonly signal: AbortSignal;
}

const oneServer = {
  isFirst: true,
  ended: () => true,
  refresh: async () => undefined,
  firstAnswers: async () => true,
  replace: () => undefined,
};

/** How each of its files ends, of which none was begun. */
function unbegun({ parameters }: Order, why: 'cancelled' | 'expired'): ReportedFile[] {
  const count = parameters.verb === 'fetch' ? parameters.files.length : 1;
  return Array.from({ length: count }, (_, ordinal) => ({ ...neverBegun(why, {}), ordinal }));
}

function isFinal(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'permission_denied';
}
