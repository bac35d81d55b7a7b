import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, suite, test } from 'node:test';
import { connect, systemClock, until } from '@binnacle/client';
import type { Api } from '@binnacle/client';
import { ClusterRole, ClusterRoleBinding, ConfigMap, Pod, ServiceAccount } from '@binnacle/client/kinds';
import { WebSocket } from 'ws';
import type { Logger } from '@binnacle/runtime';
import type { Image } from '../../program.ts';
import { startSandbox } from '../../sandbox.ts';
import type { Sandbox } from '../../sandbox.ts';

const quiet: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => quiet };

/** Says on port 7 what it hears, back; prints what it hears on port 9; exits on `exit <code>`. */
const parrot: Image = {
  image: /^parrot:/,
  async program({ network, signal, log }) {
    network.listen(7, (stream) => stream.pipe(stream));
    network.listen(9, (stream) => stream.on('data', (bytes: Buffer) => log(bytes.toString())));
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return 0;
  },
  exec: (_, [name, code]) => Promise.resolve({ exitCode: name === 'exit' ? Number(code) : 127, output: `${name}\n` }),
};

let sandbox: Sandbox;
let api: Api;
let url: string;
let ca: string;

before(async () => {
  const clock = systemClock();
  sandbox = await startSandbox({ clock, log: quiet, images: [parrot] });
  ({ url, ca } = await sandbox.listen());
  api = connect({ clock, userAgent: 'test', transport: sandbox.transport({ name: 'admin', groups: ['system:masters'] }) });
  await api.create(ConfigMap, { metadata: { name: 'c', namespace: 'default' }, data: { greeting: 'hello\n' } });
  const spec = (image: string) => ({
    containers: [{ name: 'main', image, env: [{ name: 'A', value: 'b' }], volumeMounts: [{ name: 'c', mountPath: '/etc/c' }] }],
    volumes: [{ name: 'c', configMap: { name: 'c' } }],
  });
  await api.create(Pod, { metadata: { name: 'p', namespace: 'default' }, spec: spec('parrot:1') });
  await api.create(Pod, { metadata: { name: 'stuck', namespace: 'default' }, spec: spec('nothing:1') });
  await running('p');
});

