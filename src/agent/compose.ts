import { readdirSync } from 'node:fs';
import path from 'node:path';
import { taskIdSchema } from '#core/action/action-id.ts';
import { filePathSchema } from '#core/file/file-path.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Log } from '#core/ports/log.ts';
import type { Net } from '#core/ports/net.ts';
import type { Random } from '#core/ports/random.ts';
import { day, type Milliseconds } from '#core/time.ts';
import type { Order } from '#wire/order.ts';
import { readPrivateKey, readPublicKey } from '#wire/signature.ts';
import { Agent } from './agent.ts';
import { runJob } from './child/run-job.ts';
import type { ChildOptions } from './child/spawn.ts';
import { hostFacts } from './host-facts.ts';
import type { DataDirectory } from './identity/data-directory.ts';
import type { Identity } from './identity/identity.ts';
import { InventoryFeed } from './inventory/feed.ts';
import type { InventoryIndex } from './inventory/index-file.ts';
import { type Pace, Reconciler } from './inventory/reconciler.ts';
import { openOrRenewIndex } from './inventory/renew-index.ts';
import type { OpenEntry } from './journal/entry.ts';
import { Journal } from './journal/journal.ts';
import { Link } from './link/link.ts';
import { durableFiles } from './platform/durable-files.ts';
import { ownProgramPaths } from './platform/program.ts';
import { performFetch } from './tasks/fetch.ts';
import { Lane } from './tasks/lane.ts';
import { pause } from './tasks/pause.ts';
import { performVaultOrder, type Workshop } from './tasks/perform.ts';
import { TaskRunner } from './tasks/runner.ts';
import { dropSpool, spoolOf } from './tasks/spool.ts';

export interface AgentWorld {
  readonly directory: DataDirectory;
  readonly identity: Identity;
  readonly roots: readonly string[];
  readonly net: Net;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly childCommand: readonly [string, ...string[]];
  readonly patience: Milliseconds;
  readonly pace: Pace;
  readonly signal: AbortSignal;
}

const capturesAtOnce = 2;
const transfersAtOnce = 4;
const forgetEvery: Milliseconds = day;

/** Puts an agent together and runs it until the signal is given. */
export async function runAgentIn(outer: AgentWorld): Promise<void> {
  const ending = new AbortController();
  const world = { ...outer, signal: AbortSignal.any([outer.signal, ending.signal]) };
  const { directory, log, signal } = world;
  const workshop = workshopOf(world);
  const { journal, open } = await Journal.open(durableFiles, directory.journal, log);
  sweepSpool(directory.spool, open);
  const index = openOrRenewIndex(directory.inventory, log);
  const parts = assemble(world, workshop, { journal, index });
  try {
    const tidied = parts.vaultLane.run(() => tidyVault(world, workshop, open));
    for (const entry of open) {
      parts.runner.start(entry);
    }
    parts.reconciler.start();
    await Promise.all([parts.link.run(signal), forgetOld(world, journal), tidied]);
  } finally {
    ending.abort();
    parts.reconciler.stop();
    await parts.runner.idle();
    index.close();
  }
}

interface Stores {
  readonly journal: Journal;
  readonly index: InventoryIndex;
}

interface Assembled {
  readonly link: Link;
  readonly runner: TaskRunner;
  readonly reconciler: Reconciler;
  readonly vaultLane: Lane;
}

