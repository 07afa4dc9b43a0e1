import { join } from 'node:path';
import { createZipArchiver } from '#archive/zip.ts';
import { openFilesystemBlobs } from '#blobs/filesystem/index.ts';
import { CallLimits } from '#core/access/call-limits.ts';
import { KeyLimits } from '#core/access/key-limits.ts';
import { LogInLimits } from '#core/access/log-in-limits.ts';
import { OpenStreams } from '#core/access/open-streams.ts';
import { RequestLimits, type RequestRate } from '#core/access/request-limits.ts';
import { asFault, Fault } from '#core/fault.ts';
import { UploadProgress } from '#core/file/upload-progress.ts';
import { RunningRequests } from '#core/idempotency/running-requests.ts';
import type { BlobStore } from '#core/ports/blobs.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import type { Ports, WholePorts } from '#core/ports/ports.ts';
import type { Random } from '#core/ports/random.ts';
import type { Store } from '#core/ports/store/store.ts';
import { minute, second } from '#core/time.ts';
import { countWaiting } from '#core/verbs/describe-approval.ts';
import { readEmergencyStop } from '#core/verbs/read-emergency-stop.ts';
import { countBrokenGlass, countHalted } from '#core/verbs/server-alerts.ts';
import { createCortexDialect } from '#dialects/cortex/index.ts';
import { createCybereasonDialect } from '#dialects/cybereason/index.ts';
import { createNativeDialect } from '#dialects/native/index.ts';
import { basePath } from '#dialects/native/schemas/contract.ts';
import { finishProviderLogIn } from '#dialects/native/schemas/provider.ts';
import { AgentGateway } from '#gateway/agent-gateway.ts';
import { createAgentRequests } from '#gateway/agent-requests.ts';
import { type AgentSockets, createAgentSockets } from '#gateway/bun-socket.ts';
import type { Announcement } from '#gateway/gateway-settings.ts';
import { createDispatch } from '#gateway/signer-dispatch.ts';
import { openPostgresStore } from '#store/open-postgres-store.ts';
import { openSqliteStore } from '#store/open-sqlite-store.ts';
import { agentTrust } from './agent-trust.ts';
import { createCheckpointSigner } from './checkpoint-signer.ts';
import { openCheckpoints } from './checkpoints.ts';
import { clockNotes } from './clock-notes.ts';
import type { Config, GivenSettings } from './config.ts';
import { createConsole } from './console.ts';
import type { DataDirectory } from './data-directory.ts';
import { DiskWatch } from './disk-watch.ts';
import { StoreEventBell } from './event-bell.ts';
import { loadEvidenceKey } from './evidence-key.ts';
import { openFeeds } from './feed/open-feeds.ts';
import { runFeeds } from './feed/run-feeds.ts';
import { installationOf } from './installation.ts';
import { loadKeys } from './keys.ts';
import { ledgerStatement } from './ledger-statement.ts';
import { machineBoot } from './machine-boot.ts';
import { ServerMetrics } from './metrics.ts';
import { openIdentityProvider } from './oidc/open-identity-provider.ts';
import { createOneTimeCodes } from './one-time-codes.ts';
import { openSigner } from './open-signer.ts';
import { createPasswords } from './passwords.ts';
import { repeat } from './periodic.ts';
import { policyOf } from './policy.ts';
import { Readiness } from './readiness.ts';
import { type Connection, type Routes, route } from './router.ts';
import { createSecrets } from './secrets.ts';
import { type Signed, Statements } from './statements.ts';
import { SteadyClock } from './steady-clock.ts';
import { StoreReserve } from './store-reserve.ts';
import { startSweeps } from './sweeps.ts';

/** What the machine supplies. */
export interface Machine {
  readonly clock: Clock;
  readonly random: Random;
  readonly fs: Fs;
  readonly log: Log;
}

/** With the time that servers go by. */
export interface SteadyMachine extends Machine {
  readonly clock: SteadyClock;
}

