import { expect } from 'bun:test';
import { z } from 'zod';
import { roles } from '#core/access/role.ts';
import { parsePath } from '#core/file/file-path.ts';
import { compactGuid, userGuid } from '#core/file/guid.ts';
import { incidentSeverities } from '#core/incident/incident.ts';
import { minute } from '#core/time.ts';
import { createIncident } from '#core/verbs/create-incident.ts';
import { createUser } from '#core/verbs/create-user.ts';
import { expirePassword } from '#core/verbs/expire-password.ts';
import { readIncident } from '#core/verbs/read-incident.ts';
import { confirmSecondFactor, prepareSecondFactor } from '#core/verbs/second-factor.ts';
import { pylumId } from '#dialects/cybereason/pylum-id.ts';
import { sensorId, serverIdOf } from '#dialects/cybereason/sensor-id.ts';
import { codeAt } from '#kit/authenticator.ts';
import { administrator } from '#kit/fleet.ts';
import { unzip } from '#kit/unzip.ts';
import { whileAgentsWork } from './while-agents-work.ts';
import { password, texts, type World } from './world.ts';

const programSchema = z.object({
  path: z.string(),
  pid: z.number(),
  commandLine: z.string().optional(),
  userName: z.string().optional(),
  startedAt: z.number().optional(),
});

/**
 * The form of the files in `golden/`. Text of the form `{{name}}` stands for a variable: the world's (`password`,
 * `web` and `mail` for machine GUIDs, `calc`, `report`, `gone` for files of web-1, `unseen` for one
 * that nobody has reported, `mail.calc`, `web sensor` for its pylumId,
 * `user bob` for the GUID of a user of that name; `web /srv/calc.bin` for any file of either machine; each of these with
 * ` compact` behind it for the other spelling) or one that a step took from
 * its answer. Where it is the whole text, the variable keeps its type.
 */
const stepSchema = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('request'),
    why: z.string(),
    method: z.string().default('GET'),
    path: z.string(),
    headers: z.record(z.string(), z.string()).default({}),
    form: z.record(z.string(), z.string()).optional(),
    json: z.unknown().optional(),
    text: z.string().optional(),
    take: z.record(z.string(), z.array(z.union([z.string(), z.number()]))).default({}),
    takeSession: z.string().optional(),
    /** The answer waits for what the agents do. */
    meanwhile: z.literal('agents work').optional(),
    answer: z.object({
      status: z.number(),
      headers: z.record(z.string(), z.string().nullable()).default({}),
      cookies: z.array(z.string()).optional(),
      json: z.unknown().optional(),
      text: z.string().optional(),
      contains: z.array(z.string()).default([]),
      lacks: z.array(z.string()).default([]),
      zip: z.record(z.string(), z.string()).optional(),
      /** Parts of the text of files in a ZIP. */
      zipContains: z.record(z.string(), z.array(z.string())).optional(),
      zipPassword: z.string().optional(),
    }),
  }),
  z.object({ do: z.literal('agents work') }),
  z.object({ do: z.literal('agents take orders') }),
  /** On web-1. The variables `as` and `as process`, `as process 2` ... are the GUIDs of it and of its programs. */
  z.object({
    do: z.literal('open incident'),
    as: z.string(),
    name: z.string().optional(),
    severity: z.enum(incidentSeverities).default('high'),
    files: z.array(z.string()).default([]),
    programs: z.array(z.union([z.string().transform((path) => ({ path, pid: 7 })), programSchema])).default([]),
  }),
  /** Ana's, of which `as` is the secret; a minute passes, so that the next code is another one. */
  z.object({ do: z.literal('second factor'), as: z.string() }),
  /** What an application with the secret `of` shows now. */
  z.object({ do: z.literal('code'), of: z.string(), as: z.string() }),
  z.object({ do: z.literal('expire password') }),
  z.object({ do: z.literal('wait'), milliseconds: z.number() }),
]);

export const scenarioSchema = z.object({
  about: z.string(),
  /** How the server spells GUIDs. */
  guidSpelling: z.enum(['numeric', 'compact']).default('numeric'),
  role: z.enum(roles).default('Investigator'),
  /** Whether the installation answers a missing session with 401 where a client asks for JSON. */
  honestUnauthorized: z.boolean().default(false),
  steps: z.array(stepSchema),
});

