import { z } from 'zod';
import type { Platform } from '#core/endpoint/platform.ts';
import { type FilePath, isFilePath, longestPath, parsePath } from '#core/file/file-path.ts';

/** A phrase of the vendor's, by which a connector recognises the mistake. */
const notAbsolute = 'is not a valid escaped full path';

const drive = /^[A-Za-z]:[\\/]/;
const share = /^\\\\[^\\/]/;
/** Windows alone, and in retrievals alone, takes environment variables. */
const variable = /^%[^%\\/]+%[\\/]/;

/** A path that names one file on an endpoint of any platform. */
export const fullPathSchema = z.string('must be a string').transform((text, context): FilePath => {
  const path = posixPath(text) ?? windowsPath(text, [drive, share]);
  if (path === undefined) {
    context.addIssue(notAbsolute);
    return z.NEVER;
  }
  return path;
});

const readers: Readonly<Record<Platform, (text: string) => FilePath | undefined>> = {
  linux: posixPath,
  macos: posixPath,
  windows: (text) => windowsPath(text, [drive, share, variable]),
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

/** With the escapes of `displayPath`, for names that are no UTF-8. */
function posixPath(text: string): FilePath | undefined {
  const length = new TextEncoder().encode(text).length;
  const full = text.startsWith('/') && length <= longestPath && !/\0|\\x00/.test(text);
  return full ? parsePath(text) : undefined;
}

/** Taken literally: in a Windows path, `\x64` is a directory. */
function windowsPath(text: string, forms: readonly RegExp[]): FilePath | undefined {
  const bytes = new TextEncoder().encode(text);
  return forms.some((form) => form.test(text)) && isFilePath(bytes) ? bytes : undefined;
}