after(async () => {
  await api[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
});

const running = (name: string) => until(api, Pod, { name, namespace: 'default' }, (pod) => pod?.status?.phase === 'Running', AbortSignal.timeout(10_000));

interface Answer {
  /** By channel, all messages' bytes. */
  readonly text: Readonly<Record<number, string>>;
  readonly code: number;
}

/** Opens a stream; a refusal is thrown with the Status' message. */
async function open(path: string, options: { readonly token?: string; readonly protocol?: string } = {}): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('https', 'wss')}/api/v1/namespaces/default/pods/${path}`, options.protocol ?? 'v5.channel.k8s.io', {
    ca,
    headers: { authorization: `Bearer ${options.token ?? sandbox.adminToken}` },
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve).once('error', reject);
    socket.once('unexpected-response', (_, response) => {
      let body = '';
      response.on('data', (bytes: Buffer) => (body += bytes.toString()));
      response.on('end', () => reject(new Error(`${response.statusCode} ${(JSON.parse(body) as { message: string }).message}`)));
    });
  });
  return socket;
}

/** All that comes until the server ends it. */
async function readAll(socket: WebSocket): Promise<Answer> {
  const parts = new Map<number, Buffer[]>();
  socket.on('message', (data: Buffer) => parts.set(data[0]!, [...(parts.get(data[0]!) ?? []), data.subarray(1)]));
  const [code] = (await once(socket, 'close')) as [number];
  return { code, text: Object.fromEntries([...parts].map(([channel, bytes]) => [channel, Buffer.concat(bytes).toString()])) };
}

const run = async (...command: string[]) =>
  readAll(await open(`p/exec?stdout=true&stderr=true&${command.map((word) => `command=${encodeURIComponent(word)}`).join('&')}`));
const SUCCESS = '{"metadata":{},"status":"Success"}';

suite('exec', () => {
  test('the node answers hostname, env, cat and true for every program', async () => {
    assert.deepEqual(await run('hostname'), { code: 1000, text: { 1: 'p\n', 3: SUCCESS } });
    assert.deepEqual((await run('cat', '/etc/c/greeting')).text, { 1: 'hello\n', 3: SUCCESS });
    assert.deepEqual((await run('true')).text, { 3: SUCCESS });
    assert.match((await run('env')).text[1]!, /^A=b$/m);
  });

  test('an exit code arrives where kubectl looks for it', async () => {
    const { text } = await run('exit', '7');
    assert.equal(text[1], 'exit\n');
    const status = JSON.parse(text[3]!) as { status: string; reason: string; details: unknown };
    assert.equal(`${status.status} ${status.reason}`, 'Failure NonZeroExitCode');
    assert.deepEqual(status.details, { causes: [{ reason: 'ExitCode', message: '7' }] });
  });

  test('a command that nothing stands for is an error, not an output', async () => {
    const { text } = await run('vim');
    assert.deepEqual([text[1], text[2]], [undefined, 'vim\n']);
    assert.match(text[3]!, /"message":"127"/);
  });

  test('what makes no sense is refused before anything becomes a stream', async () => {
    await assert.rejects(open('p/exec?stdout=true'), /400 you must specify at least one command/);
    await assert.rejects(open('p/exec?command=true'), /400 you must specify at least 1 of stdin, stdout, stderr/);
    await assert.rejects(open('p/exec?command=true&stdout=true&container=x'), /400 container x is not valid/);
    await assert.rejects(open('p/exec?command=true&stdout=true', { protocol: 'v1.channel.k8s.io' }), /400 .*this server speaks v5.channel.k8s.io and/);
    await assert.rejects(open('gone/exec?command=true&stdout=true'), /404 pods "gone" not found/);
    await assert.rejects(open('stuck/exec?command=true&stdout=true'), /400 pod stuck is not running. Current status=Pending/);
    await assert.rejects(open('p/exec?command=true&stdout=true', { token: 'wrong' }), /401 Unauthorized/);
  });
});

test('attach shows what is printed from now on, and takes no input', async () => {
  const socket = await open('p/attach?stdout=true');
  const first = once(socket, 'message') as Promise<[Buffer]>;
  const forward = await open('p/portforward?ports=9');
  forward.send(Buffer.from([0, ...Buffer.from('news')]));
  assert.equal((await first)[0].toString(), '\x01news\n');
  forward.close();
  socket.close();
  await assert.rejects(open('p/attach?stdin=true&stdout=true'), /400 .*attach without -i and -t/);
});

suite('port-forward', () => {
  test('bytes go to the port and back, each channel beginning with its port', async () => {
    const socket = await open('p/portforward?ports=7');
    const answer = readAll(socket);
    const sent = Buffer.alloc(300_000, 'x');
    for (let at = 0; at < sent.length; at += 1000) socket.send(Buffer.concat([Buffer.of(0), sent.subarray(at, at + 1000)]));
    socket.send(Buffer.of(255, 0));
    assert.deepEqual(await answer, { code: 1000, text: { 0: `\x07\0${sent.toString()}`, 1: '\x07\0' } });
  });

  test('a port on which nobody listens says so on its error channel, and leaves the others alone', async () => {
    const socket = await open('p/portforward?ports=8&ports=7', { protocol: 'v4.channel.k8s.io' });
    socket.once('message', () => socket.send(Buffer.from('\x02hi')));
    socket.on('message', (data: Buffer) => {
      if (data.toString() === '\x02hi') socket.close();
    });
    const { text } = await readAll(socket);
    assert.match(text[1]!.slice(2), /^error forwarding port 8 to pod p: .*nobody listens/);
    assert.deepEqual([text[0], text[2], text[3]], ['\x08\0', '\x07\0hi', '\x07\0']);
  });

  test('a pod that does not run, a port that is none, and an account without the right are refused', async () => {
    await assert.rejects(open('stuck/portforward?ports=7'), /400 pod stuck is not running. Current status=Pending/);
    await assert.rejects(open('p/portforward'), /400 query parameter "ports" is required/);
    await assert.rejects(open('p/portforward?ports=70000'), /400 unable to parse "70000" as a port/);
    await api.create(ServiceAccount, { metadata: { name: 'bob', namespace: 'default' } });
    const token = sandbox.tokenFor({ namespace: 'default', name: 'bob' });
    await assert.rejects(open('p/portforward?ports=7', { token }), /403 pods "p" is forbidden: User .* cannot get resource "pods\/portforward"/);
    await api.create(ClusterRole, { metadata: { name: 'f' }, rules: [{ apiGroups: [''], resources: ['pods/portforward'], verbs: ['get'] }] });
    const subjects = [{ kind: 'ServiceAccount', name: 'bob', namespace: 'default' }];
    await api.create(ClusterRoleBinding, {
      metadata: { name: 'f' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'f' },
      subjects,
    } as never);
    (await open('p/portforward?ports=7', { token })).close();
  });

  test('streams end with their pod', async () => {
    const spec = { containers: [{ name: 'main', image: 'parrot:1' }] };
    await api.create(Pod, { metadata: { name: 'q', namespace: 'default' }, spec });
    await running('q');
    const ended = readAll(await open('q/portforward?ports=7'));
    await api.delete(Pod, { name: 'q', namespace: 'default' });
    assert.equal((await ended).code, 1000);
  });
});

test('without an upgrade the answer says that one is needed', async () => {
  await assert.rejects(api.raw({ method: 'GET', path: '/api/v1/namespaces/default/pods/p/exec?command=true&stdout=true' }), {
    code: 400,
    message: 'Upgrade request required',
  });
});
