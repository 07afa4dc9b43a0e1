import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createZipArchiver } from '#archive/zip.ts';
import { openFilesystemBlobs } from '#blobs/filesystem/index.ts';
import { CallLimits } from '#core/access/call-limits.ts';
import { KeyLimits } from '#core/access/key-limits.ts';
import { licences } from '#core/access/licence.ts';
import { LogInLimits } from '#core/access/log-in-limits.ts';
import { OpenStreams, type StreamLimits } from '#core/access/open-streams.ts';
import { RequestLimits, type RequestRate } from '#core/access/request-limits.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { noWebhookHosts, type WebhookHosts } from '#core/feed/webhook-hosts.ts';
import { UploadProgress } from '#core/file/upload-progress.ts';
import { RunningRequests } from '#core/idempotency/running-requests.ts';
import type { DispatchObstacle } from '#core/ports/dispatch.ts';
import type { IdentityProvider } from '#core/ports/identity-provider.ts';
import type { Log } from '#core/ports/log.ts';
import type { OrderSigner } from '#core/ports/order-signer.ts';
import type { Policy } from '#core/ports/policy.ts';
import type { WholePorts } from '#core/ports/ports.ts';
import { day, hour, type Milliseconds, minute, second } from '#core/time.ts';
import { feedStates } from '#core/verbs/feed-states.ts';
import { createDispatch } from '#gateway/signer-dispatch.ts';
import { StoreEventBell } from '#server/event-bell.ts';
import { createWebhookSender, type Resolve, resolveBySystem } from '#server/feed/webhook-sender.ts';
import { createOneTimeCodes } from '#server/one-time-codes.ts';
import { createSecrets } from '#server/secrets.ts';
import { systemRandom } from '#server/system-random.ts';
import { openSqliteStore } from '#store/open-sqlite-store.ts';
import { checkpointsOver } from './checkpoints.ts';
import { believed, openTestClock, type TestClock } from './clock.ts';
import { evidenceKeys } from './evidence-keys.ts';
import { SwitchableSigner } from './switchable-signer.ts';

export interface TestPorts extends WholePorts, AsyncDisposable {
  readonly clock: TestClock;
  /** Every endpoint that was rung for, in order. */
  readonly rung: EndpointId[];
  /** How often it was rung for the emergency stop. */
  stopChanges(): number;
  /** Of its own, removed on disposal. */
  readonly directory: string;
}

export interface TestPortsOptions {
  readonly policy?: Partial<Policy>;
  readonly evidence?: 'on' | 'off';
  /** How long the store may take to answer; in real time. */
  readonly storeDeadline?: Milliseconds;
  /** What keeps orders from leaving. */
  readonly obstacle?: DispatchObstacle;
  /** How often a principal may ask; default: as it likes. */
  readonly rate?: RequestRate;
  /** What seals orders; default: one with a key of its own. */
  readonly signer?: OrderSigner;
  /** How many answers without an end there may be. */
  readonly streams?: StreamLimits;
  /** Where people log in other than with a password. */
  readonly identityProvider?: IdentityProvider;
  /** Where webhooks may go; default: nowhere. */
  readonly webhookHosts?: WebhookHosts;
  /** Who resolves names; default: the machine. */
  readonly resolve?: Resolve;
  /** Where the clock stands at first. */
  readonly now?: Milliseconds;
}

export const cybereason: Policy['cybereason'] = {
  guidSpelling: 'numeric',
  sensorOffset: 'page',
  honestUnauthorized: false,
  directFetchPatience: 10_000,
};

export const guard: Policy['guard'] = {
  reach: 'native',
  mostEndpoints: 25,
  mostPercent: 1,
  mostFetchedFiles: 1_000,
  mostFetchEndpoints: 200,
  mostFilesHourly: 10_000,
  patience: 24 * hour,
};

/** Off, so that what is approved goes out at once; tests of rings have sizes of their own. */
export const rings: Policy['rings'] = {
  sizes: [],
  mostFailed: 10,
  mostSilent: 2,
  patience: 10 * minute,
  watch: 2 * minute,
};

