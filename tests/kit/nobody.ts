import { custody, runProgram } from './program.ts';

const nobody = '65534';

/** The owner and group to give files to. */
export const nobodyOwner = `${nobody}:${nobody}`;

/** Put before a command, runs it as a user without any privilege. */
export const asNobody = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--'] as const;

/** Why nothing can be run as that user here; undefined where it can. */
export async function whyNotNobody(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) {
    return 'only root can run an agent as another user';
  }
  const { code } = await runProgram([...asNobody, custody, '--help']);
  return code === 0 ? undefined : 'the checkout is closed to other users';
}
