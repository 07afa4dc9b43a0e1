import type { User } from '../access/credential.ts';
import { type Access, accessOfGroups, type ProvenIdentity } from '../access/identity.ts';
import type { BuiltInRole } from '../access/role.ts';
import { tagsOf } from '../access/scope.ts';
import { serverActor } from '../custody/event.ts';
import { Fault } from '../fault.ts';
import type { IdentityProvider } from '../ports/identity-provider.ts';
import type { Transaction } from '../ports/store/store.ts';
import type { Milliseconds } from '../time.ts';
import { changesOf } from './change-user.ts';
import { isLastAdministrator } from './manage-access.ts';
import { identityFacts, reasonOf, refusalEvent, refusedLogIn } from './provider-refusal.ts';

export interface Arrival {
  readonly provider: Pick<IdentityProvider, 'name' | 'rules'>;
  readonly proven: ProvenIdentity;
  /** For somebody who was never here. */
  readonly newId: string;
  readonly at: Milliseconds;
  readonly remoteAddress: string;
}

/** The user, or why there is none; that is already written down, for it must stay when nobody is let in. */
export type Settled = { readonly user: User } | { readonly refusal: Fault };

const everythingRole: BuiltInRole = 'Instance Administrator';

type Credentials = Pick<Transaction, 'credentials' | 'events'>;

/**
 * Finds or makes the user whom the provider has proved, with what the groups of this moment allow. Users are found by issuer and subject
 * alone: an address can be given to somebody else, and must never be a way into the user who has it here.
 */
export async function settleProviderUser(transaction: Credentials, arrival: Arrival): Promise<Settled> {
  const { credentials, events } = transaction;
  const { proven, at, remoteAddress } = arrival;
  const known = await credentials.userByIdentity(proven);
  const judged = await judge(transaction, arrival, known);
  if (judged instanceof Fault) {
    if (known !== undefined) {
      await credentials.deleteSessionsOf(known.id, undefined);
    }
    const reason = reasonOf(judged) ?? 'no_role';
    await events.append([refusalEvent({ ...{ reason, remoteAddress, at, proven }, userId: known?.id ?? '' })]);
    return { refusal: judged };
  }
  const user =
    known === undefined
      ? await make(transaction, arrival, judged)
      : await refresh(transaction, { known, access: judged, at });
  return { user };
}

/** What somebody may do here, or why they may not come in. */
async function judge(
  { credentials }: Credentials,
  { proven, provider }: Arrival,
  known: User | undefined,
): Promise<Access | Fault> {
  const { email } = proven;
  if (known !== undefined && known.disabledAt !== null) {
    const message = `${known.email} was disabled on this server. Whoever manages access here can enable it again.`;
    return refusedLogIn('disabled', message, { code: 'permission_denied' });
  }
  const access = accessOfGroups(provider.rules, proven.groups);
  if (access === undefined) {
    const message = `${provider.name} knows you as ${email ?? proven.subject}, but none of your groups there has a role on this server. Ask its administrator for a group that has one.`;
    return refusedLogIn('no_role', message, { code: 'permission_denied' });
  }
  if (known !== undefined) {
    return (await keepsAnAdministrator(credentials, { known, issuer: proven.issuer }, access)) ?? access;
  }
  if (email === undefined) {
    const message = `${provider.name} tells no e-mail address of you, and users of this server are called by theirs. Have its administrator release it, or set CUSTODY_OIDC_EMAIL_CLAIM.`;
    return refusedLogIn('no_email', message, { code: 'permission_denied' });
  }
  if (!proven.isEmailVerified) {
    const message = `${provider.name} says that nobody has shown the e-mail address ${email} to be yours. Have it verified there, and log in again.`;
    return refusedLogIn('email_not_verified', message, { code: 'permission_denied' });
  }
  if ((await credentials.userByEmail(email)) !== undefined) {
    const message = `There is a user ${email} on this server already, and nothing shows that it is you. An administrator who knows can say so: custody user link ${email} --subject ${shellWord(proven.subject)}`;
    return refusedLogIn('email_taken', message, { code: 'conflict' });
  }
  return access;
}

/** Whom the groups of this moment would take everything, as the last who has it: then nobody could ever be given it again. */
async function keepsAnAdministrator(
  credentials: Credentials['credentials'],
  { known, issuer }: { readonly known: User; readonly issuer: string },
  { role, scope }: Access,
): Promise<Fault | undefined> {
  const stays = role === everythingRole && scope.kind === 'all';
  if (stays || !(await isLastAdministrator(credentials, issuer, known))) {
    return undefined;
  }
  const message = `Your groups do not make you an ${everythingRole} any more, and you are the last one here. Make another one first: on the machine itself, "custody user create" does it.`;
  return refusedLogIn('last_administrator', message, { code: 'conflict' });
}

/** The subject is the provider's word, and somebody will paste the line. */
function shellWord(text: string): string {
  return /^[\w.:@/+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

async function make(
  { credentials, events }: Credentials,
  { proven, newId, at }: Arrival,
  access: Access,
): Promise<User> {
  const identity = identityFacts(proven);
  const user: User = {
    id: newId,
    email: proven.email ?? '',
    passwordHash: null,
    ...access,
    createdAt: at,
    disabledAt: null,
    passwordChangedAt: at,
    mustChangePassword: false,
    secondFactor: null,
    identity,
  };
  await credentials.insertUser(user);
  const { id: userId, email, role } = user;
  const facts = { userId, email, role, tags: tagsOf(user.scope), ...identity };
  await events.append([{ type: 'user_created', at, actor: serverActor, facts }]);
  return user;
}

interface Refreshed {
  readonly known: User;
  readonly access: Access;
  readonly at: Milliseconds;
}

async function refresh({ credentials, events }: Credentials, { known, access, at }: Refreshed): Promise<User> {
  const { role, scope } = access;
  const user = { ...known, role, scope };
  // It is the provider's groups that give and take, at the word of whoever wrote the rules.
  const happened = changesOf(known, user, { at, by: serverActor });
  if (happened.length === 0) {
    return known;
  }
  await credentials.updateUser(user);
  await events.append(happened);
  return user;
}
