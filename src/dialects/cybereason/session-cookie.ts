import { day, type Milliseconds, second } from '#core/time.ts';

/** Some clients replay a whole `Set-Cookie` value, attributes and all, so anything may stand around the pair. */
const pattern = /(?:^|[;,\s])JSESSIONID="?([0-9A-F]{32})"?(?=$|[;,\s])/;

/** The session token of a request; undefined when it has none that could be one. */
export function sessionToken(headers: Headers): string | undefined {
  return pattern.exec(headers.get('cookie') ?? '')?.[1];
}

export interface NewSession {
  /** 32 upper-case hex digits. */
  readonly token: string;
  readonly openedAt: Milliseconds;
  readonly expiresAt: Milliseconds;
}

/** As on the vendor's wire: the live cookie first (some clients read only that one), then a deletion. */
export function logInCookies({ token, openedAt, expiresAt }: NewSession): readonly string[] {
  const maxAge = Math.floor((expiresAt - openedAt) / second);
  return [
    `JSESSIONID=${token}; Path=/; Secure; HttpOnly; Max-Age=${maxAge}; Expires=${new Date(expiresAt).toUTCString()}`,
    deletion('rememberMe', openedAt),
  ];
}

export function logOutCookies(now: Milliseconds): readonly string[] {
  return [deletion('JSESSIONID', now), deletion('rememberMe', now)];
}

function deletion(name: string, now: Milliseconds): string {
  return `${name}=deleteMe; Path=/; Max-Age=0; Expires=${new Date(now - day).toUTCString()}`;
}
