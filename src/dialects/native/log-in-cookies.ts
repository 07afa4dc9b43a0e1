import { day, type Milliseconds, second } from '#core/time.ts';
import type { LoggedIn } from '#core/verbs/log-in.ts';
import { attemptLifetime } from '#core/verbs/sealed-log-in.ts';

/** The prefix has browsers take it from this very host, over TLS, and for nobody beside it (RFC 6265bis, 4.1.3.2). */
const attemptName = '__Host-custody-log-in';
const attemptPattern = new RegExp(`(?:^|;\\s*)${attemptName}=([A-Za-z0-9_-]+)(?=$|;)`);

/** Of the console: `Strict`, for no page of another site has any business with it. */
const consoleName = '__Host-custody-session';
const consolePattern = new RegExp(`(?:^|;\\s*)${consoleName}=([A-Za-z0-9_-]+)(?=$|;)`);

/** The token of the session that a browser carries for this API. */
export function consoleSessionOf(headers: Headers): string | undefined {
  return consolePattern.exec(headers.get('cookie') ?? '')?.[1];
}

export function consoleCookie({ token, openedAt, expiresAt }: LoggedIn): string {
  const maxAge = Math.floor((expiresAt - openedAt) / second);
  return `${consoleName}=${token}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=${maxAge}`;
}

export const endedConsoleCookie = `${consoleName}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0`;

/** What the browser was given when it began a log-in through the provider. */
export function attemptOf(headers: Headers): string | undefined {
  return attemptPattern.exec(headers.get('cookie') ?? '')?.[1];
}

/** `Lax`: the provider sends the browser back from another site. */
export function attemptCookie(attempt: string): string {
  return `${attemptName}=${attempt}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${attemptLifetime / second}`;
}

export function endedAttemptCookie(now: Milliseconds): string {
  return `${attemptName}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0; Expires=${new Date(now - day).toUTCString()}`;
}

const sessionName = 'JSESSIONID';
const sessionPattern = new RegExp(`(?:^|;\\s*)${sessionName}=([0-9A-F]{32})(?=$|;)`);

/** The token of the session that a browser carries already. */
export function carriedSession(headers: Headers): string | undefined {
  return sessionPattern.exec(headers.get('cookie') ?? '')?.[1];
}

/** The session as browsers carry it: in the one cookie that this server takes sessions from, under the Cybereason API's name. */
export function sessionCookie({ token, openedAt, expiresAt }: LoggedIn): string {
  const maxAge = Math.floor((expiresAt - openedAt) / second);
  return `${sessionName}=${token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${maxAge}; Expires=${new Date(expiresAt).toUTCString()}`;
}
