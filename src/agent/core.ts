import type { TaskId } from '#core/action/action-id.ts';
import type { HostFacts } from '#core/endpoint/endpoint.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Fs } from '#core/ports/fs.ts';
import type { Log } from '#core/ports/log.ts';
import type { Net } from '#core/ports/net.ts';
import type { Random } from '#core/ports/random.ts';
import type { Order } from '#wire/order.ts';
import type { ReportedFile } from '#wire/report.ts';
import { readPrivateKey } from '#wire/signature.ts';
import { Agent } from './agent.ts';
import type { DataDirectory } from './identity/data-directory.ts';
import type { Identity, Reach } from './identity/identity.ts';
import type { Lineage } from './identity/lineage.ts';
import { OrderKeys } from './identity/order-keys.ts';
import { TrustKeeper } from './identity/trust-keeper.ts';
import { type FeedIndex, InventoryFeed } from './inventory/feed.ts';
import type { Journal } from './journal/journal.ts';
import { Link } from './link/link.ts';
import type { ServerChoice } from './link/servers.ts';
import type { Platform } from './platform/platform.ts';
import type { ClockNote } from './tasks/clock-note.ts';
import type { Halt } from './tasks/halt.ts';
import { type RunnerTools, TaskRunner } from './tasks/runner.ts';
import type { ServerClock } from './tasks/server-clock.ts';
import { VaultFeed } from './vault/listing.ts';
import { Witness } from './witness/witness.ts';

/** Everything that the core of an agent asks of the outside: whatever touches a machine, a network or a clock is given. */
export interface CorePorts {
  readonly net: Net;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly fs: Fs;
  readonly platform: Pick<Platform, 'lock'>;
  readonly signal: AbortSignal;
}

/** Who this agent is, and what earlier lives of it have left. */
export interface CoreState {
  readonly directory: DataDirectory;
  readonly identity: Identity;
  readonly lineage: Pick<Lineage, 'machine' | 'generation' | 'keep'>;
  readonly journal: Journal;
  readonly clockNote: ClockNote;
  readonly serverClock: ServerClock;
  readonly halt: Halt;
  readonly index: FeedIndex;
  readonly servers: ServerChoice & { replace(reach: Reach): void };
}

/** What the core has done for it, and whom it tells. */
export interface CoreHands extends Pick<RunnerTools, 'laneOf' | 'perform'> {
  facts(): HostFacts;
  /** The report of a task is durable and on its way. */
  reported(taskId: TaskId, order: Order, files: readonly ReportedFile[]): void;
  welcomed(): void;
  /** A connection, or an attempt at one, has ended. */
  lost(why: string): void;
  /** What there is to say of the server's record of events, for people. */
  noticed(words: readonly string[]): void;
}

export interface AgentCore {
  readonly agent: Agent;
  readonly link: Link;
  readonly runner: TaskRunner;
  readonly feed: InventoryFeed;
  readonly vaultFeed: VaultFeed;
}

/**
 * What is the same of every agent: how orders, reports, lists and keys go between the journal, the tasks and the server. It
 * begins nothing by itself.
 */
export function assembleCore(ports: CorePorts, state: CoreState, hands: CoreHands): AgentCore {
  const { clock, random, log, net, fs, platform, signal } = ports;
  const { directory, identity, lineage, journal, clockNote, serverClock, halt, servers } = state;
  const { endpointId, vaultRecipient } = identity;
  const deviceKey = readPrivateKey(identity.devicePrivateKey).key;
  const inOrder = queue(log);
  const link: Link = new Link(
    {
      ...{ net, clock, random, log, endpointId, vaultRecipient, deviceKey, servers, lineage },
      facts: () => hands.facts(),
      orderKey: () => orderKeys.name,
    },
    {
      welcomed: (version) => {
        hands.welcomed();
        inOrder(agent.welcomed(version));
      },
      heard: (statement) => inOrder(() => agent.heard(statement)),
      lost: () => agent.lost(),
      ended: (why) => hands.lost(why),
      time: ({ time, surely }) => {
        const heard = serverClock.heard(time, surely);
        if (heard !== undefined) {
          clockNote.keep(heard);
        }
      },
    },
  );
  const say = link.say.bind(link);
  const orderKeys: OrderKeys = new OrderKeys({ fs, platform, directory, identity, log, say });
  const feed = new InventoryFeed(state.index, say, log);
  const vaultFeed = new VaultFeed({ vault: directory.vault, fs, say, log });
  const runner = new TaskRunner({
    ...{ journal, clock: serverClock, log, deviceKey, signal, halt },
    laneOf: (order) => hands.laneOf(order),
    perform: (order, run) => hands.perform(order, run),
    reported: (taskId, order, files) => {
      if (files.some(({ reason }) => reason === 'vault_damaged')) {
        agent.doubtVault(taskId);
      }
      inOrder(() => agent.report(taskId));
      hands.reported(taskId, order, files);
    },
  });
  const changed = servers.replace.bind(servers);
  const trust = new TrustKeeper({ fs, platform, directory, orderKeys, log, changed });
  const witness = new Witness({
    ...{ fs, file: directory.witness, clock, log, orderKeys, say },
    noticed: (words) => hands.noticed(words),
  });
  const agent = new Agent({
    ...{ identity, orderKeys, journal, runner, halt, feed, vaultFeed, trust, witness, clock, log, say },
    reconnect: (why) => link.restart(why),
  });
  return { agent, link, runner, feed, vaultFeed };
}

/** What is heard is dealt with one after another, in the order in which it came. */
function queue(log: Log): (work: () => Promise<void>) => void {
  let last = Promise.resolve();
  return (work) => {
    last = last.then(work).catch((cause: unknown) => log.error('A message could not be dealt with.', { cause }));
  };
}
