import type { OpenOperation } from '../../dialect.ts';
import { type LogInForm, logInPage, replyPage } from '../pages.ts';

/** `GET /login.html`: where a request without a session ends; clients tell that by the page's text. */
export const showLogInPage: OpenOperation = {
  method: 'GET',
  paths: ['/login.html'],
  access: { open: 'It is where people and clients without a session are sent.' },
  async run({ request }) {
    const { searchParams } = new URL(request.url);
    return replyPage(logInPage(formOf(searchParams), searchParams.has('error')));
  },
};

function formOf(address: URLSearchParams): LogInForm {
  if (address.has('reset')) {
    return address.has('totp') ? 'reset_then_totp' : 'reset';
  }
  return address.has('totp') ? 'totp' : 'password';
}
