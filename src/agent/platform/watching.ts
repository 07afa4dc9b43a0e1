/** What the system told of one name in a watched directory, or of the directory itself where the name is empty. */
export interface Change {
  /** What `add` gave for the directory. */
  readonly watch: number;
  readonly name: Uint8Array;
  /** The one that was changing it may go on: it was made or written to, and is not closed yet. */
  readonly isUnderWay: boolean;
}

export interface ChangeHandlers {
  changed(changes: readonly Change[]): void;
  /** Changes were lost: only a scan can tell which. */
  overflowed(): void;
}

/** An open source of changes. Nothing runs and nothing is read while nothing changes. */
export interface Watcher {
  /** What a child is given as an open descriptor, so that it can add directories in the parent's stead. */
  readonly descriptor: number;
  close(): void;
}

/** How an operating system tells of changes in directories, which are open handles. Failures are thrown with the system's code. */
export interface Watching {
  open(handlers: ChangeHandlers): Watcher;
  /** The same directory always has the same number. @throws SystemError `ENOSPC` when the system has no more to give. */
  add(descriptor: number, directory: number): number;
  /** One that has gone by itself is no error. */
  remove(descriptor: number, watch: number): void;
  /** How many directories may be watched at a time, with a share left for others. */
  most(): number;
  /** False for a file system that others may change without this system hearing of it, such as a network's. */
  hearsAll(directory: number): boolean;
}
