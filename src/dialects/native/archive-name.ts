import { safePart } from '#core/file/safe-part.ts';
import type { FetchedFile } from '#core/verbs/fetched-files.ts';

/** In UTF-16 units, so at most three times as many bytes: Linux takes 4,096. A longer path is left out. */
const longestName = 1_000;

/**
 * Where each file goes in a ZIP: a folder per endpoint, then the endpoint's own folders. Relative, with no `..`, and no
 * two alike, whatever the endpoints call their files.
 */
export function archiveNames(files: readonly FetchedFile[]): readonly string[] {
  const taken = new Set<string>();
  return files.map((file) => {
    const name = archiveName(file);
    const free = firstFree(name, taken);
    taken.add(free.toLowerCase());
    return free;
  });
}

function archiveName(file: FetchedFile): string {
  const host = safePart(file.endpoint?.hostName ?? 'endpoint');
  const parts = file.outcome?.displayPath.split(/[/\\]/).filter(isPart).map(safePart) ?? [];
  const folder = `${host}_${file.task.endpointId.slice(0, 8)}`;
  const whole = [folder, ...(parts.length > 0 ? parts : ['file'])].join('/');
  return whole.length <= longestName ? whole : [folder, ...parts.slice(-1)].join('/');
}

/** Two paths can have one name here: `a:b` and `a?b`, or `A` and `a`, which not every system tells apart. */
function firstFree(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number += 1) {
    free = `${name}.${number}`;
  }
  return free;
}

function isPart(text: string): boolean {
  return text !== '' && text !== '.' && text !== '..';
}
