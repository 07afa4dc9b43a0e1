import { parse, TomlError } from 'smol-toml';
import { z } from 'zod';
import { Fault } from '#core/fault.ts';
import { compileGlob } from '#core/file/glob.ts';
import { type EndpointPolicy, policyVerbs } from './policy.ts';

const units = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
const amount = /^(\d{1,12}) ?(B|KiB|MiB|GiB|TiB)$/;

const sizeWords = 'must be a number of bytes, or text such as "500 MiB" (B, KiB, MiB, GiB, TiB)';

/** Bytes, as a whole number or as text with a unit. */
const sizeSchema = z.union(
  [z.number().int().nonnegative(), z.string().regex(amount).transform(bytesOf).refine(Number.isSafeInteger)],
  sizeWords,
);

/** A glob that matches no absolute path would deny nothing, without anybody noticing. */
const pathSchema = z
  .string()
  .refine((glob) => /^(\/|\*\*|\\\\|[A-Za-z]:[\\/])/.test(glob), 'must begin with /, with ** or with a drive')
  .refine(isGlob, 'is no glob');

/** Both are words of the program's own: a rule of the file that had one would tell a lie about what denied. */
const ownNames = ['largest_fetch', 'largest_quarantine', 'policy_unreadable'];

const denySchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\w.: -]{1,100}$/, 'must be 1 to 100 letters, digits, spaces or one of _ . : -')
      .refine((name) => !ownNames.includes(name), 'is taken by the program itself'),
    verbs: z.array(z.enum(policyVerbs)).min(1).optional(),
    paths: z.array(pathSchema).min(1).max(1_000).optional(),
  })
  .refine((rule) => rule.verbs !== undefined || rule.paths !== undefined, 'must have verbs, or paths, or both');

const fileSchema = z.strictObject({
  vault_quota: sizeSchema.optional(),
  upload_rate: sizeSchema.refine((rate) => rate > 0, 'must be more than 0').optional(),
  largest_fetch: sizeSchema.optional(),
  largest_quarantine: sizeSchema.optional(),
  deny: z.array(denySchema).max(1_000).optional(),
});

/**
 * Reads the text of a policy file. What it does not know it does not take: a misspelt key would deny nothing.
 * @throws Fault `invalid_request` with the first thing that is wrong.
 */
export function parsePolicy(text: string): EndpointPolicy {
  const parsed = fileSchema.safeParse(readToml(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue === undefined || issue.path.length === 0 ? '' : `${placeOf(issue.path)}: `;
    throw new Fault('invalid_request', `${where}${issue?.message ?? 'it is no policy'}`, { cause: parsed.error });
  }
  const file = parsed.data;
  return {
    vaultQuotaBytes: file.vault_quota ?? null,
    uploadBytesPerSecond: file.upload_rate ?? null,
    largestFetchBytes: file.largest_fetch ?? null,
    largestQuarantineBytes: file.largest_quarantine ?? null,
    rules: (file.deny ?? []).map((rule) => ({
      name: rule.name,
      verbs: [...(rule.verbs ?? policyVerbs)],
      globs: [...(rule.paths ?? [])],
    })),
  };
}

/** As the owner of the file counts: `deny 1, verbs 2`. */
function placeOf(keys: readonly PropertyKey[]): string {
  const words = keys.map((key) => (typeof key === 'number' ? ` ${key + 1}` : `, ${String(key)}`));
  return words.join('').replace(/^, /, '');
}

function readToml(text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const words = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    const where = cause instanceof TomlError ? `, line ${cause.line}` : '';
    throw new Fault('invalid_request', `it is no TOML: ${words}${where}`, { cause });
  }
}

function bytesOf(text: string): number {
  const [, number, unit] = amount.exec(text) ?? [];
  return Number(number) * (Object.entries(units).find(([name]) => name === unit)?.[1] ?? Number.NaN);
}

function isGlob(glob: string): boolean {
  try {
    compileGlob(glob);
    return true;
  } catch {
    return false;
  }
}
