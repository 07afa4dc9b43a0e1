import type { Command } from 'commander';
import { mayWait, showActions, type WaitOptions } from '../action-result.ts';
import { type Context, say, show } from '../context.ts';
import { occupiedOption, occupiedPolicyOf } from '../occupied-option.ts';
import { type ServerOptions, speaksToServer, withClient } from '../with-client.ts';

interface UndoOptions extends ServerOptions, WaitOptions {
  readonly ifOccupied: string;
  readonly incident?: string;
  readonly reason?: string;
  readonly allow?: boolean;
}

/** `action undo`. */
export function addUndoCommand(action: Command, context: Context): void {
  const command = action
    .command('undo')
    .description('take a whole quarantine back: every file that it took goes to where it was, on every endpoint')
    .argument('<id>', 'the quarantine')
    .addOption(occupiedOption())
    .option('--allow', 'put its hashes on the allow list, where they are blocked')
    .option('--incident <ID>', 'incident to keep with the action')
    .option('--reason <TEXT>', 'why, for the record');
  mayWait(speaksToServer(command)).action((id: string, options: UndoOptions) =>
    withClient(context, options, async (client) => {
      const { incident: incidentId, reason, allow = false } = options;
      const undone = await client.undoAction(id, { ifOccupied: occupiedPolicyOf(options), allow, incidentId, reason });
      const { undo, withdrawn, asked, removed } = undone;
      if (withdrawn + asked > 0) {
        const rest = `${asked} have it and were asked not to begin`;
        say(context, `Quarantine ${id}: withdrawn from ${withdrawn} endpoints that did not have it; ${rest}.`);
      }
      if (removed > 0) {
        say(context, `${removed} of its endpoints were removed since: no order reaches their vaults.`);
      }
      if (undo === null) {
        const whose = removed > 0 ? 'No agent that is left' : 'No agent';
        say(context, `${whose} has taken a file, so there is none to give back.`);
        await show(context, options, { json: undone, text: '' });
        return;
      }
      await showActions(context, { client, ids: [undo.id] }, options);
    }),
  );
}
