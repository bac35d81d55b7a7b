import { networkDoor } from '@binnacle/testing';

const REST_PORT = 8081;
const REQUEST = /^(GET|POST) (\S+) HTTP/;

/** Requests to members' REST endpoint, for crashes: startup actions, and questions about their health, on which it hangs who may be stopped next. */
export const restDoor = networkDoor({
  name: 'rest',
  callIn(chunk, { host, port }) {
    if (port !== REST_PORT) return undefined;
    const [, method, path] = REQUEST.exec(chunk.toString('latin1', 0, 200)) ?? [];
    return method === undefined ? undefined : `${method} ${path} of ${host}`;
  },
  asks: (call) => call.startsWith('GET '),
  // Without the head, in which the time is.
  answerIn: (chunk) => chunk.toString('latin1').split('\r\n\r\n')[1] ?? '',
});
