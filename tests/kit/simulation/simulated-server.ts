import { licences } from '#core/access/licence.ts';
import { UploadProgress } from '#core/file/upload-progress.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Policy } from '#core/ports/policy.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { Store } from '#core/ports/store/store.ts';
import { day, hour, type Milliseconds, minute, second } from '#core/time.ts';
import { advanceRings } from '#core/verbs/advance-rings.ts';
import { expireOverdue } from '#core/verbs/expire-overdue.ts';
import { AgentGateway } from '#gateway/agent-gateway.ts';
import { createAgentRequests } from '#gateway/agent-requests.ts';
import { createDispatch } from '#gateway/signer-dispatch.ts';
import { createCheckpointSigner } from '#server/checkpoint-signer.ts';
import { openCheckpoints } from '#server/checkpoints.ts';
import { dataDirectory } from '#server/data-directory.ts';
import { ledgerStatement } from '#server/ledger-statement.ts';
import { repeat } from '#server/periodic.ts';
import { SteadyClock } from '#server/steady-clock.ts';
import { SqliteBackend } from '#store/drivers/sqlite/sqlite-backend.ts';
import { openStore } from '#store/open-store.ts';
import { isSignatureValid } from '#wire/signature.ts';
import { type Breakage, brokenPolicy, brokenStore } from './breakages.ts';
import { type CrashKind, SimulatedDisk } from './disk.ts';
import { Life } from './life.ts';
import { MachineClock, type WallClock } from './machine-clock.ts';
import { type BlobMedium, MemoryBlobs } from './memory-blobs.ts';
import type { Network } from './network.ts';
import { SeededRandom, seededKey } from './seeded-random.ts';
import { SimulatedSigner } from './simulated-signer.ts';
import { SimulatedThread } from './store-thread.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';
import type { Weather } from './weather.ts';

export interface ServerSurroundings {
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly trace: Trace;
  readonly network: Network;
  readonly seed: number;
  /** The file of the store. */
  readonly storePath: string;
  readonly policy: Policy;
  readonly breakage: Breakage | undefined;
  /** These orders are about to be signed, to go out at once; `now` by the server's own clock. */
  signing(orders: readonly Uint8Array[], now: Milliseconds): void;
}

/** What the use cases of a running server work with. */
export type LivePorts = Pick<
  Ports,
  'store' | 'blobs' | 'clock' | 'random' | 'policy' | 'doorbell' | 'log' | 'dispatch'
>;

/** As `composeServer` has them. */
const sweepPause = 2 * second;
const checkpointPause = 10 * second;
const storeDeadline = 10 * second;

/** One server: the real gateway, use cases and store, with everything under them simulated but SQLite itself. */
export class SimulatedServer {
  readonly wall: WallClock = { ahead: 0, slept: 0 };
  readonly orderKeyPem: string;
  readonly medium: BlobMedium = { staged: new Map(), stored: new Map() };
  readonly #around: ServerSurroundings;
  readonly #random: SeededRandom;
  readonly #ledgerKeyPem: string;
  readonly #disk: SimulatedDisk;
  readonly #threads = new Set<SimulatedThread>();
  #life: Life | undefined;
  /** When its machine was started last. */
  #bootedAt = 0;
  get policy(): Policy {
    return this.#around.policy;
  }

  /** Undefined while it is down, or still starting. */
  ports: LivePorts | undefined;

