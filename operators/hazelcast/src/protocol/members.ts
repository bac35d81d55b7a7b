import type { Clock, Network } from '@binnacle/client';
import type { Mandate } from '@binnacle/runtime';
import { connectMember } from './connection.ts';
import type { MemberConnection } from './connection.ts';
import { addExecutor } from './dynamic-config.ts';
import type { ExecutorConfig } from './dynamic-config.ts';
import type { Identity } from '../tls/identity.ts';
import { MemberError } from './error.ts';
import { memberHealth } from './health.ts';
import type { Health } from './health.ts';
import { startupAction } from './startup.ts';
import { parseMemberState } from './member-state.ts';
import type { MemberState } from './member-state.ts';
import type { Body } from './message.ts';
import { changeClusterState, getTimedMemberState, interruptHotRestartBackup, triggerHotRestartBackup } from './messages.ts';
import type { ClusterState } from './messages.ts';

/** Which cluster: connections are kept for each. */
export interface ClusterKey {
  readonly namespace: string;
  readonly name: string;
}

/** How members of a cluster let somebody in. */
export interface Entry {
  /** The name they were started with, whatever an edit that has not reached them says. */
  readonly clusterName: string;
  /** How they prove themselves; absent: they speak in clear. */
  readonly identity?: Identity;
}

/** The members of all clusters, by pod address. Connections stay open between calls; whoever makes this closes it. */
export interface Members extends AsyncDisposable {
  /** What the member at this address says of itself. @throws {MemberError} */
  state(cluster: ClusterKey, ip: string, signal: AbortSignal): Promise<MemberState>;
  /** What it says of the cluster's safety. @throws {MemberError} */
  health(ip: string, signal: AbortSignal): Promise<Health>;
  /** Changes the state of the whole cluster, through the member at this address. @throws {MemberError} after `lost` it may have been done. */
  changeState(cluster: ClusterKey, ip: string, state: ClusterState, mandate: Mandate): Promise<void>;
  /** Gives an executor to the cluster, through the member at this address. @throws {MemberError} `refused`: there is another of that name. */
  addExecutor(cluster: ClusterKey, ip: string, executor: ExecutorConfig, mandate: Mandate): Promise<void>;
  /** Starts a backup of the whole cluster, or ends the one there is, through the member at this address. @throws {MemberError} */
  backup(cluster: ClusterKey, ip: string, what: 'trigger' | 'interrupt', mandate: Mandate): Promise<void>;
  /**
   * Tells the member at this address, and through it all that wait for data, to start without what is missing. @returns whether it did: one that does not wait
   * says no. @throws {MemberError} after `lost` it may have been done.
   */
  startup(cluster: ClusterKey, ip: string, action: 'ForceStart' | 'PartialStart', mandate: Mandate): Promise<boolean>;
  /** How members of this cluster let us in, from now on. Nobody is connected to before that is known. */
  secure(cluster: ClusterKey, entry: Entry): void;
  /** Closes the connections of a cluster to other addresses than these. */
  retain(cluster: ClusterKey, ips: readonly string[]): void;
  /** The cluster is gone. */
  forget(cluster: ClusterKey): void;
}

const CLIENT_PORT = 5701;
const REST_PORT = 8081;

/** No member is known yet. */
export function members(doors: { readonly network: Network; readonly clock: Clock }): Members {
  const clusters = new Map<string, Map<string, MemberConnection>>();
  const entries = new Map<string, Entry>();
  const keyOf = ({ namespace, name }: ClusterKey) => `${namespace}/${name}`;

  const usable = (cluster: ClusterKey, ip: string): MemberConnection | undefined => {
    const there = clusters.get(keyOf(cluster))?.get(ip);
    return there !== undefined && !there.closed ? there : undefined;
  };

  const entryOf = (cluster: ClusterKey, ip: string): Entry => {
    const entry = entries.get(keyOf(cluster));
    if (entry === undefined) throw new MemberError('unreachable', `${ip}: not known yet what its cluster is called and whether it speaks TLS`);
    return entry;
  };

  const secure = (cluster: ClusterKey, entry: Entry): void => {
    const key = keyOf(cluster);
    if (JSON.stringify(entries.get(key)) === JSON.stringify(entry)) return;
    entries.set(key, entry);
    // Made with what is no longer true.
    retain(cluster, []);
  };

  async function connection(cluster: ClusterKey, ip: string, signal: AbortSignal): Promise<MemberConnection> {
    const there = usable(cluster, ip);
    if (there !== undefined) return there;
    const { clusterName, identity } = entryOf(cluster, ip);
    const made = await connectMember(doors, { host: ip, port: CLIENT_PORT, ...(identity === undefined ? {} : { identity }) }, clusterName, signal);
    // A backup and its cluster are reconciled at the same time: who comes second takes the connection of the first.
    const other = usable(cluster, ip);
    if (other !== undefined) {
      made[Symbol.dispose]();
      return other;
    }
    const open = clusters.get(keyOf(cluster)) ?? new Map();
    open.get(ip)?.[Symbol.dispose]();
    open.set(ip, made);
    clusters.set(keyOf(cluster), open);
    return made;
  }

  /** Sends what changes something, only while we lead. */
  async function change(cluster: ClusterKey, ip: string, message: Body, { signal, mustLead }: Mandate): Promise<void> {
    const open = await connection(cluster, ip, signal);
    mustLead();
    await open.invoke(message, signal);
  }

  function retain(cluster: ClusterKey, ips: readonly string[]): void {
    const open = clusters.get(keyOf(cluster));
    for (const [ip, one] of open ?? []) {
      if (ips.includes(ip)) continue;
      one[Symbol.dispose]();
      open?.delete(ip);
    }
    if (open?.size === 0) clusters.delete(keyOf(cluster));
  }

  return {
    async state(cluster, ip, signal) {
      const answer = await (await connection(cluster, ip, signal)).invoke(getTimedMemberState, signal);
      try {
        return parseMemberState(answer.text());
      } catch (error) {
        throw error instanceof MemberError ? error : new MemberError('unreadable', `${ip}: no state of the member`, { cause: error });
      }
    },
    health: (ip, signal) => memberHealth(doors, { host: ip, port: REST_PORT }, signal),
    changeState: (cluster, ip, state, mandate) => change(cluster, ip, changeClusterState(state), mandate),
    addExecutor: (cluster, ip, executor, mandate) => change(cluster, ip, addExecutor(executor), mandate),
    backup: (cluster, ip, what, mandate) => change(cluster, ip, what === 'trigger' ? triggerHotRestartBackup : interruptHotRestartBackup, mandate),
    async startup(cluster, ip, action, mandate) {
      return await startupAction(doors, { host: ip, port: REST_PORT }, entryOf(cluster, ip).clusterName, action, mandate);
    },
    secure,
    retain,
    forget(cluster) {
      retain(cluster, []);
      entries.delete(keyOf(cluster));
    },
    async [Symbol.asyncDispose]() {
      for (const key of clusters.keys()) {
        const [namespace = '', name = ''] = key.split('/');
        retain({ namespace, name }, []);
      }
      await Promise.resolve();
    },
  };
}
