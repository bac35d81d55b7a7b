import type { Duplex } from 'node:stream';
import { encodeFrames, frameReader } from '../protocol/frame.ts';
import type { Frames } from '../protocol/frame.ts';
import { REQUEST_FIELDS, event, readMessage, response, write } from '../protocol/message.ts';
import type { Body, MessageReader } from '../protocol/message.ts';
import { TYPES, clusterStateOf, errorBody } from '../protocol/messages.ts';
import type { SimulatedCluster } from './cluster.ts';
import type { MemberConfig } from './config.ts';
import type { Executors } from './executors.ts';
import { PARTITIONS } from './partitions.ts';

const HELLO = 'CP2';
const PORT = 5701;
/** Of members, as clients are told: port of clients. */
const ERRORS = { config: 22, illegalArgument: 23, illegalState: 27, unsupported: 61, accessControl: 64 } as const;

/** Answers one client until it hangs up. Layouts: spec/hazelcast-data-wan-jet.md §9, refusals: spec/hazelcast-members.md §6. */
export function answerClient(
  stream: Duplex,
  cluster: SimulatedCluster,
  { config, executors, statistics }: { readonly config: MemberConfig; readonly executors: Executors; readonly statistics: () => string },
): void {
  const reader = frameReader();
  let hello = '';
  let loggedIn = false;
  const send = (frames: Frames) => void (stream.destroyed || stream.write(encodeFrames(frames)));
  const answer = (message: MessageReader) => {
    const { correlation, type } = message;
    const respond = (body: Omit<Body, 'type'> = {}) => send(response({ type: type + 1, ...body }, correlation));
    const refuse = (code: number, className: string, text: string) => send(response(errorBody(code, className, text), correlation));
    if (type === TYPES.authentication) {
      // A connection that is in is not asked for the name again (spec/hazelcast-members.md §6.1).
      loggedIn ||= message.text() === config.clusterName;
      return respond(loginBody(cluster, config, loggedIn));
    }
    if (!loggedIn) return refuse(ERRORS.accessControl, 'java.security.AccessControlException', 'The client address null is not allowed for management task');
    if (executors.takes(type)) {
      if (executors.add(message)) return respond();
      return refuse(ERRORS.config, 'com.hazelcast.config.InvalidConfigurationException', 'Cannot add a dynamic configuration: there is another of that name');
    }
    switch (type) {
      case TYPES.ping:
        return respond();
      case TYPES.getTimedMemberState:
        return respond({ variable: write.text(statistics()) });
      case TYPES.getMemberConfig:
        return respond({ variable: write.text(executors.xml()) });
      case TYPES.changeClusterState: {
        const state = clusterStateOf(message.int(REQUEST_FIELDS));
        if (state === undefined) return refuse(ERRORS.illegalArgument, 'java.lang.IllegalArgumentException', 'Unsupported ID value');
        cluster.changeState(state);
        return respond();
      }
      case TYPES.triggerHotRestartBackup:
        // Open-source members say yes and take none (spec/hazelcast-members.md §6.3).
        if (!config.enterprise || cluster.backup.trigger()) return respond();
        return refuse(ERRORS.illegalState, 'java.lang.IllegalStateException', 'Hot restart backup is not possible now');
      case TYPES.interruptHotRestartBackup:
        cluster.backup.interrupt();
        return respond();
      case TYPES.addClusterViewListener:
        respond();
        return send(event(membersView(cluster), correlation));
      default:
        return refuse(ERRORS.unsupported, 'java.lang.UnsupportedOperationException', `Unrecognized client message received with type: 0x${type.toString(16)}`);
    }
  };
  stream.on('data', (chunk: Buffer) => {
    const missing = HELLO.length - hello.length;
    hello += chunk.subarray(0, missing).toString('latin1');
    if (hello.length === HELLO.length && hello !== HELLO) return void stream.destroy();
    try {
      for (const frames of reader.push(chunk.subarray(Math.max(0, missing)))) answer(readMessage(frames));
    } catch {
      stream.destroy();
    }
    return undefined;
  });
  stream.on('error', () => stream.destroy());
  stream.on('end', () => stream.destroy());
}

function loginBody(cluster: SimulatedCluster, config: MemberConfig, granted: boolean): Omit<Body, 'type'> {
  return {
    fixed: [
      { type: 'byte', value: granted ? 0 : 1 },
      { type: 'uuid', value: granted ? cluster.self.uuid : null },
      { type: 'byte', value: granted ? 1 : 255 },
      { type: 'int', value: granted ? PARTITIONS : -1 },
      { type: 'uuid', value: granted ? cluster.master().clusterId : null },
      { type: 'boolean', value: granted && config.enterprise },
    ],
    variable: [...(granted ? address(cluster.self.ip) : write.text(null)), ...write.text(config.version)],
  };
}

function address(ip: string): Frames {
  return write.structure([{ type: 'int', value: PORT }], write.text(ip));
}

/** MemberInfo: uuid, lite | address, attributes, version, address map. */
function membersView(cluster: SimulatedCluster): Body {
  const member = (one: { readonly uuid: string; readonly ip: string; readonly version: string }) => {
    const [major = 5, minor = 5, patch = 0] = one.version.split(/[.-]/).map(Number).filter(Number.isFinite);
    const version = write.structure(
      [major, minor, patch].map((value) => ({ type: 'byte' as const, value })),
      [],
    );
    return write.structure(
      [
        { type: 'uuid', value: one.uuid },
        { type: 'boolean', value: false },
      ],
      [...address(one.ip), ...write.list([]), ...version, ...write.list([])],
    );
  };
  return { type: TYPES.membersView, fixed: [{ type: 'int', value: cluster.table.version }], variable: write.list(cluster.members().map(member)) };
}