  constructor(around: ServerSurroundings) {
    this.#around = around;
    this.#random = new SeededRandom(around.seed);
    this.orderKeyPem = seededKey(this.#random);
    this.#ledgerKeyPem = seededKey(this.#random);
    const { timeline, weather, trace } = around;
    this.#disk = new SimulatedDisk({
      ...{ name: 'server', timeline, weather, trace, isUnsynced: () => false, changed: () => undefined },
    });
  }

  get isRunning(): boolean {
    return this.#life !== undefined;
  }

  /** Resolves when it listens. Never rejects: a server that could not start is started again. */
  async start(): Promise<void> {
    if (this.#life !== undefined) {
      return;
    }
    const life = new Life();
    this.#life = life;
    this.#around.trace.note('server starts');
    try {
      await this.#live(life);
    } catch (thrown) {
      this.#around.trace.note(`server ends: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      this.crash('killed');
      this.#around.timeline.at(second, () => void this.start());
    }
  }

  /** Ends between two steps, without a word. */
  crash(kind: CrashKind): void {
    if (this.#life !== undefined) {
      this.#around.trace.note(`server is ${kind}`);
      this.#life.end();
      this.#life = undefined;
      this.ports = undefined;
      for (const thread of this.#threads) {
        thread.end();
      }
      this.#threads.clear();
      this.#around.network.listenerEnded(kind);
      this.#disk.crash(kind);
      this.#bootedAt = kind === 'killed' ? this.#bootedAt : this.#around.timeline.now;
    }
  }

  async #live(life: Life): Promise<void> {
    const { timeline, weather, trace, network, breakage } = this.#around;
    const policy = brokenPolicy(this.#around.policy, breakage);
    const log = trace.logOf('server');
    const random = this.#random;
    const fs = this.#disk.fsOf(life);
    const clock = await SteadyClock.open({
      ...{ clock: new MachineClock(timeline, this.wall, life), log, fs, file: dataDirectory('/server').clock },
      boot: { id: `boot ${this.#bootedAt}`, uptime: () => timeline.now - this.#bootedAt + this.wall.slept },
    });
    const machine = { clock, log, random, fs };
    const store = brokenStore(await this.#openStore(life, clock), breakage);
    const signing = (orders: readonly Uint8Array[]) => this.#around.signing(orders, clock.now());
    const signer = new SimulatedSigner(this.orderKeyPem, { life, timeline, weather, signing });
    const checkpoints = await openCheckpoints({
      ...{ ...machine, store, directory: dataDirectory('/server') },
      signer: createCheckpointSigner(this.#ledgerKeyPem, 'custody/simulated'),
    });
    const blobs = new MemoryBlobs({ medium: this.medium, life, timeline, weather });
    const base = { ...machine, clockGuard: clock, store, blobs, policy, checkpoints, signer };
    const gateway = new AgentGateway(base, { isSignatureValid: async (...signed) => isSignatureValid(...signed) });
    const statement = ledgerStatement(checkpoints);
    const signature = await signer.signStatement('ledger', statement);
    gateway.state({ announcement: null, ledger: { bytes: statement, signature } });
    const settings = { recoveryRecipient: 'age1recovery', revocations: gateway.revocations };
    const answer = createAgentRequests({ ...base, uploadProgress: new UploadProgress() }, settings);
    if (breakage !== 'expiry_skipped') {
      repeat(machine, sweepPause, () => sweep({ ...base, clock: clock.surely }));
    }
    const heardSince = clock.now();
    repeat(machine, sweepPause, () => clock.keep());
    repeat(machine, sweepPause, () => advanceRings({ ...base, doorbell: gateway.doorbell }, heardSince));
    repeat(machine, checkpointPause, async () => {
      await checkpoints.latest();
    });
    const dispatch = createDispatch(base, () => gateway.stopHearing);
    this.ports = { ...base, doorbell: gateway.doorbell, dispatch };
    network.listener = {
      life,
      open: (sink, remoteAddress) => gateway.open(sink, remoteAddress),
      answer: (request, remoteAddress) => answer(request, { remoteAddress }),
    };
    trace.note('server listens');
  }

  #openStore(life: Life, clock: Clock): Promise<Store> {
    const { timeline, weather, trace } = this.#around;
    const openThread = (path: string) => {
      const thread = new SimulatedThread(path, { life, timeline, weather, trace });
      this.#threads.add(thread);
      return thread;
    };
    return openStore(new SqliteBackend(this.#around.storePath, { openThread }), { clock, deadline: storeDeadline });
  }
}

async function sweep(ports: Pick<LivePorts, 'store' | 'clock'>): Promise<void> {
  let more = true;
  while (more) {
    more = await expireOverdue(ports);
  }
}

/** One, a tenth of what nobody has to approve, and that. */
function ringSizes(mostEndpoints: number): readonly number[] {
  return [...new Set([1, Math.ceil(mostEndpoints / 10), mostEndpoints])];
}

/** What an administrator of a simulated server has decided. */
export function policyOf(mostEndpoints: number): Policy {
  const lifetime = 40 * minute;
  return {
    licences,
    batchLimit: 1_000,
    quarantineEndpointLimit: 10_000,
    guard: {
      reach: 'native',
      mostEndpoints,
      mostPercent: 100,
      mostFetchedFiles: 100_000,
      mostFetchEndpoints: mostEndpoints,
      mostFilesHourly: 1_000_000,
      patience: 15 * minute,
    },
    rings: { sizes: ringSizes(mostEndpoints), mostFailed: 10, mostSilent: 2, patience: 10 * minute, watch: 2 * minute },
    lifetime: {
      ...{ fetch: lifetime, quarantine: lifetime, restore: lifetime, undo: lifetime, purge: lifetime },
      ...{ restore_objects: lifetime, plan: lifetime, search: lifetime, logs: lifetime, scan: lifetime },
    },
    confirmAfter: 4 * minute,
    sessionLifetime: 10 * hour,
    nativeSession: { lifetime: 12 * hour, idle: 30 * minute },
    passwordLifetime: null,
    retrievalLifetime: 30 * day,
    evidenceSizeLimit: 2 ** 30,
    reasonRequired: false,
    uploads: { bytesOfEndpoint: 2 ** 40, bytesOfAction: 2 ** 40 },
    publicUrl: 'https://custody.test',
    cybereason: {
      ...{ guidSpelling: 'numeric', sensorOffset: 'page', honestUnauthorized: false, directFetchPatience: 10_000 },
    },
    cortex: {
      idForm: 'text',
      signatures: 'lenient',
      retrieval: { mostFiles: 20, mostEndpoints: 10, archiveForm: 'plain', linkLifetime: null },
    },
  };
}
