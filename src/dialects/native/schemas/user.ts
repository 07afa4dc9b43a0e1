import { z } from 'zod';
import { type Contract, nothing } from './contract.ts';
import { openSession } from './open-session.ts';
import { instant, roleName, scopeTags } from './values.ts';

export const user = z
  .object({
    id: z.string(),
    email: z.string(),
    role: roleName,
    tags: scopeTags,
    createdAt: instant,
    disabled: z.boolean().meta({ description: 'Cannot log in until somebody enables them.' }),
    mustChangePassword: z.boolean(),
    hasSecondFactor: z.boolean(),
    recoveryCodesLeft: z.int(),
    identity: z
      .object({ issuer: z.string(), subject: z.string() })
      .nullable()
      .meta({ description: 'Who it is at the identity provider; null for who logs in with a password.' }),
  })
  .meta({ id: 'User' });

export const listUsers = {
  name: 'listUsers',
  summary: 'Everyone who can log in.',
  method: 'GET',
  path: '/users',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: z.object({ items: z.array(user) }).meta({ id: 'UserList' }),
} as const satisfies Contract;

export const createUser = {
  name: 'createUser',
  summary: 'Adds someone who can log in.',
  method: 'POST',
  path: '/users',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({
      email: z.string().max(254),
      password: z.string().max(1_024),
      role: roleName,
      tags: scopeTags.default(null),
      mustChangePassword: z.boolean().default(false).meta({ description: 'Good for choosing another one only.' }),
    })
    .meta({ id: 'NewUser' }),
  status: 201,
  reply: user,
} as const satisfies Contract;

const named = z.strictObject({
  user: z.string().min(1).max(254).meta({ description: 'Id or e-mail address.' }),
});

export const changeUser = {
  name: 'changeUser',
  summary: 'Changes the role or the scope of a user, or disables or enables them; their sessions end.',
  method: 'POST',
  path: '/users/{user}/changes',
  parameters: named,
  query: nothing,
  body: z
    .strictObject({
      role: roleName.optional(),
      tags: scopeTags.optional(),
      disabled: z.boolean().optional(),
    })
    .meta({ id: 'UserChanges' }),
  status: 200,
  reply: user,
} as const satisfies Contract;

export const deleteUser = {
  name: 'deleteUser',
  summary: 'Deletes a user for good; their sessions end, and what they did stays under their name.',
  method: 'DELETE',
  path: '/users/{user}',
  parameters: named,
  query: nothing,
  body: null,
  status: 204,
  reply: null,
} as const satisfies Contract;

export const resetPassword = {
  name: 'resetPassword',
  summary: 'Gives somebody another password, which they have to change at the next log-in; their sessions end.',
  method: 'POST',
  path: '/users/{user}/password/reset',
  parameters: named,
  query: nothing,
  body: z.strictObject({ password: z.string().max(1_024) }).meta({ id: 'PasswordReset' }),
  status: 200,
  reply: user,
} as const satisfies Contract;

const whichSessions = z.strictObject({
  session: z.string().max(64).optional().meta({ description: 'Id of the only one to end.' }),
});
const endedSessions = z.object({ ended: z.array(z.string()) }).meta({ id: 'EndedSessions' });
const sessionList = z.object({ items: z.array(openSession) }).meta({ id: 'OpenSessionList' });

export const listUserSessions = {
  name: 'listUserSessions',
  summary: 'Where somebody is logged in.',
  method: 'GET',
  path: '/users/{user}/sessions',
  parameters: named,
  query: nothing,
  body: null,
  status: 200,
  reply: sessionList,
} as const satisfies Contract;

export const endUserSessions = {
  name: 'endUserSessions',
  summary: 'Ends one session of somebody, or all of them, at once.',
  method: 'DELETE',
  path: '/users/{user}/sessions',
  parameters: named,
  query: whichSessions,
  body: null,
  status: 200,
  reply: endedSessions,
} as const satisfies Contract;

export const listOwnSessions = {
  name: 'listOwnSessions',
  summary: 'Where one is logged in.',
  method: 'GET',
  path: '/me/sessions',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: sessionList,
} as const satisfies Contract;

export const endOwnSessions = {
  name: 'endOwnSessions',
  keyless: 'a session ends once, however often it is ended',
  summary: 'Ends one of one’s own sessions, or all but the one that asks, at once.',
  method: 'DELETE',
  path: '/me/sessions',
  parameters: nothing,
  query: whichSessions,
  body: null,
  status: 200,
  reply: endedSessions,
} as const satisfies Contract;
