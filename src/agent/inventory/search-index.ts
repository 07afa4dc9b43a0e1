import { mostFound, type SearchPattern } from '#core/action/verb.ts';
import type { FilePath } from '#core/file/file-path.ts';
import type { RunningProcess } from '#core/outcome-details.ts';
import { HandleScope } from '../operations/handle-scope.ts';
import { pinIfPresent } from '../operations/pinned.ts';
import type { Platform } from '../platform/platform.ts';
import { UnsafePath } from '../platform/platform.ts';
import { directoryOf, separatorByte } from '../platform/separator.ts';
import { systemErrorCode } from '../platform/system-error.ts';
import type { Findings } from './findings.ts';
import { type IndexedFile, type IndexPlace, type InventoryIndex, joinPath } from './index-file.ts';
import { RealPaths } from './real-paths.ts';
import { nameMatcher } from './search-pattern.ts';
import type { SearchTools } from './search-tools.ts';

const pageSize = 1_000;

/** Asks the index: what is told was so when the file was last looked at. */
export function searchIndex(tools: SearchTools, index: InventoryIndex, findings: Findings): void {
  if (!index.complete) {
    findings.lose('the first scan has not come to its end: the index does not hold every file yet');
  }
  const running = new RunningFiles(tools.room.platform);
  // Nothing is looked at on the disk for a policy that has nothing to say.
  const really = new RealPaths(tools.room.platform, tools.policy.rules.length === 0 ? [] : tools.roots);
  for (const found of matching(tools, index, findings)) {
    tools.room.progress();
    if (findings.isFull) {
      return;
    }
    if (found.file !== undefined && findings.mayTell(found.path, really.of(found.path))) {
      const { path, sha256, size, modifiedNs } = found.file;
      findings.add({ path, sha256, size, modifiedNs, running: running.of(found) });
    }
  }
}

function matching(tools: SearchTools, index: InventoryIndex, findings: Findings): Iterable<IndexedFile> {
  const { pattern } = tools.parameters;
  switch (pattern.by) {
    case 'sha256':
      return index.withHash('sha256', pattern.sha256, 2 * mostFound);
    case 'sha1':
      return index.withHash('sha1', pattern.sha1, 2 * mostFound);
    case 'md5':
      return index.withHash('md5', pattern.md5, 2 * mostFound);
    case 'path': {
      const found = index.present(placeOf(pattern.path));
      return found === undefined ? [] : [found];
    }
    case 'glob':
    case 'regex':
      return byName(tools, pattern, { index, findings });
  }
}

function* byName(
  { room }: SearchTools,
  pattern: Extract<SearchPattern, { by: 'glob' | 'regex' }>,
  { index, findings }: { readonly index: InventoryIndex; readonly findings: Findings },
): Generator<IndexedFile> {
  const matches = nameMatcher(pattern, findings, room.clock.monotonic);
  let page = index.placesAfter(undefined, pageSize);
  while (page.length > 0 && !findings.isFull) {
    for (const place of page) {
      room.progress();
      const found = matches(joinPath(place.directory, place.name)) ? index.present(place) : undefined;
      if (found !== undefined) {
        yield found;
      }
      if (findings.isFull) {
        return;
      }
    }
    page = index.placesAfter(page.at(-1), pageSize);
  }
}

function placeOf(path: FilePath): IndexPlace {
  return { directory: directoryOf(path), name: path.subarray(path.lastIndexOf(separatorByte) + 1) };
}

/** Which files of the index processes run. Only those are looked at whose number some program has. */
class RunningFiles {
  private readonly platform: Platform;
  private readonly inodes: ReadonlySet<string>;

  constructor(platform: Platform) {
    this.platform = platform;
    this.inodes = new Set([...platform.runningPrograms()].map((each) => each.slice(each.indexOf(':') + 1)));
  }

  of({ path, inode }: IndexedFile): readonly RunningProcess[] {
    if (!this.inodes.has(inode)) {
      return [];
    }
    try {
      using scope = new HandleScope(this.platform);
      const parent = this.platform.openParent(path);
      scope.keep(parent.directory);
      const found = pinIfPresent(this.platform, scope, parent);
      return found === undefined ? [] : this.platform.processesRunning(found.facts);
    } catch (failure) {
      if (!(failure instanceof UnsafePath) && systemErrorCode(failure) === undefined) {
        throw failure;
      }
      return [];
    }
  }
}
