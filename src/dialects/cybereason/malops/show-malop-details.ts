import type { Endpoint } from '#core/endpoint/endpoint.ts';
import type { EndpointId } from '#core/endpoint/endpoint-id.ts';
import { fileName } from '#core/file/file-path.ts';
import { fileGuid, type Guid, machineGuid } from '#core/file/guid.ts';
import type { FileObservation, ProcessObservation } from '#core/incident/incident.ts';
import { pylumId } from '../pylum-id.ts';
import { spellGuid } from '../spell-guid.ts';
import { showComment } from './show-comment.ts';
import { recordOf, type Showing, type ShownIncident, showMachine, showMalop } from './show-malop.ts';

/** A MalOp with the files and processes that it names. A suspect and what is suspected are one record here. */
export function showMalopDetails(whole: ShownIncident, showing: Showing): object {
  const details = detailsOf(whole, showing);
  const files = whole.files.map(details.file);
  const processes = whole.processes.map(details.process);
  return {
    ...showMalop(whole, showing),
    '@class': '.DetectionMalopDetailsModel',
    machines: whole.machines.map(details.machine),
    filePaths: [...new Set(whole.files.map(({ displayPath }) => displayPath))],
    commandLines: [...new Set(whole.processes.flatMap(({ commandLine }) => commandLine ?? []))],
    files: files.map((file) => ({ '@class': '.FileDetailsModel', ...file })),
    fileSuspects: files.map((file) => ({ '@class': '.FileSuspectDetailsModel', ...file })),
    processes: processes.map((process) => ({ '@class': '.ProcessDetailsModel', ...process })),
    processSuspects: processes.map((process) => ({ '@class': '.ProcessSuspectDetailsModel', ...process })),
    connections: [],
    comments: whole.comments.map(showComment),
  };
}

function detailsOf(whole: ShownIncident, showing: Showing) {
  const spell = (guid: Guid) => spellGuid(showing.policy, guid);
  const machines = new Map(whole.machines.map((machine) => [machine.id, machine]));
  const owner = (id: EndpointId) => {
    const machine = machines.get(id);
    return {
      ownerMachine: machine?.hostName ?? null,
      ownerMachineName: machine?.hostName ?? null,
      ownerMachineGuid: machine === undefined ? null : spell(machineGuid(machine.number)),
    };
  };
  const imageOf = ({ endpointId, path }: ProcessObservation) => {
    const machine = machines.get(endpointId);
    return machine === undefined ? null : spell(fileGuid(machine.number, path));
  };
  return {
    machine: (machine: Endpoint) => ({
      ...showMachine(machine, showing),
      '@class': '.MachineDetailsModel',
      pylumId: pylumId(machine),
    }),
    file: (file: FileObservation) => {
      const { fileGuid: guid, path, displayPath, endpointId, sha256 } = file;
      const record = recordOf(file, whole.records);
      return {
        guid: spell(guid),
        elementDisplayName: fileName(path),
        correctedPath: displayPath,
        sha256String: sha256 ?? record?.sha256 ?? null,
        sha1String: record?.sha1 ?? null,
        md5String: record?.md5 ?? null,
        quarantined: whole.isHeld(file),
        ...owner(endpointId),
      };
    },
    process: (process: ProcessObservation) => ({
      guid: spell(process.guid),
      elementDisplayName: process.name,
      commandLine: process.commandLine,
      pid: process.pid,
      calculatedUser: process.userName,
      creationTime: process.startedAt,
      endTime: process.endedAt,
      imageFileGuid: imageOf(process),
      imageFilePath: process.displayPath,
      ...owner(process.endpointId),
    }),
  };
}
