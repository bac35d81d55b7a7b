import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isUnreachable } from '../src/index.ts';
import type { Request, Response, Transport } from '../src/index.ts';

/** A transport to an API that has the namespace `default` and no ConfigMap of ours in it. */
export interface Subject extends AsyncDisposable {
  readonly transport: Transport;
}

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const never = () => new AbortController().signal;

/** What every Transport promises, whatever is behind it. `open` is called for each test. */
export function transportSuite(name: string, open: () => Promise<Subject>): void {
  const check = (promise: string, body: (transport: Transport) => Promise<void>): void => {
    test(promise, async () => {
      await using subject = await open();
      await body(subject.transport);
    });
  };

  suite(name, () => {
    check('an answer has a status, header names in lower case and a body of bytes', async (transport) => {
      const response = await transport.send({ method: 'GET', path: `${CONFIG_MAPS}?limit=500`, headers: { accept: 'application/json' } }, never());
      assert.equal(response.status, 200);
      assert.match(response.headers['content-type'] ?? '', /json/);
      for (const [header, value] of Object.entries(response.headers)) {
        assert.equal(header, header.toLowerCase());
        assert.equal(typeof value, 'string');
      }
      for await (const chunk of response.body) assert.ok(chunk instanceof Uint8Array);
    });

    check('a refusal is an answer and not an error', async (transport) => {
      const response = await transport.send({ method: 'GET', path: `${CONFIG_MAPS}/none` }, never());
      assert.equal(response.status, 404);
      assert.equal((JSON.parse(await text(response)) as { reason: string }).reason, 'NotFound');
    });

    check('a body arrives as it was sent, as text or as bytes', async (transport) => {
      for (const [at, body] of [configMap('text', 'é→😀'), Buffer.from(configMap('bytes', 'é→😀'))].entries()) {
        const response = await transport.send(creation(body), never());
        assert.equal(response.status, 201);
        await text(response);
        const read = await transport.send({ method: 'GET', path: `${CONFIG_MAPS}/${at === 0 ? 'text' : 'bytes'}` }, never());
        assert.equal((JSON.parse(await text(read)) as { data: { k: string } }).data.k, 'é→😀');
      }
    });

    check('a watch answers before there is anything to tell, and tells it when it happens', async (transport) => {
      const controller = new AbortController();
      const watch = await transport.send(watching(), controller.signal);
      assert.equal(watch.status, 200);
      await text(await transport.send(creation(configMap('seen', 'x')), never()));
      assert.match(await firstLine(watch), /"type":"ADDED".*"seen"/);
      controller.abort();
    });

    check('a signal that is aborted already sends nothing and rejects with its reason', async (transport) => {
      const reason = new Error('too late');
      await assert.rejects(transport.send(creation(configMap('unsent', 'x')), AbortSignal.abort(reason)), reason);
      const read = await transport.send({ method: 'GET', path: `${CONFIG_MAPS}/unsent` }, never());
      assert.equal(read.status, 404);
      await text(read);
    });

    check('aborting ends a body that is being read, with the reason', async (transport) => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const watch = await transport.send(watching(), controller.signal);
      const next = watch.body[Symbol.asyncIterator]().next();
      controller.abort(reason);
      await assert.rejects(next, reason);
    });

    check('aborting a body that nobody reads disturbs no other call', async (transport) => {
      const controller = new AbortController();
      await transport.send(watching(), controller.signal);
      controller.abort(new Error('never read'));
      const response = await transport.send({ method: 'GET', path: CONFIG_MAPS }, never());
      assert.equal(response.status, 200);
      await text(response);
    });

    check('a reader may stop in the middle', async (transport) => {
      const controller = new AbortController();
      const watch = await transport.send(watching(), controller.signal);
      await text(await transport.send(creation(configMap('one', 'x')), never()));
      for await (const chunk of watch.body) {
        assert.ok(chunk.length > 0);
        break;
      }
      controller.abort();
      await text(await transport.send(creation(configMap('two', 'x')), never()));
    });

    check('a closed transport ends its watches as Unreachable and sends no more', async (transport) => {
      const watch = await transport.send(watching(), never());
      const next = watch.body[Symbol.asyncIterator]().next();
      // Attached before closing: the rejection comes while we wait for the close.
      const ended = assert.rejects(next, isUnreachable);
      await transport[Symbol.asyncDispose]();
      await ended;
      await assert.rejects(transport.send({ method: 'GET', path: CONFIG_MAPS }, never()), isUnreachable);
    });
  });
}

const watching = (): Request => ({ method: 'GET', path: `${CONFIG_MAPS}?watch=true` });
const creation = (body: string | Uint8Array): Request => ({ method: 'POST', path: CONFIG_MAPS, headers: { 'content-type': 'application/json' }, body });

function configMap(name: string, value: string): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data: { k: value } });
}

async function text(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function firstLine(response: Response): Promise<string> {
  let read = '';
  for await (const chunk of response.body) {
    read += Buffer.from(chunk).toString('utf8');
    // A namespace may have a ConfigMap of its own (kube-root-ca.crt), which a watch from the start tells first.
    const line = read
      .split('\n')
      .slice(0, -1)
      .find((one) => one.includes('"seen"'));
    if (line !== undefined) return line;
  }
  return assert.fail(`no line: ${read}`);
}