const email = 'ana@example.com';

type Step = z.infer<typeof stepSchema>;
type IncidentStep = Extract<Step, { do: 'open incident' }>;
type RequestStep = Extract<Step, { do: 'request' }>;
type Variables = Map<string, unknown>;

export async function play(world: World, scenario: z.infer<typeof scenarioSchema>): Promise<void> {
  await createUser(world.ports, administrator, { email, password, role: scenario.role });
  const variables: Variables = new Map<string, unknown>([
    ['password', password],
    ['web sensor', pylumId(world.web.endpoint)],
    ...guidVariables(world),
    ...(await sensorVariables(world)),
    ...Object.entries(texts).map(([path, text]) => [`text of ${path}`, text] as const),
  ]);
  for (const step of scenario.steps) {
    await run(world, step, variables);
  }
}

function guidVariables({ web, mail }: World): readonly (readonly [string, string])[] {
  const files = Object.entries({ web, mail }).flatMap(([name, machine]) =>
    Object.keys(texts).map((path) => [`${name} ${path}`, machine.guidOf(path)] as const),
  );
  const named = [
    ['web', web.guid],
    ['mail', mail.guid],
    ['calc', web.guidOf('/srv/calc.bin')],
    ['report', web.guidOf('/srv/report.txt')],
    ['gone', web.guidOf('/srv/on-disk-no-more.bin')],
    ['unseen', web.guidOf('/opt/never/inventoried.bin')],
    ['mail.calc', mail.guidOf('/srv/calc.bin')],
    ...['ana', 'bob', 'root'].map((name) => [`user ${name}`, userGuid(name)] as const),
    ...files,
  ] as const;
  return named.flatMap(([name, guid]) => [
    [name, guid],
    [`${name} compact`, compactGuid(guid)],
  ]);
}

/** `serverId`, and for each machine `.pylumId`, `.sensorId` and what a client may not foresee. */
async function sensorVariables({ ports, web, mail }: World): Promise<readonly (readonly [string, unknown])[]> {
  const serverId = await ports.store.read(serverIdOf);
  const machines = Object.entries({ web, mail }).flatMap(([name, { endpoint }]) => [
    [`${name}.pylumId`, pylumId(endpoint)] as const,
    [`${name}.sensorId`, sensorId(serverId, endpoint)] as const,
  ]);
  return [['serverId', serverId], ['now', ports.clock.now()], ...machines];
}

async function run(world: World, step: Step, variables: Variables): Promise<void> {
  switch (step.do) {
    case 'agents work':
      await world.web.agent.work();
      await world.mail.agent.work();
      return;
    case 'agents take orders':
      await world.web.agent.accept();
      await world.mail.agent.accept();
      return;
    case 'open incident':
      return openIncident(world, step, variables);
    case 'second factor':
      variables.set(step.as, await giveSecondFactor(world));
      return;
    case 'code':
      variables.set(step.as, codeAt(String(variables.get(step.of)), world.ports.clock.now()));
      return;
    case 'expire password':
      await expirePassword(world.ports, administrator, email);
      return;
    case 'wait':
      world.ports.clock.advance(step.milliseconds);
      return;
    case 'request':
      return request(world, step, variables);
  }
}

/** @returns its secret, in base32. */
async function giveSecondFactor({ ports }: World): Promise<string> {
  const user = await ports.store.read(({ credentials }) => credentials.userByEmail(email));
  const { secret } = await prepareSecondFactor(ports, user?.id ?? '');
  await confirmSecondFactor(ports, {
    ...{ userId: user?.id ?? '', code: codeAt(secret, ports.clock.now()), remoteAddress: '' },
  });
  ports.clock.advance(minute);
  return secret;
}

