import { escapeHtml } from '#core/escape-html.ts';

/** Nothing may load, run, frame or be framed; what brought the browser here may hold a code, and stays here. */
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** A paragraph of text, or a link that stands alone. */
export type Paragraph = string | { readonly link: string; readonly words: string };

export interface Page {
  readonly heading: string;
  readonly paragraphs: readonly Paragraph[];
}

/** A page for people. Every text in it is escaped: some come from providers. */
export function replyPage({ heading, paragraphs }: Page, status = 200): Response {
  const body = paragraphs.map((paragraph) => `<p>${inner(paragraph)}</p>`).join('\n');
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Custody</title></head>
<body>
<h1>${escapeHtml(heading)}</h1>
${body}
</body>
</html>
`;
  return new Response(html, { status, headers });
}

/** A redirect of a log-in. @param location a whole address */
export function replyRedirect(location: string, cookies: readonly string[]): Response {
  const answer = new Headers({ location, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  for (const cookie of cookies) {
    answer.append('set-cookie', cookie);
  }
  return new Response(null, { status: 303, headers: answer });
}

function inner(paragraph: Paragraph): string {
  return typeof paragraph === 'string'
    ? escapeHtml(paragraph)
    : `<a href="${escapeHtml(paragraph.link)}">${escapeHtml(paragraph.words)}</a>`;
}
