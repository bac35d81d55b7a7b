import { Refusal } from '../../refusal.ts';
import { authorise } from '../auth/authorise.ts';
import type { Core } from '../core/core.ts';
import { jsonAnswer } from '../http/call.ts';
import type { Call, Incoming, Outgoing, User } from '../http/call.ts';
import { requestInfo } from '../http/request-info.ts';
import { internal } from '../refusals.ts';
import { answerPath } from './paths.ts';
import { answerResource } from './resources.ts';

/** Answers one request of a known user. Never throws: what goes wrong is an answer as well. */
export async function handle(core: Core, incoming: Incoming, user: User): Promise<Outgoing> {
  const warnings = new Set<string>();
  const answer = await (async () => {
    try {
      return await route(core, callOf(incoming, user, warnings));
    } catch (error) {
      return refusalAnswer(error instanceof Refusal ? error : internal((error as Error).stack ?? String(error)));
    }
  })();
  return { ...answer, headers: { ...commonHeaders(core, warnings), ...answer.headers } };
}

async function route(core: Core, call: Call): Promise<Outgoing> {
  const info = requestInfo(call.method, call.pathname, call.query);
  authorise(core, call, info);
  return info.resource ? await answerResource(core, info, call) : answerPath(core, info, call);
}

/** A request with its path taken apart. @throws {Refusal} 400 for a path that cannot be decoded. */
export function callOf(incoming: Incoming, user: User, warnings: Set<string>): Call {
  const mark = incoming.path.indexOf('?');
  const raw = mark === -1 ? incoming.path : incoming.path.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? '' : incoming.path.slice(mark + 1));
  try {
    const { method, path, headers, body } = incoming;
    return {
      method,
      path,
      headers,
      body,
      get signal() {
        return incoming.signal;
      },
      pathname: decodeURIComponent(raw),
      query,
      user,
      warn: (text) => void warnings.add(text),
    };
  } catch {
    throw new Refusal(400, 'BadRequest', `the path ${raw} is not properly escaped`);
  }
}

/** A refusal as its Status. */
export function refusalAnswer({ status }: Refusal): Outgoing {
  const retry = status.details?.retryAfterSeconds;
  const { kind, apiVersion, ...rest } = status;
  return jsonAnswer(status.code, { kind, apiVersion, metadata: {}, ...rest }, retry === undefined ? {} : { 'retry-after': String(retry) });
}

function commonHeaders(core: Core, warnings: ReadonlySet<string>): Readonly<Record<string, string>> {
  return {
    'audit-id': core.chance.uid(),
    'cache-control': 'no-cache, private',
    ...(warnings.size === 0 ? {} : { warning: [...warnings].map(warningValue).join(', ') }),
  };
}

/** RFC 7234 warning with the code for what does not fit the others. */
function warningValue(text: string): string {
  // Header values are Latin-1 and one line.
  const plain = text.replace(/[^\x20-\x7e]/g, '?').replace(/[\\"]/g, '\\$&');
  return `299 - "${plain}"`;
}
