import { displayPath } from '#core/file/file-path.ts';
import type { Handle } from '../platform/platform.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import type { Watching } from '../platform/watching.ts';
import type { InventoryIndex } from './index-file.ts';

/** The watches on the directories under the roots, added while they are walked. The index has which is whose. */
export class DirectoryWatches {
  private readonly reasons = new Set<string>();
  private readonly system: Watching;
  private readonly descriptor: number;
  private readonly index: InventoryIndex;
  private readonly most: number;
  private count: number;

  /** @param descriptor an open watcher's, inherited from the process that listens to it. */
  constructor(system: Watching, descriptor: number, index: InventoryIndex) {
    this.system = system;
    this.descriptor = descriptor;
    this.index = index;
    this.most = system.most();
    this.count = index.watchCount();
  }

  /** Why some changes are found by the periodic scan only, in words. */
  get blindness(): readonly string[] {
    return [...this.reasons];
  }

  /** A new scan of everything: what it finds counts. */
  begin(): void {
    this.reasons.clear();
    this.count = this.index.watchCount();
  }

  /** @returns the number of the watch, null when there is none to be had. */
  add(path: Uint8Array, directory: Handle): number | null {
    const known = this.index.watchOf(path);
    if (known === null && this.count >= this.most) {
      this.exhausted();
      return null;
    }
    try {
      const watch = this.system.add(this.descriptor, directory);
      this.count += watch === known ? 0 : 1;
      return watch;
    } catch (failure) {
      this.refused(path, failure);
      return null;
    }
  }

  /** A root on a file system that others can change behind this system's back, or one that is not there. */
  lookAtRoot(path: Uint8Array, directory: Handle | undefined): void {
    if (directory === undefined) {
      this.reasons.add(`cannot watch ${displayPath(path)}; changes are found by the periodic scan`);
    } else if (!this.system.hearsAll(directory)) {
      this.reasons.add(
        `changes that others make to the network file system of ${displayPath(path)} are found by the periodic scan`,
      );
    }
  }

  remove(watches: readonly number[]): void {
    for (const watch of watches) {
      this.system.remove(this.descriptor, watch);
      this.count -= 1;
    }
  }

  private refused(path: Uint8Array, failure: unknown): void {
    switch (systemErrorCode(failure)) {
      case 'ENOSPC':
        this.exhausted();
        return;
      case undefined:
        throw failure;
      default:
        this.reasons.add(`cannot watch ${displayPath(path)}; changes are found by the periodic scan`);
    }
  }

  private exhausted(): void {
    this.reasons.add(
      `the system allows ${this.most} directories to be watched (fs.inotify.max_user_watches); changes in others are found by the periodic scan`,
    );
  }
}
