import { z } from 'zod';
import type { Platform } from '#core/endpoint/platform.ts';
import type { FilePath } from '#core/file/file-path.ts';
import { readPosixPath, readWindowsPath } from '#core/file/full-path.ts';

/** A phrase of the vendor's, by which a connector recognises the mistake. */
const notAbsolute = 'is not a valid escaped full path';
/** The vendor's agents expand them, ours have an empty environment: better no file than another user's. */
const noVariables = `${notAbsolute}: agents expand no environment variables, so give the whole path`;
const variable = /^%[^%\\/]+%/;

/** A path that names one file on an endpoint of any platform. */
export const fullPathSchema = pathSchema((text) => readPosixPath(text) ?? readWindows(text));

const readers: Readonly<Record<Platform, (text: string) => FilePath | undefined>> = {
  linux: readPosixPath,
  macos: readPosixPath,
  windows: readWindows,
};

/** A path as one platform's list in a retrieval may have it. */
export function retrievablePathSchema(platform: Platform): z.ZodType<FilePath> {
  return pathSchema(readers[platform]);
}

function pathSchema(read: (text: string) => FilePath | undefined): z.ZodType<FilePath> {
  return z.string('must be a string').transform((text, context): FilePath => {
    const path = read(text);
    if (path === undefined) {
      context.addIssue(variable.test(text) ? noVariables : notAbsolute);
      return z.NEVER;
    }
    return path;
  });
}

/** Users escape a path that their client escapes again: `C:\\a` for `C:\a`. No full path has that by itself. */
function readWindows(text: string): FilePath | undefined {
  const isEscapedTwice = /^([A-Za-z]:\\\\|\\\\\\\\)/.test(text);
  return readWindowsPath(isEscapedTwice ? text.replaceAll('\\\\', '\\') : text);
}