async function openIncident(world: World, step: IncidentStep, variables: Variables): Promise<void> {
  const { as, name = as, severity } = step;
  const endpointId = world.web.endpoint.id;
  const { incident } = await createIncident(world.ports, {
    origin: { principal: administrator, dialect: 'native' },
    ...{ name, severity, description: '', endpointIds: [] },
    files: step.files.map((path) => ({ endpointId, path: parsePath(path) })),
    processes: step.programs.map((process) => ({ endpointId, ...process, path: parsePath(process.path) })),
  });
  const { processes } = await readIncident(world.ports, incident.id);
  variables.set(as, incident.guid);
  variables.set(`${as} compact`, compactGuid(incident.guid));
  for (const [index, { guid }] of processes.entries()) {
    const name = index === 0 ? `${as} process` : `${as} process ${index + 1}`;
    variables.set(name, guid);
    variables.set(`${name} compact`, compactGuid(guid));
  }
}

async function request(world: World, step: RequestStep, variables: Variables): Promise<void> {
  const answering = world.send({
    method: step.method,
    path: String(fill(step.path, variables)),
    headers: fill(step.headers, variables) as Record<string, string>,
    body: bodyOf(step, variables),
  });
  const answer = await (step.meanwhile === undefined ? answering : whileAgentsWork(world, answering));
  const bytes = await answer.bytes();
  const text = new TextDecoder().decode(bytes);
  if (step.takeSession !== undefined) {
    const session = /^JSESSIONID=([0-9A-F]{32});/.exec(answer.headers.getSetCookie()[0] ?? '')?.[1];
    variables.set(step.takeSession, session);
  }
  for (const [name, path] of Object.entries(step.take)) {
    variables.set(name, reach(JSON.parse(text), path));
  }
  const { status, headers, cookies, json, contains, lacks, zip } = step.answer;
  const facts = { why: step.why, status: answer.status, text: status === answer.status ? '' : text };
  expect(facts).toEqual({ why: step.why, status, text: '' });
  for (const [name, value] of Object.entries(headers)) {
    expect(answer.headers.get(name), `${step.why} ${name}`).toBe(fill(value, variables) as string | null);
  }
  if (cookies !== undefined) {
    expect(answer.headers.getSetCookie(), step.why).toEqual(fill(cookies, variables) as string[]);
  }
  if (json !== undefined) {
    expect(JSON.parse(text), step.why).toEqual(fill(json, variables));
  }
  if (step.answer.text !== undefined) {
    expect(text, step.why).toBe(String(fill(step.answer.text, variables)));
  }
  for (const part of contains) {
    expect(text, step.why).toContain(String(fill(part, variables)));
  }
  for (const part of lacks) {
    expect(text, step.why).not.toContain(part);
  }
  const { zipContains, zipPassword } = step.answer;
  if (zipContains !== undefined) {
    expectInZip(await unzip(bytes, zipPassword), zipContains, step.why);
  }
  if (zip !== undefined) {
    expect(await unzip(bytes, step.answer.zipPassword), step.why).toEqual(
      fill(zip, variables) as Record<string, string>,
    );
  }
}

function expectInZip(
  files: Readonly<Record<string, string>>,
  parts: Readonly<Record<string, readonly string[]>>,
  why: string,
): void {
  expect(Object.keys(files).toSorted(), why).toEqual(Object.keys(parts).toSorted());
  for (const [name, wanted] of Object.entries(parts)) {
    for (const part of wanted) {
      expect(files[name], why).toContain(part);
    }
  }
}

function bodyOf(step: RequestStep, variables: Variables): string | undefined {
  if (step.form !== undefined) {
    return new URLSearchParams(fill(step.form, variables) as Record<string, string>).toString();
  }
  if (step.json !== undefined) {
    return JSON.stringify(fill(step.json, variables));
  }
  return step.text === undefined ? undefined : String(fill(step.text, variables));
}

function reach(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)?.[key], value);
}

/** Puts the variables in, in keys too. */
function fill(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string') {
    const whole = /^\{\{([^{}]+)\}\}$/.exec(value)?.[1];
    return whole === undefined
      ? value.replace(/\{\{([^{}]+)\}\}/g, (_, name: string) => String(known(name, variables)))
      : known(whole, variables);
  }
  if (Array.isArray(value)) {
    return value.map((item) => fill(item, variables));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [String(fill(key, variables)), fill(item, variables)]),
    );
  }
  return value;
}

function known(name: string, variables: Variables): unknown {
  if (!variables.has(name)) {
    throw new Error(`The scenario has no variable ${name}.`);
  }
  return variables.get(name);
}
