import { type FilePath, filePathSchema } from '#core/file/file-path.ts';
import { HandleScope } from '../operations/handle-scope.ts';
import type { Platform } from '../platform/platform.ts';
import { separatorByte } from '../platform/separator.ts';
import { codeOf } from './walk.ts';

interface Start {
  readonly asked: Uint8Array;
  readonly real: Uint8Array;
}

/** Where files below a few directories really are, when the way to those leads through root's own links. */
export class RealPaths {
  private readonly starts: readonly Start[];

  constructor(platform: Platform, starts: readonly FilePath[]) {
    this.starts = starts.map((asked) => ({ asked, real: realPath(platform, asked) }));
  }

  of(path: FilePath): FilePath {
    const start = this.starts.find(({ asked }) => isWithin(asked, path));
    if (start === undefined || Buffer.compare(start.asked, start.real) === 0) {
      return path;
    }
    return filePathSchema.parse(new Uint8Array([...start.real, ...path.subarray(start.asked.length)]));
  }
}

/** The path itself when it cannot be reached, which whoever looks there finds out too. */
function realPath(platform: Platform, start: FilePath): Uint8Array {
  try {
    using scope = new HandleScope(platform);
    return platform.pathOf(scope.keep(platform.openDirectoryPath(start)));
  } catch (failure) {
    codeOf(failure);
    return start;
  }
}

function isWithin(directory: Uint8Array, path: Uint8Array): boolean {
  return (
    Buffer.compare(path.subarray(0, directory.length), directory) === 0 && path[directory.length] === separatorByte
  );
}
