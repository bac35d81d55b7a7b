import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discoverCluster, inCluster, loadKubeconfig } from './index.ts';
import type { Environment, KubeconfigError } from './index.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n';
const KEY = PEM.replaceAll('CERTIFICATE', 'PRIVATE KEY');
const base64 = (text: string) => Buffer.from(text).toString('base64');

/** The cluster that these files, and the environment, mean. */
function load(files: Readonly<Record<string, string>>, options: { env?: Environment; context?: string; path?: string } = {}) {
  const { env = { KUBECONFIG: '/k/config' }, ...rest } = options;
  return loadKubeconfig({ env, readFile: reader(files), ...rest });
}

function reader(files: Readonly<Record<string, string>>) {
  return (path: string) => {
    const content = files[path];
    if (content === undefined) throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: 'ENOENT' });
    return content;
  };
}

const config = (user = '{}', cluster = '{server: "https://a:6443"}', context = '{cluster: c, user: u, namespace: n}') => `
apiVersion: v1
kind: Config
current-context: x
contexts: [{name: x, context: ${context}}]
clusters: [{name: c, cluster: ${cluster}}]
users: [{name: u, user: ${user}}]
`;

const one = (user?: string, cluster?: string, context?: string) => load({ '/k/config': config(user, cluster, context), '/k/pki/ca.crt': PEM, '/k/key': KEY });

test('server, namespace and authority come from the context', () => {
  assert.deepEqual(one('{token: t}', `{server: "https://a:6443/path", certificate-authority-data: ${base64(PEM)}, tls-server-name: b}`), {
    server: 'https://a:6443/path',
    ca: PEM,
    tlsServerName: 'b',
    namespace: 'n',
    credentials: { type: 'token', token: 't' },
  });
});

test('files are looked for beside the kubeconfig that names them', () => {
  const cluster = one('{client-certificate: pki/ca.crt, client-key: /k/key, token: t}', '{server: "https://a", certificate-authority: pki/ca.crt}');
  assert.equal(cluster.ca, PEM);
  assert.deepEqual(cluster.credentials, { type: 'certificate', cert: PEM, key: KEY, token: 't' });
  assert.deepEqual(one('{tokenFile: token}').credentials, { type: 'tokenFile', path: '/k/token' });
});

test('each way to say who we are is understood', () => {
  assert.deepEqual(one().credentials, { type: 'none' });
  assert.deepEqual(one('{username: a, password: b}').credentials, { type: 'basic', username: 'a', password: 'b' });
  assert.deepEqual(one(undefined, undefined, '{cluster: c}').credentials, { type: 'none' });
  const exec =
    '{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login, args: [a], env: [{name: A, value: b}], provideClusterInfo: true, installHint: hm}}';
  assert.deepEqual(one(exec).credentials, {
    type: 'exec',
    apiVersion: 'client.authentication.k8s.io/v1',
    command: '/k/login',
    args: ['a'],
    env: { A: 'b' },
    provideClusterInfo: true,
    installHint: 'hm',
  });
  assert.deepEqual(one('{as: bob, as-groups: [g], as-user-extra: {k: [v]}}').impersonate, { user: 'bob', groups: ['g'], extra: { k: ['v'] } });
});

test('of several files the first that has a name wins, and missing files are passed over', () => {
  const files = {
    '/a/config': 'contexts: [{name: x, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {tokenFile: mine}}]',
    '/b/config': config('{token: other}', '{server: "https://b"}'),
  };
  const cluster = load(files, { env: { KUBECONFIG: '/a/config:/none:/b/config' } });
  assert.deepEqual(cluster, { server: 'https://b', credentials: { type: 'tokenFile', path: '/a/mine' } });
});

test('without KUBECONFIG it is the file in the home', () => {
  assert.equal(load({ '/home/me/.kube/config': config() }, { env: { HOME: '/home/me' } }).server, 'https://a:6443');
});

test('a context may be asked for by name', () => {
  const two = `${config()}`.replace('contexts: [', 'contexts: [{name: y, context: {cluster: c, namespace: other}}, ');
  assert.equal(load({ '/k/config': two }, { context: 'y' }).namespace, 'other');
});

