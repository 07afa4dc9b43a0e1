import { createPrivateKey } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFilesystemBlobs } from '#blobs/filesystem/index.ts';
import type { Action, Task } from '#core/action/action.ts';
import type { TaskParameters } from '#core/action/verb.ts';
import type { HostFacts } from '#core/endpoint/endpoint.ts';
import { Fault } from '#core/fault.ts';
import { UploadProgress } from '#core/file/upload-progress.ts';
import type { BlobStore } from '#core/ports/blobs.ts';
import type { Log, LogFacts } from '#core/ports/log.ts';
import type { OrderSigner } from '#core/ports/order-signer.ts';
import type { Policy } from '#core/ports/policy.ts';
import type { Ports } from '#core/ports/ports.ts';
import type { Store } from '#core/ports/store/store.ts';
import { createEnrolmentToken } from '#core/verbs/create-enrolment-token.ts';
import { enrolEndpoint } from '#core/verbs/enrol-endpoint.ts';
import { openAction } from '#core/verbs/open-action.ts';
import { AgentGateway } from '#gateway/agent-gateway.ts';
import type { GatewaySettings } from '#gateway/gateway-settings.ts';
import { createDispatch } from '#gateway/signer-dispatch.ts';
import { checkpointsOver } from '#kit/checkpoints.ts';
import { believed } from '#kit/clock.ts';
import { evidenceKeys } from '#kit/evidence-keys.ts';
import { administrator } from '#kit/fleet.ts';
import { SwitchableSigner } from '#kit/switchable-signer.ts';
import { systemClock } from '#server/system-clock.ts';
import { systemRandom } from '#server/system-random.ts';
import { openSqliteStore } from '#store/open-sqlite-store.ts';
import { newKeyPair } from '#wire/signature.ts';
import type { Device } from './device.ts';
import { TestAgent } from './test-agent.ts';

const age = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';

export const someFacts: HostFacts = {
  hostName: 'host-a',
  platform: 'linux',
  operatingSystem: 'Debian',
  operatingSystemVersion: '13',
  architecture: 'x64',
  addresses: ['192.0.2.7'],
  macAddresses: [],
  users: [],
  domain: '',
  agentVersion: '0.1.0',
  roots: ['/srv'],
  limitations: [],
};

const policy: Policy = {
  licences: [],
  batchLimit: 1_000,
  quarantineEndpointLimit: 1_000,
  guard: {
    ...{ reach: 'off', mostEndpoints: 25, mostPercent: 1, mostFetchedFiles: 1_000, mostFetchEndpoints: 200 },
    ...{ mostFilesHourly: 10_000, patience: 60_000 },
  },
  rings: { sizes: [], mostFailed: 10, mostSilent: 2, patience: 600_000, watch: 120_000 },
  lifetime: {
    fetch: 60_000,
    quarantine: 60_000,
    restore: 60_000,
    restore_objects: 60_000,
    undo: 60_000,
    plan: 60_000,
    purge: 60_000,
    search: 60_000,
    logs: 60_000,
    scan: 60_000,
  },
  sessionLifetime: 60_000,
  nativeSession: { lifetime: 60_000, idle: null },
  confirmAfter: null,
  passwordLifetime: null,
  retrievalLifetime: 60_000,
  evidenceSizeLimit: 10_000_000,
  reasonRequired: false,
  uploads: { bytesOfEndpoint: 100_000_000, bytesOfAction: 100_000_000 },
  publicUrl: 'https://127.0.0.1',
  cybereason: {
    guidSpelling: 'numeric',
    sensorOffset: 'page',
    honestUnauthorized: false,
    directFetchPatience: 10_000,
  },
  cortex: {
    idForm: 'text',
    signatures: 'lenient',
    retrieval: { mostFiles: 20, mostEndpoints: 10, archiveForm: 'plain', linkLifetime: null },
  },
};

interface FleetParts {
  readonly directory: string;
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly settings: Partial<GatewaySettings>;
  readonly policy: Policy;
}

