/** One line of the table: what was tried for one promise, and how it went. */
export interface ProofRow {
  /** As in `P1`; several stand apart by a comma. */
  readonly promise: string;
  readonly what: string;
  /** How many points, worlds, seeds or moments were tried. */
  readonly points: number;
  readonly violations: number;
  /** How often the naive control lost in the same run; null where the proof needs none. */
  readonly controlViolations: number | null;
  /** Points that this machine could not try; the reasons are printed. */
  readonly skipped: number;
}

export interface ProofContext {
  /** The part that fits into CI, instead of everything. */
  readonly sample: boolean;
  /** Where chance comes from: the same seed tries the same things. */
  readonly seed: number;
  /** How often a proof that kills at drawn moments shall do so; undefined: as often as it thinks right. */
  readonly kills: number | undefined;
  /** The product's own child, built from `src/agent/child/entry.ts`. */
  readonly child: readonly [string, ...string[]];
  /** The naive program that must lose, see `controls/naive.ts`. */
  readonly control: readonly [string, ...string[]];
  /** An empty directory, root's alone but passable, that is removed when the proof ends. */
  readonly scratch: string;
  readonly say: (line: string) => void;
}

export interface Proof {
  /** How `--only` names it, beside its promises. */
  readonly name: string;
  readonly promises: readonly string[];
  /** Only `npm run prove` without `--sample` has the time. */
  readonly tooLongForSample?: true;
  run(context: ProofContext): Promise<readonly ProofRow[]>;
}

const longestWhere = 600;

/** Counts one row and prints what went wrong as it happens, with all that is needed to try the point again. */
export class Tally {
  private points = 0;
  private violations = 0;
  private controlViolations: number | null = null;
  private readonly skips: string[] = [];
  private readonly context: Pick<ProofContext, 'say' | 'seed'>;
  private readonly promise: string;
  private readonly what: string;

  constructor(context: Pick<ProofContext, 'say' | 'seed'>, promise: string, what: string) {
    this.context = context;
    this.promise = promise;
    this.what = what;
  }

  /** @param wrongs every way in which the promise was broken at this point; none is good. */
  point(where: string, wrongs: readonly string[]): void {
    this.points += 1;
    if (wrongs.length > 0) {
      this.violations += 1;
      this.context.say(
        `${this.promise} VIOLATED, seed ${this.context.seed}, at ${where.slice(0, longestWhere)}: ${wrongs.join('; ')}`,
      );
    }
  }

  /** Many tries at once, of which some went wrong. */
  many(points: number, wrongs: number, how: string): void {
    this.points += points;
    this.violations += wrongs;
    if (wrongs > 0) {
      this.context.say(`${this.promise} VIOLATED ${wrongs} times in ${points}: ${how}`);
    }
  }

  controls(losses: number): void {
    this.controlViolations = (this.controlViolations ?? 0) + losses;
  }

  /** A point of the control, which is there to lose. */
  control(lost: boolean): void {
    this.controlViolations = (this.controlViolations ?? 0) + (lost ? 1 : 0);
  }

  skip(points: number, reason: string): void {
    this.skips.push(...Array<string>(points).fill(reason));
    this.context.say(`${this.promise} skipped ${points}: ${this.what} [${reason}]`);
  }

  row(): ProofRow {
    const { promise, what, points, violations, controlViolations } = this;
    return { promise, what, points, violations, controlViolations, skipped: this.skips.length };
  }
}

/** Whether a row is as it must be: nothing broken, something tried or skipped aloud, and the control lost. */
export function isGood({ points, violations, controlViolations, skipped }: ProofRow): boolean {
  return violations === 0 && controlViolations !== 0 && points + skipped > 0;
}
