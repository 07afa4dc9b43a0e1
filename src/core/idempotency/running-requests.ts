import type { RequestKey } from './answered-request.ts';

/** What is being carried out in this process under an Idempotency-Key. What other processes do is settled by the store. */
export class RunningRequests {
  readonly #fingerprints = new Map<string, string>();

  /** @returns the fingerprint of what runs under the key; undefined where nothing does. */
  fingerprintOf(key: RequestKey): string | undefined {
    return this.#fingerprints.get(nameOf(key));
  }

  begin(key: RequestKey, fingerprint: string): void {
    this.#fingerprints.set(nameOf(key), fingerprint);
  }

  end(key: RequestKey): void {
    this.#fingerprints.delete(nameOf(key));
  }
}

/** No id has a NUL. */
function nameOf({ principalKind, principalId, keyHash }: RequestKey): string {
  return [principalKind, principalId, keyHash].join('\0');
}
