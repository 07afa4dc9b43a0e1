import { expect, test } from 'bun:test';
import { settings } from '#core/settings.ts';
import { openNative } from './world.ts';

test('a server says how it was set up: every setting, which of them somebody made, and where', async () => {
  await using world = await openNative();
  const answer = (await (await world.ask('/server/installation')).json()) as {
    readonly settings: readonly {
      readonly name: string;
      readonly source: string | null;
      readonly value: string | null;
    }[];
  };
  expect(answer).toMatchObject({ store: 'sqlite', certificate: null });
  expect(answer.settings.map(({ name }) => name)).toEqual(settings.map(({ name }) => name));
  const made = answer.settings.filter(({ source }) => source !== null);
  expect(made.map(({ name, source, value }) => ({ name, source, value }))).toEqual([
    { name: 'CUSTODY_RINGS', source: 'environment', value: '2,20' },
  ]);
});

test('whoever may enrol machines learns where the server is and who vouches for it, and nobody else', async () => {
  await using world = await openNative();
  const enrolling = await world.ask('/enrolment');
  expect(await enrolling.json()).toEqual({ servers: ['https://custody.example.org'], authority: null });
  const authorization = await world.authorizationOf('Responder');
  expect((await world.ask('/enrolment', { headers: { authorization } })).status).toBe(403);
});
