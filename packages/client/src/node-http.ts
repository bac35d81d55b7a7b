import { createRequire } from 'node:module';
import type * as Http from 'node:http';

/**
 * `node:http`. An import of it reads all that it exports, so that Node loads its own `fetch` and WebSocket, which take 10 MB of a process that uses neither.
 */
export const http = createRequire(import.meta.url)('node:http') as typeof Http;
