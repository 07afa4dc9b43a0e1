import { expect } from 'bun:test';
import { Fault, type FaultCode } from '#core/fault.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Store } from '#core/ports/store/store.ts';

/** One database, empty at first. */
export interface StorePlace {
  /** A store on this database; several may be open at once where its reach is a cluster. */
  open(deadline?: number): Promise<Store>;
  /** One statement on a connection of its own, before any store is opened or beside it. */
  run(statement: string): Promise<readonly unknown[]>;
  /** Holds the writers' lock from a connection of its own, until the returned call lets go. */
  blockWriters(): Promise<() => Promise<void>>;
  /** Makes the database look as if a program of this version had migrated it. */
  pretendVersion(version: number): Promise<void>;
  /** Also closes what is left open. */
  remove(): Promise<void>;
}

export type MakePlace = () => Promise<StorePlace>;

export const defaultDeadline = 5_000;

export const testClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  schedule(delay, call) {
    const timer = setTimeout(call, delay);
    return () => clearTimeout(timer);
  },
};

/** Runs a test on an open store of its own. */
export function withStore<Place extends StorePlace>(
  makePlace: () => Promise<Place>,
  body: (store: Store, place: Place) => Promise<void>,
) {
  return async () => {
    const place = await makePlace();
    try {
      const store = await place.open();
      try {
        await body(store, place);
      } finally {
        await store.close();
      }
    } finally {
      await place.remove();
    }
  };
}

/** Fails unless the promise rejects with a Fault of this code. */
export async function expectFault(promise: Promise<unknown>, code: FaultCode): Promise<Fault> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(Fault);
  if (!(thrown instanceof Fault)) {
    throw new TypeError('No fault was thrown.');
  }
  expect(thrown.code).toBe(code);
  return thrown;
}
