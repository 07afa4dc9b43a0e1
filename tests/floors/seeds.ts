/** One wrong file, and the rule that must see it. Paths are below the root of a small house made for the test. */
export interface Seed {
  readonly rule: string;
  readonly path: string;
  readonly source: string;
}

/** The smallest house that keeps every rule; seeds lean on its files. */
export const cleanHouse: Readonly<Record<string, string>> = {
  'src/core/fault.ts':
    "import { createHash } from 'node:crypto';\nimport { z } from 'zod';\nexport const fault = [z, createHash];\nexport type Fault = string;\n",
  'src/core/custody/event.ts': "import { fault } from '../fault.ts';\nexport const event = fault;\n",
  'src/core/settings.ts': 'export const settings = 1;\n',
  'src/wire/codec.ts':
    "import { encode } from '@msgpack/msgpack';\nimport type { Fault } from '#core/fault.ts';\nexport const codec = encode;\nexport type Codec = Fault;\n",
  'src/dialects/dialect.ts':
    "import { Hono } from 'hono';\nimport { fault } from '#core/fault.ts';\nexport const dialect = [Hono, fault];\n",
  'src/dialects/cortex/index.ts':
    "import { fault } from '#core/fault.ts';\nimport { dialect } from '../dialect.ts';\nexport const cortex = [dialect, fault];\n",
  'src/dialects/native/index.ts':
    "import { dialect } from '#dialects/dialect.ts';\nimport { schema } from './schemas/file.ts';\nexport const native = [dialect, schema];\n",
  'src/dialects/native/schemas/file.ts': "import { fault } from '#core/fault.ts';\nexport const schema = fault;\n",
  'src/gateway/hub.ts':
    "import { createServer } from 'node:net';\nimport { codec } from '#wire/codec.ts';\nexport const hub = [codec, createServer];\n",
  'src/gateway/bun-socket.ts':
    "import type { ServerWebSocket } from 'bun';\nexport type BunSocket = ServerWebSocket;\n",
  'src/store/store.ts': "import { fault } from '#core/fault.ts';\nexport const store = fault;\n",
  'src/store/drivers/sqlite/worker.ts': "import { Database } from 'bun:sqlite';\nexport const worker = Database;\n",
  'src/blobs/filesystem/index.ts':
    "import { open } from 'node:fs/promises';\nimport { fault } from '#core/fault.ts';\nexport const filesystem = [fault, open];\n",
  'src/blobs/s3/index.ts': "import { fault } from '#core/fault.ts';\nexport const s3 = fault;\n",
  'src/bus/in-process/index.ts': "import { fault } from '#core/fault.ts';\nexport const inProcess = fault;\n",
  'src/bus/nats/index.ts': "import { fault } from '#core/fault.ts';\nexport const nats = fault;\n",
  'src/archive/zip.ts': "import { fault } from '#core/fault.ts';\nexport const zip = fault;\n",
  'src/agent/main.ts': "import { codec } from '#wire/codec.ts';\nexport const agent = codec;\n",
  'src/agent/platform/clock.ts':
    "import { setTimeout as pause } from 'node:timers/promises';\nexport const clock = pause;\n",
  'src/sdk/client.ts':
    "import type { Fault } from '#core/fault.ts';\nimport { schema } from '#dialects/native/schemas/file.ts';\nexport const client = schema;\nexport type ClientFault = Fault;\n",
  'src/cli/programs.ts': 'export type Programs = string;\n',
  'src/cli/main.ts':
    "import { event } from '#core/custody/event.ts';\nimport { settings } from '#core/settings.ts';\nimport { client } from '#sdk/client.ts';\nexport const cli = [client, event, settings];\n",
  'src/console/page.ts': "import { client } from '#sdk/client.ts';\nexport const page = client;\n",
  'src/console/kit/badge.ts': 'export const badge = 1;\n',
  'src/console/words/status.ts':
    "import type { client } from '#sdk/client.ts';\nimport { badge } from '../kit/badge.ts';\nexport const status = badge;\nexport type Status = typeof client;\n",
  'src/console/app/client.ts':
    "import { client as api } from '#sdk/client.ts';\nimport { status } from '../words/status.ts';\nexport const client = [api, status];\n",
  'src/console/app/router.tsx':
    "import { overview } from '../pages/overview/page.ts';\nexport const router = [overview, import('../pages/audit/page.ts')];\n",
  'src/console/pages/overview/page.ts':
    "import { client } from '../../app/client.ts';\nimport { badge } from '../../kit/badge.ts';\nexport const overview = [badge, client];\n",
  'src/console/pages/audit/page.ts': 'export const audit = 1;\n',
  'src/server/compose.ts':
    "import { cortex } from '#dialects/cortex/index.ts';\nimport { hub } from '#gateway/hub.ts';\nimport { store } from '#store/store.ts';\nexport const compose = [cortex, hub, store];\n",
  'src/server/main.ts':
    "import { dialect } from '#dialects/dialect.ts';\nimport { compose } from './compose.ts';\nexport const server = [compose, dialect];\n",
  'src/main.ts':
    "import type { Programs } from '#cli/programs.ts';\nexport const programs = [import('#server/main.ts'), import('#agent/main.ts'), import('#cli/main.ts')];\nexport type Main = Programs;\n",
  'tests/kit/world.ts': "import { store } from '#store/store.ts';\nexport const world = store;\n",
  'tests/system/seed.test.ts':
    "import { client } from '#sdk/client.ts';\nimport { world } from '#kit/world.ts';\nexport const seed = [client, world];\n",
  'bench/main.ts': "import { hub } from '#gateway/hub.ts';\nexport const bench = hub;\n",
  'tools/build.ts': "import { join } from 'node:path';\nexport const build = join;\n",
};

