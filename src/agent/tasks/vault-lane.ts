import type { VaultShare } from '../operations/vault-share.ts';

interface Waiting {
  readonly share: VaultShare;
  readonly start: () => void;
}

/**
 * Lets work on different hashes go on side by side, so that what is stuck on a dead mount does not hold up the rest
 * (promise P10). It begins in the order in which it was handed in, but that work on one hash may pass work that waits for
 * another. What needs the whole vault waits for all before it, and all behind it waits for that.
 */
export class VaultLane {
  private readonly running = new Set<VaultShare>();
  private waiting: readonly Waiting[] = [];
  private readonly width: number;

  constructor(width: number) {
    this.width = width;
  }

  async run<Result>(share: VaultShare, work: () => Promise<Result>): Promise<Result> {
    await this.enter(share);
    try {
      return await work();
    } finally {
      this.running.delete(share);
      this.startWhatMay();
    }
  }

  private enter(share: VaultShare): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiting = [...this.waiting, { share, start: resolve }];
    this.startWhatMay();
    return promise;
  }

  private startWhatMay(): void {
    const staying: Waiting[] = [];
    for (const each of this.waiting) {
      if (this.mayStart(each.share, staying)) {
        this.running.add(each.share);
        each.start();
      } else {
        staying.push(each);
      }
    }
    this.waiting = staying;
  }

  private mayStart(share: VaultShare, before: readonly Waiting[]): boolean {
    if (share === 'whole') {
      return this.running.size === 0 && before.length === 0;
    }
    const isTaken = this.running.has('whole') || this.running.has(share);
    const isNext = before.every((each) => each.share !== 'whole' && each.share !== share);
    return !isTaken && isNext && this.running.size < this.width;
  }
}
