import { confPath, confPort, confValue, fullName, stopped, versionOf } from './container.ts';
import type { Container } from './container.ts';
import type { Beat } from './fe-duties.ts';
import { serveHttp } from './http.ts';
import type { Pages } from './http.ts';
import { lines, next } from './lines.ts';
import { set, settingsOf } from './settings.ts';
import type { Settings } from './settings.ts';
import type { Duplex } from 'node:stream';

const conf = (container: Container): string => confPath(container, 'be.conf', '/etc/apache-doris/be');
const STORAGE = '/opt/apache-doris/be/storage';
const CLUSTER_ID = 'cluster_id';

/** A back end, or with `computation` a compute node: answers heartbeats, health checks and scrapes. Does not register itself. */
export function backEndProgram(imageRole: 'mix' | 'computation') {
  return async (container: Container): Promise<number> => {
    const { network, signal, clock } = container;
    const port = (key: string, otherwise: number) => confPort(container, conf(container), key, otherwise);
    const ports = { be: port('be_port', 9060), http: port('webserver_port', 8040), brpc: port('brpc_port', 8060) };
    const role =
      imageRole === 'computation' || container.env['COMPONENT_TYPE'] === 'COMPUTE'
        ? 'computation'
        : confValue(container, conf(container), 'be_node_role') === 'computation'
          ? 'computation'
          : 'mix';
    const beat: Beat = { version: `doris-${versionOf(container.image)}`, role, ports, startedAt: clock.now() };
    const settings = settingsOf(container, 'be', conf(container));
    const disk = container.volume(firstRoot(container)) ?? new Map<string, string>();
    container.log(`[NOTE] [Entrypoint]: Apache Doris BE ${beat.version}, host ${fullName(container)}, role ${role}`);
    using listeners = new DisposableStack();
    listeners.use(network.listen(port('heartbeat_service_port', 9050), (stream) => answerHeartbeats(container, stream, disk, beat)));
    for (const other of [ports.be, ports.brpc]) listeners.use(network.listen(other, (stream) => stream.on('error', () => stream.destroy()).resume()));
    listeners.use(network.listen(ports.http, (stream) => serveHttp(stream, (path, asked) => page(settings, path, asked))));
    container.log('I0101 00:00:00.000000 1 doris_main.cpp:500] Doris BE HTTP service started, heartbeat server started');
    await stopped(signal);
    container.log('I0101 00:00:00.000000 1 doris_main.cpp:560] Doris main exiting.');
    return 0;
  };
}

/** Where the data is: the first of storage_root_path. */
function firstRoot(container: Container): string {
  return confValue(container, conf(container), 'storage_root_path')?.split(';')[0]?.split(',')[0] ?? STORAGE;
}

/** A back end belongs to the first cluster that greets it, and refuses every other: data of two clusters never mix. */
function answerHeartbeats(container: Container, stream: Duplex, disk: Map<string, string>, beat: Beat): void {
  const line = lines(stream);
  const hangUp = () => line[Symbol.dispose]();
  container.signal.addEventListener('abort', hangUp, { once: true });
  const talk = async () => {
    const incoming = line[Symbol.asyncIterator]();
    const hello = (await next(incoming)) as { readonly clusterId: string } | undefined; // sound: only simulated front ends come here
    if (hello === undefined) return;
    const known = disk.get(CLUSTER_ID);
    if (known === undefined) {
      disk.set(CLUSTER_ID, hello.clusterId);
      container.log(`I0101 00:00:00.000000 1 heartbeat_server.cpp:100] cluster id set to ${hello.clusterId}`);
    }
    const error =
      known === undefined || known === hello.clusterId
        ? {}
        : { error: `invalid cluster id. ignore. record cluster id: ${known}, heartbeat cluster id: ${hello.clusterId}` };
    line.send({ ...beat, ...error } satisfies Beat);
    while ((await next(incoming)) !== undefined);
  };
  talk()
    .catch((error: unknown) => container.log(`W heartbeat: ${String(error)}`))
    .finally(() => {
      container.signal.removeEventListener('abort', hangUp);
      hangUp();
    });
}

/** Settings are shown as rows of name, type, value and whether they can be set; one is set by `?name=value` (Doris: be/src/http/action/config_action.cpp). */
function page(settings: Settings, path: string, { method, query }: Parameters<Pages>[1]): ReturnType<Pages> {
  const json = (value: unknown) => ({ type: 'application/json', body: JSON.stringify(value) });
  switch (`${method} ${path}`) {
    case 'GET /api/health':
      return json({ status: 'OK', msg: 'To Be Added' });
    case 'GET /metrics':
      return { type: 'text/plain', body: 'doris_be_active_scan_context_count 0\n' };
    case 'GET /api/show_config':
      return json([...settings].map(([key, { type, value, mutable }]) => [key, type, value, String(mutable)]));
    case 'POST /api/update_config': {
      const [[key, value] = ['', '']] = query;
      const refused = set(settings, key, value);
      return json(refused === undefined ? { status: 'OK', msg: '' } : { status: 'BAD', msg: `set ${key}=${value} failed, reason: ${refused}` });
    }
    default:
      return undefined;
  }
}
