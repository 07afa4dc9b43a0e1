import { describe, expect, test } from 'bun:test';
import { sessionToken } from '#dialects/cybereason/session-cookie.ts';

const token = '6540146A88AF0F1F82537012D9C565AC';
const table: readonly (readonly [string, string | undefined])[] = [
  [`JSESSIONID=${token}`, token],
  [`JSESSIONID="${token}"`, token],
  [`a=b; JSESSIONID=${token}; c=d`, token],
  [`JSESSIONID=${token}; Path=/; Secure; HttpOnly; Max-Age=28800; Expires=Sun, 22 Nov 2026 20:00:00 GMT`, token],
  [`rememberMe=deleteMe; Path=/, JSESSIONID=${token}; Path=/`, token],
  [`JSESSIONID=${token.toLowerCase()}`, undefined],
  [`JSESSIONID=${token}0`, undefined],
  [`NOTJSESSIONID=${token}`, undefined],
  ['JSESSIONID=None', undefined],
  ['JSESSIONID=', undefined],
  ['', undefined],
];

describe('The session is found in any form of cookie that clients send', () => {
  for (const [cookie, expected] of table) {
    test(cookie || 'an empty header', () => expect(sessionToken(new Headers({ cookie }))).toBe(expected));
  }
  test('no header', () => expect(sessionToken(new Headers())).toBeUndefined());
});
