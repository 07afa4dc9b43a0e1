import type { EndpointId } from '#core/endpoint/endpoint-id.ts';

type Listener = (revoked: ReadonlySet<EndpointId>) => void;

/** Tells the parts of one server which endpoints were revoked, by whichever server of the installation. */
export class Revocations {
  readonly #listeners: Listener[] = [];

  /** For the life of the server. */
  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  tell(ids: readonly EndpointId[]): void {
    if (ids.length > 0) {
      const revoked = new Set(ids);
      for (const listener of this.#listeners) {
        listener(revoked);
      }
    }
  }
}
