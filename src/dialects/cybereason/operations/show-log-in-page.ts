import type { OpenOperation } from '../../dialect.ts';
import { logInPage, replyPage } from '../pages.ts';

/** `GET /login.html`: where a request without a session ends; clients tell that by the page's text. */
export const showLogInPage: OpenOperation = {
  method: 'GET',
  paths: ['/login.html'],
  access: { open: 'It is where people and clients without a session are sent.' },
  async run({ request }) {
    return replyPage(logInPage(new URL(request.url).searchParams.has('error')));
  },
};
