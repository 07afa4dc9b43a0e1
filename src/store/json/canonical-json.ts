import type { Json } from '#core/custody/event.ts';

/** JSON with sorted keys and no spaces, so that the same value is always the same text. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_, part: Json) => (isPlainObject(part) ? sortKeys(part) : part));
}

function isPlainObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortKeys(value: { readonly [key: string]: Json }): { readonly [key: string]: Json } {
  // `__proto__` is a key like any other here, so it must not reach a setter.
  const entries = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries);
}
