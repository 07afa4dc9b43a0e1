import fc from 'fast-check';
import type { Endpoint } from '#core/endpoint/endpoint.ts';
import { fileName, parsePath } from '#core/file/file-path.ts';
import { fileGuid, machineGuid, processGuid, userGuid } from '#core/file/guid.ts';
import { changeIncident } from '#core/verbs/change-incident.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { administrator, enrolMachine, fileFacts, inventory } from '#kit/fleet.ts';
import type { TestPorts } from '#kit/ports.ts';

const paths = ['/srv/a.bin', '/srv/b.bin', '/opt/a.bin'] as const;
const loggedIn = ['ana', 'Bob'] as const;
const ranAs = ['ANA', 'bob', 'eve'] as const;
const machineCount = 3;

interface Observed {
  readonly machine: number;
  readonly path: (typeof paths)[number];
}

interface Program extends Observed {
  readonly pid: number;
  readonly isUserTold: boolean;
}

/** A few machines with files and users, and incidents about them. */
export interface Fleet {
  readonly machines: readonly { readonly files: readonly string[]; readonly users: readonly string[] }[];
  readonly incidents: readonly {
    readonly open: boolean;
    readonly files: readonly Observed[];
    readonly programs: readonly Program[];
  }[];
}

/** An element as it should be: its features as a filter sees them, and where they lead. */
export interface Node {
  readonly type: string;
  readonly guid: string;
  readonly features: Readonly<Record<string, readonly string[]>>;
  readonly leads: Readonly<Record<string, readonly string[]>>;
}

const observed = { machine: fc.nat(machineCount - 1), path: fc.constantFrom(...paths) };

export const fleets: fc.Arbitrary<Fleet> = fc.record({
  machines: fc.array(fc.record({ files: fc.subarray([...paths]), users: fc.subarray([...loggedIn]) }), {
    minLength: machineCount,
    maxLength: machineCount,
  }),
  incidents: fc.array(
    fc.record({
      open: fc.boolean(),
      files: fc.array(fc.record(observed), { maxLength: 3 }),
      programs: fc.array(fc.record({ ...observed, pid: fc.constantFrom(1, 11), isUserTold: fc.boolean() }), {
        maxLength: 4,
      }),
    }),
    { maxLength: 4 },
  ),
});

/** Makes the fleet real. @returns every element that there should be. */
export async function build(ports: TestPorts, fleet: Fleet): Promise<readonly Node[]> {
  const endpoints: Endpoint[] = [];
  for (const [index, { files, users }] of fleet.machines.entries()) {
    const endpoint = await enrolMachine(ports, { hostName: `host-${index}`, users });
    const facts = files.map((path) => fileFacts(path, new Uint8Array(path.length)));
    await inventory(ports, endpoint, facts);
    endpoints.push(endpoint);
  }
  const model = new Model(fleet, endpoints);
  const malops: Node[] = [];
  for (const [index, { open, files, programs }] of fleet.incidents.entries()) {
    const { incident } = await createIncident(ports, {
      origin: { principal: administrator, dialect: 'native' },
      ...{ name: `malop ${index}`, description: '', severity: 'low', endpointIds: [] },
      files: files.map(({ machine, path }) => ({ endpointId: model.on(machine).id, path: parsePath(path) })),
      processes: programs.map((program) => ({
        ...{ endpointId: model.on(program.machine).id, path: parsePath(program.path), pid: program.pid },
        ...(program.isUserTold && { userName: userOf(program) }),
      })),
    });
    if (!open) {
      const changes = { status: 'resolved_true_positive' } as const;
      await changeIncident(ports, administrator, { incident: incident.id, changes });
    }
    malops.push(model.malop(index, incident.guid));
  }
  return [...malops, ...model.machines(), ...model.users(), ...model.files(), ...model.processes()];
}

/** Everybody who tells of it tells the same. */
function userOf({ machine, path, pid }: Program): string {
  return ranAs[(machine + paths.indexOf(path) + pid) % ranAs.length] ?? '';
}

class Model {
  readonly #fleet: Fleet;
  readonly #endpoints: readonly Endpoint[];
  readonly #programs: ReadonlyMap<string, Program>;

