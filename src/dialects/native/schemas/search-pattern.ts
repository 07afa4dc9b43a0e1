import { z } from 'zod';
import { longestGlob, longestRegex } from '#core/action/verb.ts';
import { md5, path, sha1, sha256 } from './values.ts';

export const searchPattern = z
  .discriminatedUnion('by', [
    z.strictObject({ by: z.literal('sha256'), sha256 }),
    z.strictObject({ by: z.literal('sha1'), sha1 }),
    z.strictObject({ by: z.literal('md5'), md5 }),
    z.strictObject({ by: z.literal('path'), path }),
    z.strictObject({ by: z.literal('glob'), glob: z.string().min(1).max(longestGlob) }),
    z.strictObject({ by: z.literal('regex'), regex: z.string().min(1).max(longestRegex) }),
  ])
  .meta({ id: 'SearchPattern', description: 'Globs and regular expressions match the whole path as it is shown.' });
