import { expect, test } from 'bun:test';
import { codeAt } from '#kit/authenticator.ts';
import { password } from '#kit/cybereason.ts';
import { type PythonLogIn, runPythonClient } from '#kit/python-client.ts';
import { admin, type PythonWorld } from './python-world.ts';

const step = 30_000;

/** Adds a user who needs a code, and gives the code of now: each counts once, and the first was that of the half minute before. */
async function addUserWithCode({ client, server }: PythonWorld, email: string) {
  await client.createUser({ email, password, role: 'Viewer' });
  const { token } = await client.logIn({ email, password });
  const own = server.clientOf(token);
  const { secret } = await own.prepareSecondFactor();
  await own.confirmSecondFactor({ code: codeAt(secret, Date.now() - step) });
  return () => codeAt(secret, Date.now());
}

export function logInCases(world: () => PythonWorld): void {
  const logIn = (as: PythonLogIn) => runPythonClient(world().server, as, [{ name: 'get_user' }]);
  const refusal = (message: string) => ({ failure: 'AuthenticationError', message });

  test('logs in, makes calls and logs out', async () => {
    expect(await runPythonClient(world().server, admin, [])).toEqual({ steps: [] });
    const { items } = await world().client.listEvents({ type: ['logged_out'] });
    expect(items).toMatchObject([{ actor: { name: admin.username } }]);
  });

  test('is told that a password is wrong', async () => {
    expect(await logIn({ ...admin, password: 'a wrong password' })).toEqual(refusal('Invalid credentials'));
    expect(await logIn({ ...admin, username: 'nobody@example.com' })).toEqual(refusal('Invalid credentials'));
  });

  test('sends the code of a second factor, and is told where it is missing or wrong', async () => {
    const bob = { username: 'bob@example.com', password };
    const code = await addUserWithCode(world(), bob.username);
    expect(await logIn(bob)).toEqual(refusal('TOTP code (2FA) is required'));
    expect(await logIn({ ...bob, totp_code: 'abcdef' })).toEqual(refusal('Invalid TOTP code'));
    const right = { ...bob, totp_code: code() };
    expect(await logIn(right)).toMatchObject({ steps: [{ result: { username: bob.username } }] });
    expect(await logIn(right)).toEqual(refusal('Invalid TOTP code'));
  });

  test('renews an expired password, and is told where it has no new one', async () => {
    const email = 'carl@example.com';
    await world().client.createUser({ email, password, role: 'Viewer', mustChangePassword: true });
    const carl = { username: email, password };
    expect(await logIn(carl)).toEqual(refusal('Expired password'));
    // The client does not look at what becomes of the new password; its first call tells.
    const refused = await logIn({ ...carl, new_password: 'short' });
    expect(refused).toMatchObject({ steps: [{ error: 'AuthenticationError' }] });
    const renewed = { ...carl, new_password: 'another good password' };
    expect(await logIn(renewed)).toMatchObject({ steps: [{ result: { username: email } }] });
    expect(await logIn(carl)).toEqual(refusal('Invalid credentials'));
    expect(await logIn({ username: email, password: renewed.new_password })).toMatchObject({
      steps: [{ result: { username: email } }],
    });
  });

  test('renews an expired password of somebody who needs a code as well', async () => {
    const email = 'fay@example.com';
    const code = await addUserWithCode(world(), email);
    await world().client.expirePassword({ email });
    const renewing = { username: email, password, new_password: 'another good password' };
    expect(await logIn(renewing)).toEqual(refusal('TOTP code (2FA) is required'));
    expect(await logIn({ username: email, password })).toEqual(refusal('Expired password'));
    expect(await logIn({ ...renewing, totp_code: code() })).toMatchObject({ steps: [{ result: { username: email } }] });
    expect(await logIn({ username: email, password })).toEqual(refusal('Invalid credentials'));
  });

  test('changes a password, and is told that the old one is wrong', async () => {
    const email = 'dora@example.com';
    await world().client.createUser({ email, password, role: 'Viewer' });
    const change = { name: 'update_password', args: ['another good password'] };
    const short = { name: 'update_password', args: ['short'] };
    // The client goes on with the password that it was given.
    expect(await world().stepsAs({ username: email, password }, short, change, change)).toMatchObject([
      { error: 'ClientError' },
      { result: 'success' },
      { error: 'ValueError', message: 'incorrectPassword' },
    ]);
    expect(await logIn({ username: email, password: 'another good password' })).toMatchObject({
      steps: [{ result: { username: email } }],
    });
  });

  test('is told that its session is over', async () => {
    const steps = await world().steps({ name: 'logout' }, { name: 'get_sensors' }, { name: 'get_malware_alerts' });
    expect(steps.slice(1)).toMatchObject([{ error: 'AuthenticationError' }, { error: 'AuthenticationError' }]);
  });
}