  constructor(fleet: Fleet, endpoints: readonly Endpoint[]) {
    this.#fleet = fleet;
    this.#endpoints = endpoints;
    const programs = new Map<string, Program>();
    for (const program of fleet.incidents.flatMap((incident) => incident.programs)) {
      const guid = this.#programOf(program);
      programs.set(guid, { ...program, isUserTold: program.isUserTold || programs.get(guid)?.isUserTold === true });
    }
    this.#programs = programs;
  }

  on(machine: number): Endpoint {
    const endpoint = this.#endpoints[machine];
    if (endpoint === undefined) {
      throw new Error(`There is no machine ${machine}.`);
    }
    return endpoint;
  }

  malop(index: number, guid: string): Node {
    const { open = false, files = [], programs = [] } = this.#fleet.incidents[index] ?? {};
    return {
      type: 'MalopProcess',
      guid,
      features: { elementDisplayName: [`malop ${index}`], managementStatus: [open ? 'UNREAD' : 'CLOSED'] },
      leads: {
        suspects: programs.map((program) => this.#programOf(program)),
        affectedMachines: [...files, ...programs].map(({ machine }) => machineGuid(this.on(machine).number)),
        primaryRootCauseElements: files.map((file) => this.#fileOf(file)),
      },
    };
  }

  machines(): readonly Node[] {
    return this.#fleet.machines.map(({ users }, index) => {
      const isThere = ({ machine }: Observed) => machine === index;
      const isNamed = this.#fleet.incidents.some(
        ({ open, files, programs }) => open && (files.some(isThere) || programs.some(isThere)),
      );
      return {
        type: 'Machine',
        guid: machineGuid(this.on(index).number),
        features: { elementDisplayName: [`host-${index}`], users, hasMalops: [String(isNamed)] },
        leads: { processes: this.#programsThat(isThere), users: users.map(userGuid) },
      };
    });
  }

  users(): readonly Node[] {
    return loggedIn
      .map((name): Node => {
        const seenOn = this.machines().filter(({ features }) => features['users']?.includes(name));
        const isTheirs = (program: Program) =>
          program.isUserTold && userOf(program).toLowerCase() === name.toLowerCase();
        return {
          type: 'User',
          guid: userGuid(name),
          features: { elementDisplayName: [name] },
          leads: { ownerMachine: seenOn.map(({ guid }) => guid), processes: this.#programsThat(isTheirs) },
        };
      })
      .filter(({ leads }) => leads['ownerMachine']?.length !== 0);
  }

  files(): readonly Node[] {
    return this.#fleet.machines.flatMap(({ files }, machine) =>
      paths
        .filter((path) => files.includes(path))
        .map((path): Node => {
          const guid = this.#fileOf({ machine, path });
          const isNamed = this.#fleet.incidents.some(
            (incident) => incident.open && incident.files.some((file) => this.#fileOf(file) === guid),
          );
          return {
            type: 'File',
            guid,
            features: {
              elementDisplayName: [fileName(parsePath(path))],
              path: [path],
              size: [String(path.length)],
              hasMalops: [String(isNamed)],
            },
            leads: { ownerMachine: [machineGuid(this.on(machine).number)] },
          };
        }),
    );
  }

  processes(): readonly Node[] {
    return [...this.#programs].map(([guid, program]) => {
      const users = program.isUserTold ? [userOf(program)] : [];
      const isNamed = this.#fleet.incidents.some(
        ({ open, programs }) => open && programs.some((each) => this.#programOf(each) === guid),
      );
      return {
        type: 'Process',
        guid,
        features: {
          elementDisplayName: [fileName(parsePath(program.path))],
          pid: [String(program.pid)],
          user: users,
          hasMalops: [String(isNamed)],
        },
        leads: {
          imageFile: [this.#fileOf(program)],
          ownerMachine: [machineGuid(this.on(program.machine).number)],
          user: users.map(userGuid),
          calculatedUser: users.map(userGuid),
        },
      };
    });
  }

  #fileOf({ machine, path }: Observed): string {
    return fileGuid(this.on(machine).number, parsePath(path));
  }

  #programOf({ machine, path, pid }: Program): string {
    return processGuid(this.on(machine).number, { path: parsePath(path), pid, startedAt: null });
  }

  #programsThat(fits: (program: Program) => boolean): readonly string[] {
    return [...this.#programs].filter(([, program]) => fits(program)).map(([guid]) => guid);
  }
}
