/** Puts a value as the newest of a map; beyond `most` the oldest is forgotten. A `Map` keeps the order of insertion. */
export function remember<Value>(map: Map<string, Value>, [key, value]: readonly [string, Value], most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) {
    map.delete(oldest);
  }
}