function imports(rule: string, path: string, specifier: string): Seed {
  return { rule, path, source: `import * as found from '${specifier}';\nexport const seed = found;\n` };
}

function importsType(rule: string, path: string, specifier: string): Seed {
  return { rule, path, source: `import type * as found from '${specifier}';\nexport type Seed = typeof found;\n` };
}

/** Every kind of rule at least once, by value and by type. */
export const seeds: readonly Seed[] = [
  imports('core-imports', 'src/core/up.ts', '#wire/codec.ts'),
  importsType('core-imports', 'src/core/up-for-a-type.ts', '#server/compose.ts'),
  imports('core-imports', 'src/core/into-tests.ts', '#kit/world.ts'),
  imports('core-builtins', 'src/core/files.ts', 'node:fs'),
  imports('core-builtins', 'src/core/sockets.ts', 'node:net'),
  imports('core-builtins', 'src/core/children.ts', 'child_process'),
  imports('core-packages', 'src/core/logging.ts', 'pino'),
  imports('age-imports', 'src/age/up.ts', '#wire/codec.ts'),
  imports('age-builtins', 'src/age/files.ts', 'node:fs'),
  imports('age-packages', 'src/age/library.ts', 'age-encryption'),
  imports('wire-imports', 'src/wire/up.ts', '#gateway/hub.ts'),
  imports('wire-builtins', 'src/wire/files.ts', 'node:fs/promises'),
  imports('wire-packages', 'src/wire/http.ts', 'hono'),
  imports('dialects-imports', 'src/dialects/cortex/store.ts', '#store/store.ts'),
  importsType('dialects-imports', 'src/dialects/cortex/wire-type.ts', '#wire/codec.ts'),
  imports('dialects-no-sibling', 'src/dialects/cortex/sibling.ts', '../native/index.ts'),
  importsType('dialects-no-sibling', 'src/dialects/native/sibling-type.ts', '#dialects/cortex/index.ts'),
  imports('dialects-builtins', 'src/dialects/cortex/sockets.ts', 'node:net'),
  imports('dialects-packages', 'src/dialects/cortex/database.ts', 'kysely'),
  imports('gateway-imports', 'src/gateway/store.ts', '#store/store.ts'),
  imports('store-imports', 'src/store/gateway.ts', '#gateway/hub.ts'),
  imports('blobs-imports', 'src/blobs/s3/store.ts', '#store/store.ts'),
  imports('blobs-no-sibling', 'src/blobs/s3/sibling.ts', '../filesystem/index.ts'),
  imports('bus-imports', 'src/bus/nats/wire.ts', '#wire/codec.ts'),
  imports('bus-no-sibling', 'src/bus/nats/sibling.ts', '../in-process/index.ts'),
  imports('archive-imports', 'src/archive/blobs.ts', '#blobs/s3/index.ts'),
  imports('agent-imports', 'src/agent/server.ts', '#server/compose.ts'),
  imports('sdk-imports', 'src/sdk/store.ts', '#store/store.ts'),
  importsType('sdk-imports', 'src/sdk/dialect-type.ts', '#dialects/native/index.ts'),
  imports('sdk-types-only', 'src/sdk/core-value.ts', '#core/fault.ts'),
  imports('sdk-builtins', 'src/sdk/files.ts', 'node:fs'),
  imports('sdk-packages', 'src/sdk/http.ts', 'hono'),
  imports('cli-imports', 'src/cli/core.ts', '#core/fault.ts'),
  imports('cli-imports', 'src/cli/server.ts', '#server/compose.ts'),
  imports('console-imports', 'src/console/core.ts', '#core/fault.ts'),
  imports('console-builtins', 'src/console/files.ts', 'node:fs'),
  imports('console-packages', 'src/console/http.ts', 'hono'),
  imports('console-kit-imports', 'src/console/kit/asking.ts', '../app/client.ts'),
  importsType('console-kit-imports', 'src/console/kit/wording.ts', '../words/status.ts'),
  imports('console-kit-imports', 'src/console/kit/speaking.ts', '#sdk/client.ts'),
  importsType('console-words-imports', 'src/console/words/asking.ts', '../app/client.ts'),
  imports('console-pages-no-sibling', 'src/console/pages/audit/sibling.ts', '../overview/page.ts'),
  importsType('console-pages-no-sibling', 'src/console/pages/overview/sibling-type.ts', '../audit/page.ts'),
  imports('console-router-alone-knows-the-pages', 'src/console/app/second-router.ts', '../pages/overview/page.ts'),
  imports('server-imports', 'src/server/agent.ts', '#agent/platform/clock.ts'),
  imports('server-imports', 'src/server/client.ts', '#sdk/client.ts'),
  imports('verify-imports', 'src/verify/server.ts', '#server/compose.ts'),
  imports('signer-imports', 'src/server/signer/server.ts', '../compose.ts'),
  imports('signer-packages', 'src/server/signer/http.ts', 'hono'),
  imports('compose-alone-knows-everyone', 'src/server/dialects.ts', '#dialects/cortex/index.ts'),
  importsType('compose-alone-knows-everyone', 'src/server/store-type.ts', '#store/store.ts'),
  imports('main-alone-knows-the-programs', 'src/server/second-main.ts', './main.ts'),
  imports('main-alone-knows-the-programs', 'src/cli/second-main.ts', './main.ts'),
  imports('nobody-imports-main', 'bench/main-of-product.ts', '../src/main.ts'),
  imports('native-schemas-import-only-core', 'src/dialects/native/schemas/up.ts', '../index.ts'),
  imports('system-tests-imports', 'tests/system/inside.test.ts', '#store/store.ts'),
  imports('bun-in-named-rooms-only', 'src/server/database.ts', 'bun:sqlite'),
  importsType('bun-in-named-rooms-only', 'src/core/bun-type.ts', 'bun'),
  imports('timers-in-clocks-only', 'src/gateway/pause.ts', 'node:timers/promises'),
  imports('alias-across-floors', 'src/gateway/by-path.ts', '../core/fault.ts'),
  imports('alias-into-product', 'tests/kit/by-path.ts', '../../src/core/fault.ts'),
  imports('relative-within-floor', 'src/core/by-alias.ts', '#core/fault.ts'),
  imports('resolvable', 'src/core/nowhere.ts', '#core/nothing.ts'),
  imports('declared-packages-only', 'src/gateway/undeclared.ts', 'semver'),
  imports('no-dev-dependency-in-product', 'src/gateway/testing.ts', 'fast-check'),
  imports('no-cycles', 'src/gateway/cycle-a.ts', './cycle-b.ts'),
  importsType('no-cycles', 'src/gateway/type-cycle-a.ts', './type-cycle-b.ts'),
];

/** The way back of each cycle: it is reported once, at its first file. */
export const cycleEnds: Readonly<Record<string, string>> = {
  'src/gateway/cycle-b.ts': "import * as found from './cycle-a.ts';\nexport const seed = found;\n",
  'src/gateway/type-cycle-b.ts': "import type * as found from './type-cycle-a.ts';\nexport type Seed = typeof found;\n",
};

/** Wrong forms of the two files that are a floor by themselves: they take the place of the clean ones. */
export const wrongSingleFiles: readonly Seed[] = [
  imports('main-imports-dynamically', 'src/main.ts', '#server/main.ts'),
  imports('main-imports', 'src/main.ts', '#store/store.ts'),
  imports('main-builtins', 'src/main.ts', 'node:fs'),
  imports('main-packages', 'src/main.ts', 'pino'),
  imports('main-takes-types-only', 'src/main.ts', '#cli/programs.ts'),
  imports('dialect-face-imports', 'src/dialects/dialect.ts', '#store/store.ts'),
  imports('dialect-face-builtins', 'src/dialects/dialect.ts', 'node:fs'),
  imports('dialect-face-packages', 'src/dialects/dialect.ts', 'kysely'),
];
