import { alarm } from '@binnacle/client';
import { z } from 'zod';
import type { Container } from './container.ts';
import type { Group } from './fe-group.ts';
import { lines, next } from './lines.ts';
import { moved } from './metadata.ts';
import type { BackendRecord, Metadata } from './metadata.ts';
import { pause } from './pause.ts';

/** Between two tries to reach a node that is down, as Doris' heartbeats; ms. */
const HEARTBEAT_MS = 5_000;
/** What one replica takes to move; ms. */
const MOVE_MS = 1_000;

/** What nodes answer to a heartbeat. */
export const Beat = z.object({
  version: z.string(),
  role: z.enum(['mix', 'computation']).optional(),
  ports: z.object({ be: z.number(), http: z.number(), brpc: z.number() }).optional(),
  startedAt: z.number(),
  error: z.string().optional(),
});
export type Beat = z.output<typeof Beat>;

/**
 * What a master does until it is none: keeps a line to every back end and broker (an open line is a living node, so that nothing ticks while all is well),
 * moves data off decommissioned nodes, and steps down when it lost its majority to another.
 */
export async function lead(container: Container, group: Group, stop: AbortSignal): Promise<void> {
  const { clock } = container;
  const over = new AbortController();
  const signal = AbortSignal.any([stop, over.signal]);
  const lines = new Map<string, { readonly end: AbortController; readonly ended: Promise<void> }>();
  let movedAt = clock.monotonic();
  try {
    while (!signal.aborted && group.metadata !== undefined) {
      tend(container, group, lines, signal);
      const waitedLong = clock.monotonic() - movedAt >= MOVE_MS;
      const after = moved(group.metadata, group.settings);
      if (after !== undefined && waitedLong && group.commit(after)) movedAt = clock.monotonic();
      if (!group.quorum() && (await group.replaced(signal))) return;
      await group.changed.wait(clock, signal, after !== undefined || !group.quorum() ? MOVE_MS : undefined);
    }
  } finally {
    over.abort();
    await Promise.all([...lines.values()].map((one) => one.ended));
  }
}

/** One line to each node in the metadata, and none to others. */
function tend(
  container: Container,
  group: Group,
  open: Map<string, { readonly end: AbortController; readonly ended: Promise<void> }>,
  signal: AbortSignal,
): void {
  const { backends = [], brokers = [], clusterId = '' } = group.metadata ?? {};
  const wanted = new Map<string, { readonly host: string; readonly port: number; readonly seen: Seen }>();
  for (const { id, host, heartbeatPort } of backends)
    wanted.set(`backend ${id}`, { host, port: heartbeatPort, seen: (beat) => observeBackend(container, group, id, beat) });
  for (const { name, host, port } of brokers)
    wanted.set(`broker ${name} ${host}:${port}`, { host, port, seen: (beat) => observeBroker(group, name, host, beat) });
  for (const [key, line] of open) {
    if (wanted.has(key)) continue;
    line.end.abort();
    open.delete(key);
  }
  for (const [key, node] of wanted) {
    if (open.has(key)) continue;
    const end = new AbortController();
    const ended = keepLine(container, node, clusterId, AbortSignal.any([signal, end.signal])).catch((error: unknown) =>
      container.log(`ERROR ${key}: ${String(error)}`),
    );
    open.set(key, { end, ended });
  }
}

/** Told when a node answers, and with `undefined` when its line ends. */
type Seen = (beat: Beat | undefined) => void;

async function keepLine(
  container: Container,
  node: { readonly host: string; readonly port: number; readonly seen: Seen },
  clusterId: string,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      using limit = alarm(container.clock, HEARTBEAT_MS);
      const stream = await container.network.connect(node, AbortSignal.any([signal, limit.signal]));
      limit[Symbol.dispose]();
      using line = lines(stream);
      const hangUp = () => line[Symbol.dispose]();
      signal.addEventListener('abort', hangUp, { once: true });
      line.send({ clusterId });
      const incoming = line[Symbol.asyncIterator]();
      const beat = Beat.safeParse(await next(incoming));
      if (beat.success) {
        node.seen(beat.data);
        while ((await next(incoming)) !== undefined); // nodes say no more; the line ends with them
      }
      signal.removeEventListener('abort', hangUp);
    } catch {
      // nobody there now: tried again below
    }
    if (signal.aborted) return;
    node.seen(undefined);
    await pause(container.clock, HEARTBEAT_MS, signal);
  }
}

function observeBackend(container: Container, group: Group, id: number, beat: Beat | undefined): void {
  const { metadata } = group;
  const before = metadata?.backends.find((one) => one.id === id);
  if (metadata === undefined || before === undefined) return;
  const alive = beat !== undefined && beat.error === undefined;
  const error = beat?.error ?? (beat === undefined ? 'java.net.ConnectException: Connection refused' : '');
  const told: Partial<BackendRecord> =
    beat === undefined
      ? {}
      : { version: beat.version, role: beat.role ?? 'mix', startedAt: beat.startedAt, ...(beat.ports === undefined ? {} : { ports: beat.ports }) };
  const after = { ...before, ...told, alive, error, ...(before.alive && !alive ? { heardAt: container.clock.now() } : {}) };
  if (JSON.stringify(after) === JSON.stringify(before)) return;
  if (alive !== before.alive) container.log(`INFO (heartbeat-mgr|1) [SystemInfoService] backend ${id} at ${before.host} is ${alive ? 'alive' : 'dead'}`);
  group.observe({ ...metadata, backends: metadata.backends.map((one) => (one === before ? after : one)) });
}

function observeBroker(group: Group, name: string, host: string, beat: Beat | undefined): void {
  const { metadata } = group;
  const alive = beat !== undefined;
  const before = metadata?.brokers.find((one) => one.name === name && one.host === host);
  if (metadata === undefined || before === undefined) return;
  const now = { ...before, alive, startedAt: beat?.startedAt ?? before.startedAt };
  if (now.alive === before.alive && now.startedAt === before.startedAt) return;
  const after: Metadata = { ...metadata, brokers: metadata.brokers.map((one) => (one === before ? now : one)) };
  group.observe(after);
}
