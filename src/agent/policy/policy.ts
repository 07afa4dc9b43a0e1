import { z } from 'zod';
import type { Verb } from '#core/action/verb.ts';
import { displayPath, type FilePath } from '#core/file/file-path.ts';
import { compileGlob } from '#core/file/glob.ts';

/** What the owner of a machine allows or denies, by name. */
export const policyVerbs = ['fetch', 'quarantine', 'restore', 'purge', 'search', 'logs', 'scan'] as const;

/** What puts files back is a restore to the owner, in whichever words a server orders it. */
const ruledAs: Readonly<Record<Verb, (typeof policyVerbs)[number]>> = {
  fetch: 'fetch',
  quarantine: 'quarantine',
  restore: 'restore',
  restore_objects: 'restore',
  undo: 'restore',
  plan: 'restore',
  purge: 'purge',
  search: 'search',
  logs: 'logs',
  scan: 'scan',
};

const bytes = z.number().int().nonnegative();

const ruleSchema = z.object({
  name: z.string(),
  verbs: z.array(z.enum(policyVerbs)),
  /** The paths that it denies, see `compileGlob`; empty: the verbs as such, whatever the path. */
  globs: z.array(z.string()),
});

/** What the owner of an endpoint allows, whatever a server orders. Plain data: it travels to the children. */
export const policySchema = z.object({
  /** Null: as much as the file system has room for. */
  vaultQuotaBytes: bytes.nullable(),
  uploadBytesPerSecond: z.number().int().positive().nullable(),
  largestFetchBytes: bytes.nullable(),
  largestQuarantineBytes: bytes.nullable(),
  rules: z.array(ruleSchema),
});

export type EndpointPolicy = z.infer<typeof policySchema>;
type Rule = EndpointPolicy['rules'][number];

/** An endpoint without a policy file. */
export const openPolicy: EndpointPolicy = {
  vaultQuotaBytes: null,
  uploadBytesPerSecond: null,
  largestFetchBytes: null,
  largestQuarantineBytes: null,
  rules: [],
};

const unreadable = 'policy_unreadable';

/** An endpoint whose policy file cannot be followed: nothing is allowed, until it can. */
export const closedPolicy: EndpointPolicy = {
  ...openPolicy,
  rules: [{ name: unreadable, verbs: [...policyVerbs], globs: [] }],
};

/** What an order would do; the path is the real one wherever it is known, null where the order names none. */
export interface Deed {
  readonly verb: Verb;
  readonly path: FilePath | null;
  /** Bytes. */
  readonly size?: number;
}

/** @returns the name of the first rule that denies this; undefined: it is allowed. The caps have the names of their keys. */
export function ruleAgainst(policy: EndpointPolicy, { verb, path, size = 0 }: Deed): string | undefined {
  if (verb === 'fetch' && size > (policy.largestFetchBytes ?? Number.POSITIVE_INFINITY)) {
    return 'largest_fetch';
  }
  if (verb === 'quarantine' && size > (policy.largestQuarantineBytes ?? Number.POSITIVE_INFINITY)) {
    return 'largest_quarantine';
  }
  const shown = path === null ? null : displayPath(path);
  return policy.rules.find((rule) => rule.verbs.includes(ruledAs[verb]) && covers(rule, shown))?.name;
}

/** What a person is told, beside `details.rule`. */
export function denial(rule: string): string {
  if (rule === unreadable) {
    return `The policy of this endpoint cannot be followed, and until it can, every order is refused (rule "${rule}"). "custody agent status" there says why.`;
  }
  return `The policy of this endpoint forbids it (rule "${rule}").`;
}

function covers(rule: Rule, path: string | null): boolean {
  return rule.globs.length === 0 || (path !== null && matchersOf(rule).some((matches) => matches(path)));
}

const compiled = new WeakMap<Rule, readonly ((path: string) => boolean)[]>();

function matchersOf(rule: Rule): readonly ((path: string) => boolean)[] {
  const known = compiled.get(rule);
  if (known !== undefined) {
    return known;
  }
  const matchers = rule.globs.map(compileGlob);
  compiled.set(rule, matchers);
  return matchers;
}
