import type { FilePath } from '#core/file/file-path.ts';
import type { Sha256 } from '#core/file/hash.ts';
import type { RunningProcess, SearchCut } from '#core/outcome-details.ts';
import type { Milliseconds } from '#core/time.ts';
import { type Ending, ending } from '../operations/ending.ts';
import { type EndpointPolicy, ruleAgainst } from '../policy/policy.ts';

/** One file that matches. */
export interface Hit {
  readonly path: FilePath;
  /** Null when its bytes could not be read, which `losses` then says. */
  readonly sha256: Sha256 | null;
  readonly size: number;
  readonly modifiedNs: string;
  readonly running: readonly RunningProcess[];
  readonly losses?: readonly string[];
}

export interface FindingsSettings {
  readonly policy: EndpointPolicy;
  readonly live: boolean;
  readonly limit: number;
  readonly ends: Milliseconds;
  readonly monotonic: () => Milliseconds;
}

/** What the files of one report may take, so that it fits a frame with all its paths. */
const mostBytes = 3.5 * 1024 * 1024;
/** What a file takes beside its path and its processes, at most. */
const bytesPerFile = 400;
const bytesPerProcess = 48;
/** Told of one search beside its files. */
const mostLosses = 16;
const longestLoss = 500;

/** What a search has found so far, and what it has to say of what it did not look at. */
export class Findings {
  private readonly hits: Hit[] = [];
  private readonly losses: string[] = [];
  private readonly settings: FindingsSettings;
  private denied = 0;
  private unreadable = 0;
  private firstUnreadable: string | undefined;
  private bytes = 0;
  private hasMore = false;
  /** Why the search was broken off. */
  private brokenOff: string | undefined;
  private cut: SearchCut | undefined;

  constructor(settings: FindingsSettings) {
    this.settings = settings;
  }

  /** Whether there is no use in going on. */
  get isFull(): boolean {
    if (this.settings.monotonic() > this.settings.ends) {
      this.breakOff('it took too long', 'time');
    }
    return this.hasMore || this.brokenOff !== undefined;
  }

  /**
   * Whether the endpoint's own policy lets a file that matches be told; counts it where not.
   * @param real where the file really is, when that is not the path that is told.
   */
  mayTell(path: FilePath, real: FilePath = path): boolean {
    const isDenied = [path, real].some(
      (each) => ruleAgainst(this.settings.policy, { verb: 'search', path: each }) !== undefined,
    );
    this.denied += isDenied ? 1 : 0;
    return !isDenied;
  }

  add(hit: Hit): void {
    const bytes = bytesPerFile + hit.path.length + bytesPerProcess * hit.running.length;
    if (this.hits.length === this.settings.limit) {
      this.hasMore = true;
      this.cut ??= 'limit';
    } else if (this.bytes + bytes > mostBytes) {
      this.breakOff('a report holds no more files', 'report');
    } else {
      this.bytes += bytes;
      this.hits.push(hit);
    }
  }

  couldNotRead(what: string): void {
    this.unreadable += 1;
    this.firstUnreadable ??= what;
  }

  lose(words: string): void {
    if (this.losses.length < mostLosses && !this.losses.includes(words)) {
      this.losses.push(words);
    }
  }

  breakOff(why: string, cut: SearchCut = 'time'): void {
    this.brokenOff ??= why;
    this.cut ??= cut;
  }

  /** Where it was to begin cannot be opened. */
  noFolder(): void {
    this.cut ??= 'no_folder';
  }

  /** At least one; what was lost stands with the first. */
  endings(): readonly Ending[] {
    const losses = this.allLosses().map((words) => words.slice(0, longestLoss));
    const [first, ...others] = this.hits.map((hit) => this.endingOf(hit));
    return first === undefined
      ? [this.nothing(losses)]
      : [
          { ...first, losses: [...first.losses, ...losses], details: { ...first.details, ...this.cutDetail } },
          ...others,
        ];
  }

  private nothing(losses: string[]): Ending {
    return this.brokenOff === undefined
      ? ending({ outcome: 'done', message: 'No file matches.', losses, details: this.cutDetail })
      : ending({
          outcome: 'interrupted',
          message: `The search was broken off before it found a file: ${this.brokenOff}.`,
          losses,
          details: this.cutDetail,
        });
  }

  private get cutDetail(): { readonly cut?: SearchCut } {
    return this.cut === undefined ? {} : { cut: this.cut };
  }

  private endingOf({ path, sha256, size, modifiedNs, running, losses = [] }: Hit): Ending {
    const { live } = this.settings;
    return ending({
      outcome: 'done',
      message: live ? 'Found on the file system.' : 'Found in the index.',
      ...{ path, sha256, size, losses: [...losses] },
      details: { modifiedNs, live, ...(running.length === 0 ? {} : { running: [...running] }) },
    });
  }

  private allLosses(): readonly string[] {
    const words = [...this.losses];
    if (this.hasMore) {
      words.push(`there are more files than the limit of ${this.settings.limit}`);
    }
    if (this.brokenOff !== undefined) {
      words.push(`the search was broken off: ${this.brokenOff}`);
    }
    if (this.denied > 0) {
      words.push(`${this.denied} files were left out, because the policy of this endpoint does not let them be told`);
    }
    if (this.unreadable > 0) {
      words.push(`${this.unreadable} files or directories could not be read, the first: ${this.firstUnreadable ?? ''}`);
    }
    return words;
  }
}