/** A server without its sockets: everything that answers, wired together. */
export interface ComposedServer {
  readonly ports: Ports;
  readonly sockets: AgentSockets;
  answer(request: Request, connection: Connection): Promise<Response>;
  close(): Promise<void>;
}

export interface ServerSettings {
  readonly config: Config;
  readonly given: GivenSettings;
  readonly publicUrl: string;
  /** What it shows to agents; undefined where it has no listener. */
  readonly certificatePem?: string;
}

const mebibyte = 1024 ** 2;

/** How often the record of events is signed, where it has grown. */
const checkpointPause = 10 * second;
/** How often the signer is asked whether the order key was changed. */
const statementPause = 10 * second;
/** How often it is looked at how much room there is. */
const diskPause = 2 * second;
/** Never rejects. */
export async function steadied<M extends Machine>(machine: M, directory: DataDirectory): Promise<M & SteadyMachine> {
  const clock = await SteadyClock.open({ ...machine, boot: machineBoot(), file: directory.clock });
  return { ...machine, clock };
}

/** The only place that knows every room. */
export async function composeServer(
  machine: SteadyMachine,
  directory: DataDirectory,
  settings: ServerSettings,
): Promise<ComposedServer> {
  const signsOrders = settings.config.CUSTODY_SIGNER.kind === 'local';
  const keys = await loadKeys({ ...machine, directory }, { signsOrders });
  const trust = await trustOf(machine, directory, settings);
  const { certificatePem } = settings;
  const installation = await installationOf(machine.fs, directory, { ...settings, certificatePem });
  const redirectUri = `${settings.publicUrl}${basePath}${finishProviderLogIn.path}`;
  const identityProvider = await openIdentityProvider(machine, { config: settings.config, redirectUri });
  // Before the store is open, for a key may be unreadable.
  const signsLedger = createCheckpointSigner(keys.ledgerKeyPem, keys.ledgerOrigin);
  const { store, blobs, disks } = await openWatchedStorage(machine, directory, settings.config);
  // An open store would keep the process alive.
  const orClose = async (failure: unknown): Promise<never> => {
    await store.close();
    throw failure;
  };
  const checkpoints = await openCheckpoints({ ...machine, store, directory, signer: signsLedger }).catch(orClose);
  const signer = await openSigner({ ...machine, store, directory, config: settings.config }).catch(orClose);
  const opened = await openFeeds({ ...machine, store }, settings.config).catch(orClose);
  const base = {
    ...{ ...machine, clockGuard: machine.clock, store, checkpoints, blobs },
    archiver: createZipArchiver(),
    passwords: await createPasswords(),
    ...limitsOf(machine.clock, settings.config),
    eventBell: new StoreEventBell({ ...machine, store }),
    runningRequests: new RunningRequests(),
    oneTimeCodes: createOneTimeCodes(machine.random),
    identityProvider,
    feeds: opened.feeds,
    secrets: createSecrets(keys.secretsKey, machine.random),
    policy: policyOf(settings.config, settings.publicUrl),
    installation,
  };
  const gateway = new AgentGateway(
    { ...base, signer },
    { sharesStore: store.reach === 'cluster', filesOfEndpoint: settings.config.CUSTODY_ENDPOINT_FILES },
  );
  const statements = new Statements({
    ...{ signer, log: machine.log, unsigned: { trust, ledger: ledgerStatement(checkpoints) } },
    tell: (signed) => gateway.state({ announcement: announcementOf(signed), ledger: signed.ledger }),
  });
  await statements.start().catch(async (failure: unknown) => {
    // Its timers would keep the process alive, and go on asking a closed store.
    await gateway.close();
    return orClose(failure);
  });
  const metrics = new ServerMetrics(machine.clock, {
    agents: () => gateway.counts.connected,
    tooOldToHalt: () => gateway.stopHearing.tooOld,
    isStopped: async () => (await readEmergencyStop(base)).stop !== null,
    waitingApprovals: () => countWaiting(base),
    haltedOrders: () => countHalted(base),
    brokenGlass: () => countBrokenGlass(base),
    evidence: () => store.read(({ evidence }) => evidence.totals(), { search: true }),
    feeds: opened.feeds.states,
    disks,
    clock: machine.clock,
  });
  const ports: WholePorts = {
    ...base,
    metrics,
    doorbell: gateway.doorbell,
    dispatch: createDispatch({ ...machine, signer }, () => gateway.stopHearing),
  };
  const agent = createAgentRequests(
    { ...ports, signer },
    { recoveryRecipient: keys.recoveryRecipient, revocations: gateway.revocations },
  );
  if (settings.certificatePem !== undefined) {
    // Not waited for: a server starts whether the provider is there or not.
    void identityProvider?.look();
  }
  const stopFeeds = await runFeeds(ports, opened, { isServer: settings.certificatePem !== undefined, metrics });
  const routes = routesOf({ machine, ports, agent, disks, metrics });
  const stopSweeps = startSweeps(ports);
  const stopClock = keepTime(machine);
  const stopCheckpoints = repeat(machine, checkpointPause, async () => {
    await checkpoints.latest();
  });
  const stopStatements = repeat(machine, statementPause, () => statements.renew());
  const stopWatch = repeat(machine, diskPause, () => disks.look());
  return {
    ports,
    sockets: createAgentSockets(gateway),
    answer: (request, connection) => route(routes, request, connection),
    async close() {
      await stopFeeds();
      await ports.openStreams.close();
      // Not waited for: a disk may never answer.
      void stopWatch();
      await stopSweeps();
      await stopStatements();
      await gateway.close();
      await stopCheckpoints();
      await stopClock();
      await lastCheckpoint(ports);
      await blobs?.close();
      await store.close();
    },
  };
}

