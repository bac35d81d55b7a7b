import type { Duplex } from 'node:stream';
import type { Ref } from '@binnacle/client';
import type { Kubelet } from '../../kubelet.ts';
import { badRequest } from '../refusals.ts';
import type { Channels, Heard } from './channels.ts';

/** Two channels a port, and 255 means something else. */
const PORTS_MOST = 127;
const HIGHEST_PORT = 65_535;

/** The ports of `?ports=`, in the order of their channels: repeated, or behind commas. @throws {Refusal} 400 */
export function portsOf(query: URLSearchParams): readonly number[] {
  const texts = query.getAll('ports').flatMap((value) => value.split(','));
  if (texts.length === 0) throw badRequest('query parameter "ports" is required');
  if (texts.length > PORTS_MOST) throw badRequest(`${texts.length} ports: there is room for ${PORTS_MOST} in one connection`);
  return texts.map((text) => {
    const port = /^\d+$/.test(text) ? Number(text) : 0;
    if (port < 1 || port > HIGHEST_PORT) throw badRequest(`unable to parse ${JSON.stringify(text)} as a port`);
    return port;
  });
}

/**
 * Carries bytes between the asker and ports of a pod: of port i on channel 2i, what went wrong with it on 2i+1. The first message of each channel repeats
 * the port, little-endian (spec/sandbox.md §1.2). Resolves when all ports have ended or the asker has gone.
 */
export async function portForward(open: (heard: Heard) => Channels, kubelet: Kubelet, pod: Ref, ports: readonly number[], signal: AbortSignal): Promise<void> {
  // All at once and before the answer: what the asker sends has somewhere to go from its first byte on.
  const dialled = await Promise.allSettled(ports.map((port) => kubelet.portForward(pod, port, signal)));
  const streams = dialled.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined));
  // Its end is noticed where it is read; without a listener an error would end the process.
  for (const stream of streams) stream?.on('error', () => undefined);
  const channels = open({
    message(channel, bytes) {
      const stream = channel % 2 === 0 ? streams[channel / 2] : undefined;
      if (stream === undefined || stream.writableEnded || stream.destroyed) return;
      if (stream.write(bytes)) return;
      channels.pause();
      const resume = () => {
        stream.off('drain', resume).off('close', resume);
        channels.resume();
      };
      stream.on('drain', resume).on('close', resume);
    },
    end(channel) {
      if (channel !== undefined) streams[channel / 2]?.end();
      // Gone: what it sent still arrives, what is sent to it has nowhere to go.
      else for (const stream of streams) stream?.end(() => stream.destroy());
    },
  });
  await Promise.all(dialled.map((outcome, index) => carry(outcome, ports[index]!, index, pod, channels)));
  channels.close();
}

async function carry(outcome: PromiseSettledResult<Duplex>, port: number, index: number, pod: Ref, channels: Channels): Promise<void> {
  const [data, error] = [2 * index, 2 * index + 1];
  const number = Buffer.alloc(2);
  number.writeUInt16LE(port);
  const fail = (why: string) => channels.send(error, Buffer.from(`error forwarding port ${port} to pod ${pod.name}: ${why}`));
  await channels.send(error, number);
  // First the reason, then the data channel: who waits for data knows at once that there will be none.
  if (outcome.status === 'rejected') await fail((outcome.reason as Error).message);
  await channels.send(data, number);
  if (outcome.status === 'rejected') return;
  try {
    const stream = outcome.value;
    for await (const bytes of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      // What a socket does whose peer has gone: it takes no more.
      if (channels.closed.aborted) return void stream.destroy();
      await channels.send(data, bytes);
    }
    stream.end();
  } catch {
    if (!channels.closed.aborted) await fail('lost connection to pod');
  }
}
