import { ApiError } from '#sdk/api-error.ts';

interface Asked<Data> {
  readonly state: { readonly data: Data | undefined; readonly error: Error | null };
}

/** Whether the server says that there is nothing to see, or not for whoever asks. */
export function isRefused(failure: Error | null): failure is ApiError {
  return failure instanceof ApiError && [401, 403, 404].includes(failure.status);
}

/** Of a query: looks again until what it is about has ended, or the server refuses to tell of it. @param pause in milliseconds */
export function untilEnded<Data>(pause: number, hasEnded: (data: Data) => boolean) {
  return ({ state: { data, error } }: Asked<Data>): number | false =>
    isRefused(error) || (data !== undefined && hasEnded(data)) ? false : pause;
}
