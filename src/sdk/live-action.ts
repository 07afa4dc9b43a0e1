import { actionProgress, followAction } from '#dialects/native/schemas/action.ts';
import type { ActionProgress } from './follow-action.ts';
import { hasEnded } from './has-ended.ts';
import { openStream, type StreamPorts } from './open-stream.ts';
import { readData } from './stream-data.ts';

/** How far an action is. */
export type Look = Pick<ActionProgress, 'status' | 'verb' | 'endpointsCount' | 'endedCount' | 'upload'>;

export interface Heard {
  readonly actionId: string;
  readonly onLook: ((look: Look) => void) | undefined;
}

/** What the server tells of an action by itself, beside whoever asks for it: they are woken when it has ended. */
export class LiveAction {
  readonly #ports: StreamPorts;
  readonly #left = new AbortController();
  #woken = new AbortController();
  #isLive = false;

  constructor(ports: StreamPorts, heard: Heard) {
    this.#ports = ports;
    void this.#listen(heard);
  }

  /** Whether something has come, and may come still. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Resolves after the time, in milliseconds, or once the action has ended. */
  async pause(milliseconds: number): Promise<void> {
    await this.#ports.pause(milliseconds, this.#woken.signal);
    if (this.#woken.signal.aborted) {
      // Once: what it heard counts only if the server says the same when it is asked.
      this.#woken = new AbortController();
    }
  }

  leave(): void {
    this.#left.abort();
  }

  async #listen({ actionId, onLook }: Heard): Promise<void> {
    const input = { parameters: { actionId }, query: {}, body: undefined, signal: this.#left.signal };
    try {
      for await (const frame of openStream(this.#ports, followAction, input)) {
        this.#isLive = true;
        if (frame.data !== '' && !this.#left.signal.aborted) {
          const progress = readData(actionProgress, frame);
          onLook?.(progress);
          if (hasEnded(progress)) {
            this.#woken.abort();
          }
        }
      }
    } catch {
      // Older servers have no streams, others no room for one, and connections break: whoever waits asks again and again.
    } finally {
      this.#isLive = false;
    }
  }
}
