import type { OpenOperation } from '../../dialect.ts';
import { landingPage, replyPage } from '../pages.ts';
import { redirect } from '../reply.ts';

const landing = '/app.html';
const open = 'It shows nothing; clients that drop the cookie on the redirects of a log-in must land on it too.';

/** `GET /`: the second redirect after a log-in. A client reads the cookie two redirects back, so there must be two. */
export const redirectToLandingPage: OpenOperation = {
  method: 'GET',
  paths: ['/'],
  access: { open },
  async run() {
    return redirect(landing);
  },
};

/** `GET /app.html`: the page whose arrival means that the log-in worked. */
export const showLandingPage: OpenOperation = {
  method: 'GET',
  paths: [landing],
  access: { open },
  async run() {
    return replyPage(landingPage);
  },
};
