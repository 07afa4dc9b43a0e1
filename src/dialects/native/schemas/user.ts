import { z } from 'zod';
import { roleSchema } from '#core/access/role.ts';
import { type Contract, nothing } from './contract.ts';
import { instant, scopeTags } from './values.ts';

export const user = z
  .object({
    id: z.string(),
    email: z.string(),
    role: roleSchema,
    tags: scopeTags,
    createdAt: instant,
    mustChangePassword: z.boolean(),
    hasSecondFactor: z.boolean(),
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
      role: roleSchema,
      tags: scopeTags.default(null),
      mustChangePassword: z.boolean().default(false).meta({ description: 'Good for choosing another one only.' }),
    })
    .meta({ id: 'NewUser' }),
  status: 201,
  reply: user,
} as const satisfies Contract;
