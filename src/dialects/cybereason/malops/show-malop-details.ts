import type { FileRecord } from '#core/file/file.ts';
import { fileName } from '#core/file/file-path.ts';
import { fileGuid, type Guid, machineGuid } from '#core/file/guid.ts';
import { spellGuid } from '../spell-guid.ts';
import { type Showing, type ShownIncident, showMalop } from './show-malop.ts';

/** A MalOp with the files and processes that it names. `records`: what agents have reported of those files. */
export function showMalopDetails(
  whole: ShownIncident,
  records: ReadonlyMap<Guid, FileRecord>,
  showing: Showing,
): object {
  const spell = (guid: Guid) => spellGuid(showing.policy, guid);
  const machines = new Map(whole.machines.map((machine) => [machine.id, machine]));
  const files = whole.files.map(({ fileGuid: guid, path, displayPath, endpointId, sha256 }) => {
    const machine = machines.get(endpointId);
    const record = records.get(guid);
    return {
      guid: spell(guid),
      elementDisplayName: fileName(path),
      correctedPath: displayPath,
      sha256String: record?.sha256 ?? sha256,
      sha1String: record?.sha1 ?? null,
      md5String: record?.md5 ?? null,
      quarantined: record?.state === 'quarantined',
      ownerMachineName: machine?.hostName ?? null,
      ownerMachineId: machine === undefined ? null : spell(machineGuid(machine.number)),
      empty: false,
    };
  });
  const processes = whole.processes.map((process) => {
    const machine = machines.get(process.endpointId);
    return {
      guid: spell(process.guid),
      elementDisplayName: process.name,
      commandLine: process.commandLine,
      pid: process.pid,
      user: process.userName,
      creationTime: process.startedAt,
      endTime: process.endedAt,
      imageFileGuid: machine === undefined ? null : spell(fileGuid(machine.number, process.path)),
      imageFilePath: process.displayPath,
      ownerMachineName: machine?.hostName ?? null,
      ownerMachineId: machine === undefined ? null : spell(machineGuid(machine.number)),
      empty: false,
    };
  });
  return {
    ...showMalop(whole, showing),
    files,
    fileSuspects: files,
    processes,
    processSuspects: processes,
    connections: [],
    comments: whole.comments.map(showComment),
  };
}

/** Clients undo the escapes of HTML. */
export function showComment(comment: ShownIncident['comments'][number]): object {
  return {
    commentId: comment.id,
    message: escapeHtml(comment.text),
    timestamp: comment.at,
    username: comment.author.name,
  };
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
