import { safePart } from '#core/file/safe-part.ts';

/** What a file inside an archive is named after. */
export interface ArchivedFile {
  readonly endpointId: string;
  /** Hostile, like everything that an endpoint says. */
  readonly machineName: string;
  readonly displayPath: string;
}

/** In UTF-16 units, so at most three times as many bytes: Linux takes 4,096. */
const longestName = 1_000;
/**
 * One relative name per file, safe to unpack anywhere and unique without regard to case: the files' own names where
 * that is enough, their paths where names repeat, and a folder per machine where there are several.
 */
export function archiveNames(files: readonly ArchivedFile[]): readonly string[] {
  const folders = machineFolders(files);
  const named = (partsOf: (displayPath: string) => readonly string[]) =>
    files.map((file) => within(longestName, folders.get(file.endpointId) ?? [], partsOf(file.displayPath)));
  const short = named((displayPath) => parts(displayPath).slice(-1));
  const repeats = new Set(short.map(key)).size < short.length;
  const taken: Taken = { files: new Set(), folders: new Set(), numbers: new Map() };
  return (repeats ? named(parts) : short).map((name) => take(name, taken));
}

/** No folder for a single machine; machines that share a name get theirs told apart by the endpoint's id. */
function machineFolders(files: readonly ArchivedFile[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map(files.map((file) => [file.endpointId, safePart(file.machineName)]));
  if (names.size === 1) {
    return new Map([...names.keys()].map((id) => [id, []]));
  }
  const shared = Map.groupBy(names.values(), key);
  return new Map(
    [...names].map(([id, name]) => [
      id,
      [(shared.get(key(name))?.length ?? 0) > 1 ? `${name}-${id.slice(0, 12)}` : name],
    ]),
  );
}

function parts(displayPath: string): readonly string[] {
  const split = displayPath.startsWith('/') ? displayPath.split('/') : displayPath.split(/[/\\]/);
  const kept = split.filter((part) => part !== '');
  return kept.length === 0 ? ['_'] : kept.map(safePart);
}

/** A path that is too long to unpack is left out: its last part is the file's own name. */
function within(longest: number, folder: readonly string[], own: readonly string[]): string {
  const whole = [...folder, ...own].join('/');
  return whole.length <= longest ? whole : [...folder, ...own.slice(-1)].join('/');
}

interface Taken {
  readonly files: Set<string>;
  readonly folders: Set<string>;
  /** By name, the last number that was put behind it. */
  readonly numbers: Map<string, number>;
}

/** Paths that differ on the endpoint may meet once they are made safe: a number before the extension parts them. */
function take(name: string, taken: Taken): string {
  const flat = foldersOf(name).some((folder) => taken.files.has(key(folder))) ? name.replaceAll('/', '_') : name;
  const dot = flat.lastIndexOf('.');
  const stemEnd = dot > flat.lastIndexOf('/') + 1 ? dot : flat.length;
  const [start, end] = [flat.slice(0, stemEnd), flat.slice(stemEnd)];
  let candidate = flat;
  while (taken.files.has(key(candidate)) || taken.folders.has(key(candidate))) {
    const number = (taken.numbers.get(key(flat)) ?? 1) + 1;
    taken.numbers.set(key(flat), number);
    candidate = `${start} (${number})${end}`;
  }
  taken.files.add(key(candidate));
  for (const folder of foldersOf(candidate)) {
    taken.folders.add(key(folder));
  }
  return candidate;
}

function foldersOf(name: string): readonly string[] {
  const above = name.split('/').slice(0, -1);
  return above.map((_, index) => above.slice(0, index + 1).join('/'));
}

function key(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