function assemble(world: AgentWorld, workshop: Workshop, { journal, index }: Stores): Assembled {
  const { identity, clock, random, log, net, signal, directory } = world;
  const deviceKey = readPrivateKey(identity.devicePrivateKey).key;
  const notices = new Notices();
  const facts = () => hostFacts(world.roots, notices.words);
  const { endpointId, vaultRecipient } = identity;
  const link: Link = new Link(
    { net, clock, random, log, endpointId, vaultRecipient, deviceKey, facts },
    {
      welcomed: () => inOrder(() => agent.welcomed()),
      heard: (statement) => inOrder(() => agent.heard(statement)),
      lost: () => agent.lost(),
    },
  );
  const feed = new InventoryFeed(index, (message) => link.say(message), log);
  const reconciler = new Reconciler(workshop.child, inventoryJob(world), {
    pace: world.pace,
    scanned: (result) => {
      notices.update(result);
      feed.changed();
    },
  });
  const uploads = { net, clock, random, log, deviceKey };
  const lanes = { vault: new Lane(1), captures: new Lane(capturesAtOnce), transfers: new Lane(transfersAtOnce) };
  const fetching = { child: workshop.child, uploads, spool: directory.spool, ...lanes };
  const runner = new TaskRunner({
    ...{ journal, clock, log, deviceKey, signal },
    laneOf: ({ parameters }) => (parameters.verb === 'fetch' ? undefined : lanes.vault),
    perform: (order) => perform(workshop, fetching, { order, signal }),
    reported: (taskId, order, files) => {
      if (order.parameters.verb === 'fetch') {
        dropSpool(spoolOf(directory.spool, taskId));
      } else {
        reconciler.look(files.flatMap((file) => file.path ?? []));
      }
      inOrder(() => agent.report(taskId));
    },
  });
  const orderKey = readPublicKey(Buffer.from(identity.orderKey, 'base64'));
  const say = link.say.bind(link);
  const agent = new Agent({
    ...{ identity, orderKey, journal, runner, feed, clock, log, say },
    reconnect: (why) => link.restart(why),
  });
  const inOrder = queue(log);
  return { link, runner, reconciler, vaultLane: lanes.vault };
}

function perform(
  workshop: Workshop,
  fetching: Parameters<typeof performFetch>[0],
  { order, signal }: { readonly order: Order; readonly signal: AbortSignal },
) {
  const { parameters } = order;
  return parameters.verb === 'fetch'
    ? performFetch(fetching, { ...order, parameters }, signal)
    : performVaultOrder(workshop, { ...order, parameters }, signal);
}

/** What is heard is dealt with one after another, in the order in which it came. */
function queue(log: Log): (work: () => Promise<void>) => void {
  let last = Promise.resolve();
  return (work) => {
    last = last.then(work).catch((cause: unknown) => log.error('A message could not be dealt with.', { cause }));
  };
}

/** Limitations that show only while working. */
class Notices {
  private current: readonly string[] = [];

  get words(): readonly string[] {
    return this.current;
  }

  update({ unreadable, notes }: { readonly unreadable: number; readonly notes: readonly string[] }): void {
    const count = unreadable === 0 ? [] : [`${unreadable} files or directories under the roots cannot be read`];
    this.current = [...count, ...notes];
  }
}

function workshopOf({ childCommand, clock, log, patience, directory, identity }: AgentWorld): Workshop {
  const child: ChildOptions = { command: childCommand, clock, log, patience };
  return {
    child,
    vault: directory.vault,
    keys: {
      identity: identity.vaultIdentity,
      recipient: identity.vaultRecipient,
      recoveryRecipient: identity.recoveryRecipient,
    },
    own: [directory.root, ...ownProgramPaths()],
  };
}

function inventoryJob({ directory, roots }: AgentWorld) {
  return {
    kind: 'inventory' as const,
    database: directory.inventory,
    roots: roots.map((root) => filePathSchema.parse(new Uint8Array(Buffer.from(root)))),
    skip: [directory.root],
  };
}

/** First in its lane, and without holding up anything else: a file system that is dead must not keep the agent from starting. */
async function tidyVault({ log, signal }: AgentWorld, workshop: Workshop, open: readonly OpenEntry[]): Promise<void> {
  const openTasks = open.map(({ taskId }) => taskId);
  const { vault, keys, own } = workshop;
  const result = await runJob(workshop.child, { kind: 'tidy', vault, keys, own: [...own], openTasks }, signal);
  const notes = result.ok && result.answer.type === 'tidied' ? result.answer.notes : [];
  for (const note of notes) {
    log.warn(note);
  }
  if (!signal.aborted && (!result.ok || result.answer.type !== 'tidied')) {
    log.error('The vault could not be looked through; the next start tries again.', { result });
  }
}

/** What a task left in the spool that ended just before the agent did. */
function sweepSpool(spool: string, open: readonly OpenEntry[]): void {
  const kept = new Set<string>(open.map(({ taskId }) => taskId));
  for (const name of readdirSync(spool)) {
    if (taskIdSchema.safeParse(name).success && !kept.has(name)) {
      dropSpool(path.join(spool, name));
    }
  }
}

async function forgetOld({ clock, signal }: AgentWorld, journal: Journal): Promise<void> {
  while (!signal.aborted) {
    await journal.forget(clock.now());
    await pause(clock, forgetEvery, signal);
  }
}
