import { z } from 'zod';
import { permissions } from '#core/access/permission.ts';
import { principalKinds } from '#core/access/principal.ts';
import { type Contract, nothing } from './contract.ts';
import { roleName, scopeTags } from './values.ts';

const principal = z
  .object({
    kind: z.enum(principalKinds),
    id: z.string(),
    name: z.string(),
    role: roleName,
    tags: scopeTags,
    permissions: z.array(z.enum(permissions)),
    account: z
      .object({
        hasSecondFactor: z.boolean(),
        recoveryCodesLeft: z.int(),
        hasPassword: z.boolean().meta({ description: 'False: they log in through the identity provider alone.' }),
      })
      .nullable()
      .meta({ description: 'How a person proves who they are; null for keys and the local administrator.' }),
  })
  .meta({ id: 'Principal' });

export const whoAmI = {
  name: 'whoAmI',
  summary: 'Who the server takes the caller for, and what the caller may do.',
  method: 'GET',
  path: '/me',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 200,
  reply: principal,
} as const satisfies Contract;