/** A gateway over a real store and real evidence, and agents that speak to it frame by frame. */
export class Fleet {
  readonly store: Store;
  readonly blobs: BlobStore;
  readonly signer = new SwitchableSigner();
  readonly logged: { readonly message: string; readonly facts: LogFacts | undefined }[] = [];
  readonly ports: Omit<
    Ports,
    | 'oneTimeCodes'
    | 'identityProvider'
    | 'runningRequests'
    | 'keyLimits'
    | 'metrics'
    | 'requestLimits'
    | 'doorbell'
    | 'eventBell'
    | 'openStreams'
    | 'archiver'
    | 'feeds'
    | 'passwords'
    | 'logInLimits'
    | 'callLimits'
    | 'secrets'
    | 'installation'
  > & {
    readonly signer: OrderSigner;
  };
  readonly gateway: AgentGateway;
  readonly #directory: string;

  private constructor({ directory, store, blobs, settings, policy: own }: FleetParts) {
    this.#directory = directory;
    this.store = store;
    this.blobs = blobs;
    const { signer } = this;
    const machine = { clock: systemClock, random: systemRandom, log: this.#log() };
    const checkpoints = checkpointsOver(store);
    const dispatch = createDispatch({ ...machine, signer }, () => this.gateway.stopHearing);
    this.ports = {
      ...machine,
      clockGuard: believed(systemClock),
      store,
      blobs,
      policy: own,
      signer,
      checkpoints,
      dispatch,
      uploadProgress: new UploadProgress(),
    };
    this.gateway = new AgentGateway(this.ports, settings);
  }

  static async open(settings: Partial<GatewaySettings> = {}, own: Partial<Policy> = {}): Promise<Fleet> {
    const directory = await mkdtemp(join(tmpdir(), 'custody-gateway-'));
    const store = await openSqliteStore({ path: join(directory, 'store.db'), deadline: 5_000, clock: systemClock });
    const blobs = await openFilesystemBlobs({
      directory: join(directory, 'evidence'),
      keys: evidenceKeys,
      random: systemRandom,
    });
    return new Fleet({ directory, store, blobs, settings, policy: { ...policy, ...own } });
  }

  /** The same evidence, on a disk on which so many bytes are left beside the reserve. */
  blobsWith(left: number): BlobStore {
    const demandRoom = async (bytes: number) => {
      if (bytes > left) {
        throw new Fault('evidence_unavailable', 'There is no room for it.');
      }
    };
    return new Proxy(this.blobs, {
      get(blobs, name) {
        const value: unknown = name === 'demandRoom' ? demandRoom : Reflect.get(blobs, name);
        return typeof value === 'function' ? value.bind(blobs) : value;
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.close();
    await this.blobs.close();
    await this.store.close();
    await rm(this.#directory, { recursive: true });
  }

  async enrol(hostName = 'host-a'): Promise<Device> {
    const pair = newKeyPair();
    const wanted = { uses: 1, lifetime: 60_000, tags: [] };
    const { secret: token } = await createEnrolmentToken(this.ports, administrator, wanted);
    const endpoint = await enrolEndpoint(this.ports, {
      token,
      devicePublicKey: pair.publicKey,
      vaultRecipient: age,
      facts: { ...someFacts, hostName },
      remoteAddress: '192.0.2.7',
    });
    return { endpoint, key: createPrivateKey(pair.privatePem) };
  }

  /** A connection that has heard its challenge and said nothing yet. */
  connect(device: Device): TestAgent {
    return new TestAgent(this.gateway, device);
  }

  /** A connection that has been welcomed. */
  async join(device: Device): Promise<TestAgent> {
    const agent = this.connect(device);
    agent.hello();
    await agent.next('welcome');
    return agent;
  }

  /** An action, committed; the doorbell is the caller's. */
  async order(devices: readonly Device[], parameters: TaskParameters): Promise<Action> {
    const targets = devices.map(({ endpoint }) => ({ endpointId: endpoint.id, parameters }));
    const origin = { principal: administrator, dialect: 'native' } as const;
    return this.store.transact((transaction) => openAction(this.ports, transaction, { origin, targets }));
  }

  ring(devices: readonly Device[]): void {
    this.gateway.doorbell.ring(devices.map(({ endpoint }) => endpoint.id));
  }

  async tasksOf(action: Action): Promise<readonly Task[]> {
    return this.store.read(({ tasks }) => tasks.byAction(action.id));
  }

  #log(): Log {
    const keep = (message: string, facts?: LogFacts) => void this.logged.push({ message, facts });
    return { debug: keep, info: keep, warn: keep, error: keep };
  }
}
