import type { OpenOperation } from '../../dialect.ts';
import { logInForms, logInPage, replyPage } from '../pages.ts';

/** `GET /login.html`: where a request without a session ends; clients tell that by the page's text. */
export const showLogInPage: OpenOperation = {
  method: 'GET',
  paths: ['/login.html'],
  access: { open: 'It is where people and clients without a session are sent.' },
  async run({ request }) {
    const { searchParams } = new URL(request.url);
    const form = logInForms.find((name) => searchParams.has(name)) ?? 'password';
    return replyPage(logInPage(form, { refused: searchParams.has('error'), codeNext: searchParams.has('totp') }));
  },
};
