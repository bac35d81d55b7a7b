import { discovery } from '../discovery/discovery.ts';
import type { Core } from '../core/core.ts';
import { jsonAnswer, textAnswer } from '../http/call.ts';
import type { Call, Outgoing } from '../http/call.ts';
import type { RequestInfo } from '../http/request-info.ts';
import { methodNotAllowed } from '../refusals.ts';
import { openApi } from '../openapi/openapi.ts';

/** What `kubectl version` shows. Clients choose what they send by it. */
const VERSION = {
  major: '1',
  minor: '35',
  gitVersion: 'v1.35.0',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: 'linux/amd64',
};

/** Answers a request about the server itself. */
export function answerPath(core: Core, info: Extract<RequestInfo, { resource: false }>, call: Call): Outgoing {
  if (info.verb !== 'get' && info.verb !== 'head') throw methodNotAllowed();
  const path = info.path.replace(/(?<=.)\/$/, '');
  switch (path) {
    case '/version':
      return jsonAnswer(200, VERSION);
    case '/healthz':
    case '/livez':
    case '/readyz':
      return textAnswer(200, 'ok');
    case '/':
      return jsonAnswer(200, { paths: ['/api', '/apis', '/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/readyz', '/version'] });
    default:
      return discovery(core, path, call) ?? openApi(core, path, call) ?? textAnswer(404, '404 page not found\n');
  }
}