/** What is counted in the memory of this server alone. */
function limitsOf(clock: Clock, config: Config) {
  const { CUSTODY_STREAMS: most, CUSTODY_STREAMS_PER_PRINCIPAL: mostOfPrincipal } = config;
  return {
    keyLimits: new KeyLimits(clock),
    requestLimits: new RequestLimits(clock, rateOf(config)),
    openStreams: new OpenStreams({ most, mostOfPrincipal }),
    logInLimits: new LogInLimits(clock),
    callLimits: new CallLimits(clock),
    uploadProgress: new UploadProgress(),
  };
}

interface RouteParts extends Pick<Routes, 'agent'> {
  readonly machine: Machine;
  readonly ports: WholePorts;
  readonly metrics: ServerMetrics;
  readonly disks: DiskWatch;
}

function routesOf({ machine, ports, disks, ...others }: RouteParts): Routes {
  const native = createNativeDialect(ports);
  const answerers = [native, createCortexDialect(ports), createCybereasonDialect(ports), createConsole(machine)];
  return {
    ...others,
    ports,
    answerers,
    fallback: native,
    readiness: new Readiness(ports, () => [...clockNotes(ports.clockGuard), ...disks.notes()]),
  };
}

/** @returns what stops it, and keeps the time once more. */
function keepTime({ clock, log }: SteadyMachine): () => Promise<void> {
  const stop = repeat({ clock, log }, minute, () => clock.keep());
  void clock.keep();
  return async () => {
    await stop();
    await clock.keep();
  };
}

function rateOf({ CUSTODY_RATE_PER_MINUTE: perMinute, CUSTODY_RATE_BURST: burst }: Config): RequestRate | null {
  return perMinute === 0 ? null : { perMinute, burst };
}

/** Where a server keeps what it knows, and what it fetched. */
export interface Storage {
  readonly store: Store;
  /** Undefined where evidence storage is switched off. */
  readonly blobs: BlobStore | undefined;
}

