import type { Clock } from '#core/ports/clock.ts';
import { type Milliseconds, second } from '#core/time.ts';
import { DirectoryWatches } from '../inventory/directory-watches.ts';
import { openIndex } from '../inventory/index-file.ts';
import { largeSteps, lookAt, type Steps, scanSteps } from '../inventory/scan.ts';
import type { ScanResult, ScanTools } from '../inventory/scan-pass.ts';
import type { ChildRoom } from './child-room.ts';
import { type Job, type ScanRequest, scanRequestSchema } from './job.ts';

type InventoryJob = Extract<Job, { kind: 'inventory' }>;

/** A scan, or the reading of a large file, is set aside this often, to hear whether something is to be looked at meanwhile. */
const listenEvery: Milliseconds = second / 4;

/**
 * Serves scans and looks until the agent closes the pipe: one process instead of one per pass. A look need not wait for
 * the end of a scan, or of a large file.
 */
export async function serveInventory(room: ChildRoom, job: InventoryJob): Promise<void> {
  const index = openIndex(job.database);
  try {
    const system = job.watcher === null ? undefined : room.platform.watch;
    const watches =
      system === undefined || job.watcher === null ? undefined : new DirectoryWatches(system, job.watcher, index);
    const requests = new Requests(room.requests);
    const server = new Server(room, { room, index, roots: job.roots, skip: job.skip, watches }, requests);
    for (let request = await requests.next(); request !== undefined; request = await requests.next()) {
      await server.serve(request);
    }
    await requests.ended;
  } finally {
    index.close();
  }
}

class Server {
  private readonly room: ChildRoom;
  private readonly tools: ScanTools;
  private readonly requests: Requests;

  constructor(room: ChildRoom, tools: ScanTools, requests: Requests) {
    this.room = room;
    this.tools = tools;
    this.requests = requests;
  }

  async serve(request: ScanRequest): Promise<void> {
    const started = this.room.clock.now();
    const result = await this.perform(request);
    const milliseconds = Math.max(0, this.room.clock.now() - started);
    this.room.say({ type: 'scanned', of: request.type, milliseconds, ...result });
  }

  private perform(request: ScanRequest): Promise<ScanResult> | ScanResult {
    switch (request.type) {
      case 'scan':
        return this.inSteps(scanSteps(this.tools));
      case 'large':
        return this.inSteps(largeSteps(this.tools, request.path));
      case 'look':
        return lookAt(this.tools, request.paths);
    }
  }

  private async inSteps(steps: Steps): Promise<ScanResult> {
    let listened = this.room.clock.monotonic();
    for (;;) {
      const step = steps.next();
      if (step.done === true) {
        return step.value;
      }
      if (this.room.clock.monotonic() - listened >= listenEvery) {
        await turn(this.room.clock);
        await this.serveLooks();
        listened = this.room.clock.monotonic();
      }
    }
  }

  private async serveLooks(): Promise<void> {
    for (let look = this.requests.takeLook(); look !== undefined; look = this.requests.takeLook()) {
      await this.serve(look);
    }
  }
}

/** Requests are heard as they come, also while one is being served. */
class Requests {
  /** Rejects with whatever could not be understood. */
  readonly ended: Promise<void>;
  private readonly waiting: ScanRequest[] = [];
  private isEnded = false;
  private wake: (() => void) | undefined;

  constructor(frames: AsyncIterable<unknown>) {
    this.ended = this.hear(frames).finally(() => {
      this.isEnded = true;
      this.wake?.();
    });
    // It is awaited at the end; until then nobody minds.
    this.ended.catch(() => undefined);
  }

  /** Undefined when there will be no more. */
  async next(): Promise<ScanRequest | undefined> {
    while (this.waiting.length === 0 && !this.isEnded) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.waiting.shift();
  }

  takeLook(): ScanRequest | undefined {
    const at = this.waiting.findIndex(({ type }) => type === 'look');
    return at === -1 ? undefined : this.waiting.splice(at, 1)[0];
  }

  private async hear(frames: AsyncIterable<unknown>): Promise<void> {
    for await (const frame of frames) {
      this.waiting.push(scanRequestSchema.parse(frame));
      this.wake?.();
    }
  }
}

/** Lets everything else that waits in this process have its turn. */
function turn(clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.schedule(0, resolve));
}
