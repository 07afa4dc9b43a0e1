import { z } from 'zod';
import { type Contract, nothing } from './contract.ts';
import { user } from './user.ts';
import { instant } from './values.ts';

export const session = z
  .object({
    token: z.string().meta({ description: 'For `Authorization: Bearer`; shown this once.' }),
    expiresAt: instant,
    user,
  })
  .meta({ id: 'Session' });

export const logIn = {
  name: 'logIn',
  keyless: 'nobody has been identified whose key it could be',
  summary: 'Opens a session with e-mail address and password.',
  method: 'POST',
  path: '/sessions',
  parameters: nothing,
  query: nothing,
  body: z
    .strictObject({
      email: z.string().max(1_024),
      password: z.string().max(1_024),
      code: z
        .string()
        .max(32)
        .optional()
        .meta({ description: 'Of the second factor, where the account has one; or a recovery code.' }),
      newPassword: z.string().max(1_024).optional().meta({ description: 'Where the password has expired.' }),
    })
    .meta({ id: 'LogIn' }),
  status: 201,
  reply: session,
} as const satisfies Contract;

export const openBrowserSession = {
  name: 'openBrowserSession',
  keyless: 'nobody has been identified whose key it could be',
  summary: 'Opens a session, as `logIn` does, that the browser carries in a cookie which no script can read.',
  method: 'POST',
  path: '/sessions/browser',
  parameters: nothing,
  query: nothing,
  body: logIn.body,
  status: 201,
  reply: session.omit({ token: true }).meta({ id: 'BrowserSession' }),
} as const satisfies Contract;

export const logOut = {
  name: 'logOut',
  keyless: 'a session ends once, however often it is ended',
  summary: 'Ends the session whose token the request carries, in its header or its cookie.',
  method: 'DELETE',
  path: '/sessions/current',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 204,
  reply: null,
} as const satisfies Contract;
