import type { SignedBytes } from '#core/action/action.ts';
import type { TaskId } from '#core/action/action-id.ts';
import { readPrivateKey } from '#wire/signature.ts';
import { forgetOld } from './chores/forget-old.ts';
import { giveBackMemoryAgain } from './chores/give-back-memory.ts';
import { scrubWeekly } from './chores/scrub-weekly.ts';
import { sweepSpool } from './chores/sweep-spool.ts';
import { tidyVault } from './chores/tidy-vault.ts';
import { assembleCore } from './core.ts';
import { hostFacts } from './host-facts.ts';
import { Lineage } from './identity/lineage.ts';
import type { InventoryIndex } from './inventory/index-file.ts';
import { Reconciler } from './inventory/reconciler.ts';
import { openOrRenewIndex } from './inventory/renew-index.ts';
import { Journal } from './journal/journal.ts';
import { Bandwidth } from './link/bandwidth.ts';
import { inventoryJob, laneOf, meansOf, openLanes, workshopOf } from './means.ts';
import { Notices } from './notices.ts';
import { currentPlatform } from './platform/current.ts';
import { durableFiles } from './platform/durable-files.ts';
import { machineMark } from './platform/machine-mark.ts';
import type { Platform } from './platform/platform.ts';
import { PolicyKeeper } from './policy/policy-keeper.ts';
import { StatusFile } from './service/status-file.ts';
import { takeCarriedOrders } from './tasks/carried-orders.ts';
import { carryOut } from './tasks/carry-out.ts';
import { ClockNote } from './tasks/clock-note.ts';
import { Halt } from './tasks/halt.ts';
import { ServerClock } from './tasks/server-clock.ts';
import { dropSpool, spoolOf } from './tasks/spool.ts';
import type { AgentWorld } from './world.ts';

/** Puts an agent together and runs it until the signal is given. */
export async function runAgentIn(outer: AgentWorld): Promise<void> {
  const ending = new AbortController();
  const world = { ...outer, signal: AbortSignal.any([outer.signal, ending.signal]) };
  const { directory, clock, random, log, signal } = world;
  const clockNote = await ClockNote.open(durableFiles, directory.serverClock, log);
  const halt = await Halt.open(durableFiles, directory.halt, log);
  const { journal, open } = await Journal.open(durableFiles, directory.journal, log);
  sweepSpool(directory.spool, open);
  const index = openOrRenewIndex(directory.inventory, log);
  const platform = await currentPlatform();
  const parts = assemble(world, { journal, index, platform, halt, clockNote });
  const { lanes, link, runner, reconciler, serverClock, status, workshop, scrubbed, takesOrders } = parts;
  try {
    status.start();
    const tidied = lanes.vault.run('whole', () => tidyVault(workshop(), { open, log, signal }));
    for (const entry of open) {
      runner.start(entry);
    }
    // What comes over the link must find what they forestall.
    for (const entry of open) {
      await runner.forestall(entry);
    }
    reconciler.start();
    const scrubs = scrubWeekly({ workshop, clock, random, log, note: directory.scrubbed, scrubbed }, signal);
    const carried = takeCarriedOrders(
      { ...takesOrders, fs: durableFiles, directory: directory.carried, journal, clock, log },
      signal,
    );
    const chores = [
      forgetOld(serverClock, journal, signal),
      giveBackMemoryAgain(clock, log, signal),
      scrubs,
      tidied,
      carried,
    ];
    await Promise.all([link.run(signal), ...chores]);
  } finally {
    ending.abort();
    reconciler.stop();
    await runner.idle();
    index.close();
    status.stop();
  }
}

interface Stores {
  readonly journal: Journal;
  readonly index: InventoryIndex;
  readonly platform: Platform;
  readonly clockNote: ClockNote;
  readonly halt: Halt;
}

function assemble(world: AgentWorld, { journal, index, platform, halt, clockNote }: Stores) {
  const { identity, clock, random, log, net, signal, directory, servers } = world;
  const deviceKey = readPrivateKey(identity.devicePrivateKey).key;
  const serverClock = new ServerClock(clock, clockNote.former);
  const policy = new PolicyKeeper(world.policy, log);
  const notices = new Notices();
  const limitations = () => [...policy.limitations, ...notices.words];
  const facts = () => hostFacts(world.roots, limitations());
  const status = new StatusFile(directory.status, { clock, log, limitations: () => facts().limitations });
  const lineage = new Lineage(directory.lineage, { machine: machineMark(), log });
  const workshop = () => workshopOf(world, policy.current);
  const reconciler = new Reconciler(workshop().child, inventoryJob(world), {
    ...{ pace: world.pace, index, watch: platform.watch },
    scanned: (result) => {
      notices.scanned(result);
      feed.changed();
    },
  });
  const lanes = openLanes();
  const bandwidth = new Bandwidth(clock, () => policy.recent.uploadBytesPerSecond);
  const uploads = { net, clock: serverClock, random, log, deviceKey, bandwidth };
  const means = () => meansOf(world, { workshop: workshop(), uploads, lanes, scanning: reconciler });
  const { agent, link, runner, feed, vaultFeed } = assembleCore(
    { net, clock, random, log, signal, platform, fs: durableFiles },
    { directory, identity, lineage, journal, clockNote, serverClock, halt, index, servers },
    {
      facts,
      laneOf: ({ parameters }) => laneOf(lanes, parameters, policy.recent.vaultQuotaBytes),
      perform: (order, { gate, isResumed }) => carryOut(means(), { order, isResumed }, { signal, gate }),
      reported: (taskId, { parameters: { verb } }, files) => {
        if (verb === 'fetch' || verb === 'logs') {
          dropSpool(spoolOf(directory.spool, taskId));
        } else if (verb !== 'search' && verb !== 'scan') {
          reconciler.look(files.flatMap((file) => file.path ?? []));
        }
      },
      welcomed: () => status.welcomed(),
      lost: (why) => status.lost(why),
      noticed: (words) => notices.ledger(words),
    },
  );
  const scrubbed = (damaged: number) => {
    notices.scrubbed(damaged);
    vaultFeed.scrubbed();
  };
  const takesOrders = {
    take: ({ bytes, signature }: SignedBytes) => agent.heard({ type: 'order', order: bytes, signature }),
    hurry: (taskId: TaskId) => runner.hurry(taskId),
  };
  return { link, runner, reconciler, lanes, serverClock, status, workshop, scrubbed, takesOrders };
}
