import { z } from 'zod';
import { type Contract, nothing } from './contract.ts';

const password = z.string().max(1_024);
const code = z.string().min(6).max(32).meta({ description: 'Six digits, or a recovery code.' });
const recoveryCodes = z
  .object({
    recoveryCodes: z.array(z.string()).meta({ description: 'Each takes the place of a code, once; shown this once.' }),
  })
  .meta({ id: 'RecoveryCodes' });

export const changePassword = {
  name: 'changePassword',
  keyless: 'wrong passwords must be counted, and a second change would need the new one',
  summary: 'Changes one’s own password; all other sessions of the user end.',
  method: 'POST',
  path: '/me/password',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ oldPassword: password, newPassword: password }).meta({ id: 'PasswordChange' }),
  status: 204,
  reply: null,
} as const satisfies Contract;

export const expirePassword = {
  name: 'expirePassword',
  summary: 'Makes somebody choose another password at the next log-in; open sessions stay.',
  method: 'POST',
  path: '/users/password/expire',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ email: z.string().max(254) }).meta({ id: 'PasswordExpiry' }),
  status: 204,
  reply: null,
} as const satisfies Contract;

export const prepareSecondFactor = {
  name: 'prepareSecondFactor',
  keyless: 'a newer secret takes the place of one that was not confirmed',
  summary: 'Makes a secret for an authenticator application. It counts once a first code was confirmed.',
  method: 'POST',
  path: '/me/second-factor',
  parameters: nothing,
  query: nothing,
  body: null,
  status: 201,
  reply: z
    .object({
      secret: z.string().meta({ description: 'Base32; shown this once.' }),
      address: z.string().meta({ description: 'The same as an otpauth:// address.' }),
    })
    .meta({ id: 'SecondFactor' }),
} as const satisfies Contract;

export const confirmSecondFactor = {
  name: 'confirmSecondFactor',
  keyless: 'wrong codes must be counted, and a code counts once',
  summary: 'Shows a first code: from now on every log-in needs one, or one of the recovery codes that are answered.',
  method: 'POST',
  path: '/me/second-factor/confirm',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ code }).meta({ id: 'FirstCode' }),
  status: 200,
  reply: recoveryCodes,
} as const satisfies Contract;

export const renewRecoveryCodes = {
  name: 'renewRecoveryCodes',
  keyless: 'wrong codes must be counted, and a code counts once',
  summary: 'Makes new recovery codes, for a code; those that were left count no more.',
  method: 'POST',
  path: '/me/second-factor/recovery-codes',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ code }).meta({ id: 'ShownCode' }),
  status: 200,
  reply: recoveryCodes,
} as const satisfies Contract;

export const resetSecondFactor = {
  name: 'resetSecondFactor',
  summary: 'Takes somebody’s second factor away; their sessions end.',
  method: 'POST',
  path: '/users/second-factor/reset',
  parameters: nothing,
  query: nothing,
  body: z.strictObject({ email: z.string().max(254) }).meta({ id: 'SecondFactorReset' }),
  status: 204,
  reply: null,
} as const satisfies Contract;