/** @throws Fault as `openStore` and `openBlobs`, and `unavailable` when evidence cannot be kept where the settings say. */
export async function openStorage(
  machine: Pick<Machine, 'clock' | 'random' | 'fs'>,
  directory: DataDirectory,
  settings: StoreSettings,
): Promise<Storage> {
  const store = await openStore(machine, directory, settings);
  try {
    return { store, blobs: await openBlobs(machine, directory, settings) };
  } catch (error) {
    // An open store would keep the process alive.
    await store.close();
    throw error;
  }
}

export interface StoreSettings {
  readonly config: Config;
  /** Called when the database's disk is full. @returns whether it has room now. */
  readonly makeRoom?: () => boolean;
}

/** With room kept for a database of this machine; one elsewhere has a disk of its own, which its own administrators watch. */
async function openWatchedStorage(
  machine: Machine,
  directory: DataDirectory,
  config: Config,
): Promise<Storage & { readonly disks: DiskWatch }> {
  const bytes = config.CUSTODY_STORE_RESERVE_MIB * mebibyte;
  const isHere = config.CUSTODY_STORE === 'sqlite';
  const reserve = isHere ? new StoreReserve({ ...machine, path: directory.storeReserve, bytes }) : undefined;
  const storage = await openStorage(machine, directory, { config, makeRoom: () => reserve?.giveBack() ?? false });
  const disks = new DiskWatch({ ...storage, reserve, directory: directory.root, log: machine.log });
  return { ...storage, disks };
}

/** Opens the store that the settings name. @throws Fault `unavailable`, `conflict` (a newer program wrote it) */
export async function openStore(
  machine: Pick<Machine, 'clock'>,
  directory: DataDirectory,
  { config, makeRoom = () => false }: StoreSettings,
): Promise<Store> {
  const deadline = config.CUSTODY_STORE_DEADLINE_MS;
  if (config.CUSTODY_STORE === 'sqlite') {
    return openSqliteStore({ path: directory.store, deadline, clock: machine.clock, makeRoom });
  }
  return openPostgresStore({ url: config.CUSTODY_STORE, deadline, clock: machine.clock });
}

export interface BlobsSettings {
  readonly config: Config;
  /** To read beside a running server. */
  readonly isBeside?: boolean;
}

/** Undefined where evidence storage is switched off. @throws Fault `unavailable`, `conflict` (its key is missing) */
export async function openBlobs(
  machine: Pick<Machine, 'random' | 'fs'>,
  directory: DataDirectory,
  { config, isBeside = false }: BlobsSettings,
): Promise<BlobStore | undefined> {
  if (config.CUSTODY_EVIDENCE === 'off') {
    return undefined;
  }
  const chosen = join(config.CUSTODY_EVIDENCE ?? directory.evidence);
  try {
    const keys = await loadEvidenceKey({ ...machine, directory }, chosen);
    const reserve = config.CUSTODY_EVIDENCE_RESERVE;
    return await openFilesystemBlobs({ directory: chosen, keys, random: machine.random, isBeside, reserve });
  } catch (cause) {
    if (cause instanceof Fault && cause.cause === undefined) {
      throw cause;
    }
    const advice = 'Make it a directory that this user may write, or choose another with CUSTODY_EVIDENCE.';
    throw new Fault('unavailable', `Evidence cannot be kept in ${chosen}. ${advice}`, { cause });
  }
}

/** A server that stops must stop, even where its disk is full. */
async function lastCheckpoint({ checkpoints, log }: Pick<Ports, 'checkpoints' | 'log'>): Promise<void> {
  try {
    await checkpoints.latest();
  } catch (thrown) {
    log.error('The last checkpoint could not be kept.', { cause: asFault(thrown) });
  }
}

/** Undefined where there is no listener, and where the settings say nothing about agents. */
async function trustOf(
  machine: Machine,
  directory: DataDirectory,
  { config, certificatePem }: ServerSettings,
): Promise<Uint8Array | undefined> {
  return certificatePem === undefined
    ? undefined
    : await agentTrust({ ...machine, directory }, { config, certificatePem });
}

function announcementOf({ trust }: Signed): Announcement | null {
  return trust && { trust: trust.bytes, signature: trust.signature };
}
