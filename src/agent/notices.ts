import type { Scanned } from './inventory/reconciler.ts';

/** Limitations that show only while working, for the server and for `agent status`. */
export class Notices {
  private ofScan: readonly string[] = [];
  private ofVault: readonly string[] = [];
  private ofLedger: readonly string[] = [];

  get words(): readonly string[] {
    return [...this.ofLedger, ...this.ofVault, ...this.ofScan];
  }

  /** What a look at a few files finds is not all that there is to say. */
  scanned({ of, unreadable, notes }: Scanned): void {
    if (of === 'scan') {
      const count = unreadable === 0 ? [] : [`${unreadable} files or directories under the roots cannot be read`];
      this.ofScan = [...count, ...notes];
    }
  }

  ledger(words: readonly string[]): void {
    this.ofLedger = words;
  }

  scrubbed(damaged: number): void {
    this.ofVault = damaged === 0 ? [] : [`${damaged} objects of the vault are damaged and cannot be restored`];
  }
}
