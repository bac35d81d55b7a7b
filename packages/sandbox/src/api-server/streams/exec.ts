import type { Ref } from '@binnacle/client';
import type { Kubelet } from '../../kubelet.ts';
import { isTrue } from '../http/request-info.ts';
import { badRequest } from '../refusals.ts';
import type { Channels, Heard } from './channels.ts';

const STDOUT = 1;
const STDERR = 2;
/** Carries the one Status that says how it ended. */
const ERROR = 3;
/** A shell's own answers: found but cannot be run, and not found. What is printed then is about the command, not from it. */
const NOT_RUN: ReadonlySet<number> = new Set([126, 127]);
/** Of one message. */
const CHUNK_BYTES = 32 * 1024;

/** Which of a process' streams the asker wants. */
export interface Wanted {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** @throws {Refusal} 400 when it wants none. */
export function wantedStreams(query: URLSearchParams): Wanted {
  const wanted = { stdin: isTrue(query.get('stdin')), stdout: isTrue(query.get('stdout')), stderr: isTrue(query.get('stderr')) };
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr) throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  return wanted;
}

/** @throws {Refusal} 400 when there is none. */
export function commandOf(query: URLSearchParams): readonly string[] {
  const command = query.getAll('command');
  if (command.length === 0) throw badRequest('you must specify at least one command for the container');
  return command;
}

/**
 * Runs a command and tells its output and exit code. What the asker types is not read: commands of the sandbox take no input. A command that is under way
 * when the asker goes runs to its end.
 */
export async function exec(
  open: (heard: Heard) => Channels,
  kubelet: Kubelet,
  pod: Ref,
  container: string,
  command: readonly string[],
  wanted: Wanted,
): Promise<void> {
  const channels = open({ message: () => undefined, end: () => undefined });
  try {
    const { exitCode, output } = await kubelet.exec(pod, container, command);
    const errors = NOT_RUN.has(exitCode) && wanted.stderr;
    if (errors || wanted.stdout) await sendAll(channels, errors ? STDERR : STDOUT, output);
    await conclude(channels, exitCode === 0 ? SUCCESS : nonZero(exitCode));
  } catch (error) {
    await conclude(channels, failure((error as Error).message));
  }
  channels.close();
}

/** Shows what a container prints from now on, until it ends or the asker goes. */
export async function attach(open: (heard: Heard) => Channels, lines: AsyncIterable<string>, wanted: Wanted): Promise<void> {
  const channels = open({ message: () => undefined, end: () => undefined });
  try {
    for await (const line of lines) {
      if (channels.closed.aborted) return;
      if (wanted.stdout) await sendAll(channels, STDOUT, `${line}\n`);
    }
    await conclude(channels, SUCCESS);
  } catch (error) {
    // Whoever watched has gone: that is how it usually ends.
    if (!channels.closed.aborted) await conclude(channels, failure((error as Error).message));
  }
  channels.close();
}

async function sendAll(channels: Channels, channel: number, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) await channels.send(channel, bytes.subarray(at, at + CHUNK_BYTES));
}

const SUCCESS = { metadata: {}, status: 'Success' };

/** kubectl takes its own exit code from the cause. */
function nonZero(exitCode: number): object {
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  };
}

function failure(message: string): object {
  return { metadata: {}, status: 'Failure', message, reason: 'InternalError', code: 500 };
}

function conclude(channels: Channels, status: object): Promise<void> {
  return channels.send(ERROR, Buffer.from(JSON.stringify(status)));
}
