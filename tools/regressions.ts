/** A pain that others' clients and runtimes had, the test file that would feel it, and how to put its cause back. Source of the numbers: spec/runtime.md §6. */
export interface Regression {
  readonly number: number;
  readonly pain: string;
  /** Its tests carry `(regression N)` in their name, in this file. */
  readonly test: string;
  /** In `file`, `is` stands once; with `was` instead, the pain is back. */
  readonly cause: { readonly file: string; readonly is: string; readonly was: string };
}

const client = (name: string) => `packages/client/src/${name}.ts`;
const runtime = (name: string) => `packages/runtime/src/${name}.ts`;
const runtimeTest = (name: string) => `packages/runtime/test/${name}.test.ts`;

/** All of them. A proof puts each cause back and sees its test fail. */
export const REGRESSIONS: readonly Regression[] = [
  {
    number: 1,
    pain: 'a connection that is reset ends the informer for good',
    test: runtimeTest('regressions'),
    cause: { file: runtime('cache/reflector'), is: 'if (signal.aborted) return;\n      if (clock', was: 'return;\n      if (clock' },
  },
  {
    number: 2,
    pain: 'a half-open connection is listened to for ever',
    test: client('watch.test'),
    cause: { file: client('watch'), is: 'clock.timer(SILENCE_MS,', was: 'clock.timer(SILENCE_MS * 1e6,' },
  },
  {
    number: 3,
    pain: 'Retry-After is not heard, on LIST or on WATCH',
    test: runtimeTest('regressions'),
    cause: { file: runtime('cache/reflector'), is: '(error.retryAfterMs ?? 0)', was: '0' },
  },
  {
    number: 4,
    pain: '410 is known as a status and not as an event',
    test: client('watch.test'),
    cause: { file: client('watch'), is: 'throw statusError(object, object.code ?? 500)', was: 'throw statusError({}, 500)' },
  },
  {
    number: 5,
    pain: 'a version that the server has not come to is asked for again and again',
    test: runtimeTest('regressions'),
    cause: { file: runtime('cache/reflector'), is: 'isExpired(error) || isTooNew(error)', was: 'isExpired(error)' },
  },
  {
    number: 6,
    pain: 'a handler that throws ends the process, or the watch',
    test: runtimeTest('manager'),
    cause: { file: runtime('cache/cache'), is: "metrics.watch(kindId(kind), 'handler');", was: 'throw error;' },
  },
  {
    number: 7,
    pain: 'a line cut off in the middle is passed over in silence',
    test: client('lines.test'),
    cause: { file: client('lines'), is: "if (unended === 'lost')", was: 'if (false)' },
  },
  {
    number: 8,
    pain: 'a character on the border of two chunks becomes two wrong ones',
    test: client('lines.test'),
    cause: {
      file: client('lines'),
      is: "(only === undefined ? Buffer.concat(parts) : Buffer.from(only.buffer, only.byteOffset, only.byteLength)).toString('utf8')",
      was: "parts.map((part) => Buffer.from(part).toString('utf8')).join('')",
    },
  },
  {
    number: 9,
    pain: 'an object of a megabyte is too long a line',
    test: client('lines.test'),
    cause: { file: client('lines'), is: '16 * 1024 * 1024', was: '64 * 1024' },
  },
  {
    number: 10,
    pain: 'a quiet kind goes on from an ageing version and is read anew each time',
    test: runtimeTest('regressions'),
    cause: {
      file: runtime('cache/reflector'),
      is: 'if (version === undefined || at.seen === undefined || version >= at.seen) {',
      was: "if (event.type !== 'BOOKMARK') {",
    },
  },
  {
    number: 11,
    pain: 'when the API comes back it is stormed',
    test: runtimeTest('cache'),
    cause: { file: runtime('cache/reflector'), is: 'firstMs: 800, mostMs: 30_000', was: 'firstMs: 1, mostMs: 10' },
  },
  {
    number: 12,
    pain: 'one kind that fails holds up all others',
    test: runtimeTest('manager'),
    cause: { file: runtime('manager/manager'), is: 'shared.synced(kindsOf(reconciler), stop)', was: 'shared.synced(reconcilers.flatMap(kindsOf), stop)' },
  },
  {
    number: 13,
    pain: 'each call opens a connection',
    test: client('undici-transport.test'),
    cause: { file: client('undici-transport'), is: 'const CONNECTIONS = 8', was: 'const CONNECTIONS = 100' },
  },
  {
    number: 14,
    pain: 'a rotated token file is not read again',
    test: client('undici-transport.test'),
    cause: { file: client('credentials'), is: 'FILE_TRUST_MS = 60_000', was: 'FILE_TRUST_MS = 86_400_000' },
  },
  {
    number: 15,
    pain: 'fields that the client does not know are lost on the way back',
    test: client('connect.test'),
    cause: {
      file: client('objects'),
      is: 'return value as unknown as Live<K>;',
      was: 'const { apiVersion, kind: name, metadata } = value;\n    return { apiVersion, kind: name, metadata } as unknown as Live<K>;',
    },
  },
  {
    number: 16,
    pain: 'times of a Lease have three digits and are refused',
    test: client('time.test'),
    cause: { file: client('time'), is: '.slice(0, 23)}000Z', was: '.slice(0, 23)}Z' },
  },
  {
    number: 17,
    pain: 'an object looks different listed and watched',
    test: client('watch.test'),
    cause: {
      file: client('objects'),
      is: 'return { apiVersion: apiVersionOf(kind), kind: kind.kind, ...value } as unknown as Live<K>;',
      was: 'return value as unknown as Live<K>;',
    },
  },
  {
    number: 18,
    pain: 'an object made anew under an old name while nobody watched is taken for the old one',
    test: runtimeTest('cache'),
    cause: {
      file: runtime('cache/store'),
      is: 'if (before.metadata.uid === now.metadata.uid) return keep()',
      was: 'return keep()',
    },
  },
  {
    number: 19,
    pain: 'a deletion that happened while nobody watched is never told',
    test: runtimeTest('cache'),
    cause: { file: runtime('cache/store'), is: "changes.push({ type: 'deleted', now });", was: '' },
  },
  {
    number: 20,
    pain: 'a finalizer is taken off although its cleanup failed',
    test: runtimeTest('finalizer'),
    cause: {
      file: runtime('reconcile/pass'),
      is: 'const outcome = await run();',
      was: 'const outcome = await run().catch((): Outcome => done);',
    },
  },
  {
    number: 21,
    pain: 'taking a finalizer off takes another one with it',
    test: runtimeTest('finalizer'),
    cause: {
      file: runtime('reconcile/finalizers'),
      is: "{ op: 'test', path: `/metadata/finalizers/${index}`, value: name },",
      was: '',
    },
  },
  {
    number: 22,
    pain: 'a leader that lost its Lease goes on writing',
    test: runtimeTest('leader'),
    cause: { file: runtime('operator/fence'), is: 'leadership.mustHold();', was: '' },
  },
  {
    number: 23,
    pain: 'a stopped operator keeps its Lease, and the next one waits for it to run out',
    test: runtimeTest('leader'),
    cause: { file: runtime('operator/run'), is: 'await leadership?.release();', was: '' },
  },
  {
    number: 24,
    pain: 'children are created again and again in a namespace that is going',
    test: runtimeTest('controller'),
    cause: { file: runtime('reconcile/pass'), is: 'if (isNamespaceTerminating(error)) {', was: 'if (false) {' },
  },
  {
    number: 25,
    pain: 'a CRD that is deleted and comes back ends the watch, or leaves ghosts',
    test: runtimeTest('cache'),
    cause: { file: runtime('cache/reflector'), is: 'if (isNotFound(error)) {', was: 'if (false) {' },
  },
];
