import type { Action, Task } from '../action/action.ts';
import type { EndpointId } from '../endpoint/endpoint-id.ts';
import type { Ports } from '../ports/ports.ts';
import { unreachable } from '../unreachable.ts';
import { cancelAction } from './cancel-action.ts';
import { type RestoreFiles, restoreFiles } from './restore-files.ts';

const noTask = 'A restore on one endpoint has no task.';

export interface RestoreToken {
  readonly action: Action;
  /** One line of text. */
  readonly token: string;
}

type TokenPorts = Pick<Ports, 'store' | 'clock' | 'random' | 'policy' | 'doorbell' | 'dispatch'>;

/**
 * Orders a restore on one endpoint as `restoreFiles` does, and gives the signed order out as text, for somebody to carry to a machine that
 * no network reaches. The agent there carries it out once, whichever way it comes, until the action's deadline by that machine's clock,
 * and reports when it has a connection again. It counts as sent: from here on only the agent can say how it ended.
 * @throws Fault as `restoreFiles`; `unavailable` while nobody can sign, and a SignerRefusal: the action is cancelled then
 */
export async function issueRestoreToken(
  ports: TokenPorts,
  request: RestoreFiles & { readonly endpointId: EndpointId },
): Promise<RestoreToken> {
  const action = await restoreFiles(ports, request);
  try {
    const [task] = await ports.store.read(({ tasks }) => tasks.byAction(action.id));
    const token = await ports.dispatch.seal(task ?? unreachable(noTask));
    await recordIssue(ports, request, task ?? unreachable(noTask));
    return { action, token };
  } catch (failure) {
    await cancelAction(ports, request.origin.principal, action.id);
    throw failure;
  }
}

/** An agent that is connected after all may have the order already. */
async function recordIssue(
  { store, clock }: Pick<Ports, 'store' | 'clock'>,
  { origin: { principal }, sha256, vaultObject }: RestoreFiles,
  { id, actionId, endpointId, deadline }: Task,
): Promise<void> {
  const facts = { taskId: id, sha256, vaultObject: vaultObject ?? null, expiresAt: deadline };
  await store.transact(async ({ tasks, events }) => {
    await tasks.transition([id], 'send');
    await events.append([
      { type: 'restore_token_issued', at: clock.now(), actor: principal, actionId, endpointId, facts },
    ]);
  });
}
