/** Nothing but the form itself may load, run, frame or be framed. */
const policy = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/**
 * Clients tell a lost session by this page: by its title, by the words `Login`, `login` and `html`, and by the
 * element `app-login`. Beyond that nothing is taken from the vendor's page.
 */
export function logInPage(refused: boolean): string {
  const refusal = refused ? '<p role="alert">The user name or the password is wrong.</p>' : '';
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Cybereason | Login</title></head>
<body>
<app-login>
<h1>Custody: Login</h1>
<p>This is Custody, an open, self-hosted endpoint file response server. It answers Cybereason's file response API,
which is why this page has the title that clients of that API look for; it is no Cybereason product.</p>
${refusal}
<form method="post" action="/login.html">
<p><label>User name <input name="username" type="email" autocomplete="username" required autofocus></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button type="submit">Log in</button></p>
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
<p><a href="/logout">Log out</a></p>
</body>
</html>
`;

/** The content type is exactly `text/html`: a client compares it. The charset stands in the page. */
export function replyPage(html: string): Response {
  return new Response(html, { headers: { 'content-type': 'text/html', 'content-security-policy': policy } });
}
