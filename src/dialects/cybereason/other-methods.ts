import type { Call, Operation } from '../dialect.ts';
import { authenticate } from './authenticate.ts';
import { refuseUnknown } from './operations/refuse-unknown-path.ts';

type Routes = readonly Pick<Operation, 'method' | 'paths'>[];

/**
 * Every request that no operation is for. Without a session all of them lead to the log-in page; with one, `OPTIONS` says which methods
 * there are at the path, and any other method is told that there is nothing.
 */
export async function answerOtherMethod(routes: Routes, call: Call): Promise<Response> {
  await authenticate(call);
  const methods = call.request.method === 'OPTIONS' ? methodsAt(routes, new URL(call.request.url).pathname) : [];
  return methods.length === 0
    ? refuseUnknown(call)
    : new Response(null, { status: 204, headers: { allow: methods.join(', ') } });
}

function methodsAt(routes: Routes, pathname: string): readonly string[] {
  const known = routes.filter(({ paths }) => paths.some((path) => path !== '/rest/*' && isAt(path, pathname)));
  const methods = known.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return methods.length === 0 ? [] : [...new Set([...methods, 'OPTIONS'])];
}

/** `:name` stands for one part that is not empty. */
function isAt(pattern: string, pathname: string): boolean {
  const [wanted, given] = [pattern.split('/'), pathname.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => (part.startsWith(':') ? given[index] !== '' : part === given[index]))
  );
}