test('every complaint names the file, the entry and the field, and tells no secret', () => {
  const complaints: readonly [() => unknown, KubeconfigError['code'], RegExp][] = [
    [() => load({}), 'incomplete', /no kubeconfig: \/k\/config not found/],
    [() => load({}, { env: {} }), 'incomplete', /neither KUBECONFIG nor HOME/],
    [() => load({}, { path: '/p' }), 'unreadable', /^\/p: ENOENT/],
    [() => load({ '/k/config': 'a: [s3cret' }), 'unreadable', /^\/k\/config: no YAML at line 1$/],
    [() => load({ '/k/config': 'text' }), 'unreadable', /^\/k\/config: no kubeconfig$/],
    [() => load({ '/k/config': 'contexts: []' }), 'incomplete', /no current-context/],
    [() => load({ '/k/config': config() }, { context: 'z' }), 'incomplete', /no context "z"; there are: x/],
    [() => one(undefined, undefined, '{user: u}'), 'incomplete', /^\/k\/config: context "x": cluster is missing/],
    [() => one(undefined, undefined, '{cluster: z}'), 'invalid', /^\/k\/config: context "x": cluster "z" is not in/],
    [() => one(undefined, '{}'), 'incomplete', /^\/k\/config: cluster "c": server is missing/],
    [() => one(undefined, '{server: "a:6443"}'), 'invalid', /cluster "c": server "a:6443" is no http or https address/],
    [() => one(undefined, '{server: "https://a", certificate-authority: gone}'), 'invalid', /certificate-authority ENOENT.*\/k\/gone/],
    [() => one(undefined, '{server: "https://a", certificate-authority-data: bm8=}'), 'invalid', /certificate-authority-data holds no PEM/],
    [
      () => one(undefined, `{server: "https://a", insecure-skip-tls-verify: true, certificate-authority: /k/pki/ca.crt}`),
      'invalid',
      /insecure-skip-tls-verify cannot be true/,
    ],
    [() => one(undefined, '{server: "https://a", proxy-url: "socks5://u:s3cret@p"}'), 'invalid', /proxy-url only http and https/],
    [() => one('{client-certificate: pki/ca.crt}'), 'incomplete', /user "u": client-key is missing/],
    [() => one('{auth-provider: {name: gcp}}'), 'invalid', /auth-provider is not supported/],
    [() => one('{exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}}'), 'invalid', /user "u": exec: apiVersion "client/],
    [() => one('{exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}}'), 'invalid', /interactiveMode/],
    [() => one('{as-groups: [a]}'), 'incomplete', /user "u": as is missing/],
    [() => one('{as: b, as-groups: a}'), 'invalid', /user "u": as-groups is no list of texts/],
    [() => one('{as: b, as-user-extra: {k: v}}'), 'invalid', /user "u": as-user-extra: k is no list of texts/],
    [() => one('{token: [s3cret]}'), 'invalid', /user "u": token is no text/],
    [() => load({ '/k/config': 'contexts: {}\ncurrent-context: x' }), 'invalid', /contexts is no list/],
  ];
  for (const [attempt, code, message] of complaints) {
    assert.throws(attempt, (error: KubeconfigError) => {
      assert.match(error.message, message);
      assert.equal(error.code, code, error.message);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    });
  }
});

const POD = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
const MOUNTED = reader({ '/var/run/secrets/kubernetes.io/serviceaccount/namespace': 'mine\n', '/k/config': config() });

test('a pod talks to its own cluster, with files that the kubelet rotates', () => {
  assert.deepEqual(inCluster({ env: POD, readFile: MOUNTED }), {
    server: 'https://10.0.0.1:443',
    caFile: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt',
    credentials: { type: 'tokenFile', path: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
    namespace: 'mine',
  });
  assert.equal(inCluster({ env: { ...POD, KUBERNETES_SERVICE_HOST: 'fd00::1' }, readFile: MOUNTED }).server, 'https://[fd00::1]:443');
  assert.throws(() => inCluster({ env: POD, readFile: reader({}) }), /automountServiceAccountToken/);
  assert.throws(() => inCluster({ env: {} }), /not in a cluster/);
});

test('in a pod the own cluster is meant, unless a kubeconfig is named', () => {
  const server = (options: { env: Environment; path?: string }) => discoverCluster({ readFile: MOUNTED, ...options }).server;
  assert.equal(server({ env: { ...POD, HOME: '/k' } }), 'https://10.0.0.1:443');
  assert.equal(server({ env: { ...POD, KUBECONFIG: '/k/config' } }), 'https://a:6443');
  assert.equal(server({ env: POD, path: '/k/config' }), 'https://a:6443');
  assert.throws(() => server({ env: {} }), /no kubeconfig/);
});
