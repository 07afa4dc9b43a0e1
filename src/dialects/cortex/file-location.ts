import { z } from 'zod';
import type { Platform } from '#core/endpoint/platform.ts';
import type { FilePath } from '#core/file/file-path.ts';
import { readPosixPath, readWindowsPath } from '#core/file/full-path.ts';

/** A phrase of the vendor's, by which a connector recognises the mistake. */
const notAbsolute = 'is not a valid escaped full path';

/** Windows alone, and in retrievals alone, takes environment variables. */
const variable = /^%[^%\\/]+%[\\/]/;

/** A path that names one file on an endpoint of any platform. */
export const fullPathSchema = z.string('must be a string').transform((text, context): FilePath => {
  const path = readPosixPath(text) ?? readWindowsPath(text);
  if (path === undefined) {
    context.addIssue(notAbsolute);
    return z.NEVER;
  }
  return path;
});

const readers: Readonly<Record<Platform, (text: string) => FilePath | undefined>> = {
  linux: readPosixPath,
  macos: readPosixPath,
  windows: (text) => readWindowsPath(text, variable),
};

/** A path as one platform's list in a retrieval may have it. */
export function retrievablePathSchema(platform: Platform): z.ZodType<FilePath> {
  return z.string('must be a string').transform((text, context): FilePath => {
    const path = readers[platform](text);
    if (path === undefined) {
      context.addIssue(notAbsolute);
      return z.NEVER;
    }
    return path;
  });
}