export const policy: Policy = {
  licences,
  batchLimit: 1_000,
  quarantineEndpointLimit: 1_000,
  guard,
  rings,
  lifetime: {
    fetch: 4 * day,
    quarantine: 4 * day,
    restore: 4 * day,
    restore_objects: 4 * day,
    undo: 4 * day,
    plan: 1 * day,
    purge: 4 * day,
    search: 1 * day,
    logs: 4 * day,
    scan: 1 * day,
  },
  sessionLifetime: 10 * hour,
  nativeSession: { lifetime: 12 * hour, idle: 30 * minute },
  confirmAfter: null,
  passwordLifetime: null,
  retrievalLifetime: 30 * day,
  evidenceSizeLimit: 2 ** 30,
  reasonRequired: false,
  uploads: { bytesOfEndpoint: 2 ** 40, bytesOfAction: 2 ** 40 },
  publicUrl: 'https://custody.test:8443',
  cybereason,
  cortex: {
    idForm: 'text',
    signatures: 'lenient',
    retrieval: { mostFiles: 20, mostEndpoints: 10, archiveForm: 'plain', linkLifetime: null },
  },
};

/** The real embedded parts in a directory of their own, with a clock that the test sets. */
export async function openPorts(options: TestPortsOptions = {}): Promise<TestPorts> {
  const directory = await mkdtemp(join(tmpdir(), 'custody-test-'));
  const clock = openTestClock(options.now ?? Date.UTC(2026, 10, 22, 12));
  const deadline = options.storeDeadline ?? 10 * second;
  const store = await openSqliteStore({ path: join(directory, 'store.sqlite'), deadline, clock });
  const blobs = await openFilesystemBlobs({
    directory: join(directory, 'evidence'),
    keys: evidenceKeys,
    random: systemRandom,
  });
  const { webhookHosts = noWebhookHosts, resolve = resolveBySystem } = options;
  const sender = createWebhookSender({ clock, resolve }, { hosts: webhookHosts, authorities: undefined });
  const rung: EndpointId[] = [];
  let stopChanges = 0;
  const hearing = () => ({ connected: 3, confirmed: 2, tooOld: 1 });
  const openStreams = new OpenStreams(options.streams ?? { most: 100, mostOfPrincipal: 100 });
  return {
    store,
    blobs: options.evidence === 'off' ? undefined : blobs,
    archiver: createZipArchiver(),
    doorbell: {
      reach: 'process',
      ring: (endpoints) => void rung.push(...endpoints),
      stopChanged: () => {
        stopChanges += 1;
      },
    },
    dispatch: {
      ...createDispatch({ signer: options.signer ?? new SwitchableSigner(), clock, log: silentLog }, hearing),
      obstacle: async () => options.obstacle,
    },
    clock,
    clockGuard: believed(clock),
    random: systemRandom,
    passwords: {
      hash: (password) => Bun.password.hash(password, { algorithm: 'argon2id', memoryCost: 8, timeCost: 1 }),
      verify: async (password, hash) => hash !== undefined && Bun.password.verify(password, hash),
    },
    keyLimits: new KeyLimits(clock),
    requestLimits: new RequestLimits(clock, options.rate ?? null),
    eventBell: new StoreEventBell({ store, clock, log: silentLog }),
    openStreams,
    logInLimits: new LogInLimits(clock),
    // Their minutes pass when the test lets time pass.
    callLimits: new CallLimits({ monotonic: clock.now }),
    uploadProgress: new UploadProgress(),
    runningRequests: new RunningRequests(),
    identityProvider: options.identityProvider,
    oneTimeCodes: createOneTimeCodes(systemRandom),
    secrets: createSecrets(systemRandom.bytes(32), systemRandom),
    checkpoints: checkpointsOver(store),
    policy: { ...policy, ...options.policy },
    installation: {
      storeKind: 'sqlite',
      certificate: undefined,
      authorityPem: undefined,
      agentUrls: ['https://custody.example.org'],
      given: new Map([['CUSTODY_RINGS', { source: 'environment', text: '2,20' }]]),
    },
    log: silentLog,
    feeds: { ...sender, states: () => feedStates({ store }, []) },
    metrics: { text: async () => 'custody_test 1\n' },
    rung,
    stopChanges: () => stopChanges,
    directory,
    async [Symbol.asyncDispose]() {
      await openStreams.close();
      await store.close();
      await blobs.close();
      await rm(directory, { recursive: true });
    },
  };
}

const ignore = () => undefined;
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
