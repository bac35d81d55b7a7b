import { ok, refusal } from './answer.ts';
import { nameOf } from './metadata.ts';
import type { BackendRecord, Metadata } from './metadata.ts';
import type { Asked, Done } from './statements.ts';

/** ALTER SYSTEM, in Doris' own words where it refuses. Source: spec/doris-field-notes.md §3.2 and apache/doris, alter/SystemHandler. */
export function addFrontend(metadata: Metadata, [role = '', host = '', port = '']: readonly string[], asked: Asked): Done {
  if (metadata.frontends.some((one) => one.host === host)) return { answer: refusal(`frontend already exists [${host}:${port}]`) };
  const record = {
    host,
    editLogPort: Number(port),
    role: role.toUpperCase() === 'OBSERVER' ? ('OBSERVER' as const) : ('FOLLOWER' as const),
    added: metadata.journalId + 1,
    alive: false,
    joined: false,
    version: '',
    ports: { http: 0, query: 0, rpc: 0 },
    startedAt: asked.now,
  };
  return { answer: ok, after: { ...metadata, frontends: [...metadata.frontends, record] } };
}

export function dropFrontend(metadata: Metadata, [role = '', host = '', port = '']: readonly string[], asked: Asked): Done {
  const found = metadata.frontends.find((one) => one.host === host && one.editLogPort === Number(port));
  if (found === undefined) return { answer: refusal(`frontend does not exist[${host}:${port}]`) };
  if (found.role !== role.toUpperCase()) return { answer: refusal(`${role.toUpperCase()} does not exist[${host}:${port}]`) };
  if (nameOf(found) === asked.master) return { answer: refusal('can not drop current master node.') };
  return { answer: ok, after: { ...metadata, frontends: metadata.frontends.filter((one) => one !== found) } };
}

export function addBackend(metadata: Metadata, [host = '', port = '']: readonly string[], asked: Asked): Done {
  if (backendAt(metadata, host, port) !== undefined) return { answer: refusal(`Same backend already exists[${host}:${port}]`) };
  const record: BackendRecord = {
    id: metadata.nextId,
    host,
    heartbeatPort: Number(port),
    alive: false,
    decommissioned: false,
    role: 'mix',
    version: '',
    ports: { be: -1, http: -1, brpc: -1 },
    startedAt: asked.now,
    error: '',
  };
  return { answer: ok, after: { ...metadata, nextId: metadata.nextId + 1, backends: [...metadata.backends, record] } };
}

export function dropBackendUnforced(): Done {
  const message =
    'It is highly NOT RECOMMENDED to use DROP BACKEND stmt.It is not safe to directly drop a backend. All data on this backend will be discarded permanently. If you insist, use DROPP instead of DROP';
  return { answer: refusal(message) };
}

/** Replicas on it are gone: that is what the second P is for. */
export function dropBackend(metadata: Metadata, [host = '', port = '']: readonly string[]): Done {
  const found = backendAt(metadata, host, port);
  if (found === undefined) return { answer: refusal(`backend does not exists[${host}:${port}]`) };
  const tables = metadata.tables.map((table) => ({
    ...table,
    tablets: table.tablets.map((tablet) => ({
      ...tablet,
      backends: tablet.backends.filter((id) => id !== found.id),
      behind: tablet.behind.filter((id) => id !== found.id),
    })),
  }));
  return { answer: ok, after: { ...metadata, tables, backends: metadata.backends.filter((one) => one !== found) } };
}

export function decommission(metadata: Metadata, [host = '', port = '']: readonly string[], decommissioned: boolean): Done {
  const found = backendAt(metadata, host, port);
  if (found === undefined) return { answer: refusal(`Backend does not exist[${host}:${port}]`) };
  if (found.decommissioned === decommissioned) return { answer: ok };
  return { answer: ok, after: { ...metadata, backends: metadata.backends.map((one) => (one === found ? { ...one, decommissioned } : one)) } };
}

export function addBroker(metadata: Metadata, [name = '', host = '', port = '']: readonly string[]): Done {
  if (metadata.brokers.some((one) => one.name === name && one.host === host && one.port === Number(port))) {
    return { answer: refusal(`Broker(${host}:${port}) has already in brokers.`) };
  }
  return { answer: ok, after: { ...metadata, brokers: [...metadata.brokers, { name, host, port: Number(port), alive: false, startedAt: 0 }] } };
}

export function dropBroker(metadata: Metadata, [name = '', host = '', port = '']: readonly string[]): Done {
  const found = metadata.brokers.find((one) => one.name === name && one.host === host && one.port === Number(port));
  if (found === undefined) return { answer: refusal(`Broker(${host}:${port}) has not in brokers.`) };
  return { answer: ok, after: { ...metadata, brokers: metadata.brokers.filter((one) => one !== found) } };
}

const backendAt = (metadata: Metadata, host: string, port: string): BackendRecord | undefined =>
  metadata.backends.find((one) => one.host === host && one.heartbeatPort === Number(port));
