import { alone } from '@binnacle/runtime';
import { given } from '../given.ts';
import { DorisError } from '../sql/error.ts';
import { frontEnd } from '../sql/front-end.ts';
import { showFrontends } from '../sql/frontends.ts';
import type { Tls } from '../sql/tls.ts';
import type { Container } from './container.ts';
import { lead } from './fe-duties.ts';
import { Group } from './fe-group.ts';
import { META_PATH, selfOf } from './fe-self.ts';
import { serveHttp } from './http.ts';
import { newMetadata } from './metadata.ts';
import type { FrontendRecord } from './metadata.ts';
import { serveMysql } from './mysql.ts';
import { serverTls } from './mysql-tls.ts';
import { pause } from './pause.ts';

/** How often a front end without metadata asks whether it may join; ms. The entry script's own interval (spec/doris-operator.md §4.3). */
const PROBE_MS = 2_000;

/**
 * A front end. With metadata it goes on as a known member. Without, it asks the others through the Service: ordinal 0 starts a cluster when nobody answers;
 * everybody else waits until somebody has added it. Unlike the real entry script it never adds itself, so that it shows who joins members.
 */
export async function frontEndProgram(container: Container): Promise<number> {
  const me = selfOf(container);
  const disk = container.volume(META_PATH) ?? new Map<string, string>();
  const node = new Group(container, me, disk);
  const { signal } = container;
  entrypoint(container, `Apache Doris FE ${me.version}, host ${me.host}`);
  if (node.metadata === undefined) {
    const born = await firstBoot(container, me, node);
    if (born === undefined) return 0;
  } else entrypoint(container, `${META_PATH}/image/ROLE is already exist, start fe directly`);
  const ports = new DisposableStack();
  try {
    open(container, node, ports);
    while (!signal.aborted) {
      const master = await node.elect(signal);
      if (master === undefined || node.metadata === undefined) continue;
      if (master === 'me') {
        node.lead(node.metadata);
        await lead(container, node, signal);
        node.stepDown();
      } else if ((await node.follow(master, signal)) === 'refused') {
        container.log(
          `ERROR (main|1) this node ${me.host}:${me.editLogPort} is not in the group any more; its meta directory must be cleared before it can join again. exit`,
        );
        return 1;
      }
    }
    return 0;
  } finally {
    ports.dispose();
  }
}

/** Makes the first metadata or fetches it from the master; `undefined`: told to stop before. */
async function firstBoot(container: Container, me: FrontendRecord, node: Group): Promise<true | undefined> {
  const { signal, clock } = container;
  while (!signal.aborted) {
    const found = await askService(container, me);
    if (found === 'nobody' && container.pod.metadata.name.endsWith('-0')) {
      entrypoint(container, 'no leader found and this is pod 0: start as the first front end of a new cluster');
      node.begin({ ...newMetadata(String(1 + Math.floor(clock.random() * 2_000_000_000)), me), epoch: 0 });
      return true;
    }
    if (found !== 'nobody' && found !== 'wait') {
      entrypoint(container, `start as a follower with helper ${found.host}:${found.editLogPort}`);
      const once = new AbortController();
      // The first entry is all that is needed here; the main loop follows for good.
      const fetched = node.follow(found, AbortSignal.any([signal, once.signal]));
      while (node.metadata === undefined && !signal.aborted && !once.signal.aborted) {
        const gaveUp = await Promise.race([fetched.then(() => true), node.changed.wait(clock, signal).then(() => false)]);
        if (gaveUp) break;
      }
      once.abort();
      await fetched;
      if (node.metadata !== undefined) return true;
    }
    await pause(clock, PROBE_MS, signal);
  }
  return undefined;
}

/** Asks the Service as the entry script does: where the master is, and whether we are listed. `wait`: there is a cluster, and we may not join it yet. */
export async function askService(
  container: Container,
  me: FrontendRecord,
  tls?: Tls,
): Promise<'nobody' | 'wait' | { readonly host: string; readonly editLogPort: number }> {
  const { env, network, clock, pod, signal } = container;
  const host = `${env['FE_SVC'] ?? env['ENV_FE_ADDR'] ?? ''}.${pod.metadata.namespace}.svc.cluster.local`;
  const account = { user: env['ACC_USER'] ?? env['USER'] ?? 'k8sopr', password: env['ACC_PWD'] ?? env['PASSWD'] ?? '', ...given({ tls }) };
  try {
    await using fe = await frontEnd({ network, clock }, { host, port: me.ports.query, account }, alone(signal));
    const listed = await showFrontends(fe, signal);
    const master = listed.find((one) => one.master);
    const mine = listed.some((one) => one.host === me.host);
    if (master === undefined || !mine) {
      entrypoint(container, master === undefined ? 'waiting for a leader' : `leader is ${master.host}; waiting to be added: ${me.host}:${me.editLogPort}`);
      return 'wait';
    }
    return { host: master.host, editLogPort: master.editLogPort };
  } catch (error) {
    if (!(error instanceof DorisError)) throw error;
    return error.code === 'unreachable' ? 'nobody' : 'wait';
  }
}

function open(container: Container, node: Group, ports: DisposableStack): void {
  const { signal, network } = container;
  const { me } = node;
  ports.use(network.listen(me.editLogPort, (stream) => node.accept(stream, signal)));
  ports.use(network.listen(me.ports.rpc, (stream) => stream.on('error', () => stream.destroy()).resume()));
  const session = {
    passwordHash: (user: string) => node.metadata?.users.find((one) => one.name === user)?.hash,
    execute: (user: string, sql: string, { forwards }: { readonly forwards: boolean }) => node.execute(user, sql, { forwards, signal }),
    version: me.version.replace('doris-', ''),
    random: () => container.clock.random(),
    tls: serverTls(container),
  };
  ports.use(network.listen(me.ports.query, (stream) => serveMysql(stream, session)));
  ports.use(network.listen(me.ports.http, (stream) => serveHttp(stream, (path) => page(node, path))));
}

function page(node: Group, path: string): { readonly type: string; readonly body: string } | undefined {
  const { metadata, master } = node;
  const json = (value: unknown) => ({ type: 'application/json', body: JSON.stringify(value) });
  const backends = metadata?.backends ?? [];
  switch (path) {
    case '/api/bootstrap':
      return json(master === undefined ? { msg: 'not ready', code: 1, data: null, count: 0 } : { msg: 'success', code: 0, data: null, count: 0 });
    case '/api/health':
      return json({
        msg: 'success',
        code: 0,
        data: { online_backend_num: backends.filter((one) => one.alive).length, total_backend_num: backends.length },
        count: 0,
      });
    case '/metrics':
      return {
        type: 'text/plain',
        body: `doris_fe_max_journal_id ${metadata?.journalId ?? 0}\nnode_info{type="is_master"} ${master === `${node.me.host}:${node.me.editLogPort}` ? 1 : 0}\n`,
      };
    default:
      return undefined;
  }
}

/** A line as the entry scripts write it. */
function entrypoint(container: Container, message: string): void {
  container.log(`[NOTE] [Entrypoint]: ${message}`);
}
