import { readFileSync } from 'node:fs';

/** The rules are built from the table, so that the table cannot say one thing and the rules another. */
const table = JSON.parse(readFileSync(new URL('./tools/floors.json', import.meta.url), 'utf8'));

const ours = '^(src|tests|bench|tools)/';
const packageTypes = [
  'npm',
  'npm-dev',
  'npm-optional',
  'npm-peer',
  'npm-bundled',
  'npm-no-pkg',
  'npm-unknown',
  'undetermined',
];

function forbid(name, from, to) {
  return { name, severity: 'error', from, to };
}

function escapeName(name) {
  return name.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/** What one row of the table forbids. */
function rulesOf(floor) {
  const from = { path: floor.path };
  const rules = [forbid(`${floor.name}-imports`, from, { path: ours, pathNot: [floor.path, ...floor.mayImport] })];
  if (floor.siblings !== undefined) {
    const room = `^${floor.siblings}([^/]+)/`;
    rules.push(forbid(`${floor.name}-no-sibling`, { path: room }, { path: room, pathNot: `^${floor.siblings}$1/` }));
  }
  if (floor.typesOnly !== undefined) {
    rules.push(forbid(`${floor.name}-types-only`, from, { path: floor.typesOnly, dependencyTypesNot: ['type-only'] }));
  }
  if (floor.builtins !== undefined) {
    const allowed = floor.builtins.map((name) => `^(node:)?${escapeName(name)}$`);
    rules.push(forbid(`${floor.name}-builtins`, from, { dependencyTypes: ['core'], pathNot: ['^bun', ...allowed] }));
  }
  if (floor.packages !== undefined) {
    const allowed = floor.packages.map((name) => `(^|/)node_modules/${escapeName(name)}/`);
    rules.push(
      forbid(`${floor.name}-packages`, from, { dependencyTypes: packageTypes, pathNot: ['^bun', ...allowed] }),
    );
  }
  return rules;
}

const aliased = ['aliased-subpath-import'];

export default {
  forbidden: [
    ...table.floors.flatMap(rulesOf),
    forbid('no-cycles', {}, { circular: true }),
    forbid('resolvable', {}, { couldNotResolve: true, pathNot: '^bun:' }),
    forbid(
      'declared-packages-only',
      {},
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'undetermined'], pathNot: '^bun(:|$)' },
    ),
    forbid(
      'no-dev-dependency-in-product',
      { path: '^src/' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'compose-alone-knows-everyone',
      { path: '^src/server/', pathNot: table.composeFile },
      { path: table.knownToComposeOnly },
    ),
    forbid('main-alone-knows-the-programs', { path: '^src/', pathNot: '^src/main\\.ts$' }, { path: table.programs }),
    forbid('nobody-imports-main', {}, { path: '^src/main\\.ts$' }),
    forbid('main-imports-dynamically', { path: '^src/main\\.ts$' }, { path: table.programs, dynamic: false }),
    forbid(
      'main-takes-types-only',
      { path: '^src/main\\.ts$' },
      { path: '^src/cli/programs\\.ts$', dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'native-schemas-import-only-core',
      { path: '^src/dialects/native/schemas/' },
      { path: ours, pathNot: ['^src/core/', '^src/dialects/native/schemas/'] },
    ),
    forbid(
      'console-kit-imports',
      { path: '^src/console/kit/' },
      { path: ours, pathNot: ['^src/console/(kit|style)/', '^src/sdk/api-error\\.ts$'] },
    ),
    forbid(
      'console-words-imports',
      { path: '^src/console/words/' },
      { path: ours, pathNot: ['^src/console/(words|kit)/', '^src/sdk/'] },
    ),
    forbid(
      'console-pages-no-sibling',
      { path: '^src/console/pages/([^/]+)/' },
      { path: '^src/console/pages/', pathNot: '^src/console/pages/$1/' },
    ),
    forbid(
      'console-router-alone-knows-the-pages',
      { path: '^src/', pathNot: ['^src/console/pages/', '^src/console/app/router\\.tsx$'] },
      { path: '^src/console/pages/' },
    ),
    forbid(
      'bun-in-named-rooms-only',
      { path: '^src/', pathNot: table.bunRooms },
      { path: ['^bun(:|$)', '(^|/)node_modules/(bun|bun-types|@types/bun)/'] },
    ),
    forbid(
      'timers-in-clocks-only',
      { path: '^src/', pathNot: table.timerRooms },
      { path: '^(node:)?timers(/promises)?$' },
    ),
    forbid(
      'alias-across-floors',
      { path: '^src/([^/]+)/' },
      { path: '^src/', pathNot: '^src/$1/', dependencyTypesNot: aliased },
    ),
    forbid('alias-into-product', { path: '^(tests|bench|tools)/' }, { path: '^src/', dependencyTypesNot: aliased }),
    forbid(
      'relative-within-floor',
      { path: '^src/([^/]+)/' },
      { path: '^src/$1/', pathNot: '^src/dialects/dialect\\.ts$', dependencyTypes: aliased },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: '(^|/)node_modules/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['bun', 'import', 'node', 'default'] },
  },
};
