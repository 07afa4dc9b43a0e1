import { Fault } from '#core/fault.ts';
import type { Milliseconds } from '#core/time.ts';
import type { StatementResult } from '#store/backend.ts';
import { errorFacts } from '#store/drivers/sqlite/connection.ts';
import { SqliteConnections } from '#store/drivers/sqlite/connections.ts';
import type { ThreadRequest } from '#store/drivers/sqlite/protocol.ts';
import { SqliteFailure } from '#store/drivers/sqlite/sqlite-failure.ts';
import type { StoreThread } from '#store/drivers/sqlite/thread.ts';
import type { Life } from './life.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';
import type { Weather } from './weather.ts';

const longestStep: Milliseconds = 4;
/** Beyond every deadline of the store. */
const stall: Milliseconds = 30_000;

export interface ThreadSurroundings {
  readonly life: Life;
  readonly timeline: Timeline;
  readonly weather: Weather;
  readonly trace: Trace;
}

type Results = readonly StatementResult[];

/** The real SQLite and the store's own connections, run when a timeline says so; it fails as a disk or a network to a database does. */
export class SimulatedThread implements StoreThread {
  readonly #around: ThreadSurroundings;
  readonly #connections: SqliteConnections;
  readonly #waiting = new Set<(failure: Fault) => void>();
  /** When it is free for the next request. */
  #freeAt: Milliseconds = 0;
  #isEnded = false;

  constructor(path: string, around: ThreadSurroundings) {
    this.#around = around;
    this.#connections = new SqliteConnections(path);
  }

  get alive(): boolean {
    return !this.#isEnded;
  }

  request(request: ThreadRequest): Promise<Results> {
    if (this.#isEnded) {
      return Promise.reject(ended());
    }
    const { timeline, weather } = this.#around;
    const { promise, resolve, reject } = Promise.withResolvers<Results>();
    this.#waiting.add(reject);
    this.#freeAt = Math.max(timeline.now, this.#freeAt) + weather.delay(longestStep) + this.#stalls(request);
    timeline.at(this.#freeAt - timeline.now, () => {
      if (!this.#isEnded) {
        this.#answer(request, { resolve, reject });
      }
    });
    return promise;
  }

  async terminate(): Promise<void> {
    this.end();
    for (const reject of this.#waiting) {
      reject(ended());
    }
    this.#waiting.clear();
  }

  /** The program ends: what was not committed is rolled back, and nobody is left to be told. */
  end(): void {
    if (!this.#isEnded) {
      this.#isEnded = true;
      this.#connections.close();
    }
  }

  #stalls({ kind }: ThreadRequest): Milliseconds {
    return kind !== 'close' && kind !== 'rollback' && this.#around.weather.strikes('store_stalled') ? stall : 0;
  }

  #answer(request: ThreadRequest, waiter: Pick<PromiseWithResolvers<Results>, 'resolve' | 'reject'>): void {
    const { timeline, weather, trace } = this.#around;
    try {
      this.#failBefore(request);
      const results = this.#connections.obey(request);
      if (request.kind === 'commit' && request.connection === 0) {
        trace.note('the store has committed');
        if (weather.strikes('commit_unanswered')) {
          void this.terminate();
          return;
        }
      }
      this.#tell(request, () => waiter.resolve(results), waiter.reject);
    } catch (error) {
      const { code, message } = error instanceof SqliteFailure ? error : errorFacts(error);
      this.#tell(request, () => waiter.reject(new SqliteFailure(code, message)), waiter.reject);
    }
    this.#freeAt = Math.max(this.#freeAt, timeline.now);
  }

  #failBefore({ kind }: ThreadRequest): void {
    const { weather, trace } = this.#around;
    const fail = (code: string): never => {
      trace.note(`the store answers ${code} to ${kind}`);
      throw new SqliteFailure(code, 'simulated');
    };
    if (kind === 'begin' && weather.strikes('store_busy')) {
      fail('SQLITE_BUSY');
    }
    if (kind === 'run' && weather.strikes('store_broken')) {
      fail('SQLITE_IOERR_READ');
    }
    if (kind === 'commit' && weather.strikes('commit_refused')) {
      fail('SQLITE_FULL');
    }
  }

  /** Only what a commit has done is there whoever hears of it: an end before any other answer is an end before it was asked. */
  #tell({ kind }: ThreadRequest, tell: () => void, waiting: (failure: Fault) => void): void {
    const { timeline, weather, life } = this.#around;
    const now = () => {
      if (this.#waiting.delete(waiting) && !life.isOver) {
        tell();
      }
    };
    if (kind === 'commit') {
      timeline.at(weather.delay(longestStep), now);
    } else {
      now();
    }
  }
}

function ended(): Fault {
  return new Fault('unavailable', 'The thread that runs the store has ended. Try again.');
}

/** Answers at once: for whoever looks at the records from outside of time. */
export class InstantThread implements StoreThread {
  readonly alive = true;
  readonly #connections: SqliteConnections;

  constructor(path: string) {
    this.#connections = new SqliteConnections(path);
  }

  async request(request: ThreadRequest): Promise<Results> {
    return this.#connections.obey(request);
  }

  async terminate(): Promise<void> {
    this.#connections.close();
  }
}
