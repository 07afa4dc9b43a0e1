import type { BuiltInRole } from './role.ts';
import type { Scope } from './scope.ts';

/** Who somebody is at a provider: the only pair that never means somebody else later (OpenID Connect Core 1.0, 2). */
export interface Identity {
  /** The provider's own name, an address. */
  readonly issuer: string;
  /** At most 255 printable ASCII characters; upper and lower case differ. */
  readonly subject: string;
}

/** Whether a text can be a subject (OpenID Connect Core 1.0, 2). */
export function isSubject(text: string): boolean {
  return /^[\x20-\x7e]{1,255}$/.test(text);
}

/**
 * Whether somebody is known to the provider that a server has now. A name at another says nothing here any more.
 * @param issuer undefined where there is no provider
 */
export function isKnownAt(issuer: string | undefined, { identity }: { readonly identity: Identity | null }): boolean {
  return identity !== null && identity.issuer === issuer;
}

/** What a provider has proved of somebody. */
export interface ProvenIdentity extends Identity {
  /** Lower case; undefined where the provider told none that could be an address. */
  readonly email: string | undefined;
  /** False only where the provider says that nobody has shown the address to be theirs. */
  readonly isEmailVerified: boolean;
  readonly groups: readonly string[];
}

/** What a group of the provider may do here. */
export interface GroupRule {
  /** As the provider writes it, character by character. */
  readonly group: string;
  readonly role: BuiltInRole;
  readonly scope: Scope;
}

export type Access = Pick<GroupRule, 'role' | 'scope'>;

/**
 * What somebody with these groups may do: the first rule that is about one of them gives the role, and every further one of the same
 * role adds its endpoints.
 * @returns undefined for somebody whom no rule is about.
 */
export function accessOfGroups(rules: readonly GroupRule[], groups: readonly string[]): Access | undefined {
  const about = rules.filter(({ group }) => groups.includes(group));
  const [first] = about;
  if (first === undefined) {
    return undefined;
  }
  const scopes = about.filter(({ role }) => role === first.role).map(({ scope }) => scope);
  return { role: first.role, scope: joined(scopes) };
}

function joined(scopes: readonly Scope[]): Scope {
  const tags = scopes.flatMap((scope) => (scope.kind === 'tags' ? scope.tags : []));
  return scopes.some(({ kind }) => kind === 'all')
    ? { kind: 'all' }
    : { kind: 'tags', tags: [...new Set(tags)].toSorted() };
}
