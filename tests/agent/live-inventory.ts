import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type IndexedFile, type InventoryIndex, openIndex } from '#agent/inventory/index-file.ts';
import { Reconciler, type Scanned } from '#agent/inventory/reconciler.ts';
import { inotify } from '#agent/platform/linux/inotify.ts';
import { childCommand } from '#agent/platform/program.ts';
import { systemClock } from '#agent/platform/system-clock.ts';
import type { Watching } from '#agent/platform/watching.ts';
import { displayPath } from '#core/file/file-path.ts';
import type { Log } from '#core/ports/log.ts';
import { until } from './until.ts';
import { pathOf, type VaultWorld, vaultWorld } from './vault-world.ts';

/** A directory whose inventory is kept by a real child, as an agent keeps it, without the agent. */
export interface LiveInventory extends Disposable {
  readonly world: VaultWorld;
  readonly files: string;
  readonly index: InventoryIndex;
  readonly scans: Scanned[];
  /** The files in the index, below the directory. */
  present(): readonly string[];
  find(file: string): IndexedFile | undefined;
  /** Waits until the index has just these files. */
  untilPresent(files: readonly string[]): Promise<void>;
  start(): Promise<void>;
  /** As an order to scan does. */
  rescan(): Promise<Scanned>;
}

interface LiveSettings {
  /** Nothing is scanned again unless somebody asks. */
  readonly isIdle?: boolean;
  readonly isWatched?: boolean;
  readonly watch?: Watching;
}

const never = 1_000_000_000;
/** An error of the child's is an error of the test. */
export const quietLog: Log = {
  ...{ debug: () => undefined, info: () => undefined, warn: () => undefined },
  error: (message, facts) => {
    throw new Error(message, { cause: facts });
  },
};

/** Nothing is found by scanning: after the first scan only changes that are told count. Unless nothing is watched. */
export async function liveInventory({
  isWatched = true,
  isIdle = isWatched,
  watch = inotify,
}: LiveSettings = {}): Promise<LiveInventory> {
  const world = await vaultWorld();
  const database = path.join(world.base, 'inventory.sqlite');
  const index = openIndex(database);
  const scans: Scanned[] = [];
  const job = { kind: 'inventory' as const, database, roots: [pathOf(world.files)], skip: [world.room.vault] };
  const reconciler = new Reconciler(
    { command: childCommand(), clock: systemClock, log: quietLog, patience: 20_000 },
    job,
    {
      pace: isIdle ? { shortest: never, longest: never, watched: never } : { shortest: 50, longest: 100 },
      ...{ index, watch: isWatched ? watch : undefined },
      scanned: (result) => scans.push(result),
    },
  );
  const all = () => index.presentAfter(undefined, 1_000_000);
  const present = () => all().map(({ path: each }) => path.relative(world.files, displayPath(each)));
  return {
    ...{ world, files: world.files, index, scans, present },
    find: (file) => all().find(({ path: each }) => displayPath(each) === path.join(world.files, file)),
    async untilPresent(files) {
      await until(() => present().join() === files.toSorted().join(), `${files.join()} in the index`).catch((cause) => {
        throw new Error(`The index has ${present().join()}.`, { cause });
      });
    },
    async start() {
      reconciler.start();
      await until(() => scans.some(({ of }) => of === 'scan'), 'the first scan');
    },
    rescan: () => reconciler.rescan(),
    [Symbol.dispose]: () => {
      reconciler.stop();
      index.close();
      world[Symbol.dispose]();
    },
  };
}

/** How many changes the kernel keeps for one that does not read them. */
export function queueLength(): number {
  return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
}
