import { z } from 'zod';
import type { GroupRule } from '#core/access/identity.ts';
import { roles } from '#core/access/role.ts';
import { readScope } from '#core/access/scope.ts';
import { checkShape } from '#core/check-shape.ts';
import { Fault } from '#core/fault.ts';
import { isLoopback } from './loopback.ts';

const ruleSchema = z.strictObject({
  group: z.string().min(1).max(1_024),
  role: z.enum(roles),
  tags: z.array(z.string()).optional(),
});

const example = '[{"group":"soc","role":"Responder"},{"group":"soc-berlin","role":"Responder","tags":["berlin"]}]';

/** Strict, because a group that means something else than was meant lets somebody in: what is not understood is refused. */
export const groupRulesSchema = z.string().transform((text, context): readonly GroupRule[] => {
  try {
    return readRules(text);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) {
      throw thrown;
    }
    context.addIssue(thrown.message.replace(/\.$/, ''));
    return z.NEVER;
  }
});

function readRules(text: string): readonly GroupRule[] {
  const list = checkShape(z.array(z.unknown()).min(1).max(1_000), parseJson(text));
  if (!list.success) {
    throw wrong(`must be a JSON list of 1 to 1000 objects, for example ${example}`);
  }
  const rules = list.data.map(readRule);
  const twice = rules.find(({ group }, index) => rules.findIndex((other) => other.group === group) !== index);
  if (twice !== undefined) {
    throw wrong(`names the group "${twice.group}" twice`);
  }
  return rules;
}

function readRule(value: unknown, index: number): GroupRule {
  const checked = checkShape(ruleSchema, value);
  const place = `in its entry ${index + 1}`;
  if (!checked.success) {
    const issue = checked.error.issues[0];
    const field = issue?.path.join('.') ?? '';
    const known = field === 'role' ? `; the roles are ${roles.join(', ')}` : '';
    throw wrong(`has a mistake ${place}: ${field} ${issue?.message ?? 'is wrong'}${known}`);
  }
  const { group, role, tags = null } = checked.data;
  try {
    return { group, role, scope: readScope(tags) };
  } catch (cause) {
    throw wrong(`has a mistake ${place}: ${cause instanceof Error ? cause.message : 'its tags are wrong'}`, cause);
  }
}

function wrong(message: string, cause?: unknown): Fault {
  return new Fault('invalid_request', message, { cause });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Kept as it was written: a provider's name is compared character by character (OpenID Connect Discovery 1.0, 4.3). */
export const issuerSchema = z.string().refine(
  (text) => {
    const url = URL.parse(text);
    const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url));
    return url !== null && isSafe && !/[?#@\s]/.test(text);
  },
  { message: 'must be an https address without ? and #, for example https://login.example.org/realms/staff' },
);

export const scopesSchema = z.string().transform((text, context): string => {
  const scopes = text.split(/\s+/).filter((scope) => scope !== '');
  if (!scopes.includes('openid') || scopes.some((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))) {
    context.addIssue('must be names separated by blanks, and openid among them');
    return z.NEVER;
  }
  return [...new Set(scopes)].join(' ');
});
