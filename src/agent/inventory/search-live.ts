import { createHash } from 'node:crypto';
import { displayPath, type FilePath } from '#core/file/file-path.ts';
import { type Sha256, sha256Schema } from '#core/file/hash.ts';
import { HandleScope } from '../operations/handle-scope.ts';
import { pinIfPresent } from '../operations/pinned.ts';
import { eachChunk } from './each-chunk.ts';
import type { Findings } from './findings.ts';
import { joinPath } from './index-file.ts';
import { RealPaths } from './real-paths.ts';
import { nodesOf } from './scan-pass.ts';
import { nameMatcher } from './search-pattern.ts';
import type { SearchTools } from './search-tools.ts';
import { codeOf, type WalkedFile, walk } from './walk.ts';

interface Live {
  readonly tools: SearchTools;
  readonly findings: Findings;
  readonly programs: ReadonlySet<string>;
}

/** Looks at the file system as it is now, below one directory or all roots. Every file that is told was just hashed. */
export function searchLive(tools: SearchTools, findings: Findings): void {
  const live = { tools, findings, programs: tools.room.platform.runningPrograms() };
  const { pattern, under } = tools.parameters;
  if (pattern.by === 'path') {
    lookAtPath(live, pattern.path);
    return;
  }
  const isHit = hitTest(live);
  for (const start of under === null ? tools.roots : [under]) {
    searchBelow(live, start, isHit);
  }
}

function searchBelow(live: Live, start: FilePath, isHit: HitTest): void {
  const { room, skip } = live.tools;
  const { findings } = live;
  const walking = {
    ...{ platform: room.platform, skipped: nodesOf(skip), progress: room.progress },
    couldNotRead: (what: string) => findings.couldNotRead(what),
    lose: (words: string) => findings.lose(words),
    notBegun: () => findings.noFolder(),
  };
  const really = new RealPaths(room.platform, [start]);
  for (const file of walk(walking, start)) {
    if (findings.isFull) {
      return;
    }
    isHit(file, really.of(file.path));
  }
}

/** Adds the file to what was found, where it is one. */
type HitTest = (file: WalkedFile, real: FilePath) => void;

function hitTest(live: Live): HitTest {
  const { findings, tools } = live;
  const { pattern } = tools.parameters;
  switch (pattern.by) {
    case 'glob':
    case 'regex': {
      const matches = nameMatcher(pattern, findings, tools.room.clock.monotonic);
      return (file, real) => {
        if (matches(file.path) && findings.mayTell(file.path, real)) {
          addHit(live, file, () => true);
        }
      };
    }
    case 'path':
      return () => undefined;
    case 'sha256':
      return byHash(live, (hashes) => hashes.sha256 === pattern.sha256);
    case 'sha1':
      return byHash(live, (hashes) => hashes.sha1 === pattern.sha1);
    case 'md5':
      return byHash(live, (hashes) => hashes.md5 === pattern.md5);
  }
}

/** What may not be told is not read either, so that nothing is learned of it, not even how many there are. */
function byHash(live: Live, isRight: (hashes: Hashes) => boolean): HitTest {
  return (file, real) => {
    if (live.findings.mayTell(file.path, real)) {
      addHit(live, file, isRight);
    }
  };
}

function addHit({ tools, findings, programs }: Live, file: WalkedFile, isRight: (hashes: Hashes) => boolean): void {
  const { platform } = tools.room;
  const { path, facts } = file;
  const read = readHashes(tools, file);
  if (typeof read === 'string') {
    findings.couldNotRead(`${displayPath(path)}: ${read}`);
  } else if (isRight(read)) {
    const isRunning = programs.has(`${facts.device}:${facts.inode}`);
    const running = isRunning ? platform.processesRunning(facts) : [];
    findings.add({ path, sha256: read.sha256, size: read.size, modifiedNs: String(facts.modifiedNs), running });
  }
}

function lookAtPath(live: Live, path: FilePath): void {
  const { findings } = live;
  const { platform } = live.tools.room;
  try {
    using scope = new HandleScope(platform);
    const parent = platform.openParent(path);
    scope.keep(parent.directory);
    const real = joinPath(platform.pathOf(parent.directory), parent.name);
    const found = pinIfPresent(platform, scope, parent);
    if (found?.facts.kind !== 'file' || !findings.mayTell(path, real)) {
      return;
    }
    if (platform.isPseudo(found.pin)) {
      findings.lose(`the kernel makes up ${displayPath(path)}: it is not searched`);
      return;
    }
    addHit(live, { ...found, path }, () => true);
  } catch (failure) {
    const code = codeOf(failure);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      findings.couldNotRead(`${displayPath(path)}: ${code}`);
    }
  }
}

interface Hashes {
  readonly sha256: Sha256;
  readonly sha1: string;
  readonly md5: string;
  readonly size: number;
}

/** @returns the code of the system's failure when the file cannot be read. */
function readHashes({ room, parameters }: SearchTools, { pin }: WalkedFile): Hashes | string {
  const { by } = parameters.pattern;
  const sha256 = createHash('sha256');
  const sha1 = by === 'sha1' ? createHash('sha1') : undefined;
  const md5 = by === 'md5' ? createHash('md5') : undefined;
  let size: number;
  try {
    using scope = new HandleScope(room.platform);
    size = eachChunk(scope.keep(room.platform.openPinned(pin)), room.progress, (chunk) => {
      sha256.update(chunk);
      sha1?.update(chunk);
      md5?.update(chunk);
    });
  } catch (failure) {
    return codeOf(failure);
  }
  return {
    sha256: sha256Schema.parse(sha256.digest('hex')),
    sha1: sha1?.digest('hex') ?? '',
    md5: md5?.digest('hex') ?? '',
    size,
  };
}
