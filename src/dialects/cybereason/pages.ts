/** Nothing but the form itself may load, run, frame or be framed. */
const policy = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** The steps of a log-in that have a form of their own. */
export type LogInForm = 'password' | 'totp' | 'reset' | 'reset_then_totp';

interface FormWords {
  readonly heading: string;
  readonly refusal: string;
  readonly action: string;
  readonly fields: string;
}

const reset: FormWords = {
  heading: 'Custody: the password has to be changed',
  refusal: `The old password is wrong, or the new one is not 12 to 1024 characters long, is the old one, or differs from its
repetition. Where the log-in is over, <a href="/login.html">begin again</a>.`,
  action: '/?originalurl=/current?',
  fields: `<p><label>Old password <input name="oldPassword" type="password" autocomplete="current-password" required
autofocus></label></p>
<p><label>New password <input name="newPassword" type="password" autocomplete="new-password" minlength="12" required></label></p>
<p><label>New password again <input name="confirmNewPassword" type="password" autocomplete="new-password" minlength="12"
required></label></p>`,
};

const forms: Record<LogInForm, FormWords> = {
  password: {
    heading: 'Custody: Login',
    refusal: 'The user name or the password is wrong. After many wrong ones, none counts for 15 minutes.',
    action: '/login.html',
    fields: `<p><label>User name <input name="username" type="email" autocomplete="username" required autofocus></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>`,
  },
  totp: {
    heading: 'Two factor authentication',
    refusal: 'The code is wrong, was used before, or the log-in is over: then <a href="/login.html">begin again</a>.',
    action: '/',
    fields: `<p><label>Code of your authenticator application, or a recovery code <input name="totpCode"
pattern="[0-9]{6}|[0-9A-Za-z \\-]{16,24}" maxlength="24" autocomplete="one-time-code" required autofocus></label></p>`,
  },
  reset,
  reset_then_totp: {
    ...reset,
    fields: `${reset.fields}
<p>Two factor authentication: the code of your authenticator application is asked for next, and the new password counts from then
on.</p>`,
  },
};

/**
 * Clients tell a lost session by this page: by its title, by the words `Login`, `login` and `html`, and by the element `app-login`;
 * the steps of a log-in by the words `Two factor authentication`. Beyond that nothing is taken from the vendor's page.
 */
export function logInPage(form: LogInForm, refused: boolean): string {
  const { heading, refusal, action, fields } = forms[form];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Cybereason | Login</title></head>
<body>
<app-login>
<h1>${heading}</h1>
<p>This is Custody, an open, self-hosted endpoint file response server. It answers Cybereason's file response API,
which is why this page has the title that clients of that API look for; it is no Cybereason product.</p>
${refused ? `<p role="alert">${refusal}</p>` : ''}
<form method="post" action="${action}">
${fields}
<p><button type="submit" name="submit" value="Login">Log in</button></p>
</form>
</app-login>
</body>
</html>
`;
}

/** Where a log-in lands: another title and no `app-login`, by which clients know that it worked. */
export const landingPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Custody</title></head>
<body>
<h1>Custody</h1>
<p>This is Custody, an open, self-hosted endpoint file response server. It answers Cybereason's file response API
under <code>/rest/</code> to whoever holds a session; it is no Cybereason product.</p>
<p><a href="/console/">Open the console</a></p>
<p><a href="/logout">Log out</a></p>
</body>
</html>
`;

/** The content type is exactly `text/html`: a client compares it. The charset stands in the page. */
export function replyPage(html: string): Response {
  return new Response(html, { headers: { 'content-type': 'text/html', 'content-security-policy': policy } });
}
